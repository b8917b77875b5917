import logging
import time
from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.queue_job.exception import RetryableJobError

from ..core.errors import BadAnswer, PlatformError, Refused, Throttled
from ..core.limits import backoff
from ..core.platforms.base import AFTERSALE, ORDER
from ..core.pull import read_window, windows
from .message_store import seconds, utc

_logger = logging.getLogger(__name__)

PAGE_SIZE = 100
FIRST_PULL = 24 * 3600  # a shop that was never pulled begins a day back
MAX_WINDOW, MIN_WINDOW = 21600, 10
RETRY_BASE, RETRY_MAX = 30.0, 1800.0
PROCESS_AT_ONCE = 1000
BATCHES_PER_JOB = 200
CURSORS = {ORDER: "pull_orders_cursor", AFTERSALE: "pull_aftersales_cursor"}


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one pull did: rows read, rows that were new, and why it ended early."""

    read: int
    new: int
    error: str = ""


class ChannelShop(models.Model):
    _inherit = "channel.shop"

    # -- pull --------------------------------------------------------------------------------

    def _pull(self, kinds=(ORDER, AFTERSALE)) -> Pulled:
        """Read what changed on the platform since the last pull, and store it.

        Each page is committed with the cursor that belongs to it, so that a pull that is killed
        goes on where it was. What goes wrong is kept in the shop and shown in the monitor.
        """
        self.ensure_one()
        read = new = 0
        try:
            connection = self._connection()
            for kind in kinds:
                for stored_read, stored_new in self._pull_kind(connection, kind):
                    read += stored_read
                    new += stored_new
        except (PlatformError, UserError) as error:
            self.env["channel.batch"]._rollback()
            return Pulled(read, new, self._note_failure(error))
        self._note_success(last_pull=fields.Datetime.now())
        return Pulled(read, new)

    def _pull_kind(self, connection, kind):
        """Store one kind of messages since the cursor; yields (rows read, rows new) by page."""
        end = self._platform_now()
        cursor = self[CURSORS[kind]]
        start = seconds(cursor) - self.pull_overlap if cursor else end - FIRST_PULL
        start = max(start, end - connection.max_age)
        return self._read(connection, kind, start, end, moves=True)

    def _read(self, connection, kind, start, end, *, moves):
        """Store what changed between two moments page by page, and yield (rows read, rows new).

        :param moves: the cursor goes along, because nothing between it and ``start`` is left out
        """
        fetch = connection.orders if kind == ORDER else connection.aftersales
        batch_store = self.env["channel.batch"]
        width = self.pull_window
        batch_store._commit()  # no snapshot of the database stays open while we wait
        for window_start, window_end in windows(start, end, width):
            for batch in read_window(fetch, window_start, window_end, PAGE_SIZE):
                new = self.env["channel.message"]._store(self, batch.rows)
                if moves:
                    self._move_cursor(CURSORS[kind], batch.cursor)
                batch_store._commit()
                yield len(batch.rows), len(new)

    @api.model
    def _platform_now(self) -> int:
        """Unix seconds up to which a pull reads."""
        return int(time.time())

    def _move_cursor(self, column, cursor) -> None:
        """Forward only: another pull of the shop may be ahead."""
        self.flush_recordset([column])
        self.env.execute_query(
            SQL(
                "UPDATE channel_shop SET %(column)s = %(moment)s"
                " WHERE id = %(id)s AND coalesce(%(column)s, '-infinity') < %(moment)s RETURNING 1",
                column=SQL.identifier(column),
                moment=utc(cursor),
                id=self.id,
            )
        )
        self.invalidate_recordset([column], flush=False)

    def _note_success(self, **values) -> None:
        """The platform answers: whatever went wrong before is over.

        :param values: what else is to be written
        """
        width = min(self.pull_window * 2, max(MAX_WINDOW, self.pull_window))
        values |= {
            "next_pull": False,
            "pull_failures": 0,
            "pull_state": "ok",
            "last_error": False,
            "pull_window": width,
        }
        self.sudo().write({name: value for name, value in values.items() if self[name] != value})
        self.env["channel.batch"]._commit()

    def _note_failure(self, error) -> str:
        """Keep what went wrong and when to try again. :return: the error as a person reads it."""
        text = error.text if isinstance(error, PlatformError) else str(error)
        failures = self.pull_failures + 1
        wait = backoff(failures, RETRY_BASE, RETRY_MAX)
        values = {
            "pull_failures": failures,
            "pull_state": _state(error),
            "last_error": text[:500],
        }
        if isinstance(error, Throttled):
            wait = max(wait, error.retry_after)
            values["pull_window"] = max(self.pull_window // 2, MIN_WINDOW)
        values["next_pull"] = fields.Datetime.now() + timedelta(seconds=wait)
        self.sudo().write(values)
        self.env["channel.batch"]._commit()
        _logger.warning(
            "pull of shop %s: %s (%s)", self.id, values["pull_state"], type(error).__name__
        )
        return text

    def _pull_order(self, order_ref) -> list[int]:
        """Ask the platform for one order and store its answer.

        :return: ids of new messages; none when its answer is here already
        """
        self.ensure_one()
        message = self._connection().order(order_ref)
        return self.env["channel.message"]._store(self, [message])

    # -- jobs --------------------------------------------------------------------------------

    @api.model
    def _cron_intake(self) -> None:
        """Each minute: queue a pull for each shop whose time has come, and what waits here."""
        now = fields.Datetime.now()
        shops = self.search(
            [
                ("is_pulled", "=", True),
                ("credential_ref", "!=", False),
                "|",
                ("next_pull", "=", False),
                ("next_pull", "<=", now),
            ]
        )
        for shop in shops:
            shop._enqueue_pull()
        self._enqueue_fetch()
        self._enqueue_process()
        self.env["channel.outbox"]._enqueue_drain()

    def _enqueue_pull(self, priority=10) -> None:
        """Queue a pull, unless one is queued already."""
        self.ensure_one()
        self.with_delay(
            identity_key=f"channel_intake.pull.{self.id}",
            description=self.env._("Pull %(shop)s", shop=self.name),
            priority=priority,
        )._job_pull()

    @api.model
    def _enqueue_process(self) -> None:
        """Queue the processing of messages, when some wait and none is queued already.

        Materialisers, where they run, have heard of them already.
        """
        self.env["channel.message.todo"].flush_model()
        if self.env["channel.message"]._materialisers():
            return
        due = self.env.execute_query(
            SQL(
                "SELECT 1 FROM channel_message_todo"
                " WHERE next_attempt <= clock_timestamp() AT TIME ZONE 'UTC' LIMIT 1"
            )
        )
        if due:
            self.browse().with_delay(
                identity_key="channel_intake.process",
                description=self.env._("Process messages"),
            )._job_process()

    def _job_pull(self) -> str:
        """Job: pull one shop, then have what is new processed."""
        result = self.sudo()._pull()
        if result.new:
            self._enqueue_process()
        return f"{result.read} read, {result.new} new. {result.error}".strip()

    @api.model
    def _job_process(self) -> str:
        """Job: process waiting messages in batches, each in a transaction of its own."""
        done = 0
        for _batch in range(BATCHES_PER_JOB):
            try:
                result = self.env["channel.message"].sudo()._process(PROCESS_AT_ONCE)
            except UserError as error:
                raise RetryableJobError(str(error), seconds=300) from error
            self.env["channel.batch"]._commit()
            done += result.total
            if result.total < PROCESS_AT_ONCE:
                break
        return f"{done} messages"


def _state(error) -> str:
    """The state a failure puts a shop into."""
    if isinstance(error, Throttled):
        return "throttled"
    if isinstance(error, (Refused, BadAnswer)):
        return "refused"
    return "unreachable" if isinstance(error, PlatformError) else "setup"
