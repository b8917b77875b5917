from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_order.core import stages

CANDIDATES = 20


class ChannelReturnMatch(models.TransientModel):
    """Look for the order of a parcel without owner: by the sender's phone, what is in it, and when
    the order was paid. The likeliest orders come first."""

    _name = "channel.return.match"
    _description = "Find the Owner of a Parcel"

    return_id = fields.Many2one("channel.return", required=True, readonly=True, ondelete="cascade")
    product_ids = fields.Many2many(
        "product.product",
        "channel_return_match_product_rel",
        compute="_compute_product_ids",
        store=True,
        readonly=False,
        string="Products",
        help="Orders that hold one of them. Empty: any.",
    )
    date_from = fields.Date(
        "Paid From", required=True, default=lambda self: fields.Date.today() - timedelta(days=60)
    )
    date_to = fields.Date(
        "To", required=True, default=lambda self: fields.Date.today() + timedelta(days=1)
    )
    order_ref = fields.Char("Order Number")
    line_ids = fields.One2many("channel.return.match.line", "wizard_id", readonly=True)
    searched = fields.Boolean(readonly=True)

    @api.depends("return_id")
    def _compute_product_ids(self):
        for wizard in self:
            wizard.product_ids = wizard.return_id.line_ids.product_id

    def action_search(self):
        """List the likeliest orders; the window stays."""
        self.ensure_one()
        self.return_id.check_access("write")
        self.line_ids.unlink()
        self.env["channel.return.match.line"].create(
            [
                {"wizard_id": self.id, "order_id": order_id, "same_phone": phone, "hits": hits}
                for order_id, phone, hits in self._candidates()
            ]
        )
        self.searched = True
        return self._open()

    def _candidates(self):
        """(order id, of the sender's phone, how many of the products it holds), best first."""
        parcel = self.return_id.sudo()
        keys = parcel.sender_phone_keys or []
        products = self.product_ids.ids
        rows = self.env.execute_query(
            SQL(
                """
                SELECT o.id, COALESCE(o.phone_key = ANY(%(keys)s), FALSE) AS same_phone, (
                           SELECT count(DISTINCT l.product_id)::int FROM channel_order_line l
                            WHERE l.order_id = o.id AND l.product_id = ANY(%(products)s)) AS hits
                  FROM channel_order o
                 WHERE o.company_id = %(company)s AND o.stage = ANY(%(left)s)
                   AND (%(ref)s = '' OR o.order_ref = %(ref)s)
                   AND (%(ref)s <> '' OR o.paid_at >= %(start)s AND o.paid_at < %(end)s)
                   AND (%(ref)s <> '' OR o.phone_key = ANY(%(keys)s) OR o.id IN (
                        SELECT order_id FROM channel_order_line
                         WHERE product_id = ANY(%(products)s)))
                 ORDER BY same_phone DESC, hits DESC, o.paid_at DESC, o.id LIMIT %(limit)s
                """,
                keys=keys,
                products=products,
                company=parcel.company_id.id,
                left=sorted(stages.LEFT),
                ref=(self.order_ref or "").strip(),
                start=self.date_from,
                end=self.date_to,
                limit=CANDIDATES,
            )
        )
        return rows

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Find the owner of %s", self.return_id.waybill),
            "res_model": self._name,
            "view_mode": "form",
            "res_id": self.id,
            "target": "new",
        }


class ChannelReturnMatchLine(models.TransientModel):
    """An order that may own a parcel."""

    _name = "channel.return.match.line"
    _description = "Order That May Own a Parcel"
    _order = "id"

    wizard_id = fields.Many2one("channel.return.match", required=True, ondelete="cascade")
    order_id = fields.Many2one("channel.order", required=True, readonly=True, ondelete="cascade")
    paid_at = fields.Datetime(related="order_id.paid_at")
    receiver = fields.Char(related="order_id.receiver_name_masked", string="Receiver")
    same_phone = fields.Boolean(readonly=True)
    hits = fields.Integer("Products in Common", readonly=True)

    def action_choose(self):
        """This order owns the parcel."""
        self.ensure_one()
        if not self.wizard_id.return_id.exists():
            raise UserError(self.env._("The parcel is gone. Reload the page."))
        self.wizard_id.return_id._match(self.order_id)
        return {"type": "ir.actions.act_window_close"}
