from . import test_access
from . import test_concurrency
from . import test_decide
from . import test_deposit
from . import test_order_file
from . import test_overdue
from . import test_review
from . import test_substitutes
