from odoo.tests import tagged

from odoo.addons.channel_order.core.snapshot import PlatformStatus

from ..models.channel_pool_tally import SUMS as POOLS
from ..models.channel_session_tally import SUMS as SESSIONS
from .live_common import LiveCommon


@tagged("post_install", "-at_install")
class TestTally(LiveCommon):
    """The running sums are those of the orders, whatever is done to them."""

    def setUp(self):
        super().setUp()
        self.session.action_open()

    def assert_agrees(self):
        self.env.flush_all()
        for sums in (SESSIONS, POOLS):
            self.assertEqual(self.env.execute_query(sums.differences()), [], sums.table)

    def run_sql(self, query, *params):
        self.env.cr.execute(query, params)
        self.assert_agrees()

    def test_orders_come_change_and_go(self):
        orders = self.ingest(
            self.snapshot("A", quantity=3, paid=6001),
            self.snapshot("B", sku="SET", paid=5000),
            self.snapshot("C", status=PlatformStatus.UNPAID, paid_at=None),
            self.snapshot("D", room="no-such-room"),
        )
        self.assert_agrees()
        a, b = orders["A"].id, orders["B"].id
        self.run_sql("UPDATE channel_order SET refund_open = true WHERE id = %s", a)
        self.run_sql("UPDATE channel_order SET amount_paid = amount_paid - 1 WHERE id = %s", a)
        self.run_sql("UPDATE channel_order SET session_id = NULL WHERE id = %s", b)
        self.run_sql("UPDATE channel_order SET stage = 'cancelled' WHERE id = %s", b)
        self.run_sql("UPDATE channel_order_line SET state = 'refunded' WHERE order_id = %s", a)
        self.run_sql("DELETE FROM channel_order_line WHERE order_id = %s", b)
        self.run_sql("DELETE FROM channel_order WHERE id = %s", b)

    def test_adding_up_changes_no_sum(self):
        [order] = self.ingest(self.snapshot("A", paid=6001)).values()
        for flag in [True, False] * 60:
            self.env.cr.execute(
                "UPDATE channel_order SET refund_open = %s WHERE id = %s", (flag, order.id)
            )
        tallies = self.env["channel.session.tally"]
        ours = [("session_id", "=", self.session.id)]
        self.assertGreater(tallies.search_count(ours), 100)
        tallies._add_up()
        self.env["channel.pool.tally"]._add_up()
        self.assertEqual(tallies.search_count(ours), 1)
        self.assert_agrees()

    def test_what_was_there_before_is_summed_at_the_installation(self):
        self.ingest(self.snapshot("A", paid=6001), self.snapshot("B", sku="SET", paid=5000))
        for sums in (SESSIONS, POOLS):
            sums.uninstall(self.env.cr)
            self.env.cr.execute(f"DELETE FROM {sums.table}")
        self.ingest(self.snapshot("C", paid=2000))
        for sums in (SESSIONS, POOLS):
            sums.install(self.env.cr)
            sums.install(self.env.cr)  # an update of the addon sums nothing twice
        self.assert_agrees()
        self.ingest(self.snapshot("D", paid=2000))
        self.assert_agrees()
