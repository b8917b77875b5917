from . import channel_deposit_tie_out_day
