from . import test_access
from . import test_credit
from . import test_exchange
from . import test_policy
from . import test_request
