from odoo import api, models
from odoo.tools import SQL

from ..core import stages

# Orders that are tried while a person waits for the answer; the job does the rest.
AT_ONCE = 500
AT_ONCE_JOB = 2000


class ChannelOrder(models.Model):
    """Orders that wait for units, tried again when some may be there for them.

    In a burst tens of thousands may wait, and the planner knows nothing yet of tables that grew
    from nothing: each subquery is asked order by order, and finds its rows by the order's id.
    """

    _inherit = "channel.order"

    @api.model
    def _allocate_waiting(self, shop, pools=None, limit=AT_ONCE):
        """Try queued orders of a shop again, first paid first.

        These are the orders that some open offer has units for, and those that say their offer is
        on hold and it is not any more. An order with a line of a held offer is not tried: it could
        take nothing, and thousands of them must not stand before those that can.

        :param pools: only orders of these offers' links; None: of all
        :return: whether more are waiting that it helps to try
        """
        orders = self.sudo()
        orders.env.flush_all()
        rows = orders._waiting(orders._waiting_condition(shop, pools), limit)
        ids = [order_id for order_id, _units in rows]
        if not ids:
            return False
        orders._replan(ids, kind="allocated")
        if len(ids) < limit:
            return False
        given = orders.search_count([("id", "in", ids), ("stage", "!=", stages.QUEUED)], limit=1)
        return bool(given) or not all(units for _order_id, units in rows)

    @api.model
    def _cron_allocate_waiting(self):
        """Give units that came free to orders that wait; Odoo calls it again while more wait."""
        self._lock_allocation(fresh=True)
        rows = self.env.execute_query(
            SQL("SELECT DISTINCT shop_id FROM channel_order WHERE stage = %s", stages.QUEUED)
        )
        shops = self.env["channel.shop"].sudo().browse(row[0] for row in rows)
        more = [shop for shop in shops if self._allocate_waiting(shop, limit=AT_ONCE_JOB)]
        if self.env.context.get("ir_cron_progress_id"):
            self.env["ir.cron"]._commit_progress(1, remaining=len(more))

    @api.model
    def _waiting_condition(self, shop, pools):
        """SQL condition on orders ``o``: they wait, and none of their offers is on hold."""
        parts = [
            SQL("o.stage = %s AND o.shop_id = %s", stages.QUEUED, shop.id),
            SQL("o.refund_open IS NOT TRUE"),
        ]
        if pools is not None:
            parts.append(
                SQL(
                    "EXISTS (SELECT FROM channel_order_line l WHERE l.order_id = o.id"
                    " AND l.state = 'live' AND l.link_id = ANY(%s) OFFSET 0)",
                    pools.link_id.ids,
                )
            )
        held = [("shop_id", "=", shop.id), ("on_hold", "=", True)]
        if self.env["channel.pool"].search_count(held, limit=1):
            # a room's own offer comes before the standing one, as in core.lines.find_pool
            parts.append(
                SQL(
                    """
                    (SELECT bool_or((
                            SELECT p.on_hold FROM channel_pool p
                             WHERE p.shop_id = o.shop_id AND p.link_id = l.link_id
                               AND p.state = 'open'
                               AND COALESCE(p.room_ref, '') IN (COALESCE(l.room_ref, ''), '')
                             ORDER BY COALESCE(p.room_ref, '') DESC LIMIT 1))
                       FROM channel_order_line l
                      WHERE l.order_id = o.id AND l.state = 'live') IS NOT TRUE
                    """
                )
            )
        return SQL(" AND ").join(parts)

    @api.model
    def _waiting(self, condition, limit):
        """Orders to try, first paid first: (order id, whether an open offer has units for it)."""
        return self.env.execute_query(
            SQL(
                """
                SELECT o.id, offer.units
                  FROM channel_order o
                 CROSS JOIN LATERAL (
                       SELECT EXISTS (
                           SELECT FROM channel_order_line l
                             JOIN channel_pool p ON p.link_id = l.link_id
                                  AND p.shop_id = o.shop_id AND p.state = 'open'
                             JOIN channel_pool_quota q ON q.pool_id = p.id
                                  AND q.quantity > q.allocated
                            WHERE l.order_id = o.id AND l.state = 'live' OFFSET 0) AS units) offer
                 WHERE %s
                   AND (offer.units OR (
                       SELECT bool_or(e.type = 'on_hold' AND e.state = 'open')
                         FROM channel_exception e WHERE e.order_id = o.id))
                 ORDER BY o.paid_at, o.order_ref LIMIT %s
                """,
                condition,
                limit,
            )
        )
