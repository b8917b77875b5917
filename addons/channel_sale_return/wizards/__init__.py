from . import channel_dealer_return_count
from . import channel_dealer_return_decide
