from odoo import api, fields, models
from odoo.tools import SQL

from ..batch_sql import copy_rows
from ..core import stages
from .channel_order_store import EVENT_COLUMNS

# Event kinds that mean an order goes back within queued..packed.
PUT_BACK_KINDS = frozenset({"put_back", "reassigned", "wave_undone", "left_behind"})
# Goods do not go forward while a refund is asked.
NOT_WHILE_REFUND = frozenset({stages.WAVED, stages.PACKED, stages.SHIPPED})


class ChannelOrder(models.Model):
    """Stages: one guarded way to change them, and how units go back."""

    _inherit = "channel.order"

    @api.model
    def _allow_put_back(self, allow):
        """Tell the trigger of the table that moves back are meant. For one statement."""
        self.env.cr.execute(
            SQL("SELECT set_config('channel.put_back', %s, true)", "on" if allow else "off")
        )

    @api.model
    def _advance(self, orders, stage, kind, note=None):
        """Move orders to a stage; the only way to change one outside of ``_ingest``.

        Orders that are not in a stage from which the move is allowed stay where they are, so that
        two callers never both move one. Orders with a refund asked do not go into a wave, are not
        packed and do not ship.

        :param kind: kind of the event that is written; one of ``PUT_BACK_KINDS`` moves back
        :return: the orders that were moved
        """
        put_back = kind in PUT_BACK_KINDS
        self.env.flush_all()
        self._allow_put_back(put_back)
        moved = self.env.execute_query(
            SQL(
                """
                UPDATE channel_order o SET stage = %(stage)s
                  FROM (SELECT id, stage FROM channel_order
                         WHERE id = ANY(%(ids)s) AND stage = ANY(%(sources)s)
                         ORDER BY id FOR UPDATE) old
                 WHERE o.id = old.id AND o.stage = old.stage
                   AND NOT (%(guarded)s AND o.refund_open IS TRUE)
             RETURNING o.id, old.stage
                """,
                stage=stage,
                ids=orders.ids,
                sources=list(stages.sources(stage, put_back=put_back)),
                guarded=stage in NOT_WHILE_REFUND,
            )
        )
        self._allow_put_back(False)
        if not moved:
            return orders.browse()
        if stage in (stages.QUEUED, stages.HELD, stages.EXCEPTION):
            self.env.cr.execute(
                SQL(
                    "UPDATE channel_order SET fulfiller_id = NULL, allocated_at = NULL"
                    " WHERE id = ANY(%s)",
                    [row[0] for row in moved],
                )
            )
        self._log_events(
            ((order_id, kind, stage_from, stage) for order_id, stage_from in moved), note
        )
        self.env["channel.order"].invalidate_model()
        ids = {row[0] for row in moved}
        return orders.filtered(lambda order: order.id in ids)

    @api.model
    def _log_events(self, rows, note=None):
        """Write events in one statement.

        :param rows: (order id, kind, stage from or None, stage to or None)
        """
        now = fields.Datetime.to_string(fields.Datetime.now())
        copy_rows(
            self.env.cr,
            "channel_order_event",
            EVENT_COLUMNS,
            (
                (order_id, now, kind, stage_from, stage_to, self.env.uid, note or None)
                for order_id, kind, stage_from, stage_to in rows
            ),
        )
        self.env["channel.order.event"].invalidate_model()
        self.env["channel.order"].invalidate_model(["event_ids"])

    @api.model
    def _release_units(self, records):
        """Give the units of orders, or of some of their lines, back to their pools.

        Call it before the stage or the lines change: it reads both. Here units of *allocated*
        orders go back; an addon that takes units further overrides this for its own stages.

        :param records: ``channel.order`` or ``channel.order.line``
        """
        if not records:
            return
        column = SQL("o.id") if records._name == "channel.order" else SQL("l.id")
        units = self.env.execute_query(
            SQL(
                """
                SELECT q.id, sum(l.item_quantity)::int
                  FROM channel_order_line l
                  JOIN channel_order o ON o.id = l.order_id
                  JOIN channel_pool_quota q
                       ON q.pool_id = l.pool_id AND q.fulfiller_id = o.fulfiller_id
                 WHERE %s = ANY(%s) AND o.stage = %s AND l.state != 'refunded'
                   AND l.item_quantity > 0
                 GROUP BY q.id ORDER BY q.id
                """,
                column,
                records.ids,
                stages.ALLOCATED,
            )
        )
        self._unload_fulfillers(records, column)
        if not units:
            return
        self.env.cr.execute(
            SQL(
                """
                UPDATE channel_pool_quota q SET allocated = q.allocated - v.n
                  FROM unnest(%s, %s) AS v(id, n) WHERE q.id = v.id
                """,
                [row[0] for row in units],
                [row[1] for row in units],
            )
        )
        quotas = self.env["channel.pool.quota"].sudo()
        quotas._counters_changed()
        quotas._trim_closed([row[0] for row in units])

    @api.model
    def _unload_fulfillers(self, records, column):
        """Whole orders that go back are no load of the day they were allocated on."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE channel_fulfiller_load load SET taken = load.taken - gone.orders
                  FROM (
                    SELECT o.fulfiller_id, count(*) AS orders,
                           (o.allocated_at + interval '8 hours')::date AS day
                      FROM channel_order o
                     WHERE o.stage = %(stage)s AND o.fulfiller_id IS NOT NULL
                       AND o.id IN (SELECT o.id FROM channel_order o
                                      JOIN channel_order_line l ON l.order_id = o.id
                                     WHERE %(column)s = ANY(%(ids)s))
                       AND NOT EXISTS (
                           SELECT FROM channel_order_line l
                            WHERE l.order_id = o.id AND l.state != 'refunded'
                              AND NOT %(column)s = ANY(%(ids)s))
                     GROUP BY o.fulfiller_id, day) gone
                 WHERE load.fulfiller_id = gone.fulfiller_id AND load.day = gone.day
                """,
                stage=stages.ALLOCATED,
                column=column,
                ids=records.ids,
            )
        )
