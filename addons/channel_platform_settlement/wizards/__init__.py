from . import channel_platform_settlement_read
