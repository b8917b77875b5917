from . import channel_defect_decide, channel_return_match
