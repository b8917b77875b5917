from . import channel_alarm
