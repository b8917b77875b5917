from . import channel_deposit_refuse
from . import channel_deposit_statement
from . import channel_deposit_tie_out_day
