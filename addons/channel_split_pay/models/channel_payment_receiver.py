from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..core import client, wechat
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
    partner_id = fields.Many2one(
        "res.partner", "Party", required=True, ondelete="restrict", check_company=True
    )
    kind = fields.Selection(
        [("merchant", "Merchant Number"), ("personal", "Person (OpenID)")],
        required=True, default="merchant",
        help="What a person got cannot be taken back: keep a reserve against returns.",
    )  # fmt: skip
    account = fields.Char(required=True, help="The merchant number, or the OpenID in our app.")
    legal_name = fields.Char(help="As the channel knows it; it is sent encrypted and checked.")
    relation = fields.Selection(
        [
            ("PARTNER", "Partner"),
            ("DISTRIBUTOR", "Distributor"),
            ("SUPPLIER", "Supplier"),
            ("STORE", "Store"),
            ("USER", "User"),
        ],
        required=True, default="PARTNER",
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
            account = receiver.merchant_id._account()
            name = receiver.legal_name or ""
            body = wechat.receiver_body(
                receiver.merchant_id.app_ref, receiver.kind, receiver.account,
                name and wechat.encrypt_name(account.channel_key, name), receiver.relation,
            )  # fmt: skip
            try:
                refused = client.add_receiver(account, body)
            except (client.Silent, wechat.Untrusted) as error:
                raise UserError(
                    self.env._("The payment channel did not answer (%s): try again later.", error)
                ) from error
            receiver.write(
                {
                    "last_error": refused or False,
                    "registered_at": False if refused else fields.Datetime.now(),
                }
            )
