"""The values that every adapter makes, and the helpers shared with the other addons.

One module reaches into the other addons, so that everything here works both loaded by Odoo and
bare in a plain test run.
"""

if __name__.startswith("odoo.addons."):
    from odoo.addons.channel_network.core.money import to_fen
    from odoo.addons.channel_network.core.vault import (
        normalise_address,
        normalise_name,
        normalise_phone,
    )
    from odoo.addons.channel_order.core.snapshot import (
        AfterSaleKind,
        AfterSaleSnapshot,
        AfterSaleStatus,
        LineSnapshot,
        OrderSnapshot,
        PlatformStatus,
        Problem,
        ReceiverSnapshot,
    )
else:
    from channel_network.core.money import to_fen
    from channel_network.core.vault import (
        normalise_address,
        normalise_name,
        normalise_phone,
    )
    from channel_order.core.snapshot import (
        AfterSaleKind,
        AfterSaleSnapshot,
        AfterSaleStatus,
        LineSnapshot,
        OrderSnapshot,
        PlatformStatus,
        Problem,
        ReceiverSnapshot,
    )

__all__ = [
    "AfterSaleKind",
    "AfterSaleSnapshot",
    "AfterSaleStatus",
    "LineSnapshot",
    "OrderSnapshot",
    "PlatformStatus",
    "Problem",
    "ReceiverSnapshot",
    "normalise_address",
    "normalise_name",
    "normalise_phone",
    "to_fen",
]
