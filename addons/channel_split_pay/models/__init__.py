from . import (
    channel_split_message,
    channel_payment_merchant,
    channel_payment_receiver,
    channel_payment,
    channel_split_instruction,
    channel_split_part,
    channel_split_return,
    channel_split_prepare,
)
