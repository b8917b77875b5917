from . import (
    channel_payment_merchant,
    channel_payment_receiver,
    channel_payment,
    channel_split_instruction,
    channel_split_part,
    channel_split_prepare,
    channel_split_send,
)
