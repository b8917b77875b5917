from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_network.core.money import to_fen

from ..core.limits import Payment


class ChannelPayment(models.Model):
    """A payment that a buyer made to our own merchant number, for an order."""

    _name = "channel.payment"
    _description = "Payment to Our Merchant Number"
    _order = "paid_at desc, id desc"
    _rec_name = "transaction_ref"
    _check_company_auto = True

    merchant_id = fields.Many2one(
        "channel.payment.merchant", required=True, ondelete="restrict", check_company=True
    )
    company_id = fields.Many2one(related="merchant_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    transaction_ref = fields.Char("Transaction Number", required=True, help="The channel's own.")
    order_id = fields.Many2one(
        "channel.order", required=True, ondelete="restrict", index=True, check_company=True
    )
    amount = fields.Monetary(required=True)
    fee = fields.Monetary("Channel's Fee", required=True, default=0)
    paid_at = fields.Datetime(required=True)
    instruction_ids = fields.One2many("channel.split.instruction", "payment_id", readonly=True)
    divided = fields.Monetary(compute="_compute_divided", help="Asked of the channel, or to be.")
    trouble = fields.Text("Why Not", compute="_compute_trouble")

    _transaction_uniq = models.UniqueIndex(
        "(merchant_id, transaction_ref)", "This payment is here already."
    )
    _amount_check = models.Constraint(
        "CHECK (amount > 0 AND fee >= 0 AND fee < amount)",
        "A payment is above 0, and the fee a part of it.",
    )

    def write(self, vals):
        if {"merchant_id", "transaction_ref", "order_id", "amount", "fee", "paid_at"} & vals.keys():
            for payment in self:
                if payment.sudo().instruction_ids.filtered(lambda each: each.state != "cancelled"):
                    raise UserError(
                        self.env._(
                            "Payment %s has instructions: cancel them before you change it.",
                            payment.transaction_ref,
                        )
                    )
        return super().write(vals)

    @api.depends("instruction_ids.state", "instruction_ids.part_ids.amount")
    def _compute_divided(self):
        for payment in self:
            payment.divided = payment._taken() / 100

    @api.depends("order_id", "instruction_ids")
    @api.depends_context("lang")
    def _compute_trouble(self):
        for payment in self:
            missing = payment.sudo()._open_parties(SQL("> 0"), SQL("receiver.id IS NULL"))
            stuck = payment.sudo()._open_parties(
                SQL("< 0"), SQL("coalesce(receiver.kind, '') <> 'merchant'")
            )
            texts = []
            if missing:
                texts.append(
                    self.env._(
                        "No receiver: %s. Add one under Receivers, then prepare again.",
                        ", ".join(missing.mapped("name")),
                    )
                )
            if stuck:
                texts.append(
                    self.env._(
                        "Refunded, and cannot be taken back by the channel: %s. Take it off the"
                        " party's statement.",
                        ", ".join(stuck.mapped("name")),
                    )
                )
            payment.trouble = "\n".join(texts) or False

    def _taken(self, but=None):
        """Fen that instructions take, without those that ended with nothing.

        :param but: an instruction that does not count
        """
        self.ensure_one()
        parts = self.sudo().instruction_ids.filtered(
            lambda each: each != but and each.state not in ("failed", "cancelled")
        ).part_ids.filtered(lambda part: part.result != "CLOSED")  # fmt: skip
        return sum(to_fen(part.amount) for part in parts)

    def _facts(self, but=None):
        """What the limits ask of a payment (``core.limits.Payment``)."""
        self.ensure_one()
        sent = self.sudo().instruction_ids.filtered(lambda each: each.attempts and each != but)
        return Payment(
            to_fen(self.amount), to_fen(self.fee), self.paid_at, self.merchant_id.cap_bp,
            self._taken(but), len(sent),
        )  # fmt: skip
