import os
import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import config

from ..core.endpoints import endpoint_error
from ..core.platforms.registry import CONNECTIONS, Access

PULL_STATES = [
    ("never", "Never pulled"),
    ("ok", "Working"),
    ("throttled", "Slowed down by the platform"),
    ("unreachable", "Platform not reachable"),
    ("refused", "Refused by the platform"),
    ("setup", "Set-up missing"),
]
_REFERENCE = re.compile(r"[A-Za-z0-9_]{1,40}")


class ChannelShop(models.Model):
    """The connection of a shop to its platform. Credentials are never stored here."""

    _inherit = "channel.shop"

    base_url = fields.Char(
        "Platform Address",
        copy=False,
        groups="channel_network.group_integration_admin",
        help="Empty: the platform's own address. Only https, or http on this machine.",
    )
    credential_ref = fields.Char(
        "Credentials",
        copy=False,
        groups="channel_network.group_integration_admin",
        help="The name of the credentials in the server's settings: MAIN stands for the"
        " environment variables QUDAO_SHOP_MAIN_APP_KEY and QUDAO_SHOP_MAIN_APP_SECRET, or the"
        " options of the same names in small letters in odoo.conf. Keys and secrets are never"
        " stored in the database.",
    )
    return_address_ref = fields.Char(
        "Return Address Number",
        copy=False,
        help="The platform's number of the address that buyers send goods back to. Empty: the"
        " shop's default address there.",
    )
    pull_orders_cursor = fields.Datetime("Orders Read Up To", copy=False)
    pull_aftersales_cursor = fields.Datetime("After-sales Read Up To", copy=False)
    pull_overlap = fields.Integer(
        "Overlap (seconds)",
        default=60,
        help="Each pull begins this much before the last one ended, because a platform may show"
        " a change a little late. What was read twice is stored once.",
    )
    pull_window = fields.Integer(
        "Window (seconds)",
        default=21600,
        help="How much time one request to the platform covers at most. Shrinks by itself while"
        " the platform slows us down, and grows back.",
    )
    last_pull = fields.Datetime(copy=False, readonly=True)
    next_pull = fields.Datetime("Not Before", copy=False, readonly=True)
    pull_failures = fields.Integer("Failures in a Row", copy=False, readonly=True)
    pull_state = fields.Selection(PULL_STATES, "Pull", default="never", copy=False, readonly=True)
    last_error = fields.Char(copy=False, readonly=True)
    is_pulled = fields.Boolean(compute="_compute_is_pulled", search="_search_is_pulled")

    _pull_overlap_check = models.Constraint(
        "CHECK (pull_overlap BETWEEN 0 AND 86400)",
        "The overlap must be between 0 seconds and one day.",
    )
    _pull_window_check = models.Constraint(
        "CHECK (pull_window BETWEEN 10 AND 604800)",
        "The window must be between 10 seconds and seven days.",
    )

    @api.depends("platform")
    def _compute_is_pulled(self):
        for shop in self:
            shop.is_pulled = shop.platform in CONNECTIONS

    def _search_is_pulled(self, operator, value):
        if operator != "in":
            return NotImplemented
        pulled = [("platform", "in", list(CONNECTIONS))]
        others = [("platform", "not in", list(CONNECTIONS))]
        return pulled if set(value) == {True} else others if set(value) == {False} else []

    @api.constrains("return_address_ref")
    def _check_return_address_ref(self):
        for shop in self.filtered("return_address_ref"):
            if not shop.return_address_ref.isascii() or not shop.return_address_ref.isdigit():
                raise ValidationError(
                    self.env._("The number of the return address consists of digits only.")
                )

    @api.constrains("base_url")
    def _check_base_url(self):
        for shop in self.filtered("base_url"):
            if endpoint_error(shop.base_url):
                raise ValidationError(
                    self.env._(
                        "The platform address %(url)s cannot be used: it must begin with https://"
                        " (http:// only for this machine) and hold no user, password, query or"
                        " fragment. Leave it empty for the platform's own address.",
                        url=shop.base_url,
                    )
                )

    @api.constrains("credential_ref")
    def _check_credential_ref(self):
        for shop in self.filtered("credential_ref"):
            if not _REFERENCE.fullmatch(shop.credential_ref):
                raise ValidationError(
                    self.env._(
                        "The name of the credentials may hold letters, digits and _ only, at most"
                        " 40. Do not enter the key or the secret itself."
                    )
                )

    def _connection(self):
        """A connection to the shop's platform.

        :raises UserError: when the platform cannot be called, or its set-up is missing
        """
        self.ensure_one()
        shop = self.sudo()
        make = CONNECTIONS.get(shop.platform)
        if make is None:
            raise UserError(
                self.env._(
                    "Shop %(shop)s cannot be pulled: its platform is not connected yet. Import"
                    " its orders from a file.",
                    shop=shop.name,
                )
            )
        if not shop.platform_shop_ref or not shop.credential_ref:
            raise UserError(
                self.env._(
                    "Shop %(shop)s has no platform shop number or no credentials: enter both in"
                    " the shop, on the page Connection.",
                    shop=shop.name,
                )
            )
        return make(
            Access(
                app_key=shop._credential("APP_KEY"),
                app_secret=shop._credential("APP_SECRET"),
                shop_ref=shop.platform_shop_ref,
                base_url=shop.base_url or "",
            )
        )

    def _credential(self, part) -> str:
        """A part of the shop's credentials from the server's settings.

        :raises UserError: naming the setting, when it is missing
        """
        name = f"QUDAO_SHOP_{self.credential_ref.upper()}_{part}"
        value = os.environ.get(name) or config.get(name.lower())
        if not value:
            raise UserError(
                self.env._(
                    "The credentials of shop %(shop)s are missing on the server. Ask the"
                    " administrator to set the environment variable %(name)s (or %(option)s in"
                    " odoo.conf) and to restart Odoo and its job process.",
                    shop=self.name,
                    name=name,
                    option=name.lower(),
                )
            )
        return str(value)
