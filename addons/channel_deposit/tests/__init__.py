from . import test_access
from . import test_book
from . import test_concurrency
from . import test_request
from . import test_states
from . import test_top_up
from . import test_voucher
