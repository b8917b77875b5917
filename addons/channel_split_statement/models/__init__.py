from . import (
    channel_payment,
    channel_split_message,
    channel_split_share,
    settlement_share,
    settlement_statement,
)
