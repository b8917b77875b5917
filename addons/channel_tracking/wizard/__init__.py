from . import channel_intercept_close, channel_tracking_care, channel_tracking_record
