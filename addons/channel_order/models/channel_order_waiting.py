from odoo import api, models
from odoo.tools import SQL

from ..core import stages

# Orders that are tried while a person waits for the answer; the job does the rest.
AT_ONCE = 500


class ChannelOrder(models.Model):
    """Orders that wait for units, tried again when some may be there for them."""

    _inherit = "channel.order"

    @api.model
    def _allocate_waiting(self, pools=None, limit=AT_ONCE):
        """Try queued orders again, first paid first.

        These are the orders that some open offer has units for, then those that say their offer is
        on hold and it is not any more. An order with a line of a held offer is not tried: it could
        take nothing, and thousands of them must not stand before those that can.

        :param pools: only orders of these offers' links; None: of all
        :return: whether more are waiting that it helps to try
        """
        orders = self.sudo()
        orders.env.flush_all()
        condition = orders._waiting_condition(pools)
        served = orders._waiting_for_units(condition, pools, limit)
        told = orders._waiting_for_release(condition, pools, served, limit)
        if not (served or told):
            return False
        orders._replan(served + told, kind="allocated")
        if len(served) + len(told) < limit:
            return False
        given = orders.search_count([("id", "in", served), ("stage", "!=", stages.QUEUED)], limit=1)
        return bool(given or told)

    @api.model
    def _cron_allocate_waiting(self):
        """Give units that came free to orders that wait; Odoo calls it again while more wait."""
        self._lock_allocation(fresh=True)
        more = self._allocate_waiting()
        if self.env.context.get("ir_cron_progress_id"):
            self.env["ir.cron"]._commit_progress(1, remaining=int(more))

    @api.model
    def _waiting_condition(self, pools):
        """SQL condition on orders ``o``: they wait, and none of their offers is on hold."""
        parts = [SQL("o.stage = %s AND o.refund_open IS NOT TRUE", stages.QUEUED)]
        if pools is not None:
            parts.append(SQL("o.shop_id = ANY(%s)", pools.shop_id.ids))
        if self.env["channel.pool"].search_count([("on_hold", "=", True)], limit=1):
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
    def _waiting_for_units(self, condition, pools, limit):
        """Orders that an open offer has units for, first paid first."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT o.id FROM channel_order o
                 WHERE %s
                   AND EXISTS (
                       SELECT FROM channel_order_line l
                         JOIN channel_pool p ON p.link_id = l.link_id AND p.shop_id = o.shop_id
                              AND p.state = 'open'
                         JOIN channel_pool_quota q ON q.pool_id = p.id AND q.quantity > q.allocated
                        WHERE l.order_id = o.id AND l.state = 'live' AND %s)
                 ORDER BY o.paid_at, o.order_ref LIMIT %s
                """,
                condition,
                self._of_links(pools),
                limit,
            )
        )
        return [row[0] for row in rows]

    @api.model
    def _waiting_for_release(self, condition, pools, served, limit):
        """Other orders than ``served`` whose reason to wait, an offer on hold, is gone."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT o.id FROM channel_exception e JOIN channel_order o ON o.id = e.order_id
                 WHERE e.type = 'on_hold' AND e.state = 'open' AND NOT o.id = ANY(%s) AND %s
                   AND EXISTS (
                       SELECT FROM channel_order_line l
                        WHERE l.order_id = o.id AND l.state = 'live' AND %s)
                 ORDER BY o.paid_at, o.order_ref LIMIT %s
                """,
                served,
                condition,
                self._of_links(pools),
                limit - len(served),
            )
        )
        return [row[0] for row in rows]

    @api.model
    def _of_links(self, pools):
        if pools is None:
            return SQL("TRUE")
        return SQL("l.link_id = ANY(%s)", pools.link_id.ids)
