from . import channel_member
from . import channel_order_file
from . import channel_review_decision
from . import res_company
from . import res_config_settings
from . import sale_order
from . import sale_order_cart
from . import sale_order_catalogue
