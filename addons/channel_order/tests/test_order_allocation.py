from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..core import stages
from ..core.explode import share
from .common import PAID_AT, OrderCommon


@tagged("post_install", "-at_install")
class TestOrderAllocation(OrderCommon):
    def test_first_paid_first_and_short(self):
        pool = self._offer("TEA", quota=3)
        late = self.order("B", self.line(quantity=2, paid=3980), paid_at=PAID_AT + 1)
        early = self.order("A", self.line(quantity=2, paid=3980))
        one = self.order("C", paid_at=PAID_AT + 2)
        result = self.ingest(late, one, early)
        self.assertEqual(self.find("A").stage, stages.ALLOCATED)
        self.assertEqual(self.find("B").stage, stages.QUEUED)
        self.assertEqual(self.open_types(self.find("B")), ["short"])
        self.assertEqual(self.find("C").stage, stages.ALLOCATED)
        self.assertEqual(list(result.exceptions), ["B"])
        self.assertEqual(self.taken(pool), 3)

    def test_one_fulfiller_for_all_lines_or_none(self):
        self._offer("TEA", fulfillers=self.fulfiller_1)
        self._offer("CUP", fulfillers=self.fulfiller_2)
        everywhere = self.fulfiller_1 | self.fulfiller_2
        everywhere.territory_ids = False
        self.ingest(self.order("A", self.line("L1"), self.line("L2", sku="CUP")))
        order = self.find("A")
        self.assertEqual((order.stage, self.open_types(order)), (stages.QUEUED, ["unfillable"]))
        self.assertQuotasExact()

    def test_no_offer_waits_and_opening_serves(self):
        self.ingest(self.order("A"))
        order = self.find("A")
        self.assertEqual((order.stage, self.open_types(order)), (stages.QUEUED, ["no_offer"]))
        self._offer("TEA", quota=1)
        order = self.find("A")
        self.assertEqual((order.stage, self.open_types(order)), (stages.ALLOCATED, []))
        self.assertEqual(self.kinds(order), ["created", "allocated"])
        self.assertQuotasExact()

    def test_more_units_serve_who_waits_first_paid_first(self):
        pool = self._offer("TEA", quota=1)
        self.ingest(*(self.order(ref, paid_at=PAID_AT + i) for i, ref in enumerate("ABCD")))
        pool._add_quota(2, self.fulfiller_1)
        allocated = self.Order.search([("shop_id", "=", self.shop.id), ("stage", "=", "allocated")])
        self.assertEqual(sorted(allocated.mapped("order_ref")), ["A", "B", "C"])
        self.assertQuotasExact()

    def test_cron_serves_units_that_came_free(self):
        self._offer("TEA", quota=1)
        self.ingest(self.order("A"), self.order("B", paid_at=PAID_AT + 1))
        self.Order._release_units(self.find("A"))
        self.Order._advance(self.find("A"), stages.CANCELLED, "cancelled")
        self.Order._cron_allocate_waiting()
        self.assertEqual(self.find("B").stage, stages.ALLOCATED)

    def test_room_offer_before_standing_offer(self):
        standing = self._offer("TEA")
        room = self._offer("TEA", room_ref="room-9")
        self.ingest(
            self.order("A", self.line(room_ref="room-9")), self.order("B", self.line(room_ref="x"))
        )
        self.assertEqual(self.find("A").line_ids.pool_id, room)
        self.assertEqual(self.find("B").line_ids.pool_id, standing)

    def test_territory_chooses_the_fulfiller(self):
        self.shop.fulfiller_ids = self.fulfiller_1 | self.fulfiller_2
        pool = self._offer("TEA", quota=4, fulfillers=self.fulfiller_1 | self.fulfiller_2)
        self.assertEqual(len(pool.quota_ids), 2)
        self.ingest(
            self.order("S"),
            self.order("H", receiver=self.receiver(province="浙江", city="杭州")),
        )
        self.assertEqual(self.find("S").fulfiller_id, self.fulfiller_1)
        self.assertEqual(self.find("H").fulfiller_id, self.fulfiller_2)

    def test_capacity_of_a_day(self):
        self.fulfiller_1.capacity_day = 2
        self._offer("TEA")
        self.ingest(self.order("A"))
        self.ingest(*(self.order(ref, paid_at=PAID_AT + 1) for ref in "BC"))
        self.assertEqual(
            sorted(self.find(ref).stage for ref in "ABC"), ["allocated", "allocated", "queued"]
        )
        load = self.env["channel.fulfiller.load"].search(
            [("fulfiller_id", "=", self.fulfiller_1.id)]
        )
        self.assertEqual(load.taken, 2)
        self.ingest(self.order("A", status=type(self.order("x").status).CANCELLED, at=1))
        load.invalidate_recordset()
        self.assertEqual(load.taken, 1)
        self.Order._cron_allocate_waiting()
        self.assertEqual(self.find("C").stage, stages.ALLOCATED)

    def test_reassign_moves_units(self):
        pool = self._offer("TEA", quota=4, fulfillers=self.fulfiller_1 | self.fulfiller_2)
        self.ingest(self.order("A"))
        order = self.find("A")
        first = order.fulfiller_id
        other = (self.fulfiller_1 | self.fulfiller_2) - first
        order.with_user(self.users["operator"]).action_reassign(other)
        self.assertEqual((order.fulfiller_id, order.stage), (other, stages.ALLOCATED))
        by_holder = {quota.fulfiller_id: quota.allocated for quota in pool.quota_ids}
        self.assertEqual(by_holder, {first: 0, other: 1})
        self.assertEqual(self.kinds(order)[-1], "reassigned")
        self.assertEqual(order.event_ids.sorted("id")[-1].user_id, self.users["operator"])
        self.assertQuotasExact()

    def test_reassign_of_an_unfillable_order_clears_it(self):
        self._offer("TEA", fulfillers=self.fulfiller_1)
        self.ingest(self.order("A", receiver=self.receiver(province="浙江省", city="杭州市")))
        order = self.find("A")
        self.assertEqual(self.open_types(order), ["unfillable"])
        order.action_reassign(self.fulfiller_1.id)
        self.assertEqual((order.stage, self.open_types(order)), (stages.ALLOCATED, []))

    def test_reassign_refusals_leave_everything(self):
        self._offer("TEA", quota=1)
        self.ingest(self.order("A"), self.order("B", paid_at=PAID_AT + 1))
        with self.refused(UserError, "has no quota"):
            self.find("A").action_reassign(self.fulfiller_2)
        with self.refused(UserError, "0 left"):
            self.find("B").action_reassign(self.fulfiller_1)
        self.Order._advance(self.find("A"), stages.WAVED, "waved")
        with self.refused(UserError, "Only queued and allocated"):
            self.find("A").action_reassign(self.fulfiller_1)
        with self.refused(AccessError):
            self.find("B").with_user(self.users["finance"]).action_reassign(self.fulfiller_1)
        self.assertQuotasExact()

    def test_allocate_button_tells(self):
        self._offer("TEA", quota=1)
        self.ingest(self.order("A"), self.order("B", paid_at=PAID_AT + 1))
        action = self.find("B").with_user(self.users["operator"]).action_allocate()
        self.assertIn("0 of 1", action["params"]["message"])
        with self.refused(AccessError):
            self.find("B").with_user(self.users["finance"]).action_allocate()

    def test_refund_of_a_closed_offer_gives_stock_back(self):
        pool = self._offer("TEA", quota=3)
        self.ingest(self.order("A"), self.order("B"))
        pool._close()
        self.assertEqual(pool.quota_ids.quantity, 2)
        self.ingest(self.order("A", status=type(self.order("x").status).CANCELLED, at=1))
        pool.quota_ids.invalidate_recordset()
        self.assertEqual((pool.quota_ids.quantity, pool.quota_ids.allocated), (1, 1))

    def test_share_is_the_rule_of_money(self):
        from odoo.addons.channel_network.core.money import allocate

        for total in (0, 1, 99, 100, 1001, -1001):
            for weights in ([1], [1, 1, 1], [30, 70, 0], [0, 0], [7, 11, 13, 17]):
                self.assertEqual(share(total, weights), allocate(total, weights))
