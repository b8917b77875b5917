from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.channel_order.core.snapshot import AfterSaleKind, AfterSaleStatus
from odoo.addons.channel_returns.tests.common import CUP, TEA, ReturnsCommon


@tagged("post_install", "-at_install")
class TestReplacement(ReturnsCommon):
    """New goods: due, picked, sent, told, and come back again."""

    def exchange(self, units=2):
        """An exchange of a whole line whose units are here and good: (order, after-sale)."""
        [order] = self.ship(self.snapshot(self.line("TEA", quantity=units)))
        aftersale = self.aftersale(order, "YT20000001", line=1, kind=AfterSaleKind.EXCHANGE)
        codes = [code for _unit in range(units) for code in (TEA, "R-GOOD")]
        self.scan("YT20000001", *codes, "R-CONFIRM")
        return order, aftersale

    def replacement(self, aftersale):
        return self.env["channel.replacement"].search(
            [("aftersale_id", "=", aftersale.id), ("state", "!=", "cancelled")]
        )

    def send(self, replacement, waybill="SF90000001", carrier=None, user=None):
        """Press Send and scan a waybill, as the warehouse user."""
        desk = replacement.with_user(user or self.users["warehouse"]).with_context(
            allowed_company_ids=self.company.ids
        )
        action = desk.action_send()
        wizard = desk.env[action["res_model"]].with_context(**action["context"])
        values = {"waybill": waybill, "carrier_id": (carrier or self.carrier).id}
        wizard.create(values).action_confirm()
        self.env.invalidate_all()

    def told(self, aftersale):
        return self.env["channel.outbox"].search(
            [("shop_id", "=", self.shop.id), ("action", "=", "aftersale"),
             ("payload", "like", aftersale.aftersale_ref)]
        )  # fmt: skip

    def free(self):
        location = self.warehouse_1.lot_stock_id
        return self.product_13.with_context(location=location.id).qty_available

    def test_an_exchange_sends_new_goods_once(self):
        order, aftersale = self.exchange()
        replacement = self.replacement(aftersale)
        self.assertEqual((aftersale.step, replacement.state), ("ship", "to_send"))
        self.assertEqual(replacement.line_ids.mapped(lambda one: (one.product_id, one.units)),
                         [(self.product_13, 2)])  # fmt: skip
        before = self.free()
        self.send(replacement)
        self.assertEqual((replacement.state, replacement.waybill), ("sent", "SF90000001"))
        self.assertEqual(self.free(), before - 2)
        self.assertEqual(aftersale.step, "tell")
        [row] = self.told(aftersale)
        self.assertEqual(
            (row.payload["gate"], row.payload["company_code"], row.payload["waybill"]),
            ("goods", "shunfeng", "SF90000001"),
        )
        self.assertIn("replacement_sent", order.event_ids.mapped("kind"))
        with self.assertRaisesRegex(UserError, "was sent by"):
            self.send(replacement, "SF90000002")

    def test_the_platform_is_told_at_the_version_it_asks_about(self):
        order, aftersale = self.exchange()
        self.send(self.replacement(aftersale))
        self.aftersale(order, "YT20000001", line=1, kind=AfterSaleKind.EXCHANGE,
                       aftersale_ref=aftersale.aftersale_ref)  # fmt: skip
        self.assertEqual(len(self.told(aftersale)), 2)
        self.aftersale(order, "YT20000001", line=1, kind=AfterSaleKind.EXCHANGE,
                       aftersale_ref=aftersale.aftersale_ref,
                       status=AfterSaleStatus.SUCCEEDED)  # fmt: skip
        self.assertEqual((aftersale.step, len(self.told(aftersale))), ("done", 2))

    def test_who_wants_nothing_any_more_gets_nothing(self):
        order, aftersale = self.exchange()
        replacement = self.replacement(aftersale)
        before = self.product_13.with_context(warehouse_id=self.warehouse_1.id).free_qty
        replacement.with_user(self.users["warehouse"]).action_reserve()
        self.assertEqual(replacement.picking_state, "assigned")
        self.aftersale(order, "YT20000001", line=1, kind=AfterSaleKind.EXCHANGE,
                       aftersale_ref=aftersale.aftersale_ref,
                       status=AfterSaleStatus.CLOSED)  # fmt: skip
        self.assertEqual(replacement.state, "cancelled")
        self.env.invalidate_all()
        self.assertEqual(
            self.product_13.with_context(warehouse_id=self.warehouse_1.id).free_qty, before
        )
        with self.assertRaisesRegex(UserError, "wants no goods any more"):
            self.send(replacement)

    def test_a_resend_needs_nothing_back(self):
        [order] = self.ship(self.snapshot(self.line("BOX")))
        aftersale = self.aftersale(
            order, kind=AfterSaleKind.RESEND, status=AfterSaleStatus.AGREED, amount=0
        )
        replacement = self.replacement(aftersale)
        self.assertEqual(
            {line.product_id: line.units for line in replacement.line_ids},
            {self.product_13: 2, self.product_9: 1, self.product_13b: 1},
        )
        self.send(replacement)
        self.assertEqual(aftersale.step, "tell")

    def test_what_the_receiver_did_not_take_is_known_at_the_desk(self):
        """The new goods of another size come back under our label, after the exchanged ones."""
        order, aftersale = self.exchange(1)
        replacement = self.replacement(aftersale)
        replacement.line_ids.with_user(self.users["warehouse"]).product_id = self.product_13b
        self.send(replacement)
        answer = self.scan("SF90000001", CUP, "R-GOOD", "R-CONFIRM")
        parcel = self.parcel("SF90000001")
        self.assertEqual((parcel.source, parcel.order_ids), ("refused", order), answer["message"])
        self.assertEqual(self.counts("SF90000001"), (1, 1, 0, 0, 0))
        self.assertIn("did not take", replacement.message_ids[0].body)
        before = self.product_13b.with_context(location=self.warehouse_1.lot_stock_id.id)
        units = before.qty_available
        self.scan("R-STOCK")
        before.invalidate_recordset()
        self.assertEqual(before.qty_available, units + 1)
        # and not once more
        self.assertEqual(self.scan("SF90000001")["state"], "already")

    def test_another_size(self):
        _order, aftersale = self.exchange(1)
        replacement = self.replacement(aftersale)
        desk = replacement.with_user(self.users["warehouse"])
        desk.action_reserve()
        desk.line_ids.write({"product_id": self.product_13b.id})
        self.assertFalse(replacement.picking_id)
        self.send(replacement)
        self.assertEqual(replacement.picking_id.move_ids.product_id, self.product_13b)
        for values in ({"units": 5}, {"order_line_id": 1}):
            with self.assertRaises(UserError):
                desk.line_ids.write(values)
        with self.assertRaises(UserError):
            desk.line_ids.write({"product_id": self.product_13.id})

    def test_goods_that_are_not_there_stay_to_be_sent(self):
        _order, aftersale = self.exchange(1)
        replacement = self.replacement(aftersale)
        scarce = self.env["product.product"].create({"name": "Scarce", "is_storable": True})
        replacement.line_ids.with_user(self.users["warehouse"]).product_id = scarce
        with self.assertRaisesRegex(UserError, "Not enough is free"), self.env.cr.savepoint():
            self.send(replacement)
        self.env.invalidate_all()
        self.assertEqual((replacement.state, aftersale.step), ("to_send", "ship"))

    def test_waybills(self):
        _order, aftersale = self.exchange(1)
        replacement = self.replacement(aftersale)
        parcel = self.env["channel.parcel"].search([("state", "=", "handed")], limit=1)
        for waybill in ("", "nonsense", parcel.waybill):
            with self.subTest(waybill=waybill), self.assertRaises(UserError):
                self.send(replacement, waybill)
        self.carrier.write(
            {
                "channel_waybill_source": "pool",
                "channel_waybill_pool_ids": [
                    (0, 0, {"prefix": "SF", "width": 8, "next_number": 77, "last_number": 78,
                            "company_id": self.company.id})
                ],
            }
        )  # fmt: skip
        self.send(replacement, "")
        self.assertEqual(replacement.waybill, "SF00000077")

    def test_spoilt_goods_wait_for_a_person_first(self):
        [order] = self.ship(self.snapshot(self.line("TEA")))
        aftersale = self.aftersale(order, "YT20000001", line=1, kind=AfterSaleKind.EXCHANGE)
        self.scan("YT20000001", TEA, "R-DEFECT", "R-CONFIRM")
        self.assertEqual(aftersale.step, "goods")
        self.assertFalse(self.replacement(aftersale))
        aftersale._answer("goods", True, aftersale.version, "scratched by us")
        self.assertEqual(aftersale.step, "ship")
        self.assertTrue(self.replacement(aftersale))

    def test_what_was_replaced_may_come_back(self):
        order, aftersale = self.exchange(1)
        self.send(self.replacement(aftersale))
        self.aftersale(order, "YT20000001", line=1, kind=AfterSaleKind.EXCHANGE,
                       aftersale_ref=aftersale.aftersale_ref,
                       status=AfterSaleStatus.SUCCEEDED)  # fmt: skip
        again = self.aftersale(order, "YT20000002", line=1)
        self.scan("YT20000002", TEA, "R-GOOD", "R-CONFIRM")
        self.assertEqual(again.step, "goods")
        self.assertEqual(self.counts("YT20000002"), (1, 1, 0, 0, 0))
        tally = self.env["channel.return.tally"].search(
            [("order_line_id", "in", order.line_ids.ids)]
        )
        self.assertEqual((tally.shipped, tally.returned), (2, 2))
