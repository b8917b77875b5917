from . import deposits
from . import home
from . import order_file
from . import order_pages
from . import orders
