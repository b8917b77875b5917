from odoo.tests import tagged

from .common import FulfilmentCommon


@tagged("post_install", "-at_install")
class TestRaces(FulfilmentCommon):
    """What changes between looking and pressing the button. See test_concurrency for two real
    transactions at once."""

    def test_second_builder_finds_no_orders(self):
        self.make_orders(3)
        first = self.Wave._build(self.shop, self.fulfiller_1)
        second = self.Wave._build(self.shop, self.fulfiller_1)
        self.assertTrue(first)
        self.assertFalse(second)

    def test_a_refund_between_preview_and_build_stays_out(self):
        orders = self.make_orders(2)
        wizard = self.env["channel.wave.build"].with_user(self.users["warehouse"]).create({})
        self.refund(orders[0])
        wizard.action_build()
        self.env.invalidate_all()
        self.assertEqual(orders.mapped("stage"), ["refunded", "waved"])

    def test_a_refund_between_manifest_and_hand_over_never_ships(self):
        orders = self.make_orders(2)
        wave = self.build()
        self.pack_all(wave)
        manifest = self.env["channel.manifest"].create(
            {"carrier_id": self.carrier.id, "warehouse_id": self.warehouse_1.id,
             "company_id": self.company.id}
        )  # fmt: skip
        self.assertEqual(manifest.packed_count, 2)
        self.refund(orders[0])
        stock = self.on_hand(self.product_13)
        manifest.action_hand_over()
        self.env.invalidate_all()
        self.assertEqual(orders.mapped("stage"), ["refunded", "shipped"])
        self.assertEqual(self.on_hand(self.product_13), stock - 1)
        self.assertEqual(round(manifest.invoice_ids.amount_total * 100), self.owed(orders[1]))

    def test_a_refund_after_the_hand_over_loses(self):
        [order] = self.make_orders(1)
        wave = self.build()
        self.pack_all(wave)
        self.hand_over()
        counters = self.counters("TEA")
        self.refund(order)
        self.assertEqual(order.stage, "shipped")
        self.assertEqual(order.aftersale_ids.winner, "shipment")
        self.assertEqual(self.counters("TEA"), counters)
        self.assertEqual(order.parcel_id.state, "handed")

    def test_packing_order_rows_are_conditional(self):
        """The trigger and the conditions refuse what a stale screen would do."""
        [order] = self.make_orders(1)
        wave = self.build()
        self.pack_all(wave)
        self.hand_over()
        answer = self.Parcel.scan(wave.parcel_ids.name, {})
        self.assertEqual(answer["state"], "left")
        self.env.invalidate_all()
        self.assertEqual((order.stage, wave.parcel_ids.state), ("shipped", "handed"))
