from odoo import fields, models

PULL_STATES = [
    ("never", "Never pulled"),
    ("ok", "Working"),
    ("throttled", "Slowed down by the platform"),
    ("unreachable", "Platform not reachable"),
    ("refused", "Refused by the platform"),
    ("setup", "Set-up missing"),
]


class ChannelShop(models.Model):
    _inherit = "channel.shop"

    base_url = fields.Char(
        "Address of the platform",
        help="Empty: the platform's own address. Only https, or http on this machine.",
    )
    credential_ref = fields.Char(
        "Credentials",
        help="Name of the credentials in the server's settings, e.g. MAIN for "
        "QUDAO_SHOP_MAIN_APP_KEY and QUDAO_SHOP_MAIN_APP_SECRET. They are never stored here.",
    )
    pull_orders_cursor = fields.Datetime("Orders read up to", copy=False)
    pull_aftersales_cursor = fields.Datetime("After-sales read up to", copy=False)
    pull_overlap = fields.Integer("Overlap (s)", default=60)
    pull_window = fields.Integer("Window (s)", default=21600)
    last_pull = fields.Datetime(copy=False, readonly=True)
    next_pull = fields.Datetime(copy=False, readonly=True)
    pull_failures = fields.Integer(copy=False, readonly=True)
    pull_state = fields.Selection(PULL_STATES, default="never", copy=False, readonly=True)
    last_error = fields.Char(copy=False, readonly=True)

    _pull_overlap_check = models.Constraint(
        "CHECK (pull_overlap BETWEEN 0 AND 86400)",
        "The overlap must be between 0 seconds and one day.",
    )
    _pull_window_check = models.Constraint(
        "CHECK (pull_window BETWEEN 10 AND 604800)",
        "The window must be between 10 seconds and seven days.",
    )
