from odoo import fields, models

from odoo.addons.channel_network.append_only import make_append_only
from odoo.addons.channel_network.fields import LeanMany2one


class ChannelOrderCredit(models.Model):
    """What a refund after shipment takes off a line of an order: append-only, once.

    A row of amount 0 says that an after-sale was looked at and takes nothing off.
    """

    _name = "channel.order.credit"
    _description = "Credit of an Order"
    _order = "id desc"
    _rec_name = "aftersale_id"
    _log_access = False

    company_id = LeanMany2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    shop_id = LeanMany2one("channel.shop", required=True, readonly=True)
    wave_id = LeanMany2one("channel.wave", required=True, readonly=True)
    order_id = LeanMany2one("channel.order", required=True, readonly=True, index=True)
    aftersale_id = LeanMany2one("channel.aftersale", required=True, readonly=True)
    line_id = LeanMany2one(
        "channel.order.line", "Order Line", readonly=True, help="Empty: the order's freight."
    )
    product_id = LeanMany2one("product.product", readonly=True)
    units = fields.Integer(
        required=True, readonly=True, default=0,
        help="Units that go back with all of their money; 0: only money.",
    )  # fmt: skip
    amount = fields.Monetary(required=True, readonly=True)
    given = fields.Monetary(
        readonly=True, help="What the buyer got of it; on the first product of a platform line."
    )
    excess = fields.Monetary(
        readonly=True, help="Given to the buyer beyond what was paid; it is on no credit note."
    )
    day = fields.Date(required=True, readonly=True, help="In China, when the refund succeeded.")
    move_id = fields.Many2one(
        "account.move", "Credit Note", compute="_compute_move_id", search="_search_move_id",
        groups="account.group_account_invoice,account.group_account_readonly",
    )  # fmt: skip

    _once = models.UniqueIndex(
        "(aftersale_id, COALESCE(line_id, 0))", "This refund was taken off already."
    )
    _group_idx = models.Index("(shop_id, day, wave_id)")
    _wave_idx = models.Index("(wave_id)")
    _excess_idx = models.Index("(id) WHERE excess > 0")
    _positive = models.Constraint(
        "CHECK (amount >= 0 AND units >= 0)", "A credit takes money off, never on."
    )

    def init(self):
        make_append_only(self.env.cr, self._table)

    def _compute_move_id(self):
        rows = self.env["channel.order.credit.posting"].sudo()._moves_of(self.ids)
        for credit in self:
            credit.move_id = rows.get(credit.id)

    def _search_move_id(self, operator, value):
        posting = self.env["channel.order.credit.posting"].sudo()
        if operator == "in" and not any(value):
            return [("id", "not in", posting._search([]).subselect("credit_id"))]
        found = posting._search([("move_id", operator, value)])
        return [("id", "in", found.subselect("credit_id"))]


class ChannelOrderCreditPosting(models.Model):
    """Which credit note a credit stands on; gone with a note that was taken back."""

    _name = "channel.order.credit.posting"
    _description = "Posting of an Order's Credit"
    _order = "id"
    _log_access = False

    credit_id = fields.Many2one(
        "channel.order.credit", required=True, readonly=True, ondelete="restrict"
    )
    move_id = fields.Many2one(
        "account.move", required=True, readonly=True, ondelete="restrict", index=True
    )

    _once = models.UniqueIndex("(credit_id)", "This credit stands on a credit note already.")

    def init(self):
        make_append_only(self.env.cr, self._table, refused="UPDATE")

    def _moves_of(self, credit_ids):
        """{credit id: credit note's id}."""
        rows = self._read_group(
            [("credit_id", "in", credit_ids)], ["credit_id", "move_id"]
        )  # fmt: skip
        return {credit.id: move.id for credit, move in rows}
