from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import SaleCommon


@tagged("post_install", "-at_install")
class TestRules(SaleCommon):
    """Rules by assortment and brand, what fails together, prices told while they are typed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sunny = cls.env["channel.brand"].create({"name": "Sunny", "code": "T-SUN"})

    def _shelf(self, products, **values):
        return self.env["channel.assortment"].create(
            {
                "name": "Range",
                "line_ids": [Command.create({"product_id": product.id}) for product in products],
                **values,
            }
        )

    # -- assortment ------------------------------------------------------------------------

    def test_what_is_in_no_assortment_of_the_member_waits(self):
        self._shelf(self.product_13 | self.product_9, grade_ids=self.grade_gold.ids)
        self._shelf(self.product_13b, grade_ids=self.grade_silver.ids)
        order = self._order(1, 1, 1)
        order.action_confirm()
        self.assertEqual((order.review_state, order.review_kind), ("waiting", "assortment"))
        self.assertRegex(order.review_text, "Cup: not in the member's assortment today")
        self.assertNotIn("Tea", order.review_text)
        self._order(0, 1, member=self.dealer_b)._verdicts()
        self.assertFalse(self._order(1, 0, 1)._verdicts().popitem()[1].failures)

    def test_the_days_on_shelf_count(self):
        shelf = self._shelf(self.product_13)
        order = self._order(1)
        self.assertFalse(order._verdicts()[order.id].failures)
        shelf.line_ids.date_to = fields.Date.subtract(fields.Date.today(), days=2)
        self.assertTrue(order._verdicts()[order.id].failures)

    def test_a_company_without_assortments_stops_nothing(self):
        order = self._order(1)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_many_members_are_asked_about_at_once(self):
        self._shelf(self.product_13)
        self._open(self.dealer_b, 100)
        few = self._order(1) | self._order(2)
        many = few | self._order(1, member=self.dealer_b) | self._order(1, member=self.dealer_a1)
        counts = []
        for orders in (few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders._shelves()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)

    # -- brand, and what fails together ----------------------------------------------------

    def test_the_sum_of_a_brand_is_named_by_its_brand(self):
        (self.product_13 | self.product_13b).brand_id = self.sunny
        self._rule("quantity", together="brand", quantity=10, brand_ids=self.sunny.ids)
        order = self._order(4, 5, 1)
        order.action_confirm()
        self.assertEqual(order.review_text, "Sunny: 9 ordered, at least 10 needed: 1 missing.")
        order.order_line[0].product_uom_qty = 5
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_a_category_and_a_warehouse_are_named_too(self):
        category = self.env["product.category"].create({"name": "Drinks"})
        (self.product_13 | self.product_13b).categ_id = category
        rule = self._rule("quantity", together="category", category_ids=category.ids, quantity=10)
        order = self._order(4, 1, 2)
        order.action_confirm()
        self.assertIn("Drinks: 5 ordered", order.review_text)
        rule.write({"together": "warehouse", "category_ids": [Command.clear()]})
        order.action_confirm()
        name = self.warehouse_1.display_name
        self.assertIn(f"{name}: 7 ordered", order.review_text)

    def test_what_stops_only_with_others_is_named(self):
        (self.product_13 | self.product_13b).brand_id = self.sunny
        self._rule("stock", together="brand")
        self._set_stock(self.product_13b, self.warehouse_1, -995)
        order = self._order(1, 6, 1)
        order.action_confirm()
        self.assertRegex(order.review_text, "Cup: 6 ordered, 5 in stock: 1 missing")
        self.assertRegex(order.review_text, r"Stops with it, by the rule: .*Tea\.")
        self.assertNotIn("Rice", order.review_text)

    def test_a_brand_in_use_is_kept(self):
        self.product_13.brand_id = self.sunny
        self.assertEqual(self.sunny.product_count, 1)
        found = self.env["product.template"].search(self.sunny.action_products()["domain"])
        self.assertEqual(found, self.product_13.product_tmpl_id)

    # -- prices while they are typed -------------------------------------------------------

    def _band(self, floor, ceiling):
        self.env["channel.price.band"].create(
            {
                "product_id": self.product_13.id,
                "price_floor": floor,
                "price_ceiling": ceiling,
                "company_id": self.company.id,
            }
        )

    def test_a_price_outside_its_band_is_told_before_the_review(self):
        self._band(113, 120)
        self._rule("price", percent=100)
        order = self._order(2, 1, user_id=self.users["sales_rep"].id)
        env = self.as_role("sales_rep")
        self.assertFalse(order.with_env(env).price_warning)
        with Form(order.with_env(env)) as form:
            with form.order_line.edit(0) as line:
                line.price_unit = 90
            self.assertRegex(
                form.price_warning, r"Tea: The price of 101\.70 is below the lowest of 113\.00"
            )
            with form.order_line.edit(0) as line:
                line.price_unit = 100
            self.assertFalse(form.price_warning)
            with form.order_line.edit(0) as line:
                line.price_unit = 110
        self.assertRegex(order.with_env(env).price_warning, "above the highest of 120")
        order.action_confirm()
        self.assertEqual(order.review_kind, "price")

    def test_no_warning_without_the_rule_or_after_confirming(self):
        self._band(200, 300)
        order = self._order(1)
        self.assertFalse(order.price_warning)
        rule = self._rule("price")
        order.invalidate_recordset()
        self.assertTrue(order.price_warning)
        rule.active = False
        order.action_confirm()
        rule.active = True
        order.invalidate_recordset()
        self.assertFalse(order.price_warning)

    def test_a_dealers_user_is_not_shown_the_band(self):
        with self.assertRaises(AccessError):
            self._order(1).with_env(self.as_role("member")).read(["price_warning"])
