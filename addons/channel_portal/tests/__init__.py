from . import test_order_file, test_orders, test_portal, test_rebate, test_sending, test_walls
