import json
from dataclasses import asdict

from odoo import api, models
from odoo.exceptions import UserError

from ..core.errors import PlatformError
from ..core.platforms.base import Receiver
from ..core.platforms.douyin.receiver import is_cipher
from ..core.platforms.registry import CONNECTIONS
from ..core.snapshots import normalise_phone

PARTS = ("name", "phone", "address")


class ChannelOrder(models.Model):
    """Receivers that only their platform can decrypt, and phone numbers it indexes its own way."""

    _inherit = "channel.order"

    def _remark(self, note, flag):
        """Also queue the telling; it waits for this transaction's commit."""
        rows = super()._remark(note, flag)
        if rows:
            self.env["channel.outbox"].sudo()._enqueue_drain()
        return rows

    def action_show_receiver(self, reason):
        """The receiver in plain text, decrypted by its platform where that is needed; logged.

        :raises UserError: the platform does not decrypt it; its words are named
        """
        text = super().action_show_receiver(reason)
        if not any(is_cipher(value) for value in _parts(text).values()):
            return text
        return json.dumps(asdict(self._plain_receivers()[self.id]), ensure_ascii=False)

    def _plain_receivers(self) -> dict[int, Receiver]:
        """Receivers of orders for printing: {order id: receiver}, 50 ciphers in a call.

        Who calls it has checked the role and logs the reason; orders without a receiver are left
        out.

        :raises UserError: a platform does not decrypt them
        """
        vault = self.env["channel.vault"]
        secrets = {
            order.id: _parts(vault._decrypt(order.receiver_secret))
            for order in self.sudo()
            if order.receiver_secret
        }
        ciphered = {
            order_id: parts
            for order_id, parts in secrets.items()
            if any(is_cipher(value) for value in parts.values())
        }
        plain = {
            order_id: Receiver(*(parts.get(part, "") for part in PARTS))
            for order_id, parts in secrets.items()
            if order_id not in ciphered
        }
        return plain | self._decrypt_on_platform(ciphered)

    @api.model
    def _decrypt_on_platform(self, secrets) -> dict[int, Receiver]:
        """Ask the platforms of orders: {order id: parts with ciphers} → {order id: receiver}."""
        found = {}
        orders = self.sudo().browse(secrets)
        for shop, group in orders.grouped("shop_id").items():
            by_ref = {order.order_ref: secrets[order.id] for order in group}
            try:
                answers = shop._connection().decrypt(by_ref)
            except PlatformError as error:
                raise UserError(
                    self.env._(
                        "The platform of shop %(shop)s did not decrypt the receiver: %(text)s"
                        " Try again later, or look the receiver up on the platform.",
                        shop=shop.name,
                        text=error.text,
                    )
                ) from error
            found |= {order.id: answers[order.order_ref] for order in group}
        return found

    @api.model
    def _phone_keys(self, phone, shops):
        """Also the platforms' own indexes of the number; a platform that is away is left out."""
        keys = super()._phone_keys(phone, shops)
        digits = normalise_phone(phone or "")
        if len(digits) < 7:
            return keys
        if shops is None:
            shops = self.env["channel.shop"].search([("platform", "in", list(CONNECTIONS))])
        vault = self.env["channel.vault"]._vault()
        asked = set()
        for shop in shops.sudo().filtered(lambda s: s.is_pulled and s.credential_ref):
            place = (shop.platform, shop.base_url, shop.credential_ref, shop.platform_shop_ref)
            if place in asked:
                continue
            asked.add(place)
            try:
                tokens = shop._connection().phone_tokens([digits])
            except (PlatformError, UserError):
                continue
            keys += [vault.keyed_hash("phone", token) for token in tokens.values()]
        return keys


def _parts(text: str) -> dict[str, str]:
    """Name, phone and address of a stored receiver; empty for what holds none."""
    try:
        parts = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(parts, dict):
        return {}
    return {key: str(parts.get(key) or "") for key in PARTS}
