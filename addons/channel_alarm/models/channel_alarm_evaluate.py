import logging
from datetime import timedelta

from psycopg2 import errors

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_order.batch_sql import unix

from ..core import rules
from .channel_alarm import ACTIVITY

_logger = logging.getLogger(__name__)

LOCK = 0x51D0_0010  # an advisory lock nobody else uses


class ChannelAlarm(models.Model):
    """Raising alarms: count, judge in pure code, write what is new or worse."""

    _inherit = "channel.alarm"

    @api.model
    def _evaluate(self, sessions):
        """Look at open sessions and raise what their rules speak of.

        Called every few seconds by the live worker and each minute by a job, in a transaction of
        its own. To call it again at once changes nothing; of two at the same time the second one
        returns.

        :return: the alarms that were raised
        """
        alarms = self.sudo()
        none = alarms.browse()
        sessions = sessions.sudo().filtered(lambda session: session.state == "open")
        [(mine,)] = alarms.env.execute_query(SQL("SELECT pg_try_advisory_xact_lock(%s)", LOCK))
        if not mine or not sessions:
            return none
        try:
            with alarms.env.cr.savepoint():
                receivers = alarms._count_new()
        except errors.SerializationFailure:  # the other one has just committed
            return none
        now = fields.Datetime.now()
        figures = alarms._figures(sessions, now, receivers)
        found_rules = self.env["channel.alarm.rule"]._of_companies(sessions.company_id)
        raised = none
        for session in sessions:
            of_company = found_rules[session.company_id.id]
            limits = {kind: rule for kind, (rule, _hold) in of_company.items()}
            found = rules.find(figures[session.id], limits)
            if found:
                known = alarms._known(session, found, now)
                new, worse = rules.sift(found, known, limits)
                alarms._grow(worse)
                raised |= alarms._raise(session, new, of_company)
        return raised

    @api.model
    def _cron_evaluate(self):
        """What the live worker does, for when there is none; forgets what is too old to count."""
        self._evaluate(self.env["channel.session"].sudo().search([("state", "=", "open")]))
        oldest = unix(fields.Datetime.now() - timedelta(hours=3)) // rules.BUCKET
        self.env.cr.execute(SQL("DELETE FROM channel_alarm_tally WHERE bucket < %s", oldest))

    @api.model
    def _known(self, session, found, now):
        """The newest alarm about each subject: {(kind, subject): core.rules.Known}."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (kind, subject) kind, subject, id, state IN ('open', 'held'),
                       number, COALESCE(extract(epoch FROM %s - decided_at)::int / 60, 0)
                  FROM channel_alarm
                 WHERE session_id = %s AND subject = ANY(%s)
                 ORDER BY kind, subject, id DESC
                """,
                now,
                session.id,
                [one.subject for one in found],
            )
        )
        return {(kind, subject): rules.Known(*rest) for kind, subject, *rest in rows}

    @api.model
    def _grow(self, worse):
        """Open alarms tell the worst that was seen."""
        for alarm_id, one in worse:
            self.browse(alarm_id).write({"number": one.number, "facts": dict(one.facts)})

    @api.model
    def _raise(self, session, found, of_company):
        """Make alarms, hold what the rules say at once, and tell the operator."""
        alarms = self.create(
            [
                {
                    "session_id": session.id,
                    "kind": one.kind,
                    "item_id": one.item_id,
                    "subject": one.subject,
                    "number": one.number,
                    "facts": dict(one.facts),
                }
                for one in found
            ]
        )
        for alarm in alarms:
            user = session.user_id
            # the activity is enough: no mail beside it
            alarm = alarm.with_context(
                lang=user.lang or self.env.lang, mail_activity_quick_update=True
            )
            if of_company[alarm.kind][1]:
                alarm._hold_at_once()
            if user:
                alarm.activity_schedule(ACTIVITY, user_id=user.id, summary=alarm._sentence())
        return alarms

    def _hold_at_once(self):
        """Hold without a person; when that cannot be done now, the alarm stays open for one."""
        try:
            with self.env.cr.savepoint():
                self._hold()
        except UserError as error:
            _logger.info("alarm %s could not hold its item: %s", self.id, error)
