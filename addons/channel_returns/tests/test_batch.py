from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CUP, TEA, ReturnsCommon


@tagged("post_install", "-at_install")
class TestBatch(ReturnsCommon):
    """The trolley: one transfer, at the cost of the wave, defects apart."""

    def test_one_transfer_for_the_trolley(self):
        self.product_13.standard_price = 40
        one, two = self.ship(
            self.snapshot(self.line("TEA", 2, paid=20000)), self.snapshot(self.line("TEA"))
        )
        delivery = one.wave_id.picking_ids.move_ids.filtered(lambda m: m.state == "done")
        self.product_13.standard_price = 55
        before = self.on_hand(self.product_13)
        free = self.product_13.with_context(warehouse_id=self.warehouse_1.id).qty_available
        self.aftersale(one, "YT10000001")
        self.aftersale(two, "YT10000002")
        self.scan("YT10000001", TEA, "R-GOOD", TEA, "R-DEFECT", "R-CONFIRM")
        self.scan("YT10000002", TEA, "R-GOOD", CUP, "R-WRONG", "R-CONFIRM")
        trolley = self.parcel("YT10000001").batch_id
        self.assertEqual((trolley, trolley.parcels),
                         (self.parcel("YT10000002").batch_id, 2))  # fmt: skip
        answer = self.scan("R-STOCK")
        self.assertEqual(answer["state"], "ok")
        picking = trolley.picking_id
        self.assertEqual((picking.state, trolley.state), ("done", "done"))
        good = picking.move_ids.filtered(lambda m: m.location_dest_id.warehouse_id)
        defect = picking.move_ids - good
        self.assertEqual((len(good), good.quantity, good.location_dest_id),
                         (1, 2, self.warehouse_1.lot_stock_id))  # fmt: skip
        self.assertEqual((len(defect), defect.quantity), (1, 1))
        self.assertEqual(defect.location_dest_id, self.company.channel_defect_location_id)
        self.assertFalse(defect.location_dest_id.warehouse_id)
        self.assertLessEqual(picking.move_ids.origin_returned_move_id, delivery)
        self.assertTrue(good.origin_returned_move_id and defect.origin_returned_move_id)
        # a unit comes back at what it left at
        self.assertEqual(good.value, 80)
        self.assertEqual(self.on_hand(self.product_13), before + 2)
        in_house = self.product_13.with_context(warehouse_id=self.warehouse_1.id)
        in_house.invalidate_recordset()
        self.assertEqual(in_house.qty_available, free + 2)
        self.assertEqual(self.parcel("YT10000001").state, "stocked")
        self.assertIn("return_stocked", one.event_ids.mapped("kind"))

    def test_nothing_is_returned_beyond_its_delivery(self):
        [order] = self.ship(self.snapshot(self.line("TEA", 2)))
        self.aftersale(order, "YT10000001", line=1, items=1)
        self.scan("YT10000001", TEA, "R-GOOD", "R-CONFIRM", "R-STOCK")
        second = self.aftersale(order, "YT10000002", line=1, items=1)
        self.scan("YT10000002", TEA, "R-GOOD", "R-CONFIRM", "R-STOCK")
        self.assertEqual(second.step, "goods")
        delivery = order.wave_id.picking_ids.move_ids
        self.assertEqual(sum(delivery.returned_move_ids.mapped("quantity")), 2)
        self.aftersale(order, "YT10000003", line=1, items=1)
        self.assertEqual(self.scan("YT10000003")["state"], "already")
        self.assertEqual(self.counts("YT10000003"), (0, 0, 0, 0, 0))

    def test_into_the_stock_of_the_receiving_warehouse(self):
        [order] = self.ship(self.snapshot(self.line("TEA")))
        self.aftersale(order, "YT10000001")
        before = self.on_hand(self.product_13, self.warehouse_2)
        self.scan("R-WH-QTE", "YT10000001", TEA, "R-GOOD", "R-CONFIRM", "R-STOCK")
        self.assertEqual(self.on_hand(self.product_13, self.warehouse_2), before + 1)

    def test_a_trolley_is_emptied_once(self):
        [order] = self.ship(self.snapshot(self.line("TEA")))
        self.aftersale(order, "YT10000001")
        self.scan("YT10000001", TEA, "R-GOOD", "R-CONFIRM")
        trolley = self.parcel("YT10000001").batch_id.with_env(self.Return.env)
        trolley.action_into_stock()
        with self.assertRaisesRegex(UserError, "already .by qudao_warehouse"):
            trolley.action_into_stock()
        self.assertEqual(self.scan("R-STOCK")["state"], "unknown")

    def test_wrong_and_missing_units_move_no_stock(self):
        [order] = self.ship(self.snapshot(self.line("TEA")))
        self.aftersale(order, "YT10000001")
        before = self.on_hand(self.product_13b)
        self.scan("YT10000001", CUP, "R-WRONG", "R-MISSING", "R-CONFIRM", "R-STOCK")
        parcel = self.parcel("YT10000001")
        self.assertEqual((parcel.state, parcel.batch_id.picking_id.id), ("stocked", False))
        self.assertEqual(self.on_hand(self.product_13b), before)

    def test_the_quota_of_live_offers_is_left_alone(self):
        [order] = self.ship(self.snapshot(self.line("TEA")))
        self.aftersale(order, "YT10000001")
        counters = self.counters("TEA")
        self.scan("YT10000001", TEA, "R-GOOD", "R-CONFIRM", "R-STOCK")
        self.assertEqual(self.counters("TEA"), counters)
        self.assertLocksCover()
