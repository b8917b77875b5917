from . import test_board
from . import test_checks
from . import test_roles
