from odoo import models
from odoo.tools import SQL

from ..core.pushed import ADDRESS_ASKED, happened_at


class ChannelShop(models.Model):
    """Buyers who ask for another receiver: what the platform is owed for it."""

    _inherit = "channel.shop"

    def _owe_addresses(self, pushes):
        """Owe the platform an answer to each of these pushes that asks for another receiver.

        What is answered is decided when it is told, by where the order stands then.

        :return: ids of such pushes that are dealt with, and of those that wait for their order
        """
        self.ensure_one()
        tag = ADDRESS_ASKED.get(self.platform)
        if not tag or not pushes:
            return set(), set()
        moments = {push.id: happened_at(push) for push in pushes}
        rows = self.env.execute_query(
            SQL(
                """
                WITH asked AS (
                    SELECT p.id, o.id AS order_id, o.order_ref, v.moment
                      FROM unnest(%(ids)s::bigint[], %(moments)s::bigint[]) AS v(id, moment)
                      JOIN channel_push p ON p.id = v.id AND p.tag = %(tag)s
                      LEFT JOIN channel_order o ON o.shop_id = p.shop_id
                           AND o.order_ref = rtrim(p.order_ref, 'A')),
                owed AS (
                    INSERT INTO channel_outbox (shop_id, action, order_id, key, payload, state,
                                                attempts, created)
                    SELECT %(shop)s, 'address', a.order_id,
                           'address:' || a.order_id || ':' || a.moment,
                           jsonb_build_object('order_ref', a.order_ref, 'asked_at', a.moment),
                           'todo', 0, now() AT TIME ZONE 'UTC'
                      FROM asked a WHERE a.order_id IS NOT NULL
                    ON CONFLICT (key) DO NOTHING)
                SELECT id, order_id FROM asked
                """,
                ids=list(moments),
                moments=list(moments.values()),
                tag=tag,
                shop=self.id,
            )
        )
        dealt = {push for push, order in rows if order}
        if dealt:
            self.env["channel.outbox"].invalidate_model(flush=False)
            self.env["channel.outbox"].sudo()._enqueue_drain()
        return dealt, {push for push, order in rows if not order}
