from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..core.answers import Share, Untrusted
from ..core.transport import Silent
from .channel_payment_merchant import FINANCE


class ChannelPaymentReceiver(models.Model):
    """Where a party gets its part at a payment channel; it must be registered there first."""

    _name = "channel.payment.receiver"
    _description = "Receiver of Split Payments"
    _order = "partner_id, id"
    _rec_name = "account"
    _check_company_auto = True

    merchant_id = fields.Many2one(
        "channel.payment.merchant", required=True, ondelete="restrict", check_company=True
    )
    company_id = fields.Many2one(related="merchant_id.company_id", store=True, index=True)
    channel = fields.Selection(related="merchant_id.channel")
    partner_id = fields.Many2one(
        "res.partner", "Party", required=True, ondelete="restrict", check_company=True
    )
    kind = fields.Selection(
        [
            ("merchant", "Merchant Number"),
            ("personal", "Person (OpenID)"),
            ("user", "Alipay User ID"),
            ("login", "Alipay Login"),
        ],
        required=True, compute="_compute_kind", store=True, readonly=False, precompute=True,
        help="Only what a merchant number of WeChat Pay got can be taken back: for the others keep a"
        " reserve against returns.",
    )  # fmt: skip
    account = fields.Char(
        required=True,
        help="The merchant number, the OpenID in our app, the Alipay user ID (2088…), or the email"
        " or phone number of the Alipay login.",
    )
    legal_name = fields.Char(help="As the channel knows it, which checks it.")
    relation = fields.Selection(
        [
            ("PARTNER", "Partner"),
            ("DISTRIBUTOR", "Distributor"),
            ("SUPPLIER", "Supplier"),
            ("STORE", "Store"),
            ("USER", "User"),
        ],
        required=True, default="PARTNER", help="Only WeChat Pay asks for it.",
    )  # fmt: skip
    registered_at = fields.Datetime(readonly=True, copy=False)
    last_error = fields.Char("Refused Because", readonly=True, copy=False)

    _partner_uniq = models.UniqueIndex(
        "(partner_id, merchant_id)", "This party has a receiver at this merchant number already."
    )
    _account_uniq = models.UniqueIndex(
        "(merchant_id, kind, account)", "This account is a receiver already."
    )

    part_ids = fields.One2many("channel.split.part", "receiver_id", readonly=True)

    @api.depends("merchant_id")
    def _compute_kind(self):
        for receiver in self.filtered("merchant_id"):
            kinds = receiver.sudo().merchant_id._channel().KINDS
            if receiver.kind not in kinds:
                receiver.kind = next(iter(kinds))

    @api.constrains("kind", "merchant_id")
    def _check_kind(self):
        for receiver in self.sudo():
            if receiver.kind not in receiver.merchant_id._channel().KINDS:
                raise ValidationError(
                    self.env._(
                        "%(merchant)s is at another channel: it does not know this kind of account.",
                        merchant=receiver.merchant_id.name,
                    )
                )

    def write(self, vals):
        if {"merchant_id", "partner_id", "kind", "account"} & vals.keys():
            if self.sudo().part_ids.instruction_id.filtered(
                lambda each: each.state in ("new", "sending", "unknown")
            ):
                raise UserError(
                    self.env._(
                        "An instruction names this receiver: wait for its end, or cancel it."
                    )
                )
            vals = vals | {"registered_at": False}
        return super().write(vals)

    def action_register(self):
        """Register receivers at their channel.

        :raise AccessError: no finance clerk
        :raise UserError: the channel did not answer
        """
        if not self.env.su and not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Ask a finance clerk: receivers are in their hands."))
        self.check_access("write")
        for receiver in self.sudo():
            merchant = receiver.merchant_id
            try:
                refused = merchant._channel().add_receiver(
                    merchant._account(), f"QDB{receiver.id}", receiver._share(),
                    receiver.legal_name or "", receiver.relation,
                )  # fmt: skip
            except (Silent, Untrusted) as error:
                raise UserError(
                    self.env._("The payment channel did not answer (%s): try again later.", error)
                ) from error
            receiver.write(
                {
                    "last_error": refused or False,
                    "registered_at": False if refused else fields.Datetime.now(),
                }
            )

    def _share(self, fen=0, description=""):
        """What this receiver is to get (``core.answers.Share``)."""
        self.ensure_one()
        return Share(self.kind, self.account, fen, description)
