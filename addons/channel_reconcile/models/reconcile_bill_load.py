import json
import logging
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from io import SEEK_END, BytesIO
from itertools import chain
from time import monotonic

import psycopg2

from odoo import models
from odoo.tools import SQL

from odoo.addons.channel_network.core.money import from_fen
from odoo.addons.channel_order.batch_sql import copy_stream, yuan

from ..core import detect
from ..core.bill import Given, Reading, Reason, Refused
from ..core.values import account_number
from .reconcile_account_match import TRADE

_logger = logging.getLogger(__name__)
_CHINA = timedelta(hours=8)
_TOLD_EVERY = 1000  # rows between two looks at the clock
_SECONDS = 1.0
_MANY = 20_000
COLUMNS = (
    "company_id", "account_id", "bill_id", "form", "line", "day", "at", "kind", "key", "ref", "own",
    "refund_ref", "refund_own", "amount", "gross", "fee", "balance", "status", "party", "memo",
    "extra",
)  # fmt: skip


class Cancelled(Exception):
    """Somebody wants the reading to stop."""


class ReconcileBill(models.Model):
    """Reading a file: streamed into the table in one transaction, of which nothing stays when the
    file disagrees with itself.
    """

    _inherit = "reconcile.bill"

    def _job_read(self) -> str:
        """Job: read a bill that waits; begun anew when it was killed."""
        bill = self.sudo()
        if bill.state not in ("waiting", "reading"):
            return bill.state
        bill.state = "reading"
        bill.flush_recordset()  # of two at once, one fails here and finds it done when tried again
        if not bill.progress_ids:
            bill.env["reconcile.bill.progress"].create({"bill_id": bill.id})
        bill.env["channel.batch"]._commit()
        try:
            with bill.env.cr.savepoint():
                bill._load()
        except Cancelled:
            bill.state = "cancelled"
        except Refused as error:
            _logger.info("bill %s refused: %s", bill.id, error.reason)
            bill.write({"state": "refused", "refusal": error.told})
        if bill.state == "done":
            bill._match_days()
        bill._tell_owner()
        return bill.state

    def _match_days(self):
        """Let the days of a bill of trades be matched."""
        if self.form in TRADE and self.first_at:
            shift = self.account_id._day_shift()
            days = (self.first_at + shift).date(), (self.last_at + shift).date()
            self.account_id._enqueue_match(*days)

    def _load(self):
        """Take the rows, or raise.

        :raises Refused: the file must not be used
        :raises Cancelled: somebody wants it to stop
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                account, bill = self._copy("reconcile_bill_row")
                new = bill.summary
                counts = new.rows, new.income + new.outcome, new.fee
        except psycopg2.errors.UniqueViolation:  # some are here already, or twice in it
            account, bill, counts = self._merge()
        before = self._of_content(account, bill)
        if before:
            raise Refused(Reason.SAME, value=before.name)
        told, summary = bill.told, bill.summary
        self.write(
            {
                "state": "done",
                "account_id": account.id,
                "company_id": account.company_id.id,
                "form": bill.format,
                "digest": told.digest,
                "ignored": ", ".join(bill.ignored)[:500],
                "refusal": False,
                "row_count": summary.rows,
                "new_count": counts[0],
                "new_amount": from_fen(counts[1]),
                "new_fee": counts[2] / 100_000,
                "income": from_fen(summary.income),
                "outcome": from_fen(summary.outcome),
                "fee": summary.fee / 100_000,
                "has_balance": told.closing is not None,
                "opening": from_fen(told.opening or 0),
                "closing": from_fen(told.closing or 0),
                "first_at": summary.first and summary.first - _CHINA,
                "last_at": summary.last and summary.last - _CHINA,
            }
        )
        self.env["reconcile.bill.row"].invalidate_model()
        if counts[0] > _MANY:  # what is joined with them next is planned by what is known of them
            self.env.cr.execute("ANALYZE reconcile_bill_row")

    def _of_content(self, account, bill):
        return self.search(
            [
                ("account_id", "=", account.id),
                ("form", "=", bill.format),
                ("digest", "=", bill.told.digest),
                ("state", "=", "done"),
            ],
            limit=1,
        )

    def _merge(self):
        """Take the rows that are new.

        :return: account, bill, and of the new rows: number, amount in fen, fee in 1/1000 fen
        """
        cr = self.env.cr
        names = SQL(", ").join(map(SQL.identifier, COLUMNS))
        cr.execute(
            SQL(
                "CREATE TEMP TABLE reconcile_told ON COMMIT DROP AS"
                " SELECT %s FROM reconcile_bill_row WITH NO DATA",
                names,
            )
        )
        account, bill = self._copy("reconcile_told")
        cr.execute("ANALYZE reconcile_told")
        for line, key in self.env.execute_query(
            SQL(
                "SELECT max(line), key FROM reconcile_told GROUP BY key HAVING count(*) > 1"
                " ORDER BY 1 LIMIT 1"
            )
        ):
            raise Refused(Reason.TWICE, line, value=key)
        for line, key, told, known in self.env.execute_query(
            SQL(
                """
                SELECT told.line, told.key, told.amount, known.amount
                  FROM reconcile_told told
                  JOIN reconcile_bill_row known
                 USING (account_id, form, key)
                 WHERE (told.amount, told.fee) IS DISTINCT FROM (known.amount, known.fee)
                 ORDER BY told.line LIMIT 1
                """
            )
        ):
            raise Refused(Reason.CHANGED, line, key, told, known)
        ((count, amount, fee),) = self.env.execute_query(
            SQL(
                """
                WITH fresh AS (
                    INSERT INTO reconcile_bill_row (%(names)s)
                    SELECT %(names)s FROM reconcile_told
                    ON CONFLICT (account_id, form, key) DO NOTHING
                    RETURNING amount, fee
                )
                SELECT count(*), (coalesce(sum(amount), 0) * 100)::bigint,
                       (coalesce(sum(fee), 0) * 100000)::bigint
                  FROM fresh
                """,
                names=names,
            )
        )
        cr.execute("DROP TABLE reconcile_told")
        return account, bill, (count, amount, fee)

    def _copy(self, table):
        """Stream the file into a table; the account it is of, and what it says of itself."""
        with self._open() as file:
            size = file.seek(0, SEEK_END) or 1
            reading = self._reading_of(file, self._layout_for())
            rows = iter(reading)
            first = next(rows, None)
            account = self._account_of(first.account if first else "")
            if first:
                rows = self._watched(chain((first,), rows), file, size)
                ids = account.company_id.id, account.id, self.id, reading.format
                values = _values(ids, _until_midnight(account), rows)
                copy_stream(self.env.cr, table, COLUMNS, values)
            return account, reading.bill

    def _sample(self, layout):
        """The rows as a layout reads them, one by one.

        :raises Refused: as soon as one cannot be read
        """
        with self._open() as file:
            given = Given(self.name, self.for_day, self.account_id.number or "")
            yield from detect.read_mapped(file, layout._layout(), given)

    def _layout_for(self):
        return self.layout_id or self.account_id.layout_id

    def _reading_of(self, file, layout) -> Reading:
        given = Given(self.name, self.for_day, self.account_id.number or "")
        try:
            return detect.read(file, given)
        except Refused as error:
            if error.reason is not Reason.UNKNOWN or not layout:
                raise
        return detect.read_mapped(file, layout._layout(), given)

    @contextmanager
    def _open(self):
        """The file as it was given, without holding it in memory where it is on disk."""
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", self._name), ("res_field", "=", "file"), ("res_id", "=", self.id)]
        )
        if attachment.store_fname:
            with open(attachment._full_path(attachment.store_fname), "rb") as file:
                yield file
        else:
            yield BytesIO(attachment.raw or b"")

    def _account_of(self, number: str):
        """The account that the file's rows are of.

        :raises Refused: none has this number, or another was chosen
        """
        account = self.account_id or self.env["reconcile.account"]._of_number(
            self.company_id, number
        )
        if not account:
            raise Refused(Reason.NO_ACCOUNT, value=number)
        if number and account.number_key != account_number(number):
            raise Refused(Reason.OTHER_ACCOUNT, value=number, expected=account.number)
        return account

    def _watched(self, rows, file, size):
        """The rows; beside them it is told how far they are.

        :raises Cancelled: somebody wants it to stop
        """
        progress, told_at, count = self.progress_ids, monotonic(), 0
        for count, row in enumerate(rows, 1):
            if count % _TOLD_EVERY == 0 and monotonic() - told_at > _SECONDS:
                told_at = monotonic()
                if progress._tell(count, 100 * file.tell() / size):
                    raise Cancelled
            yield row

    def _tell_owner(self):
        """Tell who gave the file what became of it, where they are in Qudao."""
        self.ensure_one()
        texts = {
            "done": self.env._(
                "%(file)s was read: %(new)s new rows of %(rows)s.",
                file=self.name, new=self.new_count, rows=self.row_count,
            ),
            "refused": self.env._("%(file)s was refused: %(why)s", file=self.name, why=self.trouble),
            "cancelled": self.env._("%(file)s was cancelled.", file=self.name),
        }  # fmt: skip
        self.create_uid._bus_send(
            "simple_notification",
            {
                "type": "success" if self.state == "done" else "warning",
                "message": texts[self.state],
            },
        )


def _until_midnight(account):
    """What makes a moment's date the account's day."""
    cut = int(account.day_cut)
    return timedelta(hours=24 - cut if cut else 0)


def _values(ids, day_ends, rows):
    """Rows as COPY takes them, in the order of ``COLUMNS``.

    :param day_ends: what makes a moment's date the channel's day
    """
    for row in rows:
        at, extra = row.at, row.extra
        yield (
            *ids, row.line, (at + day_ends).date().isoformat(), str(at - _CHINA), row.kind.value,
            row.key, row.ref or None, row.own or None, row.refund_ref or None,
            row.refund_own or None, yuan(row.amount), yuan(row.gross), _fee(row.fee),
            None if row.balance is None else yuan(row.balance), row.status or None,
            row.party or None, row.memo or None,
            json.dumps(extra, ensure_ascii=False) if extra else None,
        )  # fmt: skip


@lru_cache(4096)
def _fee(units: int) -> str:
    """1/1000 fen as the text of a numeric in yuan, exactly."""
    sign, units = ("-", -units) if units < 0 else ("", units)
    return f"{sign}{units // 100_000}.{units % 100_000:05d}"
