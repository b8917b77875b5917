from . import channel_control
from . import channel_control_finding
from . import channel_control_run
from . import channel_order_event
