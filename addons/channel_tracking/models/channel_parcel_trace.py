from odoo import fields, models

from odoo.addons.channel_network.append_only import make_append_only
from odoo.addons.channel_network.fields import LeanMany2one

KINDS = [
    ("picked_up", "Picked up"),
    ("on_the_way", "On the way"),
    ("trouble", "Trouble"),
    ("delivering", "Being delivered"),
    ("refused", "Refused by the receiver"),
    ("returning", "Coming back"),
    ("delivered", "Delivered"),
    ("returned", "Back at the sender"),
]


class ChannelParcelTrace(models.Model):
    """One line of a carrier's record of a parcel. Append-only: a trigger refuses changes; what is
    told twice is kept once."""

    _name = "channel.parcel.trace"
    _description = "Parcel Trace"
    _rec_name = "kind"
    _order = "at desc, id desc"
    _log_access = False

    tracking_id = LeanMany2one("channel.tracking", required=True, readonly=True)
    company_id = LeanMany2one("res.company", required=True, readonly=True)
    at = fields.Datetime(required=True, readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    text = fields.Char(readonly=True)
    place = fields.Char(readonly=True)
    user_id = LeanMany2one(
        "res.users", "Recorded By", readonly=True, help="Empty: the carrier's service told it."
    )
    seen_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)

    _once = models.UniqueIndex(
        "(tracking_id, at, kind)", "This is recorded for this parcel already."
    )

    def init(self):
        make_append_only(self.env.cr, self._table)
