from . import channel_return_match
