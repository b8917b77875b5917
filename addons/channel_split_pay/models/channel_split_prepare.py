from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.channel_network.core.money import from_fen, to_fen

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
        self._prepare_returns(self._to_take_back(AT_ONCE))

    def action_prepare(self):
        """Make the instructions that the chosen payments lack.

        :raise AccessError: no finance clerk
        :raise UserError: nothing is to be divided, or a receiver is missing
        """
        if not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Ask a finance clerk: payments are in their hands."))
        self.check_access("read")
        made = self.sudo()._prepare(self.sudo())
        returns = self.sudo()._prepare_returns(self.sudo())
        if returns and not made:
            return returns.with_env(self.env)._get_records_action(name=self.env._("Split Returns"))
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
        found = {}
        for payment, receiver, fen, shares in self._open_sums(payments, SQL("> 0")):
            found.setdefault(payment, {})[receiver] = (fen, shares)
        made = self.env["channel.split.instruction"]
        for payment in payments:
            parts = found.get(payment.id, {})
            for receivers in requests_of(list(parts), payment.merchant_id._channel().LIMITS):
                made |= payment._instruct({each: parts[each] for each in receivers})
        return made

    def _open_sums(self, payments, sign):
        """[(payment id, receiver id, fen, share ids)] of what no instruction and no return has.

        :param sign: of the sums that are wanted: ``> 0`` is to be paid, ``< 0`` to be taken back
        """
        return self.env.execute_query(
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
                 GROUP BY 1, 2 HAVING sum(share.amount) %s ORDER BY 1, 2
                """,
                OPEN,
                payments.ids,
                sign,
            )
        )

    @api.model
    def _to_take_back(self, limit):
        """Payments with a party that got more than it is to have now, and can give it back."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT id FROM (
                    SELECT payment.id, share.partner_id, -sum(share.amount) AS amount %s
                     GROUP BY 1, 2 HAVING sum(share.amount) < 0) AS due
                 WHERE EXISTS (SELECT FROM channel_split_instruction AS instruction
                                 JOIN channel_split_part AS part
                                   ON part.instruction_id = instruction.id
                                 JOIN channel_payment_receiver AS receiver
                                   ON receiver.id = part.receiver_id
                                WHERE instruction.payment_id = due.id
                                  AND receiver.partner_id = due.partner_id
                                  AND receiver.kind = 'merchant'
                                  AND part.result = 'SUCCESS' AND part.amount >= due.amount)
                 ORDER BY id LIMIT %s
                """,
                OPEN,
                limit,
            )
        )
        return self.sudo().browse(row[0] for row in rows)

    def _prepare_returns(self, payments):
        """Write returns of what parties got and are not to have any more: refunds came after it.

        A return takes back of one paid part; what no part has enough left for waits.

        :return: the new returns
        """
        payments = payments.filtered(lambda each: each.merchant_id._channel().TAKES_BACK)
        made = self.env["channel.split.return"]
        if not payments:
            return made
        self.env.flush_all()
        payments.lock_for_update(allow_referencing=True)
        for payment, receiver, fen, shares in self._open_sums(payments, SQL("< 0")):
            made |= self.browse(payment)._take_back(receiver, -fen, shares)
        return made

    def _take_back(self, receiver, fen, shares):
        """One return; none where no paid part has so much left, or it is a person's."""
        self.ensure_one()
        parts = self.instruction_ids.part_ids.filtered(
            lambda part: (
                part.receiver_id.id == receiver
                and part.receiver_id.kind == "merchant"
                and part.result == "SUCCESS"
                and to_fen(part.amount) - part._taken_back() >= fen
            )
        )
        returns = self.env["channel.split.return"].sudo()
        if not parts:
            return returns
        part = parts[-1]
        made = returns.create(
            {
                "part_id": part.id,
                "company_id": self.company_id.id,
                "number": f"QDR{part.id}-{len(part.return_ids) + 1}",
                "amount": float(from_fen(fen)),
            }
        )
        self.env["channel.split.share"].sudo().create(
            [{"part_id": part.id, "return_id": made.id, "share_id": share} for share in shares]
        )
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

    def _open_parties(self, sign, receiver):
        """Parties of this payment with an open sum of a sign, whose receiver is like this."""
        self.ensure_one()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT due.partner_id FROM (
                    SELECT share.partner_id, payment.merchant_id, sum(share.amount) AS amount
                    %s AND payment.id = %s GROUP BY 1, 2) AS due
                  LEFT JOIN channel_payment_receiver AS receiver
                    ON receiver.merchant_id = due.merchant_id
                   AND receiver.partner_id = due.partner_id
                 WHERE due.amount %s AND %s
                """,
                OPEN,
                self.id,
                sign,
                receiver,
            )
        )
        return self.env["res.partner"].browse(row[0] for row in rows)
