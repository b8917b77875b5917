from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

STATUS = [("waiting", "Waiting"), ("stopped", "Stopped"), ("done", "Done")]

# The few that wait or are stopped are named by two small tables; every other message is done.
WAITING = SQL("SELECT todo.message_id FROM channel_message_todo todo")
STOPPED = SQL(
    "SELECT stop.message_ref::int FROM channel_exception stop"
    " WHERE stop.state = 'open' AND stop.message_ref ~ '^[0-9]{1,9}$'"
)


class ChannelMessage(models.Model):
    _inherit = "channel.message"

    status = fields.Selection(STATUS, compute="_compute_status", search="_search_status")
    attempts = fields.Integer(compute="_compute_status")
    next_attempt = fields.Datetime(compute="_compute_status")
    stop_reason = fields.Char("Reason", compute="_compute_status")

    @api.depends_context("uid")
    def _compute_status(self):
        todo = {row.message_id.id: row for row in self._todo_rows()}
        stopped = {int(row.message_ref): row.detail for row in self._stop_rows()}
        for message in self:
            row = todo.get(message.id)
            message.attempts = row.attempts if row else 0
            message.next_attempt = row.next_attempt if row else False
            message.stop_reason = stopped.get(message.id, False)
            message.status = "stopped" if message.id in stopped else "waiting" if row else "done"

    def _todo_rows(self):
        return self.env["channel.message.todo"].sudo().search([("message_id", "in", self.ids)])

    def _stop_rows(self):
        return (
            self.env["channel.exception"]
            .sudo()
            .search([("message_ref", "in", [str(i) for i in self.ids]), ("state", "=", "open")])
        )

    def _search_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        waiting = Domain("id", "in", WAITING) & ~Domain("id", "in", STOPPED)
        stopped = Domain("id", "in", STOPPED)
        found = {
            "waiting": waiting,
            "stopped": stopped,
            "done": ~Domain("id", "in", WAITING) & ~stopped,
        }
        return Domain.OR(found[status] for status in value if status in found)

    @api.model
    def _lost(self):
        """Messages that got lost, as SQL for control 2 (product.md).

        A message is done when an order or an after-sale of its number is at least as new as it.
        Everything else must wait in the queue, or be stopped with a reason (open, or put aside by
        a person).

        :return: SQL of (id, shop_id, kind, ref)
        """
        return SQL(
            """
            SELECT m.id, m.shop_id, m.kind, m.ref
              FROM channel_message m
             WHERE NOT EXISTS (SELECT 1 FROM channel_message_todo t WHERE t.message_id = m.id)
               AND NOT EXISTS (SELECT 1 FROM channel_exception e
                                WHERE e.message_ref = m.id::text AND e.state != 'cleared')
               AND CASE m.kind
                   WHEN 'order' THEN NOT EXISTS (
                       SELECT 1 FROM channel_order o
                        WHERE o.shop_id = m.shop_id AND o.order_ref = m.ref
                          AND o.updated_at >= m.updated_at)
                   ELSE NOT EXISTS (
                       SELECT 1 FROM channel_aftersale a
                        WHERE a.shop_id = m.shop_id AND a.aftersale_ref = m.ref
                          AND a.updated_at >= m.updated_at)
                   END
            """
        )
