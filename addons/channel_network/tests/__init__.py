from . import common, test_common
