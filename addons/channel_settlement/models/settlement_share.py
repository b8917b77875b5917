from odoo import api, fields, models

from odoo.addons.channel_network.append_only import make_append_only
from odoo.addons.channel_network.fields import LeanMany2one

from .settlement_rule import ROLES, SETTLED_BY


class SettlementShare(models.Model):
    """One party's part of an order line, or what a refund takes back of it: append-only, once."""

    _name = "settlement.share"
    _description = "Share"
    _order = "id desc"
    _rec_name = "role"
    _log_access = False

    event_id = LeanMany2one("settlement.event", required=True, readonly=True)
    company_id = LeanMany2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    order_id = LeanMany2one("channel.order", required=True, readonly=True, index=True)
    line_id = LeanMany2one(
        "channel.order.line", "Order Line", readonly=True, help="Empty: the order's freight."
    )
    rule_id = LeanMany2one("settlement.rule", required=True, readonly=True)
    role = fields.Selection(ROLES, "Party", required=True, readonly=True)
    partner_id = LeanMany2one("res.partner", "Contact", readonly=True)
    settled_by = fields.Selection(
        [*SETTLED_BY, ("kept", "Stays with Us")], required=True, readonly=True
    )
    amount = fields.Monetary(required=True, readonly=True)
    day = fields.Date(related="event_id.day")
    aftersale_id = fields.Many2one(related="event_id.aftersale_id")

    _once = models.UniqueIndex(
        "(event_id, COALESCE(line_id, 0), rule_id)", "This share stands already."
    )
    _partner_idx = models.Index("(partner_id, id) WHERE settled_by = 'us'")
    _not_zero = models.Constraint("CHECK (amount <> 0)", "A share of nothing is not written.")

    def init(self):
        make_append_only(self.env.cr, self._table)

    @api.depends("role", "partner_id", "amount")
    def _compute_display_name(self):
        roles = dict(self._fields["role"]._description_selection(self.env))
        for share in self:
            share.display_name = f"{roles[share.role]} {share.amount:.2f}"
