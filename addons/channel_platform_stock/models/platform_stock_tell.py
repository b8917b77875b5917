import logging
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_intake.core.errors import PlatformError, Refused, Throttled, Unreachable
from odoo.addons.channel_intake.core.limits import backoff
from odoo.addons.channel_intake.core.platforms.base import Sku
from odoo.addons.channel_intake.core.platforms.registry import CONNECTIONS

from ..core.telling import Kind, Known, Step, acknowledged, decide, refused

_logger = logging.getLogger(__name__)

TELLING = 0x51D0_0010  # first of the two keys of the advisory lock of a shop
ADDS_AT_ONCE = 5  # then what has sold out meanwhile is looked for again
TAKEN_AT_ONCE = 2000
RETRY_BASE, RETRY_MAX = 1.0, 60.0
ROUNDS_PER_JOB = 500


class PlatformStock(models.Model):
    """Telling the platforms, once, sold-out items first.

    A call is written and committed before it is made, and its end after. Who is killed in between
    leaves a call under way: it is made again under the same key, and the platform counts it once.
    """

    _inherit = "channel.platform.stock"

    @api.model
    def _round(self) -> int:
        """One round over the shops; commits in between.

        :return: SKUs looked at anew, calls made and readings compared
        """
        done = self._take_due()
        self.env["channel.batch"]._commit()
        for shop in self._shops_with_work():
            done += self._tell_shop(shop)
        return done

    @api.model
    def _take_due(self) -> int:
        """Take what triggers have marked out of the queue; new SKUs get a row."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH due AS (
                    DELETE FROM channel_platform_stock_todo WHERE id IN (
                        SELECT id FROM channel_platform_stock_todo ORDER BY id LIMIT %s
                           FOR UPDATE SKIP LOCKED)
                    RETURNING shop_id, sku_ref)
                INSERT INTO channel_platform_stock AS row
                       (shop_id, company_id, sku_ref, link_id, state, is_due,
                        create_uid, create_date, write_uid, write_date)
                SELECT s.id, s.company_id, due.sku_ref, l.id, 'todo', TRUE,
                       %s, now() AT TIME ZONE 'UTC', %s, now() AT TIME ZONE 'UTC'
                  FROM (SELECT DISTINCT shop_id, sku_ref FROM due) due
                  JOIN channel_shop s ON s.id = due.shop_id AND s.platform = ANY(%s)
                  LEFT JOIN LATERAL (
                       SELECT id FROM channel_link
                        WHERE shop_id = s.id AND sku_ref = due.sku_ref AND active
                        ORDER BY date_from DESC NULLS LAST, id DESC LIMIT 1) l ON TRUE
                 ORDER BY s.id, due.sku_ref
                    ON CONFLICT (shop_id, sku_ref) DO UPDATE
                   SET state = 'todo', is_due = TRUE, link_id = EXCLUDED.link_id,
                       next_attempt = NULL
                RETURNING id
                """,
                TAKEN_AT_ONCE,
                self.env.uid,
                self.env.uid,
                list(CONNECTIONS),
            )
        )
        if rows:
            self.env["channel.platform.stock.todo"].invalidate_model(flush=False)
            self.invalidate_model(flush=False)
        return len(rows)

    @api.model
    def _shops_with_work(self):
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT s.id FROM channel_platform_stock p
                  JOIN channel_shop s ON s.id = p.shop_id AND s.active
                 WHERE COALESCE(p.next_attempt, '-infinity') <= clock_timestamp() AT TIME ZONE 'UTC'
                   AND (p.state IN ('todo', 'later')
                        OR p.state IN ('in_step', 'waits', 'differs')
                           AND (p.has_reading
                                OR p.next_read <= clock_timestamp() AT TIME ZONE 'UTC'))
                 ORDER BY s.id
                """
            )
        )
        return self.env["channel.shop"].browse(row[0] for row in rows)

    def _tell_shop(self, shop) -> int:
        """One round over a shop, unless somebody else is at it."""
        [(mine,)] = self._advisory("pg_try_advisory_lock", shop)
        if not mine:
            return 0
        try:
            stock = shop._stock_connection()
            self.env["channel.batch"]._commit()
            done = self._tell_rows(shop, stock) + self._read_rows(shop, stock)
            if done:
                self._reachable_again(shop)
            return done
        except (PlatformError, UserError) as error:
            self._put_off(shop, error)
            return 0
        except psycopg2.Error:
            self.env["channel.batch"]._rollback()
            raise
        finally:
            self._advisory("pg_advisory_unlock", shop)

    def _advisory(self, function, shop):
        return self.env.execute_query(
            SQL("SELECT %s(%s, %s)", SQL.identifier(function), TELLING, shop.id)
        )

    def _tell_rows(self, shop, stock) -> int:
        """Tell what is due of a shop: first 0 to what has sold out, then some of the rest."""
        rows = self.search(
            [
                ("shop_id", "=", shop.id),
                ("state", "in", ("todo", "later")),
                "|",
                ("next_attempt", "=", False),
                ("next_attempt", "<=", fields.Datetime.now()),
            ]
        )
        off = rows.filtered(lambda row: row._rules()[0] == "off")
        off.write({"state": "off", "is_due": False, "error": False})
        rows -= off
        if not rows:
            return len(off)
        pending = {call.stock_id: call for call in self._under_way(rows)}
        books = rows._books(with_waiting=False)
        ended = rows.filtered(lambda row: row._ends(books[row.id], pending.get(row)))
        if ended:
            return self._tell_zeros(ended, books, pending, stock)
        rows = rows[:ADDS_AT_ONCE] if len(rows) > ADDS_AT_ONCE else rows
        books = rows._books()
        for row in rows:
            row._tell_one(books[row.id], pending.get(row), stock)
        return len(rows)

    def _ends(self, books, call) -> bool:
        """Whether the next thing to tell is that nothing is left."""
        if call and call.kind == "zero":
            return True
        step = decide(books, self._known(), self.is_due)
        return step.kind is Kind.ZERO and not (call and books.wanted)

    @api.model
    def _under_way(self, rows):
        return self.env["channel.platform.stock.call"].search(
            [("stock_id", "in", rows.ids), ("outcome", "=", "sent")]
        )

    def _tell_zeros(self, rows, books, pending, stock) -> int:
        """Tell 0 to the rows; those of one product in one call, all or none."""
        calls = {}
        for row in rows:
            call = pending.get(row)
            if call and call.kind == "add":
                call._end("given_up")
                row.write(self._known_values(Known()))
                call = None
            step = decide(books[row.id], row._known(), row.is_due)
            calls[row] = call or row._begin_call(step, books[row.id])
        self.env["channel.batch"]._commit()
        by_product = rows.grouped(lambda row: row.link_id.product_ref or row.sku_ref)
        for group in by_product.values():
            try:
                stock.tell_zero([row._sku() for row in group])
            except Refused as error:
                if len(group) == 1:
                    group._refused(calls[group], error)
                else:
                    for row in group:
                        row._make(calls[row], stock)
            else:
                for row in group:
                    row._agreed(calls[row])
            self.env["channel.batch"]._commit()
        return len(rows)

    def _tell_one(self, books, call, stock) -> None:
        """The next step of one SKU."""
        if call is None:
            known = self._known()
            step = decide(books, known, self.is_due)
            if step.kind in (Kind.ZERO, Kind.ADD):
                call = self._begin_call(step, books)
            else:
                self._rest(step, books)
                return
            self.env["channel.batch"]._commit()
        self._make(call, stock)
        self.env["channel.batch"]._commit()

    def _rest(self, step, books) -> None:
        """Nothing is told now."""
        waits = step.kind in (Kind.READ, Kind.WAIT)
        values = {
            "wanted": books.wanted,
            "is_due": False,
            "attempts": 0,
            "next_attempt": False,
            "error": False,
            "state": "waits" if waits and books.wanted else "in_step",
        }
        if self.difference and values["state"] == "in_step":
            values["state"] = "differs"
        if step.kind is Kind.READ or not self.next_read:
            values["next_read"] = fields.Datetime.now()
        self.write(values)

    # -- one call ------------------------------------------------------------------------------

    def _sku(self) -> Sku:
        return Sku(self.link_id.product_ref or "", self.sku_ref)

    def _begin_call(self, step: Step, books):
        """Write down what is about to be told; commit before it is."""
        self.write({"wanted": books.wanted, "is_due": False})
        return self.env["channel.platform.stock.call"].create(
            {
                "stock_id": self.id,
                "kind": step.kind.value,
                "units": step.units,
                "wanted": books.wanted,
                "base": step.base or 0,
                "is_known": step.base is not None,
            }
        )

    def _make(self, call, stock) -> None:
        """Make a call that is written down, and keep how it ended.

        :raises Throttled, Unreachable, BadAnswer: nobody knows whether it was counted
        """
        try:
            if call.kind == "zero":
                stock.tell_zero([self._sku()])
            else:
                stock.add(self._sku(), call.units, call.key)
        except Refused as error:
            self._refused(call, error)
        else:
            self._agreed(call)

    def _agreed(self, call) -> None:
        """The platform has counted it: what it showed then, and what is to be done next."""
        step = Step(Kind(call.kind), call.units, call.base if call.is_known else None)
        known = acknowledged(self._known(), step)
        call._end("done")
        self.write(
            self._known_values(known)
            | {
                "told": call.wanted,
                "told_at": fields.Datetime.now(),
                "next_read": fields.Datetime.now(),
                "state": "todo",
                "attempts": 0,
                "next_attempt": False,
                "error": False,
            }
        )

    def _refused(self, call, error) -> None:
        """The platform said no: it has fewer than we wanted to take away, or never will agree."""
        if not error.permanent:
            raise Unreachable(error.text)
        call._end("refused", error.text)
        if call.kind == "add" and call.units < 0:
            self.write(self._known_values(refused(self._known())) | {"state": "todo"})
        else:
            self.write({"state": "stopped", "error": error.text, "attempts": self.attempts + 1})

    def _put_off(self, shop, error) -> None:
        """Leave the shop alone for a while, longer each time; what is under way stays so."""
        self.env["channel.batch"]._rollback()
        text = error.text if isinstance(error, PlatformError) else str(error)
        rows = self.search([("shop_id", "=", shop.id), ("state", "not in", ("stopped", "off"))])
        attempts = max(rows.mapped("attempts"), default=0) + 1
        wait = backoff(attempts, RETRY_BASE, RETRY_MAX)
        if isinstance(error, Throttled):
            wait = max(wait, error.retry_after)
        later = fields.Datetime.now() + timedelta(seconds=max(1.0, wait))
        rows.write({"next_attempt": later, "attempts": attempts, "error": text})
        rows.filtered(lambda row: row.state == "todo").write({"state": "later"})
        self.env["channel.batch"]._commit()
        _logger.warning("stock of shop %s: %s", shop.id, type(error).__name__)

    @api.model
    def _reachable_again(self, shop) -> None:
        """The platform answers: what waited only for that is due."""
        rows = self.search([("shop_id", "=", shop.id), ("attempts", ">", 0)])
        rows = rows.filtered(lambda row: row.state != "stopped")
        rows.write({"attempts": 0, "next_attempt": False, "error": False})

    # -- jobs ----------------------------------------------------------------------------------

    @api.model
    def _cron_tell(self) -> None:
        """Each minute: look at free stock again, and do what no worker has done."""
        free = self.search([("state", "!=", "off")]).filtered(
            lambda row: row._rules()[0] == "quota_and_free"
        )
        self.env["channel.platform.stock.todo"]._mark((row.shop_id.id, row.sku_ref) for row in free)
        self._enqueue_tell()

    @api.model
    def _enqueue_tell(self) -> None:
        """Queue the telling, unless it is queued already."""
        if self._shops_with_work() or self.env["channel.platform.stock.todo"].search_count(
            [], limit=1
        ):
            self.browse().with_delay(
                identity_key="channel_platform_stock.tell",
                description=self.env._("Tell platforms their stock"),
                priority=5,
            )._job_tell()

    @api.model
    def _job_tell(self) -> str:
        """Job: tell the platforms what is due; a worker that runs does it at once."""
        done = 0
        for _round in range(ROUNDS_PER_JOB):
            count = self.sudo()._round()
            done += count
            if not count:
                break
        return f"{done} steps"
