from . import (
    test_address,
    test_order_file,
    test_orders,
    test_portal,
    test_rebate,
    test_returned,
    test_sending,
    test_usual,
    test_walls,
)
