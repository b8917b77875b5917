from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from odoo.addons.channel_network.fields import LeanMany2one

from .settlement_rule import ROLES

# What left, and what was taken off after it left, has to be split. A row is added whether or not one
# is there: a run takes away only the rows it has seen, so what came while it ran stays. They stand
# in the order of the orders, so that a run finds what it reads side by side.
TRIGGERS = """
CREATE OR REPLACE FUNCTION settlement_todo_shipped() RETURNS trigger LANGUAGE plpgsql AS $add$
BEGIN
    INSERT INTO settlement_todo (order_id, since)
    SELECT DISTINCT order_id, now() AT TIME ZONE 'UTC' FROM fresh WHERE stage_to = 'shipped'
     ORDER BY order_id;
    RETURN NULL;
END $add$;
CREATE OR REPLACE FUNCTION settlement_todo_credited() RETURNS trigger LANGUAGE plpgsql AS $add$
BEGIN
    INSERT INTO settlement_todo (order_id, since)
    SELECT DISTINCT order_id, now() AT TIME ZONE 'UTC' FROM fresh ORDER BY order_id;
    RETURN NULL;
END $add$;
CREATE OR REPLACE TRIGGER settlement_todo_shipped AFTER INSERT ON channel_order_event
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION settlement_todo_shipped();
CREATE OR REPLACE TRIGGER settlement_todo_credited AFTER INSERT ON channel_order_credit
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION settlement_todo_credited();
"""


class SettlementTodo(models.Model):
    """An order that waits to be split, or to have a refund taken back; and why it still waits."""

    _name = "settlement.todo"
    _description = "Order Waiting for Settlement"
    _order = "since, id"
    _rec_name = "order_id"
    _log_access = False

    order_id = LeanMany2one("channel.order", required=True, readonly=True, index=True)
    shop_id = fields.Many2one(related="order_id.shop_id")
    company_id = fields.Many2one(related="order_id.company_id")
    since = fields.Datetime("Waiting Since", required=True, readonly=True)
    reason = fields.Selection(
        [
            ("no_scheme", "No scheme is for it"),
            ("no_contact", "A party has no contact"),
            ("no_contract", "A party has no contract in force"),
            ("no_line", "It has no line that was sold"),
            ("amounts", "Its amounts cannot be split"),
        ],
        readonly=True,
        help="Empty: it is split at the next run.",
    )
    role = fields.Selection(ROLES, "Party", readonly=True, help="The party that it is about.")

    _next_idx = models.Index("(id) WHERE reason IS NULL")

    def init(self):
        self.env.cr.execute(TRIGGERS)

    @api.model
    def _fill(self):
        """Let all orders wait that left and were not split."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO settlement_todo (order_id, since)
                SELECT o.id, now() AT TIME ZONE 'UTC' FROM channel_order o
                 WHERE o.stage IN ('shipped', 'done') AND NOT EXISTS (
                       SELECT FROM settlement_event e
                        WHERE e.order_id = o.id AND e.aftersale_id IS NULL)
                """
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _look_again(self, todos=None):
        """What waits for a reason is looked at by the next run: something has changed."""
        self.env.flush_all()
        ids = SQL("AND id = ANY(%s)", todos.ids) if todos is not None else SQL()
        self.env.cr.execute(
            SQL(
                "UPDATE settlement_todo SET reason = NULL, role = NULL WHERE reason IS NOT NULL %s",
                ids,
            )
        )
        self.invalidate_model(flush=False)

    def action_look_again(self):
        """Split the chosen orders now; all that wait, without a choice."""
        if not self.env.user.has_group("channel_network.group_finance_clerk"):
            raise AccessError(self.env._("Finance clerks split orders."))
        todos = self or self.search([])
        todos.sudo()._look_again(todos)
        found = self.env["settlement.event"].sudo()._split_waiting()
        left = self.search_count([])
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if left else "success",
                "message": self.env._(
                    "Orders split: %(split)s. Still waiting: %(left)s.", split=found, left=left
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
