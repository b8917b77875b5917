from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..core import states
from ..core.limits import Misfit
from ..core.states import Message, Said, State, Step
from .channel_payment_merchant import FINANCE

AT_ONCE = 50
PAUSES = (1, 5, 15, 60, 240)  # minutes until it is asked for again


class ChannelSplitMessage(models.AbstractModel):
    """A request to a payment channel: what leaves is written down and committed before it does.

    Whoever inherits has ``payment_id`` and ``merchant_id``, and says what is asked.
    """

    _name = "channel.split.message"
    _description = "Request to a Payment Channel"
    _inherit = ["mail.thread", "channel.batch"]
    _order = "id desc"
    _rec_name = "number"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    number = fields.Char(required=True, readonly=True, help="The channel knows it by this number.")
    state = fields.Selection(
        [
            ("new", "To Send"),
            ("sending", "Being Sent"),
            ("unknown", "Outcome Unknown"),
            ("done", "Done"),
            ("partly", "Done in Part"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True, default="new", readonly=True, tracking=True,
    )  # fmt: skip
    attempts = fields.Integer(required=True, default=0, readonly=True, aggregator=None)
    refused = fields.Boolean(readonly=True)
    sent_at = fields.Datetime("First Sent", readonly=True)
    next_at = fields.Datetime("Not Before", readonly=True)
    text = fields.Char("What the Channel Said", readonly=True)
    request = fields.Text(readonly=True, help="As it leaves; without names.")
    misfit = fields.Text("Does Not Fit", compute="_compute_misfit")
    may_cancel = fields.Boolean(compute="_compute_misfit")

    def _compute_misfit(self):
        for each in self:
            is_new = each.state == "new"
            found = each._misfits() if is_new else ()
            each.may_cancel = is_new and (not each.attempts or Misfit.LATE in found)
            each.misfit = "\n".join(each._words_of(misfit) for misfit in found) or False

    # -- what each kind of request says ----------------------------------------------------------

    def _misfits(self):
        """What the channel would refuse, before anything is sent."""
        raise NotImplementedError

    def _words_of(self, misfit):
        """Why it does not fit, and the remedy."""
        raise NotImplementedError

    def _body(self, account):
        """The request; the same content gives the same bytes."""
        raise NotImplementedError

    def _send(self, account, body):
        """Ask the channel to do it (``core.answers.Answer``)."""
        raise NotImplementedError

    def _ask(self, account):
        """Ask the channel what became of it (``core.answers.Answer``)."""
        raise NotImplementedError

    def _learn(self, answer):
        """Write what an answer tells beyond the state."""

    def _links(self):
        """The shares that it has (``channel.split.share``)."""
        raise NotImplementedError

    def _free(self):
        """Let go the shares that nobody got by it, or gave back by it."""
        raise NotImplementedError

    # -- states ----------------------------------------------------------------------------------

    def _message(self):
        self.ensure_one()
        return Message(State(self.state), self.attempts, self.refused)

    def _keep(self, message, **values):
        """Write a state that ``core.states`` has decided."""
        self.write(
            {
                "state": message.state.value,
                "attempts": message.attempts,
                "refused": message.refused,
                **values,
            }
        )

    def _decide(self, step):
        """Take a step of ``core.states``; what is not allowed is told in words."""
        for each in self:
            try:
                message = step(each._message())
            except ValueError as error:
                raise UserError(
                    self.env._("%s is further by now: reload the page.", each.number)
                ) from error
            each._keep(message, next_at=False)
            if message.state is State.CANCELLED:
                each._free()

    def action_cancel(self):
        """Take back what never left, or is too late by now; the shares wait for another way."""
        self._ask_clerk()
        for each in self.sudo():
            each._decide(partial(states.cancel, is_late=Misfit.LATE in each._misfits()))

    def action_give_up(self):
        """Let the shares of a refused request go: they wait for another one, or another way."""
        self._ask_clerk()
        for each in self.sudo():
            if each.state != "failed" or not each.refused:
                raise UserError(self.env._("Only what the channel refused is given up."))
            each.refused = False
            each._free()

    def action_again(self):
        """Try what was refused again, after its cause was mended: it is asked for first."""
        self._ask_clerk()
        self.sudo()._decide(states.again)

    # -- talk ------------------------------------------------------------------------------------

    @api.model
    def _cron_talk(self):
        """Send what fits and is due, ask for what is under way."""
        for each in self._due(AT_ONCE):
            each._talk()
            if not self.env["ir.cron"]._commit_progress(1):
                return

    @api.model
    def _due(self, limit):
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM %s
                 WHERE state IN ('new', 'sending', 'unknown')
                   AND (next_at IS NULL OR next_at <= now() AT TIME ZONE 'UTC')
                 ORDER BY next_at NULLS FIRST, id LIMIT %s
                """,
                SQL.identifier(self._table),
                limit,
            )
        )
        return self.sudo().browse(row[0] for row in rows)

    def action_talk(self):
        """Send, or ask what became of it; the answer stands on the page then.

        :raise UserError: it does not fit, or has ended
        """
        self._ask_clerk()
        for each in self.sudo():
            if each.misfit:
                raise UserError(each.misfit)
            if states.next_step(each._message()) is Step.NOTHING:
                raise UserError(self.env._("%s has ended: there is nothing to ask.", each.number))
            each._talk()

    def _ask_clerk(self):
        """:raise AccessError: no finance clerk, or of another company"""
        if not self.env.su and not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Ask a finance clerk: payments are in their hands."))
        self.check_access("read")

    def _talk(self):
        """Take the next step with the channel, in transactions of its own.

        One at a time: whoever comes while another talks about the same request leaves it.
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
            now = fields.Datetime.now()
            request = self.request or self._body(account).decode()
            self._keep(
                states.begin(self._message()), request=request, text=False,
                sent_at=self.sent_at or now,
            )  # fmt: skip
            self._commit()  # whoever comes after a kill asks before anything leaves again
            answer = self._send(account, request.encode())
            message = states.sent(self._message(), answer.said)
        else:
            answer = self._ask(account)
            message = states.asked(self._message(), answer.said)
        self._told(message, answer)
        self._commit()

    @contextmanager
    def _turn(self):
        """Whether nobody else talks about this request; held over commits."""
        key = SQL("hashtext(%s), %s", self._table, self.id)
        mine = self.env.execute_query(SQL("SELECT pg_try_advisory_lock(%s)", key))[0][0]
        try:
            yield mine
        finally:
            if mine:
                self.env.cr.execute(SQL("SELECT pg_advisory_unlock(%s)", key))

    def _told(self, message, answer):
        """Write what was learnt; what ended without money lets its shares go."""
        pause = PAUSES[min(max(message.attempts, 1), len(PAUSES)) - 1]
        ended = message.state not in (State.NEW, State.SENDING, State.UNKNOWN)
        later = fields.Datetime.now() + timedelta(minutes=pause)
        self._keep(
            message,
            text=" ".join(filter(None, (answer.code, answer.text))) or False,
            next_at=False if ended or answer.said is Said.NOT_FOUND else later,
        )
        self._learn(answer)
        if message.state in (State.PARTLY, State.FAILED) and not message.refused:
            self._free()
