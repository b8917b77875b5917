from . import channel_order_credit
from . import channel_credit_collect
from . import channel_credit_note
from . import account_move
from . import channel_wave
