from . import channel_exception_decide, channel_order_reassign, channel_pool_change
from . import channel_pool_hold, channel_receiver_show
