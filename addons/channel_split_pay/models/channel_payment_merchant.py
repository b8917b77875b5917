import os
import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import config

from ..core.answers import private_key, public_key
from ..core.channels import CHANNELS
from ..core.transport import Account

_REFERENCE = re.compile(r"[A-Za-z0-9_]{1,40}")
FINANCE = "channel_network.group_finance_clerk"
SECRET = "channel_network.group_integration_admin"


class ChannelPaymentMerchant(models.Model):
    """Our own merchant number at a payment channel. Its keys live in the server's settings."""

    _name = "channel.payment.merchant"
    _description = "Merchant Number"
    _order = "name"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    channel = fields.Selection(
        [("wechat", "WeChat Pay"), ("alipay", "Alipay")], required=True, default="wechat"
    )
    number = fields.Char(
        "Merchant Number", required=True, help="At Alipay the PID (2088…) of the account."
    )
    app_ref = fields.Char("App ID", required=True)
    cap_bp = fields.Integer(
        "Cap (Basis Points)", required=True, default=3000,
        help="The most that may be divided of a payment, over all its instructions: 3000 is 30 %."
        " A higher one is agreed with the channel.",
    )  # fmt: skip
    base_url = fields.Char(
        "Address", groups=SECRET, copy=False, help="Empty: the channel's own address."
    )
    credential_ref = fields.Char(
        "Credentials", required=True, copy=False, groups=SECRET,
        help="The name of the keys in the server's settings: MAIN stands for the environment"
        " variables QUDAO_PAYMENT_MAIN_KEY (our private key) and _CHANNEL_KEY (the channel's public"
        " key), for WeChat Pay also _SERIAL (of our certificate) and _CHANNEL_SERIAL, or the options"
        " of the same names in small letters in odoo.conf. A value may be the path of a file.",
    )  # fmt: skip

    _number_uniq = models.UniqueIndex("(channel, number)", "This merchant number is here already.")
    _cap_check = models.Constraint(
        "CHECK (cap_bp BETWEEN 0 AND 10000)", "A cap is 0 to 10000 basis points (100 %)."
    )

    def write(self, vals):
        if "channel" in vals:
            for merchant in self.filtered(lambda each: each.channel != vals["channel"]):
                if merchant._is_used():
                    raise UserError(
                        self.env._(
                            "%s has payments or receivers: make another merchant number for the"
                            " other channel.",
                            merchant.name,
                        )
                    )
        return super().write(vals)

    def _is_used(self):
        mine = [("merchant_id", "=", self.id)]
        names = ("channel.payment", "channel.payment.receiver")
        return any(self.env[name].sudo().search_count(mine, limit=1) for name in names)

    def _channel(self):
        """How this merchant's channel is talked to."""
        self.ensure_one()
        return CHANNELS[self.channel]

    @api.constrains("base_url", "credential_ref", "channel")
    def _check_address(self):
        for merchant in self.sudo():
            if merchant.base_url and not merchant._channel().is_address(merchant.base_url):
                raise ValidationError(
                    self.env._(
                        "The address %s cannot be used: only the channel itself, or a simulator on"
                        " this machine.",
                        merchant.base_url,
                    )
                )
            if not _REFERENCE.fullmatch(merchant.credential_ref or ""):
                raise ValidationError(
                    self.env._(
                        "The name of the credentials may hold letters, digits and _ only, at most"
                        " 40. Do not enter the key itself."
                    )
                )

    def _account(self):
        """Who asks (``core.transport.Account``).

        :raise UserError: keys are missing on the server, or are no keys
        """
        self.ensure_one()
        merchant = self.sudo()
        channel = merchant._channel()
        try:
            return Account(
                url=merchant.base_url or channel.ADDRESSES[0],
                app=merchant.app_ref,
                merchant=merchant.number,
                key=private_key(merchant._secret("KEY")),
                channel_key=public_key(merchant._secret("CHANNEL_KEY")),
                **{name.lower(): merchant._secret(name) for name in channel.SECRETS},
            )
        except ValueError as error:
            raise UserError(
                self.env._("The keys of %s on the server are no RSA keys.", self.name)
            ) from error

    def _secret(self, part):
        name = f"QUDAO_PAYMENT_{self.credential_ref.upper()}_{part}"
        value = str(os.environ.get(name) or config.get(name.lower()) or "")
        if not value:
            raise UserError(
                self.env._(
                    "The credentials of %(merchant)s are missing on the server. Ask the"
                    " administrator to set the environment variable %(name)s (or %(option)s in"
                    " odoo.conf) and to restart Odoo.",
                    merchant=self.name, name=name, option=name.lower(),
                )
            )  # fmt: skip
        if value.startswith("/") and part.endswith("KEY"):
            with open(value, encoding="ascii") as file:
                return file.read()
        return value
