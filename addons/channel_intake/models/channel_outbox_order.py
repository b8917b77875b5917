from odoo import models

from odoo.addons.channel_order.core.address import AddressAnswer, answer_of

from ..core.errors import Refused


class ChannelOutbox(models.Model):
    """Telling a platform the seller's note, and whether a buyer may have another receiver."""

    _inherit = "channel.outbox"

    def _call_remark(self) -> None:
        """Tell the note and the flag; they are shown here once the platform has them."""
        payload = self.payload or {}
        note, flag = payload.get("note") or "", payload.get("flag") or ""
        self.shop_id._connection().remark(payload["order_ref"], note, int(flag or 0))
        self.order_id.exists()._keep_remark(note, flag)

    def _call_address(self) -> None:
        """Agree or refuse by the stage that the order is at now. The receiver changes only when
        the platform says so with the order itself."""
        order = self.order_id.exists()
        if not order:
            raise Refused(self.env._("the order of this address change is not here"))
        answer = answer_of(order.stage)
        if answer is None:
            return  # cancelled or refunded: nobody waits for an answer
        self.shop_id._connection().confirm_address(order.order_ref, answer.value)
        self.sudo().payload = (self.payload or {}) | {"answer": answer.value}
        kind = "address_agreed" if answer is AddressAnswer.AGREED else "address_refused"
        order.sudo()._log_events([(order.id, kind, order.stage, order.stage)])
