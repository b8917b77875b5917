import time

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.channel_network.core.money import to_fen

from ..core.platforms.sheet import DISCOUNTS, RowProblem, order_message
from ..core.reading import clean
from ..core.snapshots import PlatformStatus, normalise_phone
from ..models.message_store import seconds


class ChannelOrderManual(models.TransientModel):
    """An order typed by hand; it goes the same way as every other order."""

    _name = "channel.order.manual"
    _description = "Enter an Order"

    shop_id = fields.Many2one(
        "channel.shop",
        required=True,
        domain="['|', ('is_pulled', '=', False), ('pull_state', '=', 'never')]",
    )
    currency_id = fields.Many2one(related="shop_id.currency_id")
    order_ref = fields.Char("Order Number", required=True, default=lambda self: self._new_ref())
    status = fields.Selection(
        [("ready", "Paid, to ship"), ("held", "Paid, on hold"), ("unpaid", "Unpaid")],
        required=True,
        default="ready",
    )
    ordered_at = fields.Datetime("Ordered", required=True, default=fields.Datetime.now)
    freight = fields.Monetary()
    name = fields.Char("Receiver", required=True)
    phone = fields.Char(required=True)
    province_id = fields.Many2one(
        "res.country.state", required=True, domain="[('country_id.code', '=', 'CN')]"
    )
    city = fields.Char(required=True)
    district = fields.Char()
    address = fields.Char("Street Address", required=True)
    buyer_note = fields.Char()
    seller_note = fields.Char()
    line_ids = fields.One2many("channel.order.manual.line", "manual_id", "Lines")
    amount_paid = fields.Monetary("Buyer Pays", compute="_compute_amount_paid")

    @api.model
    def _new_ref(self):
        return f"M{time.time_ns() // 1_000_000}"

    @api.depends("line_ids.amount_paid", "freight")
    def _compute_amount_paid(self):
        for order in self:
            order.amount_paid = sum(order.line_ids.mapped("amount_paid")) + order.freight

    def action_create_order(self):
        """Store the order as a message, process it, and open what it became."""
        self.ensure_one()
        self._check()
        messages = self.env["channel.message"].sudo()
        try:
            message = order_message(self._head(), self._lines(), int(time.time()))
        except RowProblem as problem:
            raise UserError(self.env._("Enter at least one line.")) from problem
        new = messages._store(self.shop_id, [message], source="manual")
        result = messages._process(1, only=new)
        self._forget_receiver()
        if not result.done:
            raise UserError("\n".join(reason for _ref, reason in result.reasons))
        return {
            "type": "ir.actions.act_window",
            "res_model": "channel.order",
            "view_mode": "list,form",
            "domain": [
                ("shop_id", "=", self.shop_id.id),
                ("order_ref", "=", message.ref),
            ],
        }

    def _forget_receiver(self):
        """The order keeps the receiver encrypted; this dialog must not keep it plain."""
        self.write({"name": "-", "phone": "-", "address": "-"})

    def _check(self):
        self.env["channel.order.import"]._check_shop(self.shop_id)
        if not 7 <= len(normalise_phone(self.phone).partition("-")[0]) <= 13:
            raise UserError(self.env._("Enter the receiver's phone number with all its digits."))
        for line in self.line_ids:
            if not 1 <= line.quantity <= 9999:
                raise UserError(self.env._("The quantity of a line must be 1 to 9,999."))
            if min(to_fen(line[key]) for key in ("amount_paid", *DISCOUNTS)) < 0:
                raise UserError(self.env._("An amount cannot be negative."))
        if to_fen(self.freight) < 0:
            raise UserError(self.env._("An amount cannot be negative."))
        taken = (
            self.env["channel.message"]
            .sudo()
            .search_count(
                [("shop_id", "=", self.shop_id.id), ("kind", "=", "order"),
                 ("ref", "=", self.order_ref.strip())],
                limit=1,
            )
        )  # fmt: skip
        if taken:
            raise UserError(
                self.env._("This shop has an order %(ref)s already.", ref=self.order_ref)
            )

    def _head(self):
        ordered = seconds(self.ordered_at)
        status = PlatformStatus(self.status)
        return {
            "order_ref": clean(self.order_ref, 64),
            "status": status.value,
            "freight": to_fen(self.freight),
            "created_at": ordered,
            "paid_at": None if status is PlatformStatus.UNPAID else ordered,
            "updated_at": int(time.time()),
            "name": clean(self.name, 60),
            "phone": clean(self.phone, 40),
            "address": clean(self.address, 300),
            "province": self.province_id.name,
            "city": clean(self.city, 60),
            "district": clean(self.district or "", 60),
            "buyer_note": clean(self.buyer_note or "", 500),
            "seller_note": clean(self.seller_note or "", 500),
        }

    def _lines(self):
        return [line._values(number) for number, line in enumerate(self.line_ids, start=1)]


class ChannelOrderManualLine(models.TransientModel):
    """A line of an order typed by hand."""

    _name = "channel.order.manual.line"
    _description = "Line of an Order Entered"

    manual_id = fields.Many2one("channel.order.manual", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="manual_id.currency_id")
    shop_id = fields.Many2one(related="manual_id.shop_id")
    link_id = fields.Many2one("channel.link", required=True, domain="[('shop_id', '=', shop_id)]")
    quantity = fields.Integer(default=1, required=True)
    amount_paid = fields.Monetary("Buyer Pays", required=True)
    discount_shop = fields.Monetary("Shop Discount")
    discount_platform = fields.Monetary("Platform Discount")
    discount_talent = fields.Monetary("Talent Discount")
    discount_payment = fields.Monetary("Payment Discount")

    def _values(self, number):
        """The line as the message keeps it, amounts in fen."""
        amounts = {key: to_fen(self[key]) for key in DISCOUNTS}
        paid = to_fen(self.amount_paid)
        return amounts | {
            "line_id": f"{clean(self.manual_id.order_ref, 50)}-{number}",
            "product_ref": self.link_id.product_ref or "",
            "sku_ref": self.link_id.sku_ref or "",
            "sku_code": self.link_id.sku_code or "",
            "title": self.link_id.title or "",
            "quantity": self.quantity,
            "list_amount": paid + sum(amounts.values()),
            "paid": paid,
        }
