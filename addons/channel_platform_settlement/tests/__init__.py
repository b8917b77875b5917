from . import test_access, test_import, test_match, test_pull, test_shares
