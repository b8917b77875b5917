from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .rebate_common import RebateCommon


@tagged("post_install", "-at_install")
class TestRebate(RebateCommon):
    """A rebate lowers the price of an order, or gives goods; never more than the policy allows."""

    def test_a_line_for_each_tax(self):
        order = self._with_rebate(10, 0, 10)  # 1130.00 + 1090.00
        self.assertEqual(order.amount_total, 2120.0)
        self.assertEqual(self._discounts(order), [-50.9, -49.1])
        self.assertEqual(order.order_line.filtered("rebate_part").mapped("rebate_part"),
                         [50.9, 49.1])  # fmt: skip
        groups = order.tax_totals["subtotals"][0]["tax_groups"]
        taxes = {group["group_name"]: group["tax_amount_currency"] for group in groups}
        self.assertEqual(sorted(taxes.values()), [85.95, 124.14])
        order._use_rebate(0)
        self.assertEqual((order.amount_total, len(order.order_line)), (2220.0, 2))
        self.assertFalse(any(order.order_line.mapped("rebate_part")))

    def test_to_the_fen_in_every_way_of_rounding(self):
        included = self.tax_13.copy({"name": "13 in", "price_include_override": "tax_included"})
        for tax, price in ((self.tax_13, 33.33), (included, 9.99), (included, 10.37)):
            for rounding in ("round_per_line", "round_globally"):
                with self.subTest(tax=tax.name, price=price, rounding=rounding):
                    self.company.tax_calculation_rounding_method = rounding
                    order = self._order(7, 3)
                    order.order_line.write({"price_unit": price, "tax_ids": tax.ids})
                    before = order.amount_total
                    for fen in (1, 7, 1001, 3333):
                        order._use_rebate(fen)
                        self.assertEqual(round(before - order.amount_total, 2), fen / 100)

    def test_what_may_be_used(self):
        order = self._order(2, 0, 2)  # 444.00
        offer = order._rebate_offer()
        self.assertEqual((offer.available, offer.base, offer.cap), (50000, 44400, 22200))
        with self.assertRaisesRegex(UserError, r"222\.01 of rebate wanted, 222\.00 possible"):
            order._use_rebate(22201)
        for wrong in (-1, 1.5, True, None, "5"):
            with self.assertRaisesRegex(UserError, "0 or more"):
                order._use_rebate(wrong)
        order._use_rebate(22200)
        self.company.channel_rebate_percent = 100
        with self.assertRaisesRegex(UserError, r"500\.00 is available"):
            self._with_rebate(20, fen=50001)
        self.assertEqual(self._order(1, member=self.dealer_b)._rebate_offer().most, 0)

    def test_excluded_categories(self):
        no = self.env["product.category"].create({"name": "No rebate"})
        below = self.env["product.category"].create({"name": "Nor here", "parent_id": no.id})
        self.product_9.categ_id = below
        self.company.channel_rebate_excluded_ids = no
        order = self._order(2, 0, 2)
        self.assertEqual(order._rebate_offer().base, 22600)
        order._use_rebate(10000)
        self.assertEqual(self._discounts(order), [-100.0])

    def test_excluded_brands(self):
        brands = self.env["channel.brand"].create(
            [{"name": "Plum", "code": "P-1"}, {"name": "Pear", "code": "P-2"}]
        )
        self.product_9.brand_id, self.product_13.brand_id = brands
        self.company.channel_rebate_excluded_brand_ids = brands[0]
        order = self._order(2, 1, 2)  # 226.00 and 113.00; 218.00 of Plum
        self.assertEqual(order._rebate_offer().base, 33900)
        self.assertEqual(order._rebate_excluded(), self.product_9)
        rep = order.with_env(self.as_role("sales_rep"))
        wizard = rep.env["channel.rebate.use"].create({"order_id": order.id, "way": "discount"})
        self.assertEqual((wizard.cap, wizard.excluded), (169.5, "[T-RICE] Rice"))
        order._use_rebate(10000)
        self.assertEqual(self._discounts(order), [-100.0])
        self.company.channel_rebate_excluded_brand_ids = brands
        self.assertEqual(order._rebate_offer().base, 11300)
        order.order_line[0].product_uom_qty = 3
        self.assertEqual(self._discounts(order), [-56.5], "at most what may be used now")

    def test_only_as_the_company_says(self):
        order = self._order(4)
        self.company.channel_rebate_way = "goods"
        with self.assertRaisesRegex(UserError, "given as goods"):
            order._use_rebate(1)
        self.company.channel_rebate_way = "discount"
        with self.assertRaisesRegex(UserError, "lower the price"):
            order._use_rebate_goods(self.product_9, 1)

    def test_goods(self):
        order = self._order(10)  # 1130.00
        line = order._use_rebate_goods(self.product_9, 2)
        self.assertEqual((order.amount_total, line.price_total, line.discount), (1130.0, 0, 100))
        self.assertEqual(order._rebate_offer().goods, 21800)
        with self.assertRaisesRegex(UserError, r"327\.00 of rebate wanted, 282\.00 possible"):
            order._use_rebate_goods(self.product_9, 3)
        order.invalidate_recordset()
        for quantity in (0, -1):
            with self.assertRaisesRegex(UserError, "more than 0"):
                order._use_rebate_goods(self.product_9, quantity)
        self.product_9.list_price = 0
        with self.assertRaisesRegex(UserError, "has no price"):
            order._use_rebate_goods(self.product_9, 1)

    def test_a_change_of_the_draft_fits_the_discount(self):
        order = self._with_rebate(10, 0, 10, fen=50000)
        order.order_line[0].product_uom_qty = 1  # 113.00 + 1090.00
        self.assertEqual(self._discounts(order), [-46.97, -453.03])
        order.order_line[1].unlink()
        self.assertEqual((self._discounts(order), order.amount_total), ([-56.5], 56.5))
        order.order_line.filtered("rebate").unlink()
        self.assertEqual((order.amount_total, order.order_line.rebate_part), (113.0, 0))

    def test_a_confirmed_order_uses_no_more(self):
        order = self._confirmed(10)
        with self.assertRaisesRegex(UserError, "not confirmed yet"):
            order._use_rebate(1)
        with self.assertRaisesRegex(UserError, "not confirmed yet"):
            order._use_rebate_goods(self.product_9, 1)

    def test_nobody_writes_it_by_hand(self):
        order = self._with_rebate(10, user_id=self.users["sales_rep"].id)
        goods, discount = order.order_line.with_env(self.as_role("sales_rep"))
        for line, values in (
            (discount, {"product_uom_qty": 900}),
            (discount, {"price_unit": -9}),
            (goods, {"rebate": "goods"}),
            (goods, {"rebate_part": 5}),
        ):
            with self.assertRaisesRegex(AccessError, "button Use Rebate"):
                line.write(values)
        with self.assertRaisesRegex(AccessError, "button Use Rebate"):
            goods.order_id.order_line = [
                Command.create({"product_id": self.product_9.id, "rebate": "goods"})
            ]
        goods.product_uom_qty = 12
        self.assertEqual(order.amount_total, 1256.0)
        discount.unlink()
        self.assertEqual(order.amount_total, 1356.0)

    def test_what_is_copied_uses_none(self):
        order = self._with_rebate(10)
        order._use_rebate_goods(self.product_9, 1)
        self.assertEqual(order.copy().amount_total, 1130.0)
        values = order.order_line.copy_data()
        self.assertEqual([each["discount"] for each in values], [0, 0, 0])
        self.assertFalse(any(each.get("rebate") for each in values))

    def test_prices_and_taxes_made_anew_leave_it(self):
        order = self._with_rebate(10)
        order._use_rebate_goods(self.product_9, 1)
        order._recompute_prices()
        order._recompute_taxes()
        self.assertEqual(order.amount_total, 1030.0)

    def test_goods_on_rebate_are_reviewed_like_others(self):
        self._rule("price")
        self.env["channel.price.band"].create(
            {
                "product_id": self.product_9.id,
                "company_id": self.company.id,
                "price_floor": 50,
                "price_ceiling": 200,
            }
        )
        order = self._order(20)
        order._use_rebate_goods(self.product_9, 2)
        order.action_confirm()
        self.assertEqual(order.state, "sale", order.review_text)

    def test_the_desk_uses_the_button(self):
        order = self._order(2, user_id=self.users["sales_rep"].id).with_env(
            self.as_role("sales_rep")
        )
        self.assertEqual(order.rebate_available, 500.0)
        action = order.action_use_rebate()
        wizards = self.as_role("sales_rep")["channel.rebate.use"].with_context(**action["context"])
        with Form(wizards) as form:
            self.assertEqual((form.available, form.cap, form.amount), (500.0, 113.0, 113.0))
            form.amount = 4
        form.record.action_apply()
        self.assertEqual(order.amount_total, 222.0)
        form = Form(wizards)
        form.way = "goods"
        form.product_id = self.product_9
        form.save().action_apply()
        self.assertEqual(order.amount_total, 222.0)
        self.assertEqual(order._rebate_value(), 400 + 10900)
        theirs = self._order(2, member=self.dealer_b)
        with self.assertRaises(AccessError):
            theirs.with_env(self.as_role("sales_rep")).action_use_rebate()
        with self.assertRaises(AccessError):
            wizards.create({"order_id": theirs.id, "way": "discount"}).action_apply()
        with self.assertRaises(AccessError):
            wizards.new({"order_id": theirs.id}).available  # noqa: B018
