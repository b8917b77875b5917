from . import test_access
from . import test_aftersale
from . import test_exception
from . import test_ingest
from . import test_order_allocation
from . import test_order_stage
from . import test_pool
