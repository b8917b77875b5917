from odoo import fields, models

from odoo.addons.channel_network.append_only import make_append_only
from odoo.addons.channel_network.fields import LeanMany2one


class ChannelAftersaleAnswer(models.Model):
    """What we decided about an after-sale: at which gate, who, when, and which version was seen.

    Append-only: a trigger refuses changes. One answer a gate and version; who comes second is told
    who was first.
    """

    _name = "channel.aftersale.answer"
    _description = "Answer to an After-sale"
    _rec_name = "gate"
    _order = "id desc"
    _log_access = False

    aftersale_id = LeanMany2one(
        "channel.aftersale", string="After-sale", required=True, readonly=True
    )
    company_id = fields.Many2one(related="aftersale_id.company_id")
    currency_id = fields.Many2one(related="aftersale_id.currency_id")
    gate = fields.Selection(
        [("request", "The request"), ("goods", "The goods")], required=True, readonly=True
    )
    accept = fields.Boolean("Granted", readonly=True)
    version = fields.Integer(
        required=True,
        readonly=True,
        help="The platform's update time of what was decided on, in unix seconds.",
    )
    amount = fields.Monetary(readonly=True, help="What the buyer was to get.")
    reason = fields.Text(readonly=True)
    user_id = LeanMany2one(
        "res.users",
        string="Decided By",
        required=True,
        readonly=True,
        default=lambda self: self.env.uid,
    )
    at = fields.Datetime("Decided On", required=True, readonly=True, default=fields.Datetime.now)

    _version_uniq = models.UniqueIndex(
        "(aftersale_id, gate, version)", "This is decided already: reload the page to see by whom."
    )

    def init(self):
        make_append_only(self.env.cr, self._table)
