from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.channel_order.core.snapshot import AfterSaleStatus

from .common import FulfilmentCommon


@tagged("post_install", "-at_install")
class TestWave(FulfilmentCommon):
    """Building and undoing waves."""

    def test_build_makes_one_sale_order_delivery_and_parcels(self):
        orders = self.make_orders(3)
        before = self.reserved(self.product_13)
        wave = self.build()
        self.assertEqual(len(wave), 1)
        self.assertEqual(set(orders.mapped("stage")), {"waved"})
        self.assertEqual(orders.wave_id, wave)
        self.assertEqual(len(wave.parcel_ids), 3)
        self.assertEqual(wave.sale_id.state, "sale")
        self.assertEqual(wave.sale_id.partner_id, self.shop.clearing_partner_id)
        self.assertEqual(len(wave.sale_id.order_line), 1)
        self.assertEqual(wave.sale_id.order_line.product_uom_qty, 3)
        self.assertEqual(wave.sale_id.amount_total, 300)
        picking = wave.picking_ids
        self.assertEqual(len(picking), 1)
        self.assertEqual(picking.state, "assigned")
        # the units went from the lock to the delivery, nothing more is reserved
        self.assertEqual(self.reserved(self.product_13), before)
        self.assertEqual(self.counters("TEA"), (200, 3, 3))
        self.assertLocksCover()

    def test_amounts_that_do_not_divide_are_whole_fen_per_unit(self):
        self.ingest(self.snapshot(self.line("TEA", 3, 1000)))
        wave = self.build()
        lines = {(line.channel_unit_fen, line.product_uom_qty) for line in wave.sale_id.order_line}
        self.assertEqual(lines, {(333, 2), (334, 1)})
        self.assertEqual(wave.sale_id.amount_total, 10)

    def test_two_vat_rates_freight_and_discounts(self):
        orders = self.ingest(
            self.snapshot(
                self.line("TEA", 2, 9990, shop=500, platform=310, talent=7, payment=3),
                self.line("RICE", 1, 4999),
                freight=600,
            ),
            self.snapshot(self.line("BOX", 1, 10001, platform=99), freight=600),
            self.snapshot(self.line("CUP", 1, 1234), freight=1250),
        )
        # owed: shop-borne discounts lower the price, the others are owed by the platform
        self.assertEqual(
            [self.owed(order) for order in orders],
            [9990 + 310 + 7 + 3 + 4999 + 600, 10001 + 99 + 600, 1234 + 1250],
        )
        wave = self.build()
        sale = wave.sale_id
        self.assertEqual(round(sale.amount_total * 100), self.owed(orders))
        freight = sale.order_line.filtered(
            lambda line: line.product_id == self.company.channel_freight_product_id
        )
        self.assertEqual(
            {(line.price_unit, line.product_uom_qty) for line in freight}, {(6.0, 2), (12.5, 1)}
        )
        gift = sale.order_line.filtered(
            lambda line: line.product_id == self.product_13b and not line.price_unit
        )
        self.assertEqual(gift.product_uom_qty, 1)
        self.assertTrue(all(sale.order_line.tax_ids.mapped("price_include")))
        rates = {line.product_id: line.tax_ids.amount for line in sale.order_line}
        self.assertEqual(rates[self.product_13], 13)
        self.assertEqual(rates[self.product_9], 9)

    def test_hot_sku_gets_a_wave_of_its_own_and_receivers_share_parcels(self):
        self.rule.hot_minimum = 3
        self.make_orders(4, "CUP")
        merged = self.ingest(
            self.snapshot(self.line("TEA"), receiver="li"),
            self.snapshot(self.line("RICE"), receiver="li"),
            self.snapshot(self.line("TEA"), receiver="wang"),
        )
        waves = self.build()
        hot = waves.filtered("hot_product_id")
        self.assertEqual(hot.hot_product_id, self.product_13b)
        self.assertEqual((hot.order_count, len(hot.parcel_ids)), (4, 4))
        mixed = waves - hot
        self.assertEqual((mixed.order_count, len(mixed.parcel_ids)), (3, 2))
        self.assertEqual(merged[0].parcel_id, merged[1].parcel_id)
        self.assertNotEqual(merged[0].parcel_id, merged[2].parcel_id)

    def test_receivers_do_not_merge_when_the_rule_says_so(self):
        self.rule.merge_receivers = False
        self.ingest(*(self.snapshot(self.line("TEA"), receiver="li") for _n in range(2)))
        self.assertEqual(len(self.build().parcel_ids), 2)

    def test_waves_are_cut_at_the_maximum(self):
        self.rule.max_orders = 2
        self.make_orders(5)
        waves = self.build()
        self.assertEqual(sorted(waves.mapped("order_count")), [1, 2, 2])

    def test_limit_builds_so_many_waves(self):
        self.rule.max_orders = 2
        orders = self.make_orders(5)
        self.assertEqual(len(self.Wave._build(self.shop, self.fulfiller_1, limit=1)), 1)
        self.env.invalidate_all()
        self.assertEqual(len(orders.filtered(lambda o: o.stage == "allocated")), 3)

    def test_an_order_with_an_open_refund_stays_out(self):
        first, second = self.make_orders(2)
        self.refund(first, status=AfterSaleStatus.APPLIED)
        wave = self.build()
        self.assertEqual(wave.order_ids, second)
        self.assertEqual(first.stage, "allocated")

    def test_an_order_that_does_not_add_up_stays_out_and_is_counted(self):
        good, bad = self.make_orders(2)
        self.env.cr.execute(
            "UPDATE channel_order SET amount_owed = amount_owed + 1 WHERE id = %s", [bad.id]
        )
        [row] = self.env["channel.wave"]._releasable()
        self.assertEqual((row["orders"], row["unsound"]), (1, 1))
        self.assertEqual(self.build().order_ids, good)

    def test_no_rule_says_what_to_do(self):
        self.make_orders(1)
        self.rule.active = False
        with self.assertRaisesRegex(UserError, "wave rule"):
            self.build()

    def test_short_stock_builds_nothing(self):
        orders = self.make_orders(2)
        # somebody counted the stock down to nothing behind the lock
        self.env["stock.quant"]._update_available_quantity(
            self.product_13, self.warehouse_1.lot_stock_id, -1000
        )
        with self.assertRaisesRegex(UserError, "could not be reserved"), self.cr.savepoint():
            self.build()
        self.env.invalidate_all()
        self.assertEqual(set(orders.mapped("stage")), {"allocated"})
        self.assertEqual(self.counters("TEA"), (200, 2, 0))
        self.assertFalse(orders.wave_id)

    def test_tracked_products_are_refused(self):
        self.make_orders(1)
        self.env.cr.execute(
            "UPDATE product_template SET tracking = 'lot' WHERE id = %s",
            [self.product_13.product_tmpl_id.id],
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "tracked by lot"):
            self.build()

    def test_undo_puts_everything_back(self):
        orders = self.make_orders(2) | self.ingest(self.snapshot(self.line("BOX")))
        before = {product: self.reserved(product) for product in self.products}
        wave = self.build()
        wave.with_user(self.users["warehouse"]).action_undo()
        self.env.invalidate_all()
        self.assertEqual(set(orders.mapped("stage")), {"allocated"})
        self.assertFalse(orders.wave_id or orders.parcel_id)
        self.assertEqual(wave.state, "cancelled")
        self.assertEqual(wave.sale_id.state, "cancel")
        self.assertEqual(set(wave.picking_ids.mapped("state")), {"cancel"})
        self.assertEqual({p: self.reserved(p) for p in self.products}, before)
        self.assertEqual(self.counters("TEA"), (200, 2, 0))
        self.assertEqual(self.counters("BOX"), (200, 1, 0))
        self.assertLocksCover()
        again = self.build()
        self.assertEqual(again.order_ids, orders.sorted("id"))

    def test_undo_after_packing_is_refused(self):
        self.make_orders(2)
        wave = self.build()
        self.pack(wave.parcel_ids[0])
        with self.assertRaisesRegex(UserError, "cannot be undone"):
            wave.action_undo()

    def test_picking_done_moves_the_orders(self):
        orders = self.make_orders(2)
        wave = self.build().with_user(self.users["warehouse"])
        wave.action_start_picking()
        self.assertEqual((wave.state, wave.picker_id), ("picking", self.users["warehouse"]))
        with self.assertRaisesRegex(UserError, "already being picked"):
            wave.action_start_picking()
        wave.action_picking_done()
        self.env.invalidate_all()
        self.assertEqual(wave.state, "packing")
        self.assertEqual(set(orders.mapped("stage")), {"picked"})

    def test_wizard_previews_without_building(self):
        self.rule.hot_minimum = 3
        orders = self.make_orders(3, "CUP") | self.make_orders(2)
        wizard = self.env["channel.wave.build"].with_user(self.users["warehouse"]).create({})
        line = wizard.line_ids.filtered(lambda row: row.shop_id == self.shop)
        self.assertEqual((line.order_count, line.wave_count, line.hot_count), (5, 2, 1))
        self.assertEqual(set(orders.mapped("stage")), {"allocated"})
        action = wizard.action_build()
        self.env.invalidate_all()
        self.assertEqual(len(self.env["channel.wave"].search(action["domain"])), 2)
        self.assertEqual(set(orders.mapped("stage")), {"waved"})

    def test_pick_list_shows_location_sku_and_units(self):
        self.ingest(self.snapshot(self.line("BOX", 2, 20000)))
        wave = self.build()
        rows = {row["sku"]: row["units"] for row in wave._pick_rows()}
        self.assertEqual(rows, {"T-TEA": 4, "T-RICE": 2, "T-CUP": 2})
        html = self.env["ir.actions.report"]._render_qweb_html(
            "channel_fulfilment.report_pick_list", wave.ids
        )[0]
        self.assertIn("T-TEA", html.decode())
        labels = self.env["ir.actions.report"]._render_qweb_html(
            "channel_fulfilment.report_parcel_label", wave.ids
        )[0]
        self.assertIn(wave.parcel_ids.name, labels.decode())
