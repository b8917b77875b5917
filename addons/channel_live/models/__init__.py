from . import channel_live_sample
from . import channel_live_screen
from . import channel_live_summary
from . import channel_session
from . import channel_session_intake
from . import ir_websocket
