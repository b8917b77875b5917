from . import channel_platform_settlement_import
from . import channel_platform_settlement
from . import channel_platform_settlement_difference
from . import channel_shop
