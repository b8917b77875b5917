import base64
import os

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import config

from ..core.vault import MIN_KEY_BYTES, Vault, VaultError

ENVIRONMENT = "QUDAO_DATA_KEY"
OPTION = "channel_data_key"


class ChannelVault(models.AbstractModel):
    """Access to the data key. The key lives outside the database, so that a dump or a stolen
    backup holds no readable receiver data."""

    _name = "channel.vault"
    _description = "Receiver Data Protection"

    @api.model
    def _vault(self) -> Vault:
        """Return the vault of this server.

        :raises UserError: when no usable key is configured
        """
        text = os.environ.get(ENVIRONMENT) or config.get(OPTION) or ""
        key = self._key_bytes(text.strip())
        if len(key) < MIN_KEY_BYTES:
            raise UserError(
                self.env._(
                    "Receiver data cannot be protected: the data key is missing or shorter than"
                    " %(bytes)s bytes. Ask the administrator to set the environment variable"
                    " %(variable)s (or %(option)s in odoo.conf) to a random secret, the same one"
                    " for every server process, to keep it safe apart from the database, and to"
                    " restart Odoo.",
                    bytes=MIN_KEY_BYTES,
                    variable=ENVIRONMENT,
                    option=OPTION,
                )
            )
        return Vault(key)

    @api.model
    def _decrypt(self, token: str) -> str:
        """Return the plain text of a token, or say in a user's words why that is impossible.

        :raises UserError: when the key does not fit
        """
        try:
            return self._vault().decrypt(token)
        except VaultError as error:
            raise UserError(
                self.env._(
                    "This receiver was encrypted with another data key, or the text is damaged."
                    " Ask the administrator to restore the key that was in use when the order"
                    " came in (%(variable)s).",
                    variable=ENVIRONMENT,
                )
            ) from error

    @api.model
    def _key_bytes(self, text: str) -> bytes:
        """Accept base64 of at least 32 characters, else the text's own bytes."""
        if len(text) >= 32:
            try:
                return base64.b64decode(text, altchars=b"-_", validate=True)
            except ValueError:
                pass
        return text.encode()
