import os
import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import config

from odoo.addons.channel_intake.core.endpoints import endpoint_error

from ..core.carriers.base import AccountRefused
from ..core.carriers.registry import SERVICES

_REFERENCE = re.compile(r"[A-Za-z0-9_]{1,40}")
PAUSE, PAUSE_REFUSED = 300, 3600  # seconds in which a service is left alone


class ChannelCarrierService(models.Model):
    """A service that tells where parcels are, and may stop them. Credentials are never stored
    here: only the name under which the server's settings hold them."""

    _name = "channel.carrier.service"
    _description = "Tracking Service"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for all companies.", ondelete="cascade"
    )
    provider = fields.Selection([("kuaidi100", "Kuaidi100")], required=True, default="kuaidi100")
    base_url = fields.Char(
        "Address",
        copy=False,
        groups="channel_network.group_integration_admin",
        help="Empty: the service's own address. Only https, or http on this machine.",
    )
    credential_ref = fields.Char(
        "Credentials",
        required=True,
        copy=False,
        groups="channel_network.group_integration_admin",
        help="The name of the credentials in the server's settings: MAIN stands for the"
        " environment variables QUDAO_CARRIER_MAIN_CUSTOMER and QUDAO_CARRIER_MAIN_KEY, or the"
        " options of the same names in small letters in odoo.conf.",
    )
    sender_phone = fields.Char(
        "Sender's Phone",
        groups="channel_network.group_integration_admin",
        help="Some carriers (SF, ZTO) tell only who knows a phone number of the parcel. Enter the"
        " one that is printed as the sender's. The receiver's is never given out.",
    )
    carrier_ids = fields.One2many("delivery.carrier", "channel_service_id", "Carriers")
    next_ask = fields.Datetime("Not Before", readonly=True, copy=False)
    last_error = fields.Char(readonly=True, copy=False)

    @api.constrains("base_url")
    def _check_base_url(self):
        for service in self.sudo().filtered("base_url"):
            if endpoint_error(service.base_url):
                raise ValidationError(
                    self.env._(
                        "The address %(url)s cannot be used: it must begin with https:// (http://"
                        " only for this machine) and hold no user, password, query or fragment.",
                        url=service.base_url,
                    )
                )

    @api.constrains("credential_ref")
    def _check_credential_ref(self):
        for service in self.sudo():
            if not _REFERENCE.fullmatch(service.credential_ref):
                raise ValidationError(
                    self.env._(
                        "The name of the credentials may hold letters, digits and _ only, at most"
                        " 40. Do not enter the key itself."
                    )
                )

    def _connection(self):
        """The service's interface, see ``core.carriers.base.CarrierService``.

        :raises UserError: its set-up is missing
        """
        self.ensure_one()
        service = self.sudo()
        make = SERVICES[service.provider]
        return make(
            service._credential("CUSTOMER"), service._credential("KEY"), service.base_url or ""
        )

    def _can_intercept(self):
        """Whether the service takes wishes to stop a parcel; without a service: no."""
        try:
            return bool(self and self.active and self._connection().can_intercept)
        except UserError:
            return False

    def _credential(self, part) -> str:
        name = f"QUDAO_CARRIER_{self.credential_ref.upper()}_{part}"
        value = os.environ.get(name) or config.get(name.lower())
        if not value:
            raise UserError(
                self.env._(
                    "The credentials of tracking service %(service)s are missing on the server."
                    " Ask the administrator to set the environment variable %(name)s (or"
                    " %(option)s in odoo.conf) and to restart Odoo and its job process.",
                    service=self.name,
                    name=name,
                    option=name.lower(),
                )
            )
        return str(value)

    def _note(self, error):
        """Keep how the last round went; a service that is away is left alone for a while."""
        self.ensure_one()
        values = {"next_ask": False, "last_error": False}
        if error:
            pause = PAUSE_REFUSED if isinstance(error, AccountRefused) else PAUSE
            pause = max(pause, getattr(error, "retry_after", 0) or 0)
            values = {
                "next_ask": fields.Datetime.now() + timedelta(seconds=pause),
                "last_error": error.text,
            }
        service = self.sudo()
        if any(service[name] != value for name, value in values.items()):
            service.write(values)

    def action_ask_again(self):
        """Do not wait any longer after a failure."""
        self.check_access("write")
        self.write({"next_ask": False, "last_error": False})
        return True
