from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ..core.errors import PlatformError

LATE = timedelta(minutes=10)


class ChannelShop(models.Model):
    """What the integration administrator watches: is anything late, refused or unknown?"""

    _inherit = "channel.shop"

    lag = fields.Integer(
        "Lag (seconds)",
        compute="_compute_lag",
        help="How far behind now the orders (or the after-sales) of the shop have been read.",
    )
    lag_text = fields.Char("Lag", compute="_compute_lag")
    queue_count = fields.Integer("Messages Waiting", compute="_compute_counts")
    stopped_count = fields.Integer("Messages Stopped", compute="_compute_counts")
    outbox_count = fields.Integer("To Report", compute="_compute_counts")
    outbox_stopped_count = fields.Integer("Reports Stopped", compute="_compute_counts")
    health = fields.Selection(
        [("ok", "In order"), ("late", "Late"), ("blocked", "Needs you"), ("off", "Not connected")],
        compute="_compute_health",
    )
    next_step = fields.Char(compute="_compute_health")

    def _compute_lag(self):
        now = fields.Datetime.now()
        for shop in self:
            cursors = [shop.pull_orders_cursor, shop.pull_aftersales_cursor]
            known = shop.is_pulled and all(cursors)
            shop.lag = max(int((now - min(cursors)).total_seconds()), 0) if known else 0
            shop.lag_text = self._duration(shop.lag) if known else False

    def _duration(self, seconds):
        if seconds < 120:
            return self.env._("%(n)s s", n=seconds)
        if seconds < 7200:
            return self.env._("%(n)s min", n=seconds // 60)
        return self.env._("%(n)s h", n=seconds // 3600)

    def _compute_counts(self):
        for model in ("channel.message.todo", "channel.exception", "channel.outbox"):
            self.env[model].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.shop_id, 'queue', count(*) FROM channel_message_todo t
                  JOIN channel_message m ON m.id = t.message_id GROUP BY 1
                UNION ALL
                SELECT shop_id, 'stopped', count(*) FROM channel_exception
                 WHERE state = 'open' AND message_ref IS NOT NULL GROUP BY 1
                UNION ALL
                SELECT shop_id, CASE state WHEN 'stopped' THEN 'outbox_stopped' ELSE 'outbox' END,
                       count(*)
                  FROM channel_outbox WHERE state NOT IN ('done', 'overtaken')
                 GROUP BY 1, 2
                """
            )
        )
        counts = {(shop_id, what): count for shop_id, what, count in rows}
        for shop in self:
            shop.queue_count = counts.get((shop.id, "queue"), 0)
            shop.stopped_count = counts.get((shop.id, "stopped"), 0)
            shop.outbox_count = counts.get((shop.id, "outbox"), 0)
            shop.outbox_stopped_count = counts.get((shop.id, "outbox_stopped"), 0)

    def _compute_health(self):
        for shop in self:
            shop.health, shop.next_step = shop._judge()

    def _judge(self):
        """How the shop is, and what its administrator does next."""
        self.ensure_one()
        blocked = self._blocked_step()
        if blocked:
            return "blocked", blocked
        if not self.is_pulled:
            return "off", self.env._("Import its orders from a file, or enter them by hand.")
        if not self.sudo().credential_ref:
            return "off", self.env._("Enter the credentials' name, then press Test Connection.")
        if self.pull_state in ("throttled", "unreachable"):
            return "late", self.env._("Nothing to do: it is tried again by itself.")
        if self.pull_state == "never":
            return "late", self.env._("Press Pull Now.")
        if self.last_pull < fields.Datetime.now() - LATE:
            return "late", self.env._(
                "Not pulled for a while: check that the job process is running."
            )
        return "ok", False

    def _blocked_step(self):
        if self.pull_state in ("refused", "setup"):
            return self.env._("Read the last error, put it right, then press Test Connection.")
        if self.stopped_count:
            return self.env._("Open the stopped messages and read their reasons.")
        if self.outbox_stopped_count:
            return self.env._("Open the stopped reports and read their reasons.")
        return False

    # -- buttons -----------------------------------------------------------------------------

    def action_pull_now(self):
        """Queue a pull before all others."""
        self._check_admin()
        for shop in self.filtered("is_pulled"):
            shop.sudo().next_pull = False
            shop._enqueue_pull(priority=5)
        return self._notify(self.env._("The pull is queued; it is done in a moment."))

    def action_process_now(self):
        """Make everything that waits due, and queue its processing."""
        self._check_admin()
        self.env["channel.message.todo"].flush_model()
        self.env.execute_query(
            SQL(
                "UPDATE channel_message_todo t SET next_attempt = now() AT TIME ZONE 'UTC'"
                "  FROM channel_message m WHERE m.id = t.message_id AND m.shop_id = ANY(%s)"
                "   AND t.next_attempt > now() AT TIME ZONE 'UTC' RETURNING t.id",
                self.ids,
            )
        )
        self._enqueue_process()
        return self._notify(self.env._("The messages are queued; they are done in a moment."))

    def action_test_connection(self):
        """Try the credentials and say what the platform answers."""
        self.ensure_one()
        self._check_admin()
        try:
            name = self._connection().check()
        except PlatformError as error:
            return self._notify(
                self.env._("The platform did not accept the call: %(text)s", text=error.text),
                "danger",
            )
        if self.pull_state in ("refused", "setup"):
            self.sudo().write({"pull_state": "never", "last_error": False, "next_pull": False})
        return self._notify(
            self.env._("Connected to %(name)s.", name=name or self.platform_shop_ref), "success"
        )

    def action_open_messages(self):
        """The shop's messages; the stopped ones when the context asks for them."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("channel_intake.action_message")
        status = self.env.context.get("message_status")
        return action | {
            "domain": [("shop_id", "=", self.id)],
            "context": {f"search_default_{status}": 1} if status else {},
        }

    def action_open_outbox(self):
        """What the shop's platform has not been told yet."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("channel_intake.action_outbox")
        return action | {"domain": [("shop_id", "=", self.id)]}

    def _check_admin(self):
        self.check_access("write")

    def _notify(self, message, kind="info"):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"message": message, "type": kind, "sticky": kind == "danger"},
        }
