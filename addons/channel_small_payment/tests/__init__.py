from . import test_access, test_payment, test_posting, test_race
