from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import TEA, ReturnsCommon


@tagged("post_install", "-at_install")
class TestDefects(ReturnsCommon):
    """Two defect units of tea from one returned order, and what becomes of them."""

    def setUp(self):
        super().setUp()
        self.env["stock.scrap.reason.tag"].create({"name": "Spoilt"})
        [order] = self.ship(self.snapshot(self.line("TEA", 3, paid=30000)))
        self.aftersale(order, "YT10000001")
        self.scan("YT10000001", TEA, "R-DEFECT", TEA, "R-DEFECT", TEA, "R-GOOD", "R-CONFIRM")
        self.scan("R-STOCK")
        self.place = self.company.channel_defect_location_id
        self.stock = self.warehouse_1.lot_stock_id
        self.keeper = self.as_role("warehouse")

    def defects(self):
        action = self.keeper["stock.quant"].action_channel_defects()
        return self.keeper["stock.quant"].search(action["domain"])

    def decide(self, quantity, decision="stock"):
        wizard = self.keeper["channel.defect.decide"].browse(
            self.defects().action_decide_defects()["res_id"]
        )
        reason = self.env["stock.scrap.reason.tag"].search([], limit=1)
        wizard.write(
            {"decision": decision, "warehouse_id": self.warehouse_1.id, "reason_ids": reason}
        )
        wizard.line_ids.quantity = quantity
        return wizard

    def units(self, place):
        quants = self.env["stock.quant"].search(
            [("location_id", "=", place.id), ("product_id", "=", self.product_13.id)]
        )
        return sum(quants.mapped("quantity"))

    def test_the_list(self):
        self.assertEqual((self.defects().product_id, self.defects().quantity),
                         (self.product_13, 2))  # fmt: skip
        self.assertEqual(self.place.usage, "internal")
        self.assertFalse(self.place.warehouse_id)

    def test_repaired_units_go_back_into_stock(self):
        before, owned = self.units(self.stock), self.product_13.total_value
        action = self.decide(1).action_apply()
        picking = self.env["stock.picking"].browse(action["res_id"])
        self.assertEqual((picking.state, picking.create_uid), ("done", self.users["warehouse"]))
        self.assertEqual((self.units(self.stock), self.units(self.place)), (before + 1, 1))
        self.product_13.invalidate_recordset()
        self.assertEqual(self.product_13.total_value, owned, "nothing is won or lost")

    def test_scrapped_units_are_gone_with_their_reason(self):
        reason = self.env["stock.scrap.reason.tag"].create({"name": "Wet"})
        before = self.units(self.stock)
        owned, cost = self.product_13.total_value, self.product_13.standard_price
        wizard = self.decide(2, "scrap")
        wizard.reason_ids = reason
        scrap = self.env["stock.scrap"].browse(wizard.action_apply()["res_id"])
        self.assertEqual((scrap.state, scrap.scrap_qty, scrap.scrap_reason_tag_ids),
                         ("done", 2, reason))  # fmt: skip
        self.assertEqual((self.units(self.stock), self.units(self.place)), (before, 0))
        self.product_13.invalidate_recordset()
        self.assertAlmostEqual(self.product_13.total_value, owned - 2 * cost, 2)
        self.assertFalse(self.defects())

    def test_never_more_than_is_there(self):
        for decision in ("stock", "scrap"):
            with self.subTest(decision=decision), self.assertRaisesRegex(UserError, "2.0 units"):
                self.decide(3, decision).action_apply()
        first, second = self.decide(2), self.decide(2, "scrap")
        first.action_apply()
        with self.assertRaises(UserError):
            second.action_apply()
        self.assertEqual(self.units(self.place), 0)

    def test_nothing_chosen_and_no_defects(self):
        with self.assertRaisesRegex(UserError, "at least one"):
            self.decide(0).action_apply()
        unexplained = self.decide(1, "scrap")
        unexplained.reason_ids = False
        with self.assertRaisesRegex(UserError, "Say why"):
            unexplained.action_apply()
        good = self.keeper["stock.quant"].search([("location_id", "=", self.stock.id)], limit=1)
        with self.assertRaisesRegex(UserError, "defects location"):
            good.action_decide_defects()

    def test_only_the_warehouse_decides(self):
        for role in self.users:
            if role not in ("warehouse", "admin"):
                env = self.as_role(role)
                with self.subTest(role=role), self.assertRaises(AccessError):
                    env["channel.defect.decide"].create({"company_id": self.company.id})
