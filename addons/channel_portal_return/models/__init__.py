from . import channel_dealer_return
