from . import channel_order
from . import channel_session
from . import channel_wave
