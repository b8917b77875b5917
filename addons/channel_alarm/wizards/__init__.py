from . import channel_alarm_ignore
