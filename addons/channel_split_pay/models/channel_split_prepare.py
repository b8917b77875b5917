from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.channel_network.core.money import from_fen

from ..core.limits import requests_of
from .channel_payment_merchant import FINANCE

AT_ONCE = 500  # payments a transaction
# shares that our own payment channel settles and no instruction pays
OPEN = SQL(
    """
      FROM channel_payment AS payment
      JOIN settlement_share AS share
        ON share.order_id = payment.order_id AND share.settled_by = 'channel'
     WHERE NOT EXISTS (SELECT FROM channel_split_share AS taken
                        WHERE taken.share_id = share.id AND NOT taken.is_free)
    """
)


class ChannelPayment(models.Model):
    """From shares to instructions, in sets."""

    _inherit = "channel.payment"

    @api.model
    def _cron_prepare(self):
        """Instructions for payments whose orders were split."""
        self._prepare(self._to_prepare(AT_ONCE))

    def action_prepare(self):
        """Make the instructions that the chosen payments lack.

        :raise AccessError: no finance clerk
        :raise UserError: nothing is to be divided, or a receiver is missing
        """
        if not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Ask a finance clerk: payments are in their hands."))
        self.check_access("read")
        made = self.sudo()._prepare(self.sudo())
        if not made:
            raise UserError(
                "\n".join(text for text in self.mapped("trouble") if text)
                or self.env._("Nothing of these payments is left to divide.")
            )
        return made.with_env(self.env)._get_records_action(name=self.env._("Split Instructions"))

    @api.model
    def _to_prepare(self, limit):
        """Payments with a party that gets something and has a receiver, the oldest first."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT id FROM (
                    SELECT payment.id, payment.merchant_id, share.partner_id %s
                     GROUP BY 1, 2, 3 HAVING sum(share.amount) > 0) AS due
                 WHERE EXISTS (SELECT FROM channel_payment_receiver AS receiver
                                WHERE receiver.merchant_id = due.merchant_id
                                  AND receiver.partner_id = due.partner_id)
                 ORDER BY id LIMIT %s
                """,
                OPEN,
                limit,
            )
        )
        return self.sudo().browse(row[0] for row in rows)

    def _prepare(self, payments):
        """Write instructions for what these payments owe to parties with a receiver.

        A party whose refunds outweigh its shares waits until later shares make up for it.
        Whoever comes second gets a serialization error and is run again by Odoo.

        :return: the new instructions
        """
        if not payments:
            return self.env["channel.split.instruction"]
        self.env.flush_all()
        payments.lock_for_update(allow_referencing=True)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT payment.id, receiver.id, (sum(share.amount) * 100)::bigint,
                       array_agg(share.id)
                  FROM (SELECT payment.*, share.id AS share_id %s) AS payment
                  JOIN settlement_share AS share ON share.id = payment.share_id
                  JOIN channel_payment_receiver AS receiver
                    ON receiver.merchant_id = payment.merchant_id
                   AND receiver.partner_id = share.partner_id
                 WHERE payment.id = ANY(%s)
                 GROUP BY 1, 2 HAVING sum(share.amount) > 0 ORDER BY 1, 2
                """,
                OPEN,
                payments.ids,
            )
        )
        found = {}
        for payment, receiver, fen, shares in rows:
            found.setdefault(payment, {})[receiver] = (fen, shares)
        made = self.env["channel.split.instruction"]
        for payment in payments:
            parts = found.get(payment.id, {})
            for receivers in requests_of(list(parts)):
                made |= payment._instruct({each: parts[each] for each in receivers})
        return made

    def _instruct(self, parts):
        """One instruction.

        :param parts: {receiver id: (fen, share ids)}
        """
        self.ensure_one()
        instructions = self.env["channel.split.instruction"].sudo()
        place = len(self.instruction_ids) + 1
        made = instructions.create(
            {
                "payment_id": self.id,
                "company_id": self.company_id.id,
                "number": f"QD{self.id}-{place}",
            }
        )
        for receiver, (fen, shares) in parts.items():
            part = self.env["channel.split.part"].sudo().create(
                {
                    "instruction_id": made.id,
                    "receiver_id": receiver,
                    "amount": float(from_fen(fen)),
                }
            )  # fmt: skip
            self.env["channel.split.share"].sudo().create(
                [{"part_id": part.id, "share_id": share} for share in shares]
            )
        return made

    def _without_receiver(self):
        """Parties that would get something of this payment and have no receiver."""
        self.ensure_one()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT share.partner_id %s AND payment.id = %s
                   AND NOT EXISTS (SELECT FROM channel_payment_receiver AS receiver
                                    WHERE receiver.merchant_id = payment.merchant_id
                                      AND receiver.partner_id = share.partner_id)
                 GROUP BY share.partner_id HAVING sum(share.amount) > 0
                """,
                OPEN,
                self.id,
            )
        )
        return self.env["res.partner"].browse(row[0] for row in rows)
