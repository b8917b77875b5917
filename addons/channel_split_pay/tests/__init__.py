from . import test_access, test_alipay, test_prepare, test_return, test_talk
