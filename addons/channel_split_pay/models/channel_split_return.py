from odoo import api, fields, models

from odoo.addons.channel_network.core.money import to_fen

from ..core.limits import Misfit, Paid, return_misfits
from .channel_payment_merchant import FINANCE


class ChannelSplitReturn(models.Model):
    """A request to a payment channel to take back what a receiver got: 分账回退.

    The receiver gives it back to our merchant number, after the buyer got a refund from us.
    """

    _name = "channel.split.return"
    _description = "Split Return"
    _inherit = ["channel.split.message"]

    part_id = fields.Many2one(
        "channel.split.part", "Paid Part", required=True, readonly=True, ondelete="restrict",
        index=True,
    )  # fmt: skip
    instruction_id = fields.Many2one(related="part_id.instruction_id")
    payment_id = fields.Many2one(related="instruction_id.payment_id")
    merchant_id = fields.Many2one(related="payment_id.merchant_id")
    order_id = fields.Many2one(related="payment_id.order_id")
    partner_id = fields.Many2one(related="part_id.partner_id")
    amount = fields.Monetary(required=True, readonly=True)
    link_ids = fields.One2many("channel.split.share", "return_id", readonly=True, groups=FINANCE)

    _number_uniq = models.UniqueIndex("(number)", "This number is used already.")
    _due_idx = models.Index("(next_at, id) WHERE state IN ('new', 'sending', 'unknown')")
    _list_idx = models.Index("(state, id DESC)")
    _above_zero = models.Constraint("CHECK (amount > 0)", "A return is above 0.")

    @api.depends("state")
    @api.depends_context("lang")
    def _compute_misfit(self):
        return super()._compute_misfit()

    def _misfits(self):
        self.ensure_one()
        part = self.sudo().part_id
        others = part.return_ids - self.sudo()
        paid = Paid(
            to_fen(part.amount), part.instruction_id.sent_at, part._taken_back(but=self),
            len(others.filtered("attempts")), part.receiver_id.kind == "personal",
        )  # fmt: skip
        return return_misfits(paid, to_fen(self.amount), fields.Datetime.now())

    def _words_of(self, misfit):
        return {
            Misfit.PERSON: self.env._(
                "What a person got cannot be taken back: take it off the party's statement."
            ),
            Misfit.LATE: self.env._(
                "The channel takes nothing back after 180 days: take it off the party's statement."
            ),
            Misfit.OVER: self.env._(
                "More would be taken back than the receiver got: cancel it and prepare again."
            ),
            Misfit.REQUESTS: self.env._(
                "The channel takes back no more of this part: take it off the party's statement."
            ),
        }[misfit]

    def _body(self, account):
        return self.merchant_id._channel().return_body(
            self.instruction_id.number, self.number, self.part_id.receiver_id.account,
            to_fen(self.amount), self.env._("Return of order %s", self.order_id.order_ref),
        )  # fmt: skip

    def _send(self, account, body):
        return self.merchant_id._channel().send_return(account, self.number, body)

    def _ask(self, account):
        channel = self.merchant_id._channel()
        return channel.ask_return(account, self.instruction_id.number, self.number)

    def _links(self):
        return self.link_ids

    def _free(self):
        self.link_ids.write({"is_free": True})
