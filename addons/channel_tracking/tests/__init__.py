from . import test_access, test_ask, test_intercept, test_ship_by, test_tracking
