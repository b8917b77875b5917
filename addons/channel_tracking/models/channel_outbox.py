from odoo import models


class ChannelOutbox(models.Model):
    """A platform that does not stop a parcel: somebody else is asked."""

    _inherit = "channel.outbox"

    def _set(self, state, error, next_attempt=False):
        result = super()._set(state, error, next_attempt)
        if self.action == "intercept" and state in ("stopped", "overtaken"):
            payload = self.payload or {}
            self.env["channel.intercept"].sudo().search(
                [
                    ("aftersale_id.shop_id", "=", self.shop_id.id),
                    ("aftersale_id.aftersale_ref", "=", payload.get("aftersale_ref")),
                ]
            )._fall_back(error)
        return result
