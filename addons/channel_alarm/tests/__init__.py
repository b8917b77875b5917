from . import test_alarm, test_decide, test_roles
