from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core.errors import PlatformError
from ..core.platforms.base import AFTERSALE, ORDER
from ..core.pushed import Asking, Pushed, asking, retry_after, to_put_off, unanswered
from .message_store import seconds
from .shop_pull import CURSORS

PUSHES_AT_ONCE = 5000
DETAILS_AT_MOST = 20  # more orders than this come by the list of changes, a hundred a call


class ChannelShop(models.Model):
    """What pushes tell of is fetched: few orders one by one, many by the list of changes."""

    _inherit = "channel.shop"

    def _fetch_pushed(self) -> int:
        """Store what the waiting pushes of the shop tell of, and take these from their queue.

        Commits in between. A push that the platform does not answer yet waits for its next
        attempt, longer each time, and stays in the monitor until it is answered.

        :return: pushes that are done
        """
        self.ensure_one()
        pushes = self._pushed()
        self.env["channel.batch"]._commit()  # no snapshot stays open while we wait for the platform
        dealt, early = self._owe_addresses(pushes)
        left = self._unanswered([push for push in pushes if push.id not in dealt])
        now = self._platform_now()
        asked = asking(left, now, DETAILS_AT_MOST)
        self._read_changes(asked, now)
        self._fetch_details(asked.details)
        left = self._unanswered(left)
        left += [push for push in pushes if push.id in early and push not in left]
        self._put_off(to_put_off(left, asked, now))
        waiting = {push.id for push in left}
        done = [push.id for push in pushes if push.id not in waiting]
        self.env.cr.execute(SQL("DELETE FROM channel_push_todo WHERE id = ANY(%s)", done))
        self.env["channel.batch"]._commit()
        self.env["channel.push.todo"].invalidate_model(flush=False)
        return len(done)

    def _pushed(self) -> list[Pushed]:
        """The shop's pushes whose time has come, oldest first."""
        self.env["channel.push.todo"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.id, COALESCE(p.order_ref, ''), COALESCE(p.aftersale_ref, ''), p.data,
                       p.received_at, t.attempts
                  FROM channel_push_todo t JOIN channel_push p ON p.id = t.push_id
                 WHERE t.shop_id = %s AND t.next_attempt <= clock_timestamp() AT TIME ZONE 'UTC'
                 ORDER BY t.next_attempt, t.id LIMIT %s
                """,
                self.id,
                PUSHES_AT_ONCE,
            )
        )
        return [Pushed(*row[:4], seconds(row[4]), row[5]) for row in rows]

    def _unanswered(self, pushes: list[Pushed]) -> list[Pushed]:
        return unanswered(
            pushes,
            self._newest("order", {push.order_ref for push in pushes}),
            self._newest("aftersale", {push.aftersale_ref for push in pushes}),
        )

    def _newest(self, kind, refs) -> dict[str, int]:
        """{number: newest update time we have stored}, unix seconds."""
        rows = self.env.execute_query(
            SQL(
                "SELECT ref, max(updated_at) FROM channel_message"
                " WHERE shop_id = %s AND kind = %s AND ref = ANY(%s) GROUP BY ref",
                self.id,
                kind,
                list(refs),
            )
        )
        return {ref: seconds(moment) for ref, moment in rows}

    def _read_changes(self, asked: Asking, now: int) -> None:
        """Store what changed since the pushes' events; a failure ends it until later."""
        kinds = {ORDER: asked.orders_since, AFTERSALE: asked.aftersales_since}
        try:
            for kind, since in kinds.items():
                if since is None:
                    continue
                cursor = self[CURSORS[kind]]
                moves = bool(cursor) and since <= seconds(cursor)
                start = min(since, now - 1)
                for _page in self._read(self._connection(), kind, start, now, moves=moves):
                    pass
                self._note_success()
        except (PlatformError, UserError) as error:
            self.env["channel.batch"]._rollback()
            self._note_failure(error)

    def _fetch_details(self, order_refs) -> None:
        """Ask for orders one by one; the first refusal for good reason ends it until later."""
        for order_ref in order_refs:
            try:
                self._pull_order(order_ref)
            except (PlatformError, UserError) as error:
                self.env["channel.batch"]._rollback()
                self._note_failure(error)
                return
            self.env["channel.batch"]._commit()

    def _put_off(self, pushes: list[Pushed]) -> None:
        """Look at these again later."""
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
                UPDATE channel_push_todo t SET attempts = v.attempts, next_attempt = v.moment
                  FROM unnest(%s::int[], %s::int[], %s::timestamp[]) AS v(id, attempts, moment)
                 WHERE t.id = v.id
                """,
                [push.id for push in pushes],
                [push.attempts + 1 for push in pushes],
                [now + timedelta(seconds=retry_after(push.attempts)) for push in pushes],
            )
        )

    # -- jobs --------------------------------------------------------------------------------

    @api.model
    def _pushed_shops(self):
        """Shops of which pushes are due and whose platform may be asked now."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT s.id FROM channel_push_todo t JOIN channel_shop s ON s.id = t.shop_id
                 WHERE t.next_attempt <= clock_timestamp() AT TIME ZONE 'UTC' AND s.active
                   AND COALESCE(s.next_pull, '-infinity') <= clock_timestamp() AT TIME ZONE 'UTC'
                 ORDER BY s.id
                """
            )
        )
        return self.browse(row[0] for row in rows)

    @api.model
    def _enqueue_fetch(self) -> None:
        """Queue the fetching for shops of which pushes wait, unless it is queued already."""
        for shop in self._pushed_shops():
            shop.with_delay(
                identity_key=f"channel_intake.fetch.{shop.id}",
                description=self.env._("Fetch what was pushed for %(shop)s", shop=shop.name),
                priority=5,
            )._job_fetch()

    def _job_fetch(self) -> str:
        """Job: fetch what pushes tell of, then have it processed."""
        done = self.sudo()._fetch_pushed()
        self._enqueue_process()
        return f"{done} pushes"
