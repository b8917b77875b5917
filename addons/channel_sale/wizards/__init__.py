from . import channel_rebate_use
from . import channel_order_file
from . import channel_review_decide
