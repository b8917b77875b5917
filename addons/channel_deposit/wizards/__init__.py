from . import channel_deposit_refuse
from . import channel_deposit_statement
