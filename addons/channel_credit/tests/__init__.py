from . import test_access, test_accrual, test_credit
