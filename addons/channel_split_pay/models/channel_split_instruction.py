from odoo import api, fields, models

from odoo.addons.channel_network.core.money import to_fen

from ..core.limits import Misfit, Part, misfits


class ChannelSplitInstruction(models.Model):
    """One request to a payment channel to divide a payment; sent once under its own number.

    The money never passes through our accounts: it moves from the payment to the receivers inside
    the channel.
    """

    _name = "channel.split.instruction"
    _description = "Split Instruction"
    _inherit = ["channel.split.message"]

    payment_id = fields.Many2one(
        "channel.payment", required=True, readonly=True, ondelete="restrict", index=True
    )
    merchant_id = fields.Many2one(related="payment_id.merchant_id")
    order_id = fields.Many2one(related="payment_id.order_id")
    part_ids = fields.One2many("channel.split.part", "instruction_id", "Receivers", readonly=True)
    amount = fields.Monetary(compute="_compute_amount")

    _number_uniq = models.UniqueIndex("(number)", "This number is used already.")
    _due_idx = models.Index("(next_at, id) WHERE state IN ('new', 'sending', 'unknown')")
    _list_idx = models.Index("(state, id DESC)")

    @api.depends("part_ids.amount")
    def _compute_amount(self):
        for instruction in self:
            instruction.amount = sum(instruction.part_ids.mapped("amount"))

    @api.depends("state", "part_ids.receiver_id.registered_at", "merchant_id.cap_bp")
    @api.depends_context("lang")
    def _compute_misfit(self):
        return super()._compute_misfit()

    def _misfits(self):
        self.ensure_one()
        parts = [
            Part(part.receiver_id.id, to_fen(part.amount), bool(part.receiver_id.registered_at))
            for part in self.sudo().part_ids
        ]
        facts = self.sudo().payment_id._facts(but=self.sudo())
        limits = self.sudo().merchant_id._channel().LIMITS
        return misfits(facts, parts, fields.Datetime.now(), limits)

    def _words_of(self, misfit):
        cap = f"{self.merchant_id.cap_bp / 100:g} %"
        missing = self.sudo().part_ids.receiver_id.filtered(lambda each: not each.registered_at)
        return {
            Misfit.NOTHING: self.env._("There is nothing to divide: cancel it."),
            Misfit.TWICE: self.env._("A receiver stands twice: cancel it and prepare again."),
            Misfit.EARLY: self.env._(
                "The channel takes it a minute after the payment: it is sent by itself then."
            ),
            Misfit.LATE: self.env._(
                "Thirty days after the payment the money is ours alone: pay the parties by a"
                " statement."
            ),
            Misfit.CAP: self.env._(
                "More than %s of the payment would be divided: lower the parties' percents for the"
                " next orders, agree a higher cap with the channel, or pay by a statement.",
                cap,
            ),
            Misfit.FEE: self.env._(
                "More would be divided than the payment brings after the channel's fee: pay the"
                " parties by a statement."
            ),
            Misfit.REQUESTS: self.env._(
                "The channel takes no more requests for this payment: pay by a statement."
            ),
            Misfit.RECEIVERS: self.env._(
                "Too many receivers for one request: cancel it and prepare again."
            ),
            Misfit.UNREGISTERED: self.env._(
                "Not registered at the channel: %s. Press Register on the receiver.",
                ", ".join(missing.partner_id.mapped("name")),
            ),
        }[misfit]

    def _body(self, account):
        words = self.env._("Split of order %s", self.order_id.order_ref)
        shares = [part.receiver_id._share(to_fen(part.amount), words) for part in self.part_ids]
        return self.merchant_id._channel().split_body(account, *self._names(), shares)

    def _names(self):
        return self.payment_id.transaction_ref, self.number

    def _send(self, account, body):
        return self.merchant_id._channel().send_split(account, *self._names(), body)

    def _ask(self, account):
        return self.merchant_id._channel().ask_split(account, *self._names())

    def _learn(self, answer):
        by_account = {part.receiver_id.account: part for part in self.part_ids}
        for result in answer.results:
            part = by_account.get(result.account)
            if part and to_fen(part.amount) == result.fen:
                known = result.result in ("PENDING", "SUCCESS", "CLOSED")
                part.write(
                    {
                        "result": result.result if known else "PENDING",
                        "fail_reason": result.fail_reason or False,
                        "detail_ref": result.detail_ref or False,
                    }
                )

    def _links(self):
        return self.part_ids.link_ids

    def _free(self):
        parts = self.part_ids.filtered(lambda part: part.result != "SUCCESS")
        parts.link_ids.write({"is_free": True})
