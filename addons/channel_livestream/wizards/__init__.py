from . import channel_session_close
