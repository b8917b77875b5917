from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.channel_network.core.vault import normalise_phone

from .channel_order_gather import PLAIN

MAY_SEE_RECEIVER = (
    "channel_network.group_warehouse",
    "channel_network.group_sales_manager",
    "channel_network.group_channel_admin",
)


class ChannelOrder(models.Model):
    """The receiver: found by keyed hash, shown with a reason only, and every showing logged."""

    _inherit = "channel.order"

    receiver_phone = fields.Char(
        "Phone Number",
        compute="_compute_receiver_phone",
        search="_search_receiver_phone",
        help="Search with the whole number. Only the masked number is shown.",
    )

    @api.depends("receiver_phone_masked")
    def _compute_receiver_phone(self):
        for order in self:
            order.receiver_phone = order.receiver_phone_masked

    @api.model
    def _search_receiver_phone(self, operator, value):
        """Find orders by a whole phone number, through its keyed hash."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        phones = [value] if isinstance(value, str) else list(value or ())
        keys = [key for phone in phones for key in self._phone_keys(phone, None)]
        # Keys are hidden from portal users, who search their own orders by number only.
        return Domain("phone_key", "in", keys) if keys else Domain.FALSE

    @api.model
    def _phone_keys(self, phone, shops):
        """Hook: the keys under which orders with a phone number are stored.

        :param shops: shops whose platforms index phones their own way; None for every shop
        """
        digits = normalise_phone(phone or "")
        if len(digits) < 7:
            return []
        return [self.env["channel.vault"]._vault().keyed_hash("phone", PLAIN + digits)]

    def action_show_receiver(self, reason):
        """The receiver in plain text (or the platform's ciphers), as JSON text; logged.

        :param reason: why it is needed, kept in the order's timeline
        :raises AccessError: the role may not see receivers
        :raises UserError: no reason was given, or there is nothing to show
        """
        self.ensure_one()
        if not any(self.env.user.has_group(group) for group in MAY_SEE_RECEIVER):
            raise AccessError(
                self.env._(
                    "Only warehouse staff and sales managers may see a receiver. Ask one of them."
                )
            )
        self.check_access("read")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why you need the receiver: the reason is kept."))
        secret = self.sudo().receiver_secret
        if not secret:
            raise UserError(
                self.env._("The platform gave no receiver for this order: look it up there.")
            )
        text = self.env["channel.vault"]._decrypt(secret)
        self._log_events([(self.id, "receiver_shown", self.stage, self.stage)], reason.strip())
        return text
