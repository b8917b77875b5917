from . import channel_order_import
from . import channel_order_manual
