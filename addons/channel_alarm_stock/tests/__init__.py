from . import test_stock_alarm
