import logging
from datetime import UTC, datetime

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core.operations import Expire

_logger = logging.getLogger(__name__)


class ChannelDepositExpire(models.Model):
    """Holds whose time is over are expired by a job; whoever placed them says what that means."""

    _inherit = "channel.deposit.hold"

    @api.model
    def _cron_expire(self):
        """Expire what is due, hold by hold, each committed by itself.

        What cannot be expired is passed over, told in the log, and tried again by the next run.
        """
        after = 0
        while hold := self._next_due(after):
            after = hold.id
            try:
                with self.env.cr.savepoint():
                    hold._expire()
            except UserError as error:
                _logger.warning("deposit hold %s is not expired: %s", hold.id, error)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _next_due(self, after):
        """The next active hold whose time is over."""
        now = datetime.fromtimestamp(self.env["channel.deposit.account"]._clock(), UTC)
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM channel_deposit_hold
                    WHERE state = 'active' AND expires_at <= %s AND id > %s
                    ORDER BY id LIMIT 1""",
                now.replace(tzinfo=None),
                after,
            )
        )
        return self.browse([row[0] for row in rows])

    def _expire(self):
        """Book it. Addons that place holds extend this: their document goes back, or keeps it.

        :raises UserError: in the ledger's words
        """
        self.ensure_one()
        operation = Expire(key=f"expire,{self.key}", hold=self.key, source=self.source or "")
        self.env["channel.deposit.account"].sudo()._book_or_raise([operation])
