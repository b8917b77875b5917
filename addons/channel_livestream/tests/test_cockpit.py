from odoo.tests import tagged

from odoo.addons.channel_order.core.snapshot import PlatformStatus

from .live_common import LiveCommon


@tagged("post_install", "-at_install")
class TestCockpit(LiveCommon):
    """The figures are those of the orders, and one query reads them."""

    def figures(self):
        self.env.flush_all()
        return self.session.cockpit()

    def age(self, order, seconds):
        self.env.cr.execute(
            "UPDATE channel_order SET received_at = received_at - %s * interval '1 second'"
            " WHERE id = %s",
            (seconds, order.id),
        )

    def test_a_planned_session_has_its_items_and_no_orders(self):
        data = self.figures()
        self.assertEqual([item["planned"] for item in data["items"]], [100, 40])
        self.assertEqual(data["orders"]["orders"], 0)
        self.assertEqual(data["orders"]["paid"], "0.00")
        self.assertIsNone(data["orders"]["queue_age"])
        self.assertEqual(data["session"]["host"], "Host Lin")

    def test_figures(self):
        self.session.action_open()
        orders = self.ingest(
            self.snapshot("A", quantity=3, paid=6001),
            self.snapshot("B", sku="SET", paid=5000),
            self.snapshot("C", quantity=98, paid=196000),
            self.snapshot("D", status=PlatformStatus.UNPAID, paid_at=None),
            self.snapshot("E", paid=2000),
            self.snapshot("F", room="no-such-room"),
        )
        self.assertEqual(orders["A"].stage, "allocated")
        self.assertIn(orders["C"].stage, ("queued", "exception"))
        self.assertFalse(orders["F"].session_id)
        self.age(orders["A"], 120)
        self.age(orders["B"], 600)
        self.env.cr.execute(
            "UPDATE channel_order SET refund_open = true WHERE id = %s", (orders["E"].id,)
        )
        data = self.figures()
        totals = data["orders"]
        self.assertEqual(totals["orders"], 4)  # paid ones of this session: A, B, C, E
        self.assertEqual(totals["paid"], "2090.01")
        self.assertEqual((totals["last_1"], totals["last_5"], totals["last_15"]), (3, 4, 5))
        self.assertEqual(totals["queued"] + totals["exceptions"], 1)
        self.assertEqual((totals["refunds_open"], totals["refunded"]), (1, 0))
        tea, bundle = data["items"]
        self.assertEqual((tea["locked"], tea["allocated"], tea["left"]), (100, 4, 96))
        self.assertEqual((bundle["locked"], bundle["allocated"], bundle["left"]), (40, 1, 39))
        self.assertEqual((tea["price"], bundle["price"]), ("20.00", "50.00"))
        self.assertEqual(bundle["paid"], "50.00")

    def test_queue_age_is_that_of_the_oldest(self):
        self.session.action_open()
        orders = self.ingest(self.snapshot("Q1"), self.snapshot("Q2"))
        for order, seconds in ((orders["Q1"], 400), (orders["Q2"], 100)):
            self.age(order, seconds)
        # what put_back does, without the units
        self.env.cr.execute("SELECT set_config('channel.put_back', 'on', true)")
        self.env.cr.execute(
            "UPDATE channel_order SET stage = 'queued' WHERE session_id = %s", (self.session.id,)
        )
        totals = self.figures()["orders"]
        self.assertEqual(totals["queued"], 2)
        self.assertAlmostEqual(totals["queue_age"], 400, delta=60)

    def test_as_many_queries_for_many_sessions_as_for_one(self):
        other = self.make_session("Every Day")
        (self.session | other).action_open()
        self.figures()
        self.env.flush_all()
        statements = []
        execute = type(self.env.cr).execute

        def spy(cr, query, *args, **kwargs):
            text = getattr(query, "code", query)
            if "_tally" in text or "channel_session_item" in text:
                statements.append(text)
            return execute(cr, query, *args, **kwargs)

        self.patch(type(self.env.cr), "execute", spy)
        figures = (self.session | other)._cockpit_figures()
        self.assertEqual(len(statements), 1)
        self.assertEqual(set(figures), set((self.session | other).ids))
        self.assertEqual(len(figures[other.id]["items"]), 2)

    def test_what_is_on_hold_is_told(self):
        self.session.action_open()
        self.item_tea.action_hold("Wrong price")
        tea, bundle = self.figures()["items"]
        self.assertEqual((tea["on_hold"], tea["hold_reason"]), (True, "Wrong price"))
        self.assertFalse(bundle["on_hold"])

    def test_rights_are_those_of_the_user(self):
        for role, may in (("operator", True), ("warehouse", False), ("sales_manager", False)):
            data = self.session.with_env(self.as_role(role)).cockpit()
            self.assertEqual(data["may"]["operate"], may, role)

    def test_sessions_to_choose_from(self):
        standing = self.make_session("Every Day")
        standing.action_open()
        self.session.action_open()
        closed = self.make_session("Before", room_ref="room-0")
        closed.action_open()
        closed.action_close()
        planned = self.make_session("Tomorrow", room_ref="room-3")
        rows = self.env["channel.session"].cockpit_sessions()
        ids = [row["id"] for row in rows]
        ours = [i for i in ids if i in (self.session | standing | closed | planned).ids]
        self.assertEqual(ours, [self.session.id, standing.id, closed.id])
