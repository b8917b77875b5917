from . import test_access, test_prepare, test_talk
