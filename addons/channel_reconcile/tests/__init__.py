from . import test_bill
from . import test_layout
from . import test_access
from . import test_match
