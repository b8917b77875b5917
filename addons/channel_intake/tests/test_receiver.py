import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import RECEIVER, SimulatorCommon


@tagged("post_install", "-at_install")
class TestReceiver(SimulatorCommon):
    """Ciphers are decrypted by the platform, with a reason; numbers are found by its index."""

    def setUp(self):
        super().setUp()
        self.ref = self.buy()
        self.pull()
        self.order = self.orders()

    def test_the_receiver_is_shown_in_plain_text_and_logged(self):
        order = self.order.with_user(self.users["warehouse"])
        shown = json.loads(order.action_show_receiver("label unreadable"))
        self.assertEqual((shown["name"], shown["phone"]), (RECEIVER["name"], RECEIVER["phone"]))
        self.assertIn(RECEIVER["detail"], shown["address"])
        event = self.order.event_ids.filtered(lambda e: e.kind == "receiver_shown")
        self.assertEqual(event.note, "label unreadable")

    def test_others_are_refused_before_the_platform_is_asked(self):
        asked = len(self.sim.requests())
        with self.assertRaises(AccessError):
            self.order.with_user(self.users["finance"]).action_show_receiver("curious")
        self.assertEqual(len(self.sim.requests()), asked)

    def test_a_platform_that_refuses_is_named(self):
        self.sim.faults.add("server_error", times=None)
        with self.assertRaisesRegex(UserError, "Douyin"):
            self.order.with_user(self.users["warehouse"]).action_show_receiver("label")

    def test_receivers_for_printing_come_fifty_ciphers_a_call(self):
        for number in range(30):
            self.buy(receiver=RECEIVER | {"phone": f"139{number:08d}"})
        self.pull()
        before = self._decryptions()
        receivers = self.orders()._plain_receivers()
        self.assertEqual(len(receivers), 31)
        self.assertEqual(self._decryptions() - before, 2, "93 ciphers in two calls")
        self.assertIn("13900000007", {receiver.phone for receiver in receivers.values()})

    def _decryptions(self):
        return sum("batchDecrypt" in str(request) for request in self.sim.requests())

    def test_an_order_is_found_by_phone_through_the_platforms_index(self):
        other = self.buy(receiver=RECEIVER | {"phone": "13911112222"})
        self.pull()
        orders = self.env["channel.order"].with_user(self.users["sales_manager"])
        self.assertEqual(orders.search([("receiver_phone", "=", "139 1111 2222")]).order_ref, other)
        self.assertFalse(orders.search([("receiver_phone", "=", "13700000000")]))

    def test_phone_search_works_while_the_platform_is_away(self):
        self.sim.faults.add("server_error", times=None)
        self.assertFalse(
            self.env["channel.order"].search([("receiver_phone", "=", RECEIVER["phone"])])
        )

    def test_two_orders_of_one_receiver_share_a_merge_key(self):
        self.buy()
        self.buy(receiver=RECEIVER | {"phone": "13911112222"})
        self.pull()
        keys = self.orders().mapped("merge_key")
        self.assertEqual(len(keys), 3)
        self.assertEqual(len(set(keys)), 2)
