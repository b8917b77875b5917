from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.channel_order.batch_sql import unix

from .common import TrackingCommon


@tagged("post_install", "-at_install")
class TestShipBy(TrackingCommon):
    """Orders that must leave soon, or should have."""

    def order_due(self, hours):
        ship_by = unix(fields.Datetime.now() + timedelta(hours=hours))
        return self.ingest(self.snapshot(self.line("TEA"), ship_by=ship_by))

    def found(self, *urgencies):
        return self.env["channel.order"].search(
            [("ship_urgency", "in", urgencies), ("shop_id", "=", self.shop.id)]
        )

    def test_soon_over_and_later(self):
        over, soon, later = self.order_due(-1), self.order_due(5), self.order_due(7)
        self.assertEqual(
            [order.ship_urgency for order in (over, soon, later)], ["over", "soon", False]
        )
        self.assertEqual(self.found("over"), over)
        self.assertEqual(self.found("soon"), soon)
        self.assertEqual(self.found("over", "soon"), over | soon)
        self.company.channel_ship_by_hours = 8
        self.assertEqual(self.found("soon"), soon | later)
        action = self.env.ref("channel_tracking.action_channel_order_ship_by")
        self.assertIn("ship_urgency", action.domain)

    def test_what_has_left_is_no_alarm(self):
        ship_by = unix(fields.Datetime.now() + timedelta(hours=1))
        order = self.leave(ship_by=ship_by)
        self.assertFalse(order.ship_urgency)
        self.assertNotIn(order, self.found("over", "soon"))

    def test_the_index_is_used(self):
        self.order_due(1)
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        query = self.env["channel.order"]._search([("ship_urgency", "=", "over")])
        plan = self.env.execute_query(SQL("EXPLAIN %s", query.select()))
        self.assertIn("channel_order_ship_by_idx", str(plan))
