import logging
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core.errors import Malformed, PlatformError, safe_text
from ..core.limits import backoff
from ..core.platforms.registry import adapter_for

_logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 6
RETRY_BASE = 60.0  # 1, 2, 4, 8, 16 minutes


@dataclass(slots=True)
class Taken:
    """A message taken from the queue, and what it says."""

    id: int
    attempts: int
    shop_id: int
    source: str
    kind: str
    ref: str
    body: str
    secret: str
    snapshot: object = None


@dataclass(slots=True)
class Processed:
    """What one batch did."""

    done: int = 0
    retried: int = 0
    stopped: int = 0
    reasons: list = field(default_factory=list)

    @property
    def total(self):
        return self.done + self.retried + self.stopped


class ChannelMessage(models.Model):
    _inherit = "channel.message"

    @api.model
    def _process(self, limit=1000, only=None) -> Processed:
        """Turn up to ``limit`` waiting messages into orders and after-sales, oldest first.

        ``only``: ids of the messages to take, whatever else waits.

        All in the caller's transaction: taken from the queue and applied, or neither. A message
        that cannot be read is stopped with a reason at once; one that breaks its batch is found
        by halving, tried again later, and stopped after ``MAX_ATTEMPTS``. Conflicts of the
        database are raised: the whole batch is tried again.
        """
        self.env["channel.order"]._lock_allocation()
        return self._work(self._take(limit, only))

    def _work(self, taken: list[Taken], before_writing=None) -> Processed:
        """Read the messages taken from the queue, then apply them.

        ``before_writing``: called once between the two; what takes long and needs nobody else's
        data is done by then.
        """
        result = Processed()
        if not taken:
            return result
        self.env["channel.vault"]._vault()  # a missing key is no fault of any message
        shops = self.env["channel.shop"].browse({row.shop_id for row in taken}).exists()
        groups = defaultdict(list)
        for row in taken:
            groups[row.kind, row.shop_id].append(row)
        readable, prepared = {}, {}
        for (kind, shop_id), rows in groups.items():
            shop = shops.filtered(lambda s, shop_id=shop_id: s.id == shop_id)
            readable[kind, shop] = self._parse(shop, rows, result)
            prepared[kind, shop] = self._prepare(kind, readable[kind, shop])
        if before_writing:
            before_writing()
        # orders before after-sales: a refund finds its order when both came together
        for kind, shop in sorted(readable, key=lambda key: (key[0] != "order", key[1].id)):
            self._apply(shop, kind, readable[kind, shop], result, prepared[kind, shop])
        return result

    def _take(self, limit, only=None) -> list[Taken]:
        """Delete waiting rows whose time has come, and return their messages.

        The rows are found once, as an array: a queue that was vacuumed while it was empty looks to
        the planner as if it had one row, and ``IN`` would then find them anew for each row.
        """
        self.env["channel.message.todo"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                WITH taken AS (
                    DELETE FROM channel_message_todo WHERE ctid = ANY(ARRAY(
                        SELECT ctid FROM channel_message_todo
                         WHERE next_attempt <= clock_timestamp() AT TIME ZONE 'UTC' %s
                         ORDER BY next_attempt, message_id LIMIT %s
                           FOR UPDATE SKIP LOCKED))
                    RETURNING message_id, attempts
                )
                SELECT m.id, t.attempts, m.shop_id, m.source, m.kind, m.ref, m.body, m.secret
                  FROM taken t JOIN channel_message m ON m.id = t.message_id ORDER BY m.id
                """,
                SQL("AND message_id = ANY(%s)", list(only)) if only is not None else SQL(),
                limit,
            )
        )
        return [Taken(*row) for row in rows]

    def _parse(self, shop, rows: list[Taken], result: Processed) -> list[Taken]:
        """The readable ones, with their snapshots; the others are stopped."""
        readable = []
        for row in rows:
            try:
                adapter = adapter_for(row.source, shop.platform) if shop else None
                if adapter is None:
                    raise Malformed(
                        self.env._("no adapter reads messages of this platform yet")
                        if shop
                        else self.env._("the shop no longer exists")
                    )
                secret = ""
                if row.secret:
                    secret = self.env["channel.vault"]._decrypt(row.secret)
                row.snapshot = (
                    adapter.parse_order(row.body, secret, shop.platform)
                    if row.kind == "order"
                    else adapter.parse_aftersale(row.body, shop.platform)
                )
                readable.append(row)
            except Malformed as error:
                self._stop(row, shop, str(error), result)
            except Exception as error:  # an adapter's mistake must not hold up the others
                self._fail(row, shop, error, result)
        return readable

    def _prepare(self, kind, rows: list[Taken]):
        """What can be done with readable messages before anybody must wait; None when it fails.

        What is wrong is found again, message by message, when they are applied.
        """
        if kind != "order" or not rows:
            return None
        try:
            return self.env["channel.order"]._prepare([row.snapshot for row in rows])
        except ValueError:
            return None

    def _apply(self, shop, kind, rows: list[Taken], result: Processed, prepared=None) -> None:
        """Apply messages of one shop in one pass, halving when that fails."""
        if not rows:
            return
        try:
            with self.env.cr.savepoint():
                self._ingest_rows(shop, kind, rows, prepared)
        except (OperationalError, MemoryError):
            raise
        except Exception as error:
            self.env.invalidate_all(flush=False)
            if len(rows) == 1:
                self._fail(rows[0], shop, error, result)
                return
            middle = len(rows) // 2
            self._apply(shop, kind, rows[:middle], result)
            self._apply(shop, kind, rows[middle:], result)
        else:
            result.done += len(rows)
            self._clear_stops(rows)

    def _ingest_rows(self, shop, kind, rows: list[Taken], prepared=None) -> None:
        """Hand the newest snapshot of each order (or after-sale) to channel_order."""
        orders = self.env["channel.order"].with_company(shop.company_id)
        if kind == "order":
            orders._ingest(shop, [row.snapshot for row in rows], prepared)
            return
        newest = {}
        for row in rows:
            held = newest.get(row.ref)
            if held is None or row.snapshot.updated_at >= held.updated_at:
                newest[row.ref] = row.snapshot
        orders._ingest_aftersales(shop, list(newest.values()))

    def _fail(self, row: Taken, shop, error: Exception, result: Processed) -> None:
        """Try again later, or stop after the last attempt."""
        _logger.warning(
            "message %s (%s %s) failed: %s", row.id, row.kind, row.ref, type(error).__name__
        )
        attempts = row.attempts + 1
        if attempts >= MAX_ATTEMPTS:
            self._stop(row, shop, self._reason(error, attempts), result)
            return
        self.env["channel.message.todo"].sudo().create(
            {
                "message_id": row.id,
                "attempts": attempts,
                "next_attempt": fields.Datetime.now()
                + timedelta(seconds=backoff(attempts, RETRY_BASE)),
            }
        )
        result.retried += 1
        result.reasons.append((row.ref, safe_text(error)))

    def _reason(self, error: Exception, attempts: int) -> str:
        text = str(error) if isinstance(error, UserError) else type(error).__name__
        return self.env._(
            "stopped after %(attempts)s attempts: %(error)s. Put right what it names, or ask the"
            " system's maintainers, then press Retry.",
            attempts=attempts,
            error=safe_text(text),
        )

    def _stop(self, row: Taken, shop, reason: str, result: Processed) -> None:
        """Put a message before people, with a reason."""
        company = shop.company_id or self.env.company
        self.env["channel.exception"].sudo().create(
            {
                "shop_id": row.shop_id,
                "company_id": company.id,
                "message_ref": str(row.id),
                "ref": row.ref,
                "type": "malformed",
                "detail": reason,
            }
        )
        result.stopped += 1
        result.reasons.append((row.ref, reason))

    def _clear_stops(self, rows: list[Taken]) -> None:
        """A message that was stopped before and is done now needs nobody any more."""
        stops = (
            self.env["channel.exception"]
            .sudo()
            .search([("message_ref", "in", [str(row.id) for row in rows]), ("state", "=", "open")])
        )
        stops._close_stops()

    def action_retry(self):
        """Queue stopped messages again, at once."""
        self.check_access("read")
        stops = self._stop_rows()
        self.browse([int(stop.message_ref) for stop in stops])._requeue()
        stops._close_stops(self.env.user)
        waiting = self._todo_rows()
        waiting.write({"next_attempt": fields.Datetime.now()})
        self.env["channel.shop"]._enqueue_process()
        return True

    def action_fetch_again(self):
        """Ask the platform for this order as it is now."""
        self.ensure_one()
        self.check_access("read")
        try:
            new = self.shop_id.sudo()._pull_order(self.ref)
        except PlatformError as error:
            raise UserError(
                self.env._("The platform did not give the order: %(text)s", text=error.text)
            ) from error
        self.env["channel.shop"]._enqueue_process()
        text = (
            self.env._("A newer message was stored and queued.")
            if new
            else self.env._("The platform says the same as before.")
        )
        return self.env["channel.shop"]._notify(text)

    def _requeue(self):
        """Put messages back into the queue with fresh attempts."""
        if not self:
            return
        self.env.execute_query(
            SQL(
                """
                INSERT INTO channel_message_todo (message_id, attempts, next_attempt)
                SELECT id, 0, now() AT TIME ZONE 'UTC' FROM unnest(%s) id
                ON CONFLICT (message_id) DO NOTHING RETURNING message_id
                """,
                self.ids,
            )
        )
        self.env["channel.message.todo"].invalidate_model(flush=False)
