from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import FulfilmentCommon


@tagged("post_install", "-at_install")
class TestHandOver(FulfilmentCommon):
    """Stock, books and platform at the hand-over."""

    def mixed(self):
        return self.ingest(
            self.snapshot(
                self.line("TEA", 3, 9999, shop=500, platform=301),
                self.line("RICE", 1, 4999, talent=11),
                freight=600,
            ),
            self.snapshot(self.line("BOX", 1, 10001, payment=7), freight=600),
            self.snapshot(self.line("CUP", 7, 1234), freight=1250),
            self.snapshot(self.line("TEA", 1, 3333)),
        )

    def test_everything_ships_and_is_invoiced_to_the_fen(self):
        orders = self.mixed()
        wave = self.build()
        self.pack_all(wave)
        stock = {product: self.on_hand(product) for product in self.products}
        manifest = self.hand_over()
        self.assertEqual(set(orders.mapped("stage")), {"shipped"})
        self.assertEqual(set(wave.parcel_ids.mapped("state")), {"handed"})
        self.assertEqual((manifest.parcel_count, manifest.order_count), (4, 4))
        self.assertEqual(wave.picking_ids.state, "done")
        self.assertEqual(
            {product: stock[product] - self.on_hand(product) for product in self.products},
            {self.product_13: 3 + 2 + 1, self.product_9: 2, self.product_13b: 1 + 7},
        )
        invoice = wave.invoice_ids
        self.assertEqual((len(invoice), invoice.state), (1, "posted"))
        self.assertEqual(round(invoice.amount_total * 100), self.owed(orders))
        self.assertEqual(wave.state, "handed")
        self.assertEqual(wave.sale_id.invoice_status, "invoiced")
        self.assertEqual(wave.sale_id.delivery_status, "full")

    def test_clearing_receivable_vat_and_dates(self):
        orders = self.mixed()
        self.pack_all(self.build())
        invoice = self.hand_over().invoice_ids
        account = self.company.channel_clearing_account_id
        self.assertEqual((account.account_type, account.reconcile), ("asset_receivable", True))
        receivable = invoice.line_ids.filtered(lambda line: line.account_id == account)
        self.assertEqual(round(sum(receivable.mapped("balance")) * 100), self.owed(orders))
        self.assertEqual(receivable.partner_id, self.shop.clearing_partner_id)
        self.assertEqual(invoice.invoice_date, self.env["channel.wave"]._today(self.company))
        taxes = {line.tax_line_id.amount: line for line in invoice.line_ids if line.tax_line_id}
        self.assertEqual(set(taxes), {13, 9})
        for rate, line in taxes.items():
            twin = line.tax_line_id
            self.assertTrue(twin.price_include)
            original = self.tax_13 if rate == 13 else self.tax_9
            self.assertFalse(original.price_include)
            self.assertEqual(
                line.account_id,
                original.invoice_repartition_line_ids.filtered(
                    lambda part: part.repartition_type == "tax"
                ).account_id,
            )
            included = sum(
                item.price_total for item in invoice.invoice_line_ids if item.tax_ids == twin
            )
            self.assertAlmostEqual(-line.balance, included * rate / (100 + rate), delta=0.011)

    def test_twins_are_found_again(self):
        self.make_orders(1)
        self.build()
        count = self.env["account.tax"].search_count([("company_id", "=", self.company.id)])
        self.make_orders(1)
        self.build()
        self.assertEqual(
            self.env["account.tax"].search_count([("company_id", "=", self.company.id)]), count
        )

    def test_products_invoiced_by_order_are_invoiced_by_delivery_here(self):
        self.product_13.invoice_policy = "order"
        orders = self.make_orders(2)
        wave = self.build()
        self.pack(wave.parcel_ids[0])
        manifest = self.hand_over()
        self.assertEqual(round(manifest.invoice_ids.amount_total * 100), self.owed(orders[0]))

    def test_global_tax_rounding_agrees_too(self):
        self.company.tax_calculation_rounding_method = "round_globally"
        orders = self.ingest(
            *(self.snapshot(self.line("TEA", 1, 1001 + n * 7), self.line("RICE", 1, 333 + n))
              for n in range(12))
        )  # fmt: skip
        self.pack_all(self.build())
        invoice = self.hand_over().invoice_ids
        self.assertEqual(round(invoice.amount_total * 100), self.owed(orders))

    def test_left_behind_goes_to_one_backorder_and_ships_later(self):
        orders = self.make_orders(3) | self.ingest(self.snapshot(self.line("RICE"), freight=500))
        wave = self.build()
        for parcel in wave.parcel_ids[:2]:
            self.pack(parcel)
        first = self.hand_over()
        self.assertEqual(round(first.invoice_ids.amount_total * 100), self.owed(orders[:2]))
        self.assertEqual(orders.mapped("stage"), ["shipped", "shipped", "waved", "waved"])
        self.assertEqual(set(wave.parcel_ids[2:].mapped("state")), {"left"})
        self.assertEqual(wave.state, "packing")
        backorder = wave.picking_ids.filtered(lambda picking: picking.state != "done")
        self.assertEqual((len(backorder), backorder.state), (1, "assigned"))
        self.assertEqual(sum(backorder.move_ids.mapped("quantity")), 2)
        self.assertIn("left_behind", orders[3].event_ids.mapped("kind"))
        self.pack_all(wave)
        second = self.hand_over()
        self.assertEqual(round(second.invoice_ids.amount_total * 100), self.owed(orders[2:]))
        self.assertEqual(set(orders.mapped("stage")), {"shipped"})
        self.assertEqual(wave.state, "handed")
        self.assertLocksCover()

    def test_left_behind_goes_back_to_the_pool(self):
        orders = self.make_orders(3)
        wave = self.build()
        self.pack(wave.parcel_ids[0])
        before = self.reserved(self.product_13)
        self.hand_over(left_policy="pool")
        self.assertEqual(orders.mapped("stage"), ["shipped", "allocated", "allocated"])
        self.assertFalse(orders[1:].wave_id)
        self.assertEqual(self.counters("TEA"), (200, 3, 1))
        self.assertEqual(self.reserved(self.product_13), before - 1)
        self.assertEqual(wave.state, "handed")
        self.assertEqual(len(wave.picking_ids), 1)
        self.assertEqual(wave.sale_id.order_line.product_uom_qty, 1)
        self.assertLocksCover()
        self.assertEqual(self.build().order_ids, orders[1:])

    def test_packed_without_waybill_stays(self):
        orders = self.make_orders(2)
        wave = self.build()
        self.pack(wave.parcel_ids[0])
        self.pack(wave.parcel_ids[1], waybill=False)
        manifest = self.env["channel.manifest"].create(
            {"carrier_id": self.carrier.id, "warehouse_id": self.warehouse_1.id,
             "company_id": self.company.id}
        )  # fmt: skip
        self.assertEqual(
            (manifest.packed_count, manifest.no_waybill_count, manifest.left_count), (1, 1, 0)
        )
        manifest.action_hand_over()
        self.env.invalidate_all()
        self.assertEqual(orders.mapped("stage"), ["shipped", "packed"])

    def test_exactly_once(self):
        self.make_orders(1)
        self.pack_all(self.build())
        manifest = self.hand_over()
        with self.assertRaisesRegex(UserError, "handed over by"):
            manifest.action_hand_over()
        with self.assertRaisesRegex(UserError, "no packed parcel"):
            self.hand_over()
        with self.assertRaisesRegex(UserError, "cannot change"):
            manifest.left_policy = "pool"

    def test_platforms_are_told_once_per_order(self):
        orders = self.ingest(
            self.snapshot(self.line("TEA"), receiver="li"),
            self.snapshot(self.line("CUP"), receiver="li"),
        )
        wave = self.build()
        self.pack_all(wave)
        self.hand_over()
        rows = self.env["channel.outbox"].search([("order_id", "in", orders.ids)])
        self.assertEqual(len(rows), 2)
        self.assertEqual(
            rows[0].payload,
            {"company_code": "shunfeng", "logistics_code": wave.parcel_ids.waybill},
        )
        self.assertEqual(len(set(rows.mapped("key"))), 2)
        self.assertEqual(set(rows.mapped("state")), {"todo"})

    def test_several_waves_in_one_hand_over_one_invoice_each(self):
        self.rule.max_orders = 2
        orders = self.make_orders(4)
        waves = self.build()
        self.pack_all(waves)
        manifest = self.hand_over()
        self.assertEqual(len(manifest.invoice_ids), 2)
        self.assertEqual(manifest.invoice_ids.channel_wave_id, waves)
        self.assertEqual(set(orders.mapped("stage")), {"shipped"})

    def test_only_chosen_waves(self):
        self.rule.max_orders = 1
        orders = self.make_orders(2)
        first, second = self.build().sorted("id")
        self.pack_all(first | second)
        self.hand_over(wave_ids=[fields.Command.set(first.ids)])
        self.assertEqual((first.state, second.state), ("handed", "packing"))
        self.assertEqual(sorted(orders.mapped("stage")), ["packed", "shipped"])

    def test_amount_lowered_after_the_wave_was_built(self):
        orders = self.ingest(
            self.snapshot(self.line("TEA", 3, 9000), freight=600),
            self.snapshot(self.line("TEA", 1, 3000)),
        )
        wave = self.build()
        self.env.cr.execute(
            "UPDATE channel_order_line SET amount_owed = 80, amount_paid = 80 WHERE order_id = %s",
            [orders[0].id],
        )
        self.env.cr.execute(
            "UPDATE channel_order SET amount_owed = 85, amount_freight = 5 WHERE id = %s",
            [orders[0].id],
        )
        self.env.invalidate_all()
        self.pack_all(wave)
        stock = self.on_hand(self.product_13)
        manifest = self.hand_over()
        self.assertEqual(round(manifest.invoice_ids.amount_total * 100), 8500 + 3000)
        self.assertEqual(self.on_hand(self.product_13), stock - 4)
        self.assertEqual(wave.state, "handed")
        self.assertEqual(
            sum(
                line.product_uom_qty
                for line in wave.sale_id.order_line
                if line.product_id == self.product_13
            ),
            4,
        )

    def test_amounts_that_do_not_add_up_stay_behind(self):
        orders = self.make_orders(2)
        wave = self.build()
        self.pack_all(wave)
        self.env.cr.execute(
            "UPDATE channel_order SET amount_owed = amount_owed + 1 WHERE id = %s", [orders[0].id]
        )
        self.env.invalidate_all()
        self.hand_over()
        self.assertEqual(orders.mapped("stage"), ["packed", "shipped"])

    def test_lost_reservation_hands_nothing_over(self):
        orders = self.make_orders(2)
        wave = self.build()
        self.pack_all(wave)
        wave.picking_ids.do_unreserve()
        self.env["stock.quant"]._update_available_quantity(
            self.product_13, self.warehouse_1.lot_stock_id, -400
        )
        self.env.flush_all()
        free = self.env["stock.quant"]._get_available_quantity(
            self.product_13, self.warehouse_1.lot_stock_id
        )
        self.env["stock.quant"]._update_available_quantity(
            self.product_13, self.warehouse_1.lot_stock_id, -free
        )
        with self.assertRaisesRegex(UserError, "ships more than"), self.cr.savepoint():
            self.hand_over()
        self.env.invalidate_all()
        self.assertEqual(set(orders.mapped("stage")), {"packed"})
        self.assertFalse(wave.invoice_ids)

    def test_manifest_report_lists_parcels(self):
        self.make_orders(1)
        wave = self.build()
        self.pack_all(wave)
        manifest = self.hand_over()
        html = self.env["ir.actions.report"]._render_qweb_html(
            "channel_fulfilment.report_manifest", manifest.ids
        )[0]
        self.assertIn(wave.parcel_ids.waybill, html.decode())
