from . import test_access_matrix
from . import test_company_walls
from . import test_dealer_orders
from . import test_invariants
from . import test_member_walls
from . import test_portal_home
from . import test_printed
