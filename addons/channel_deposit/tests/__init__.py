from . import test_access
from . import test_book
from . import test_company
from . import test_concurrency
from . import test_posting
from . import test_review
from . import test_states
from . import test_tie_out
