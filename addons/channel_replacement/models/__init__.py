from . import (
    channel_aftersale,
    channel_order_event,
    channel_replacement,
    channel_replacement_line,
    channel_return,
    channel_return_tally,
    stock_picking,
)
