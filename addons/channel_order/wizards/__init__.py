from . import channel_aftersale_decide, channel_exception_decide, channel_order_reassign
from . import channel_order_remark
from . import channel_pool_change, channel_pool_hold, channel_receiver_show
