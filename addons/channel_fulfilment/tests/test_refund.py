from dataclasses import replace

from odoo.tests import tagged

from odoo.addons.channel_order.core.snapshot import AfterSaleStatus, PlatformStatus

from .common import FulfilmentCommon


@tagged("post_install", "-at_install")
class TestRefund(FulfilmentCommon):
    """A refund before shipment at every stage in a wave: the goods are free at once."""

    def prepare(self, stage):
        """Three orders of one tea in a wave, at the stage; the first one is refunded."""
        orders = self.make_orders(3)
        wave = self.build()
        if stage in ("picked", "packed"):
            wave.with_user(self.users["warehouse"]).action_picking_done()
        if stage == "packed":
            self.pack_all(wave)
        self.env.invalidate_all()
        self.assertEqual(set(orders.mapped("stage")), {stage})
        reserved = self.reserved(self.product_13)
        self.refund(orders[0])
        self.assertEqual(self.reserved(self.product_13), reserved - 1)
        self.assertEqual(orders[0].stage, "refunded")
        self.assertEqual(orders[0].aftersale_ids.stage_stopped, stage)
        self.assertEqual(orders[0].aftersale_ids.winner, "refund")
        self.assertEqual(orders[0].parcel_id.state, "stopped")
        self.assertEqual(self.counters("TEA"), (199, 2, 2))
        self.assertEqual(set(orders[1:].mapped("stage")), {stage})
        move = wave.picking_ids.move_ids
        self.assertEqual((move.product_uom_qty, move.quantity, move.state), (2, 2, "assigned"))
        # the sale order keeps its quantity until the wave is closed
        self.assertEqual(wave.sale_id.order_line.product_uom_qty, 3)
        self.assertLocksCover()
        return orders, wave

    def ship(self, orders, wave):
        self.pack_all(wave)
        stock = self.on_hand(self.product_13)
        manifest = self.hand_over()
        self.assertEqual(self.on_hand(self.product_13), stock - 2)
        self.assertEqual(set(orders[1:].mapped("stage")), {"shipped"})
        self.assertEqual(orders[0].stage, "refunded")
        self.assertEqual(wave.state, "handed")
        self.assertEqual(wave.sale_id.order_line.product_uom_qty, 2)
        self.assertEqual(len(wave.picking_ids), 1, "no backorder for what was refunded")
        self.assertEqual(round(manifest.invoice_ids.amount_total * 100), 20000)

    def test_waved(self):
        self.ship(*self.prepare("waved"))

    def test_picked(self):
        self.ship(*self.prepare("picked"))

    def test_packed(self):
        orders, wave = self.prepare("packed")
        self.assertEqual(self.Parcel.scan(orders[0].parcel_id.name, {})["state"], "stop")
        self.ship(orders, wave)

    def test_open_refund_is_left_behind_and_ships_when_refused(self):
        orders = self.make_orders(2)
        wave = self.build()
        self.pack_all(wave)
        self.refund(orders[0], status=AfterSaleStatus.APPLIED, ref="A1")
        first = self.hand_over()
        self.assertEqual((first.parcel_count, first.order_count), (1, 1))
        self.assertEqual(orders.mapped("stage"), ["packed", "shipped"])
        self.assertEqual(wave.state, "packing")
        self.refund(orders[0], status=AfterSaleStatus.REFUSED, ref="A1")
        self.hand_over()
        self.assertEqual(set(orders.mapped("stage")), {"shipped"})
        self.assertEqual(wave.state, "handed")
        self.assertEqual(round(sum(wave.invoice_ids.mapped("amount_total")) * 100), 20000)

    def test_one_line_of_an_order_is_repacked(self):
        [order] = self.ingest(
            self.snapshot(self.line("TEA", 3, 1000), self.line("RICE", 1, 5000), freight=700)
        )
        wave = self.build()
        self.pack_all(wave)
        self.refund(order, line_ref=f"{order.order_ref}-1")
        parcel = order.parcel_id
        self.assertEqual((parcel.state, parcel.repack), ("waiting", True))
        self.assertEqual((order.stage, self.owed(order)), ("picked", 5700))
        answer = self.Parcel.scan(parcel.name, {})
        self.assertEqual(answer["state"], "stop")
        self.assertEqual([(u["sku"], u["units"]) for u in answer["take_out"]], [("T-TEA", 3)])
        self.assertEqual(self.Parcel.scan(parcel.name, answer["station"])["state"], "ok")
        tea, rice = self.on_hand(self.product_13), self.on_hand(self.product_9)
        manifest = self.hand_over()
        self.assertEqual(self.on_hand(self.product_13), tea)
        self.assertEqual(self.on_hand(self.product_9), rice - 1)
        self.assertEqual(round(manifest.invoice_ids.amount_total * 100), 5700)

    def test_merged_parcel_is_repacked_for_the_others(self):
        gone, wanted = self.ingest(
            self.snapshot(self.line("TEA"), receiver="li"),
            self.snapshot(self.line("CUP"), receiver="li"),
        )
        wave = self.build()
        self.pack_all(wave)
        self.refund(gone)
        parcel = wanted.parcel_id
        self.assertEqual((parcel.state, parcel.repack, wanted.stage), ("waiting", True, "picked"))
        answer = self.Parcel.scan(parcel.name, {})
        self.assertEqual([unit["sku"] for unit in answer["take_out"]], ["T-TEA"])
        self.assertEqual(self.Parcel.scan(parcel.name, answer["station"])["state"], "ok")
        self.hand_over()
        self.assertEqual((gone.stage, wanted.stage), ("refunded", "shipped"))

    def test_bundle_gives_all_its_components_back(self):
        [order] = self.ingest(self.snapshot(self.line("BOX", 2, 9999)))
        self.build()
        before = {product: self.reserved(product) for product in self.products}
        self.refund(order)
        after = {product: self.reserved(product) for product in self.products}
        self.assertEqual(
            [before[p] - after[p] for p in (self.product_13, self.product_9, self.product_13b)],
            [4, 2, 2],
        )
        self.assertEqual(self.counters("BOX"), (198, 0, 0))

    def test_a_wave_of_refunded_orders_only_is_closed(self):
        orders = self.make_orders(2)
        wave = self.build()
        for order in orders:
            self.refund(order)
        self.assertEqual((wave.state, wave.sale_id.state), ("cancelled", "cancel"))
        self.assertEqual(wave.picking_ids.state, "cancel")
        self.assertEqual(self.counters("TEA"), (198, 0, 0))
        self.assertLocksCover()

    def test_undo_with_a_refund_open_restores_the_lock_of_all_units(self):
        orders = self.make_orders(2)
        before = self.reserved(self.product_13)
        wave = self.build()
        self.refund(orders[0], status=AfterSaleStatus.APPLIED)
        wave.action_undo()
        self.env.invalidate_all()
        self.assertEqual(set(orders.mapped("stage")), {"allocated"})
        self.assertEqual(self.reserved(self.product_13), before)
        self.assertEqual(self.counters("TEA"), (200, 2, 0))
        self.assertLocksCover()

    def test_news_of_a_parcel_mate_in_the_batch_that_cancels_an_order(self):
        """The cancelled order sends their parcel back to be packed anew, and its mate with it,
        although the same batch writes what is new of the mate."""
        told = [self.snapshot(self.line("TEA"), receiver="same") for _number in range(2)]
        orders = self.ingest(*told)
        wave = self.build()
        self.pack_all(wave)
        later = told[1].updated_at + 100
        self.env["channel.order"]._ingest(
            self.shop,
            [
                replace(told[0], status=PlatformStatus.CANCELLED, updated_at=later),
                replace(told[1], buyer_note="Leave it at the door", updated_at=later),
            ],
        )
        self.env.invalidate_all()
        self.assertEqual(orders.mapped("stage"), ["cancelled", "picked"])
        self.assertEqual(orders[1].parcel_id.state, "waiting")
        # the station shows once what must come out, then packs the rest
        answer = self.pack(orders[1].parcel_id, waybill=False)
        self.assertEqual(answer["state"], "stop")
        answer = self.Parcel.scan(orders[1].parcel_id.name, answer["station"])
        self.assertEqual(answer["state"], "ok")
        self.env.invalidate_all()
        self.assertEqual(orders[1].stage, "packed")
