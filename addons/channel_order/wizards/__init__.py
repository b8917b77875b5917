from . import channel_pool_change
