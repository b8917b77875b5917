from . import test_access
from . import test_marks
from . import test_read_back
from . import test_tell
