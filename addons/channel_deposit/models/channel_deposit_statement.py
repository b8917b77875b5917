from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

PAGE = 80
CHUNK = 2000  # entries read at once for a file


class ChannelDepositStatement(models.Model):
    """What happened to an account in a period: opening, entries, closing, holds.

    A period is a run of the account's numbers, so its entries always lead from the opening to
    the closing. Pages are found by number: the last of many is as quick as the first.
    """

    _inherit = "channel.deposit.account"

    def _statement(self, date_from, date_to):
        """The frame of a statement; the portal shows the same.

        :param date_from: first day; ``date_to``: last day, both of the reader's time zone
        :return: dict of ``lower`` and ``upper`` (the period's entries are numbered above the one
            and up to the other), and ``opening`` and ``closing``: dicts of ``posted``, ``held``,
            ``credit_line``, ``available`` in yuan
        :raise AccessError: for who may not read the account
        :raise UserError: for a period that ends before it begins
        """
        self.ensure_one()
        self.check_access("read")
        if date_to < date_from:
            raise UserError(self.env._("A period ends on or after the day it begins."))
        lower, opening = self._stood(self._moment_of(date_from))
        upper, closing = self._stood(self._moment_of(date_to + timedelta(days=1)))
        return {"lower": lower, "upper": upper, "opening": opening, "closing": closing}

    def _statement_page(self, lower, upper, after=None, before=None, limit=PAGE, holds=True):
        """Entries of a period, in their order, a page at a time.

        :param after: number after which the page begins; None: at the beginning
        :param before: number before which the page ends, to go back
        :param holds: False: only what changes the balance
        :return: channel.deposit.entry
        """
        self.ensure_one()
        self.check_access("read")
        backwards = before is not None
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM channel_deposit_entry
                    WHERE account_id = %s AND number > %s AND number <= %s %s
                    ORDER BY number %s LIMIT %s""",
                self.id,
                max(lower, after or 0),
                min(upper, before - 1) if backwards else upper,
                SQL() if holds else SQL("AND posted <> 0"),
                SQL("DESC") if backwards else SQL("ASC"),
                limit,
            )
        )
        ids = [row[0] for row in rows]
        return self.env["channel.deposit.entry"].browse(ids[::-1] if backwards else ids)

    def _statement_entries(self, lower, upper, holds=True):
        """All entries of a period, read in chunks."""
        after = lower
        while page := self._statement_page(lower, upper, after, limit=CHUNK, holds=holds):
            yield from page
            after = page[-1].number
            page.invalidate_recordset()

    def _statement_holds(self, upper):
        """What was set aside after the entry of that number and not resolved by then.

        :return: channel.deposit.hold
        """
        self.ensure_one()
        self.check_access("read")
        rows = self.env.execute_query(
            SQL(
                """SELECT h.id FROM channel_deposit_hold h
                     JOIN channel_deposit_entry placed
                       ON placed.key = h.key AND placed.account_id = %(account)s
                      AND placed.number <= %(upper)s
                    WHERE h.account_id = %(account)s AND h.key IN (
                          SELECT key FROM channel_deposit_hold
                           WHERE account_id = %(account)s AND state = 'active'
                           UNION ALL
                          SELECT resolves FROM channel_deposit_entry
                           WHERE account_id = %(account)s AND number > %(upper)s
                             AND resolves IS NOT NULL)
                    ORDER BY h.id""",
                account=self.id,
                upper=upper,
            )
        )
        return self.env["channel.deposit.hold"].browse([row[0] for row in rows])

    def _statement_sums(self, lower, upper):
        """What each kind of entry changed in the balance, in yuan: list of ``(words, amount)``."""
        self.ensure_one()
        self.check_access("read")
        rows = self.env.execute_query(
            SQL(
                """SELECT kind, sum(posted) FROM channel_deposit_entry
                    WHERE account_id = %s AND number > %s AND number <= %s AND posted <> 0
                    GROUP BY kind ORDER BY kind""",
                self.id,
                lower,
                upper,
            )
        )
        kinds = dict(
            self.env["channel.deposit.entry"]._fields["kind"]._description_selection(self.env)
        )
        return [(kinds[kind], amount) for kind, amount in rows]

    def _stood(self, moment):
        """Number of the last entry before a moment, and what stood after it."""
        rows = self.env.execute_query(
            SQL(
                """SELECT number, posted_after, held_after, credit_line_after
                     FROM channel_deposit_entry WHERE account_id = %s AND at < %s
                    ORDER BY at DESC, number DESC LIMIT 1""",
                self.id,
                moment,
            )
        )
        number, posted, held, line = rows[0] if rows else (0, 0, 0, 0)
        amounts = {
            "posted": posted,
            "held": held,
            "credit_line": line,
            "available": posted - held + line,
        }
        return number, {name: float(amount) for name, amount in amounts.items()}

    @api.model
    def _statement_zone(self):
        return ZoneInfo(self.env.context.get("tz") or self.env.user.tz or "Asia/Shanghai")

    @api.model
    def _moment_of(self, day, zone=None):
        """The beginning of a day of the reader, or of a zone, as Odoo stores times."""
        begins = datetime.combine(day, time(), zone or self._statement_zone())
        return begins.astimezone(UTC).replace(tzinfo=None)
