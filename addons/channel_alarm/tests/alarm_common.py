from dataclasses import replace
from unittest.mock import patch

from odoo.addons.channel_livestream.tests.live_common import LiveCommon


class AlarmCommon(LiveCommon):
    """A running session whose items have been on sale for an hour, and rules with small limits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Alarm = cls.env["channel.alarm"]
        cls.session.user_id = cls.users["operator"]
        cls.session.action_open()
        cls.session.item_ids.pool_id.price_floor = 10
        cls.env.flush_all()
        cls.env.cr.execute("UPDATE channel_pool SET opened_at = opened_at - interval '1 hour'")
        cls.env.invalidate_all()
        cls.set_rule("spike", threshold=3, times=2, minutes=5)
        cls.set_rule("price", threshold=2, minutes=5)
        cls.set_rule("receiver", threshold=3)
        cls.set_rule("stock", threshold=5)
        cls.set_rule("waiting", threshold=10)

    @classmethod
    def set_rule(cls, kind, **values):
        rules = cls.env["channel.alarm.rule"].with_context(active_test=False)
        rules.search([("company_id", "=", cls.company.id), ("kind", "=", kind)]).write(values)

    @classmethod
    def only(cls, *kinds):
        """Switch the other rules off."""
        rules = cls.env["channel.alarm.rule"].search([("company_id", "=", cls.company.id)])
        rules.filtered(lambda rule: rule.kind not in kinds).active = False

    def evaluate(self):
        return self.Alarm._evaluate(self.session)

    def bring(self, prefix, count, phone="", ago=0, **values):
        """Orders that came in so many seconds ago; by number."""
        snapshots = [self.snapshot(f"{prefix}{n}", **values) for n in range(count)]
        if phone:
            snapshots = [
                replace(
                    one,
                    receiver=replace(
                        one.receiver,
                        phone_token=f"plain:{phone}",
                        phone_masked=f"{phone[:3]}****{phone[-4:]}",
                    ),
                )
                for one in snapshots
            ]
        orders = self.ingest(*snapshots)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE channel_order SET received_at = received_at - %s * interval '1 second'"
            " WHERE id = ANY(%s)",
            (ago, [order.id for order in orders.values()]),
        )
        return orders

    def how(self, orders):
        """Stages by order number."""
        self.env.invalidate_all()
        return [orders[ref].stage for ref in sorted(orders)]

    def platform_shows(self, *rows):
        """Until the end of the test the seam to the platforms' stock says this."""
        self.startPatcher(
            patch.object(type(self.Alarm), "_stock_differences", lambda _self, sessions: rows)
        )

    def later(self, alarms, minutes):
        """These were decided so many minutes earlier."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE channel_alarm SET decided_at = decided_at - %s * interval '1 minute'"
            " WHERE id = ANY(%s)",
            (minutes, alarms.ids),
        )
        self.env.invalidate_all()
