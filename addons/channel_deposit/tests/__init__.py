from . import test_access
from . import test_book
from . import test_concurrency
from . import test_states
