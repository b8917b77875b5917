from . import channel_member_suspend
