from odoo import api, models
from odoo.tools import SQL

from ..core.aftersales import Answer, Gate

ENDS = ("succeeded", "refused", "closed")


class ChannelAftersale(models.Model):
    """What we owe the platform about after-sales: rows of the outbox."""

    _inherit = "channel.aftersale"

    def _tell(self, answer, reason="", company_code="", waybill=""):
        """Owe the platform an answer, once for each gate and version."""
        self.ensure_one()
        payload = {
            "aftersale_ref": self.aftersale_ref,
            "kind": self.kind,
            "gate": answer.gate.value,
            "accept": answer.accept,
            "version": answer.version,
            "reason": reason,
            "company_code": company_code,
            "waybill": waybill,
        }
        key = f"answer:{self.shop_id.id}:{self.aftersale_ref}:{answer.gate}:{answer.version}"
        return self._owe("aftersale", key, payload)

    def _tell_replacement(self, company_code, waybill):
        """The new goods have left: owe the platform their waybill, once for each version.

        :return: the outbox row
        """
        self.ensure_one()
        answer = Answer(Gate.GOODS, True, self.version)
        return self.sudo()._tell(answer, company_code=company_code, waybill=waybill)

    def _tell_intercept(self, company_code, waybill):
        """Owe the platform the wish that the carrier stops the parcel of the order.

        :return: the outbox row, empty when this after-sale asked for it before
        """
        self.ensure_one()
        return self.sudo()._owe(
            "intercept",
            f"intercept:{self.shop_id.id}:{self.aftersale_ref}",
            {
                "aftersale_ref": self.aftersale_ref,
                "company_code": company_code,
                "waybill": waybill,
            },
        )

    def _owe(self, action, key, payload):
        """A row of the outbox, unless there is one with this key."""
        outbox = self.env["channel.outbox"].sudo()
        if outbox.search_count([("key", "=", key)], limit=1):
            return outbox
        return outbox.create(
            {
                "shop_id": self.shop_id.id,
                "action": action,
                "order_id": self.order_id.id,
                "key": key,
                "payload": payload,
            }
        )

    @api.model
    def _drop_overtaken(self, shop, refs):
        """Stopped answers to versions that stand no more need nobody."""
        if not refs:
            return
        outbox = self.env["channel.outbox"]
        outbox.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE channel_outbox SET state = 'overtaken' WHERE id IN (
                    SELECT b.id FROM channel_outbox b
                      JOIN channel_aftersale a ON a.shop_id = b.shop_id
                           AND a.aftersale_ref = b.payload ->> 'aftersale_ref'
                     WHERE b.state = 'stopped' AND b.action = 'aftersale'
                       AND a.shop_id = %s AND a.aftersale_ref = ANY(%s)
                       AND (a.status = ANY(%s) OR extract(epoch FROM a.updated_at)::int
                                                  > (b.payload ->> 'version')::int)
                       FOR UPDATE OF b SKIP LOCKED)
                """,
                shop.id,
                sorted(refs),
                list(ENDS),
            )
        )
        outbox.invalidate_model()
