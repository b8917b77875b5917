from . import test_ingest
from . import test_order_stage
from . import test_pool
from . import test_pool_concurrency
