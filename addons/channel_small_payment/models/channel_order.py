from odoo import api, fields, models
from odoo.tools import SQL

from ..core.limits import BEYOND_THE_PRICE, Stands
from .channel_small_payment import LIVE

ROLES = (
    "channel_network.group_finance_clerk,channel_network.group_sales_manager,"
    "channel_network.group_livestream_operator"
)


class ChannelOrder(models.Model):
    """What an order still allows to be paid to its buyer."""

    _inherit = "channel.order"

    small_payment_count = fields.Integer(
        "Small Payments", compute="_compute_small_payments", groups=ROLES
    )
    amount_small = fields.Monetary(
        "Paid in Small", compute="_compute_small_payments", groups=ROLES,
        help="Small payments that were made or are agreed.",
    )  # fmt: skip

    def _compute_small_payments(self):
        found = {
            order.id: (count, amount)
            for order, count, amount in self.env["channel.small.payment"]._read_group(
                [("order_id", "in", self.ids), ("state", "in", LIVE)],
                ["order_id"],
                ["__count", "amount:sum"],
            )
        }
        for order in self:
            order.small_payment_count, order.amount_small = found.get(order.id, (0, 0))

    def _claim_small(self):
        """Let one transaction at a time decide about money of these orders.

        Each row is written as it is: whoever waited for a decision that its own snapshot does not
        show gets a serialization error, and is run again by Odoo.
        """
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE channel_order o SET currency_id = o.currency_id
                  FROM (SELECT id FROM channel_order WHERE id = ANY(%s)
                         ORDER BY id FOR NO KEY UPDATE) claimed
                 WHERE o.id = claimed.id RETURNING o.id
                """,
                self.ids,
            )
        )

    @api.model
    def _small_stands(self, orders):
        """What orders stand at: {order id: ``core.limits.Stands``}, by one query."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.order_id,
                       CASE WHEN a.paid_at IS NULL THEN 0
                            ELSE (COALESCE(a.amount_paid, 0) * 100)::bigint END,
                       COALESCE(given.fen, 0), COALESCE(small.price, 0), COALESCE(small.beyond, 0)
                  FROM (SELECT o.id AS order_id, 0 AS id, o.paid_at, o.amount_paid
                          FROM channel_order o WHERE o.id = ANY(%(orders)s)) a
                  LEFT JOIN LATERAL (
                       SELECT (sum(b.goods + COALESCE(b.freight, 0)) * 100)::bigint AS fen
                         FROM (%(granted)s) b) given ON true
                  LEFT JOIN LATERAL (
                       SELECT (sum(p.amount) FILTER (WHERE p.purpose != ALL(%(beyond)s))
                               * 100)::bigint AS price,
                              (sum(p.amount) FILTER (WHERE p.purpose = ANY(%(beyond)s))
                               * 100)::bigint AS beyond
                         FROM channel_small_payment p
                        WHERE p.order_id = a.order_id AND p.state = ANY(%(live)s)) small ON true
                """,
                orders=orders.ids,
                granted=self.env["channel.aftersale"]._granted_by_others(),
                beyond=[purpose.value for purpose in BEYOND_THE_PRICE],
                live=list(LIVE),
            )
        )
        return {order: Stands(*fen) for order, *fen in rows}

    def action_new_small_payment(self):
        """A form for a small payment to the buyer of the order."""
        self.ensure_one()
        return self.env["channel.small.payment"]._new_action({"default_order_id": self.id})

    def action_open_small_payments(self):
        """The small payments of the order."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "channel_small_payment.action_channel_small_payment"
        )
        return action | {
            "domain": [("order_id", "=", self.id)],
            "context": {"default_order_id": self.id},
        }
