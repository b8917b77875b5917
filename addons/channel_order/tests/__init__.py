from . import (
    test_access,
    test_aftersale,
    test_aftersale_desk,
    test_aftersale_race,
    test_exception,
    test_hold,
    test_ingest,
    test_order_allocation,
    test_order_stage,
    test_pool,
    test_pool_concurrency,
)
