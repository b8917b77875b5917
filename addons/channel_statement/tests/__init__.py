from . import test_access, test_dispute, test_payout, test_portal, test_posting, test_statement
