from . import test_access
from . import test_scheme
from . import test_split
