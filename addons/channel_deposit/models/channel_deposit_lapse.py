from collections import defaultdict
from datetime import UTC, datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_amount

from odoo.addons.channel_network.core.money import from_fen, to_fen

from ..core.lapse import Fact, due, soon
from ..core.ledger import LIMIT
from ..core.operations import Kind, Lapse
from ..core.posting import day_of, end_of

BATCH = 200  # accounts of a transaction
ACTIVITY = "channel_deposit.mail_activity_lapse"


class ChannelDepositLapse(models.Model):
    """Rebates whose time is over, by a daily job; representatives are told before."""

    _inherit = "channel.deposit.account"

    next_lapse_at = fields.Datetime(
        "Lapses", compute="_compute_next_lapse", help="When a part of the rebate lapses next."
    )
    next_lapse = fields.Monetary(
        "Amount to Lapse", compute="_compute_next_lapse", help="Unless it is used before."
    )

    def _compute_next_lapse(self):
        facts = self.filtered(lambda account: account.purpose == "rebate")._facts()
        now = self._clock()
        for account in self:
            when, fen = next(iter(soon(facts.get(account.id, ()), now, LIMIT)), (None, 0))
            account.next_lapse_at = when and _moment(when)
            account.next_lapse = from_fen(fen)

    @api.model
    def _cron_lapse(self):
        """Book what has lapsed, batch by batch, each committed by itself; then tell what will."""
        after = 0
        while accounts := self._lock_lapsing(after):
            accounts._lapse()
            after = accounts[-1].id
            if not self.env["ir.cron"]._commit_progress(len(accounts)):
                break
        for company in self.env["res.company"].search([("channel_rebate_warn_days", ">", 0)]):
            self._warn_lapsing(company)

    def _lock_lapsing(self, after):
        """Accounts with rebates whose time is over, locked; whoever is at work is passed over.

        The first statement of its transaction, so that it sees what it locks.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT a.id FROM channel_deposit_account a
                    WHERE a.purpose = 'rebate' AND a.state = 'open' AND a.posted > a.held
                      AND a.id > %s AND EXISTS (
                          SELECT FROM channel_deposit_entry e
                           WHERE e.account_id = a.id AND e.lapses_at <= %s)
                    ORDER BY a.id LIMIT %s FOR NO KEY UPDATE OF a SKIP LOCKED""",
                after,
                _moment(self._clock()),
                BATCH,
            )
        )
        return self.browse([row[0] for row in rows])

    def _lapse(self):
        """Book what has lapsed on these locked accounts."""
        self.invalidate_recordset(flush=False)
        facts, now = self._facts(), self._clock()
        batch = []
        for account in self:
            own = to_fen(account.posted) - to_fen(account.held)
            if fen := due(facts.get(account.id, ()), own, now):
                key = f"lapse,{account.id},{account.number}"
                batch.append(Lapse(key=key, account=account.id, amount=fen))
        if batch:
            self._book_or_raise(batch)

    def _facts(self):
        """{account id: what ``core.lapse`` must know of its journal}."""
        rows = self.env.execute_query(
            SQL(
                """SELECT account_id, key, kind, posted, extract(epoch FROM lapses_at)::bigint,
                          COALESCE(reverses, '')
                     FROM channel_deposit_entry WHERE account_id = ANY(%s) AND posted <> 0
                    ORDER BY account_id, number""",
                self.ids,
            )
        )
        facts = defaultdict(list)
        for account, key, kind, posted, lapses_at, reverses in rows:
            facts[account].append(Fact(key, Kind(kind), to_fen(posted), lapses_at, reverses))
        return facts

    # -- warnings ------------------------------------------------------------------------------

    @api.model
    def _warn_lapsing(self, company):
        """Give each member's representative one to-do for a day on which rebates lapse.

        It follows the amount while it is open, and goes when nothing is left to lapse; once done
        it does not come again.
        """
        wanted = self._to_lapse(company)
        kind = self.env.ref(ACTIVITY)
        found = self.env["mail.activity"].with_context(active_test=False).search(
            [
                ("activity_type_id", "=", kind.id),
                ("res_model", "=", "channel.member"),
                ("res_id", "in", self._members_of(company).ids),
                ("date_deadline", ">=", day_of(_moment(self._clock()))),
            ]
        )  # fmt: skip
        there = {(activity.res_id, activity.date_deadline): activity for activity in found}
        for (member, day), fen in wanted.items():
            summary = self._lapse_words(member, fen, company)
            activity = there.get((member.id, day))
            if not activity:
                member.activity_schedule(
                    ACTIVITY, date_deadline=day, summary=summary, user_id=member.user_id.id
                )
            elif activity.active and activity.summary != summary:
                activity.summary = summary
        gone = there.keys() - {(member.id, day) for member, day in wanted}
        for key in gone:
            there[key].filtered("active").unlink()

    def _members_of(self, company):
        domain = [("company_id", "=", company.id), ("purpose", "=", "rebate")]
        return self.search(domain).member_id

    def _to_lapse(self, company):
        """{(member with a representative, last valid day): fen} of the coming days."""
        now = self._clock()
        today = day_of(_moment(now))
        until = end_of(today + timedelta(days=company.channel_rebate_warn_days))
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT a.id FROM channel_deposit_account a
                     JOIN channel_deposit_entry e ON e.account_id = a.id
                    WHERE a.company_id = %s AND a.purpose = 'rebate' AND a.state = 'open'
                      AND a.posted > 0 AND e.lapses_at > %s AND e.lapses_at <= %s""",
                company.id,
                _moment(now),
                until,
            )
        )
        accounts = self.browse([row[0] for row in rows])
        facts = accounts._facts()
        wanted = {}
        for account in accounts.filtered(lambda account: account.member_id.user_id):
            for when, fen in soon(
                facts[account.id], now, int(until.replace(tzinfo=UTC).timestamp())
            ):
                key = account.member_id, day_of(_moment(when - 1))
                wanted[key] = wanted.get(key, 0) + fen
        return wanted

    def _lapse_words(self, member, fen, company):
        here = self.with_context(lang=member.user_id.lang)
        return here.env._(
            "%(amount)s of rebate lapses: have it used",
            amount=format_amount(here.env, float(from_fen(fen)), company.currency_id),
        )


def _moment(unix):
    return datetime.fromtimestamp(unix, UTC).replace(tzinfo=None)
