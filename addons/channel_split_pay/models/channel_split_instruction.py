from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.channel_network.core.money import to_fen

from ..core import states
from ..core.limits import Misfit, Part, misfits
from ..core.states import Message, State


class ChannelSplitInstruction(models.Model):
    """One request to a payment channel to divide a payment; sent once under its own number.

    The money never passes through our accounts: it moves from the payment to the receivers inside
    the channel.
    """

    _name = "channel.split.instruction"
    _description = "Split Instruction"
    _inherit = ["mail.thread", "channel.batch"]
    _order = "id desc"
    _rec_name = "number"

    payment_id = fields.Many2one(
        "channel.payment", required=True, readonly=True, ondelete="restrict", index=True
    )
    merchant_id = fields.Many2one(related="payment_id.merchant_id")
    order_id = fields.Many2one(related="payment_id.order_id")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    number = fields.Char(required=True, readonly=True, help="The channel knows it by this number.")
    state = fields.Selection(
        [
            ("new", "To Send"),
            ("sending", "Being Sent"),
            ("unknown", "Outcome Unknown"),
            ("done", "Done"),
            ("partly", "Done in Part"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True, default="new", readonly=True, tracking=True,
    )  # fmt: skip
    attempts = fields.Integer(required=True, default=0, readonly=True, aggregator=None)
    refused = fields.Boolean(readonly=True)
    next_at = fields.Datetime("Not Before", readonly=True)
    text = fields.Char("What the Channel Said", readonly=True)
    request = fields.Text(readonly=True, help="As it leaves; without names.")
    part_ids = fields.One2many("channel.split.part", "instruction_id", "Receivers", readonly=True)
    amount = fields.Monetary(compute="_compute_amount")
    misfit = fields.Text("Does Not Fit", compute="_compute_misfit")

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
        for instruction in self:
            found = instruction._misfits() if instruction.state == "new" else ()
            texts = [instruction._words_of(misfit) for misfit in found]
            instruction.misfit = "\n".join(texts) or False

    def _misfits(self):
        """What the channel would refuse, before anything is sent."""
        self.ensure_one()
        parts = [
            Part(part.receiver_id.id, to_fen(part.amount), bool(part.receiver_id.registered_at))
            for part in self.sudo().part_ids
        ]
        facts = self.sudo().payment_id._facts(but=self.sudo())
        return misfits(facts, parts, fields.Datetime.now())

    def _words_of(self, misfit):
        """Why it does not fit, and the remedy."""
        cap = f"{self.merchant_id.cap_bp / 100:g} %"
        missing = self.sudo().part_ids.receiver_id.filtered(lambda each: not each.registered_at)
        return {
            Misfit.NOTHING: self.env._("There is nothing to divide: cancel it."),
            Misfit.TWICE: self.env._("A receiver stands twice: cancel it and prepare again."),
            Misfit.EARLY: self.env._(
                "The channel takes it a minute after the payment: it is sent by itself then."
            ),
            Misfit.LATE: self.env._(
                "Thirty days after the payment the money is ours alone: cancel it, and pay the"
                " parties by a statement."
            ),
            Misfit.CAP: self.env._(
                "More than %s of the payment would be divided: lower the parties' percents for the"
                " next orders, agree a higher cap with the channel, or cancel it and pay by a"
                " statement.",
                cap,
            ),
            Misfit.FEE: self.env._(
                "More would be divided than the payment brings after the channel's fee: cancel it"
                " and pay the parties by a statement."
            ),
            Misfit.REQUESTS: self.env._(
                "The channel takes no more requests for this payment: cancel it and pay by a"
                " statement."
            ),
            Misfit.RECEIVERS: self.env._(
                "Too many receivers for one request: cancel it and prepare again."
            ),
            Misfit.UNREGISTERED: self.env._(
                "Not registered at the channel: %s. Press Register on the receiver.",
                ", ".join(missing.partner_id.mapped("name")),
            ),
        }[misfit]

    # -- states ----------------------------------------------------------------------------------

    def _message(self):
        self.ensure_one()
        return Message(State(self.state), self.attempts, self.refused)

    def _keep(self, message, **values):
        """Write a state that ``core.states`` has decided."""
        self.write(
            {
                "state": message.state.value,
                "attempts": message.attempts,
                "refused": message.refused,
                **values,
            }
        )

    def _decide(self, step):
        """Take a step of ``core.states``; what is not allowed is told in words."""
        for instruction in self:
            try:
                message = step(instruction._message())
            except ValueError as error:
                raise UserError(
                    self.env._(
                        "Instruction %s is further by now: reload the page.", instruction.number
                    )
                ) from error
            instruction._keep(message, next_at=False)
            if message.state is State.CANCELLED:
                instruction.part_ids._free()

    def action_cancel(self):
        """Take back what never left; the shares wait for another way."""
        self._ask_clerk()
        self.sudo()._decide(states.cancel)

    def action_give_up(self):
        """Let the shares of a refused instruction go: they wait for another one, or another way."""
        self._ask_clerk()
        for instruction in self.sudo():
            if instruction.state != "failed" or not instruction.refused:
                raise UserError(self.env._("Only what the channel refused is given up."))
            instruction.refused = False
            instruction.part_ids._free()

    def action_again(self):
        """Try what was refused again, after its cause was mended: it is asked for first."""
        self._ask_clerk()
        self.sudo()._decide(states.again)
