from contextlib import contextmanager
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.channel_network.core.money import to_fen

from ..core import client, states, wechat
from ..core.states import Said, State, Step
from .channel_payment_merchant import FINANCE

AT_ONCE = 50
PAUSES = (1, 5, 15, 60, 240)  # minutes until it is asked for again


class ChannelSplitInstruction(models.Model):
    """Talks to the channel. What leaves is written down and committed before it does."""

    _inherit = "channel.split.instruction"

    @api.model
    def _cron_talk(self):
        """Send what fits and is due, ask for what is under way."""
        for instruction in self._due(AT_ONCE):
            instruction._talk()
            if not self.env["ir.cron"]._commit_progress(1):
                return

    @api.model
    def _due(self, limit):
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM channel_split_instruction
                 WHERE state IN ('new', 'sending', 'unknown')
                   AND (next_at IS NULL OR next_at <= now() AT TIME ZONE 'UTC')
                 ORDER BY next_at NULLS FIRST, id LIMIT %s
                """,
                limit,
            )
        )
        return self.sudo().browse(row[0] for row in rows)

    def action_talk(self):
        """Send, or ask what became of it; the answer stands on the page then.

        :raise UserError: it does not fit, or has ended
        """
        self._ask_clerk()
        for instruction in self.sudo():
            if instruction.misfit:
                raise UserError(instruction.misfit)
            if states.next_step(instruction._message()) is Step.NOTHING:
                raise UserError(
                    self.env._(
                        "Instruction %s has ended: there is nothing to ask.", instruction.number
                    )
                )
            instruction._talk()

    def _ask_clerk(self):
        """:raise AccessError: no finance clerk, or of another company"""
        if not self.env.su and not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Ask a finance clerk: payments are in their hands."))
        self.check_access("read")

    def _talk(self):
        """Take the next step with the channel, in transactions of its own.

        One at a time: whoever comes while another talks about the same instruction leaves it.
        """
        self.ensure_one()
        self._commit()
        with self._turn() as mine:
            if mine:
                self.invalidate_recordset()
                self._take_step()

    def _take_step(self):
        step = states.next_step(self._message())
        if step is Step.NOTHING or (step is Step.SEND and self._misfits()):
            return
        account = self.merchant_id._account()
        if step is Step.SEND:
            body = self._body()
            self._keep(states.begin(self._message()), request=body.decode(), text=False)
            self._commit()  # whoever comes after a kill asks before anything leaves again
            answer = client.send_split(account, self.number, body)
            message = states.sent(self._message(), answer.said)
        else:
            answer = client.ask_split(account, self.number, self.payment_id.transaction_ref)
            message = states.asked(self._message(), answer.said)
        self._told(message, answer)
        self._commit()

    @contextmanager
    def _turn(self):
        """Whether nobody else talks about this instruction; held over commits."""
        key = SQL("hashtext('channel_split_instruction'), %s", self.id)
        mine = self.env.execute_query(SQL("SELECT pg_try_advisory_lock(%s)", key))[0][0]
        try:
            yield mine
        finally:
            if mine:
                self.env.cr.execute(SQL("SELECT pg_advisory_unlock(%s)", key))

    def _body(self):
        """The request; the same parts give the same bytes."""
        if self.request:
            return self.request.encode()
        shares = [
            wechat.Share(
                part.receiver_id.kind, part.receiver_id.account, to_fen(part.amount),
                self.env._("Split of order %s", self.order_id.order_ref),
            )
            for part in self.part_ids
        ]  # fmt: skip
        return wechat.split_body(
            self.merchant_id.app_ref, self.payment_id.transaction_ref, self.number, shares
        )

    def _told(self, message, answer):
        """Write what was learnt; parts that nobody got let their shares go when it has ended."""
        pause = PAUSES[min(max(message.attempts, 1), len(PAUSES)) - 1]
        ended = message.state not in (State.NEW, State.SENDING, State.UNKNOWN)
        later = fields.Datetime.now() + timedelta(minutes=pause)
        self._keep(
            message,
            text=" ".join(filter(None, (answer.code, answer.text))) or False,
            next_at=False if ended or answer.said is Said.NOT_FOUND else later,
        )
        by_account = {part.receiver_id.account: part for part in self.part_ids}
        for result in answer.results:
            part = by_account.get(result.account)
            if part and to_fen(part.amount) == result.fen:
                part.write(
                    {
                        "result": result.result
                        if result.result in ("PENDING", "SUCCESS", "CLOSED")
                        else "PENDING",
                        "fail_reason": result.fail_reason or False,
                        "detail_ref": result.detail_ref or False,
                    }
                )
        if message.state in (State.PARTLY, State.FAILED) and not message.refused:
            self.part_ids.filtered(lambda part: part.result != "SUCCESS")._free()
