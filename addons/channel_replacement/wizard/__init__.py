from . import channel_replacement_send
