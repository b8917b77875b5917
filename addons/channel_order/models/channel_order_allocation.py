from datetime import date

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..batch_sql import unix
from ..core import checks, stages
from ..core.lines import china_day

MAY_ALLOCATE = (
    "channel_network.group_livestream_operator",
    "channel_network.group_sales_manager",
    "channel_network.group_warehouse",
)


class ChannelOrder(models.Model):
    """Units given out, and given to another fulfiller by hand."""

    _inherit = "channel.order"

    @api.model
    def _take_units(self, decisions, day):
        """Book what an allocation decided: quota counters and the load of the day.

        :raises UserError: a quota changed meanwhile, which the allocation lock excludes
        """
        units, load = {}, {}
        for decision in decisions:
            for quota_id, count in decision.takes:
                units[quota_id] = units.get(quota_id, 0) + count
            if decision.fulfiller_id:
                load[decision.fulfiller_id] = load.get(decision.fulfiller_id, 0) + 1
        if not units:
            return
        quotas = self.env["channel.pool.quota"].sudo()
        quotas._count(
            units,
            SQL("allocated = q.allocated + v.n"),
            SQL("q.allocated + v.n <= q.quantity"),
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO channel_fulfiller_load (fulfiller_id, day, taken)
                SELECT v.id, %s, v.n FROM unnest(%s, %s) AS v(id, n)
                    ON CONFLICT (fulfiller_id, day)
                    DO UPDATE SET taken = channel_fulfiller_load.taken + EXCLUDED.taken
                """,
                day,
                list(load),
                list(load.values()),
            )
        )

    def _require_role(self, groups):
        """:raises AccessError: when the user has none of the groups"""
        if not self.env.su and not any(self.env.user.has_group(group) for group in groups):
            raise AccessError(
                self.env._("Your role may not do this. Ask your administrator for the right role.")
            )
        self.check_access("read")

    def action_allocate(self):
        """Try to give units to the queued orders among these, first paid first.

        :return: a client action that tells how many got units
        """
        self._require_role(MAY_ALLOCATE)
        self._lock_allocation(fresh=True)
        tried = self._replan(self.ids)
        given = len(tried.filtered(lambda order: order.stage == stages.ALLOCATED))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if given and given == len(tried) else "warning",
                "message": self.env._(
                    "%(given)s of %(tried)s orders were allocated. The others say why under "
                    "Exceptions.",
                    given=given,
                    tried=len(tried),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_reassign(self, fulfiller):
        """Give queued or allocated orders to a fulfiller, each whole.

        :param fulfiller: ``channel.fulfiller`` or its id
        :raises UserError: an order is in a wave or not ready, or the fulfiller has not enough
        """
        self._require_role(MAY_ALLOCATE)
        if isinstance(fulfiller, int):
            fulfiller = self.env["channel.fulfiller"].browse(fulfiller)
        self._lock_allocation(fresh=True)
        self.env.invalidate_all()
        orders = self.sudo()
        wrong = orders.filtered(
            lambda order: order.stage not in (stages.QUEUED, stages.ALLOCATED) or order.refund_open
        )
        if wrong:
            raise UserError(
                self.env._(
                    "Only queued and allocated orders without a refund can be given to another "
                    "fulfiller: take %s out of the selection.",
                    ", ".join(wrong[:5].mapped("order_ref")),
                )
            )
        orders._refuse_held()
        for company, group in orders.grouped("company_id").items():
            if fulfiller.company_id != company:
                raise UserError(
                    self.env._("%s ships for another company: choose another.", fulfiller.name)
                )
            group.filtered(lambda order: order.fulfiller_id != fulfiller)._reassign_to(fulfiller)

    def _refuse_held(self):
        """:raises UserError: an offer of these orders is on hold"""
        held = self.line_ids.pool_id.filtered("on_hold")
        if held:
            raise UserError(
                self.env._(
                    "%s is on hold: release the offer first.",
                    ", ".join(held.mapped("display_name")),
                )
            )

    def _reassign_to(self, fulfiller):
        """Move the units of orders to a fulfiller's quotas. All or nothing."""
        if not self:
            return
        self._release_units(self.filtered(lambda order: order.stage == stages.ALLOCATED))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT l.order_id, q.id, sum(l.item_quantity)::int
                  FROM channel_order_line l
                  LEFT JOIN channel_pool_quota q ON q.pool_id = l.pool_id AND q.fulfiller_id = %s
                 WHERE l.order_id = ANY(%s) AND l.item_quantity > 0 AND l.state = 'live'
                 GROUP BY l.order_id, q.id
                """,
                fulfiller.id,
                self.ids,
            )
        )
        units, without = {}, set(self.ids) - {row[0] for row in rows}
        for order_id, quota_id, count in rows:
            if quota_id is None:
                without.add(order_id)
            else:
                units[quota_id] = units.get(quota_id, 0) + count
        if without:
            raise UserError(
                self.env._(
                    "%(fulfiller)s has no quota of what %(orders)s sells. Open the offer for this "
                    "fulfiller first.",
                    fulfiller=fulfiller.name,
                    orders=", ".join(self.browse(sorted(without)[:5]).mapped("order_ref")),
                )
            )
        self._book_reassigned(fulfiller, units)

    def _book_reassigned(self, fulfiller, units):
        quotas = self.env["channel.pool.quota"].sudo().browse(units)
        short = quotas.filtered(lambda quota: quota.left < units[quota.id])
        if short:
            raise UserError(
                "\n".join(
                    self.env._(
                        "%(fulfiller)s has %(left)s left of %(offer)s, %(wanted)s are wanted.",
                        fulfiller=fulfiller.name,
                        left=quota.left,
                        offer=quota.pool_id.display_name,
                        wanted=units[quota.id],
                    )
                    for quota in short
                )
            )
        quotas._count(
            units, SQL("allocated = q.allocated + v.n"), SQL("q.allocated + v.n <= q.quantity")
        )
        today = date.fromordinal(china_day(unix(fields.Datetime.now())))
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO channel_fulfiller_load (fulfiller_id, day, taken) VALUES (%s, %s, %s)
                    ON CONFLICT (fulfiller_id, day)
                    DO UPDATE SET taken = channel_fulfiller_load.taken + EXCLUDED.taken
                """,
                fulfiller.id,
                today,
                len(self),
            )
        )
        before = {order.id: order.stage for order in self}
        self.env.cr.execute(
            SQL(
                "UPDATE channel_order SET stage = %s, fulfiller_id = %s,"
                " allocated_at = now() AT TIME ZONE 'UTC' WHERE id = ANY(%s)",
                stages.ALLOCATED,
                fulfiller.id,
                self.ids,
            )
        )
        self._log_events(
            (
                (order_id, "reassigned", stage, stages.ALLOCATED)
                for order_id, stage in before.items()
            ),
            fulfiller.name,
        )
        self.env["channel.exception"]._clear(self.ids, checks.FROM_ALLOCATION)
        self.env["channel.order"].invalidate_model()
