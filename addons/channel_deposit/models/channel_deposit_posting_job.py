import logging
from datetime import timedelta
from time import monotonic

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..core.posting import day_of, end_of
from .channel_deposit_posting import POSTABLE, UNPOSTED

_logger = logging.getLogger(__name__)

BATCH = 200  # a transaction of some seconds: Odoo posts as many journal entries in that time
PATIENCE = 20  # seconds that a clerk waits
CLERK = "channel_network.group_finance_clerk"
SUMMED = SQL("e.kind = 'capture' AND c.channel_capture_posting = 'day'")


class ChannelDepositPostingJob(models.Model):
    """What is left to be posted: by the scheduled job, or when a clerk does not want to wait."""

    _inherit = "channel.deposit.posting"

    @api.model
    def _waiting(self, company=None, after=0, limit=None, summed=True):
        """Entries that are not posted and will be, by id.

        :param company: of this one only
        :param after: entry id
        :param summed: also captures that are summed up by day
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT e.id FROM channel_deposit_entry e
                     JOIN channel_deposit_account a ON a.id = e.account_id
                     JOIN res_company c ON c.id = e.company_id
                    WHERE %s AND %s AND %s AND %s AND e.id > %s ORDER BY e.id LIMIT %s""",
                POSTABLE,
                UNPOSTED,
                SQL("TRUE") if summed else SQL("NOT (%s)", SUMMED),
                SQL("c.id = %s", company.id) if company else SQL("TRUE"),
                after,
                limit,
            )
        )
        return self.env["channel.deposit.entry"].browse([row[0] for row in rows])

    def _sums(self, company=None, due=True):
        """Ids of captures that make one journal entry, a list for each account and day.

        :param due: of days that are over
        """
        today = end_of(day_of(fields.Datetime.now()) - timedelta(days=1))
        rows = self.env.execute_query(
            SQL(
                """SELECT array_agg(e.id) FROM channel_deposit_entry e
                     JOIN channel_deposit_account a ON a.id = e.account_id
                     JOIN res_company c ON c.id = e.company_id
                    WHERE %s AND %s AND %s AND %s AND %s
                    GROUP BY e.account_id,
                          (e.at AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Shanghai')::date
                    ORDER BY min(e.id)""",
                POSTABLE,
                UNPOSTED,
                SUMMED,
                SQL("e.at < %s", today) if due else SQL("TRUE"),
                SQL("c.id = %s", company.id) if company else SQL("TRUE"),
            )
        )
        return [row[0] for row in rows]

    def _batches(self, company=None, due=True):
        """What is left, in transactions' worth; what makes one journal entry stays together."""
        entries, batch = self.env["channel.deposit.entry"], []
        for ids in self._sums(company, due):
            batch += ids
            if len(batch) >= BATCH:
                yield entries.browse(batch)
                batch = []
        if batch:
            yield entries.browse(batch)
        after = 0
        while rest := self._waiting(company, after, BATCH, summed=False):
            after = rest[-1].id
            yield rest

    @api.model
    def _cron_post(self):
        """Post what is left, batch by batch, each committed by itself.

        What cannot be posted is passed over and told in the log; it stays on the tie-out.
        """
        failures = []
        for batch in self._batches():
            self._post_or_pass(batch, failures)
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                break
        if failures:
            entry, error = failures[0]
            _logger.warning(
                "%s deposit entries are not posted; entry %s: %s", len(failures), entry.id, error
            )

    def _post_or_pass(self, entries, failures):
        """Post entries; when that fails, in halves, and at last pass over those that cannot be."""
        try:
            with self.env.cr.savepoint():
                self._post_entries(entries)
        except UserError as error:
            half = len(entries) // 2
            if not half:
                failures.append((entries, error))
                return
            self._post_or_pass(entries[:half], failures)
            self._post_or_pass(entries[half:], failures)

    @api.model
    def _post_now(self, entries=None):
        """For the buttons “Post Now”: these entries, or all that are left of the user's companies;
        of very many the scheduled job posts the rest at once.

        :raise UserError: in words, why an entry cannot be posted; then none is
        """
        if not self.env.user.has_group(CLERK):
            raise AccessError(self.env._("Deposits are posted by finance clerks."))
        if entries is not None:
            entries.check_access("read")
            self.sudo()._post_entries(entries.sudo())
            return
        began = monotonic()
        for company in self.env.companies:
            for batch in self.sudo()._batches(company, due=False):
                self._post_entries(batch)
                if monotonic() - began > PATIENCE:
                    self.env.ref("channel_deposit.cron_post").sudo()._trigger()
                    return
