from freezegun import freeze_time
from psycopg2.errors import CheckViolation, ExclusionViolation

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ChannelCommon

TODAY = "2026-06-15"


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 04:00:00")
class TestAssortment(ChannelCommon):
    """Who may sell what, and when."""

    def _assortment(self, products, line=None, **scope):
        return self.env["channel.assortment"].create(
            {
                "name": "Range",
                "line_ids": [
                    Command.create({"product_id": product.id, **(line or {})})
                    for product in products
                ],
                **scope,
            }
        )

    def test_an_empty_scope_is_everybody(self):
        self._assortment(self.product_13)
        for member in (self.dealer_a, self.retailer_b1):
            self.assertEqual(member._sellable_products(), self.product_13)

    def test_the_shelves_of_many_members(self):
        """Whatever their state: that a suspended member may not sell is said elsewhere."""
        self._assortment(self.product_13, grade_ids=self.grade_gold.ids)
        self._assortment(self.product_13b | self.product_13, territory_ids=self.guangdong.ids)
        self.dealer_a1.write({"state": "suspended", "suspend_reason": "unpaid"})
        members = self.dealer_a | self.dealer_a1 | self.dealer_b
        both = {self.product_13.id, self.product_13b.id}
        self.assertEqual(
            self.env["channel.assortment"]._shelves(members),
            {self.dealer_a.id: both, self.dealer_a1.id: both, self.dealer_b.id: set()},
        )
        self.assertFalse(self.dealer_a1._sellable_products())

    def test_a_dealers_user_may_ask_for_the_own_shelf(self):
        self._assortment(self.product_13)
        member = self.dealer_a.with_env(self.as_role("member"))
        self.assertEqual(member._sellable_products().ids, self.product_13.ids)

    def test_without_assortment_nothing_is_sold(self):
        self.assertFalse(self.dealer_a._sellable_products())

    def test_scope_by_grade(self):
        self._assortment(self.product_13, grade_ids=self.grade_gold.ids)
        self.assertEqual(self.dealer_a._sellable_products(), self.product_13)
        self.assertFalse(self.dealer_b._sellable_products())
        self.assertFalse(self.dealer_a1._sellable_products(), "a member without a grade")

    def test_scope_by_territory_covers_its_parts(self):
        self._assortment(self.product_13, territory_ids=self.guangdong.ids)
        self.assertTrue(self.dealer_a._sellable_products(), "the province itself")
        self.assertTrue(self.dealer_a1._sellable_products(), "a city of the province")
        self.assertFalse(self.dealer_b._sellable_products(), "another province")
        self.assertFalse(self.retailer_a1._sellable_products(), "no territory")

    def test_a_citys_assortment_is_not_the_provinces(self):
        self._assortment(self.product_13, territory_ids=self.shenzhen.ids)
        self.assertTrue(self.dealer_a1._sellable_products())
        self.assertFalse(self.dealer_a._sellable_products())

    def test_scopes_must_all_fit(self):
        self._assortment(
            self.product_13, grade_ids=self.grade_gold.ids, territory_ids=self.zhejiang.ids
        )
        self.assertFalse(self.dealer_a._sellable_products())
        self.assertFalse(self.dealer_b._sellable_products())

    def test_assortments_add_up(self):
        self._assortment(self.product_13)
        self._assortment(self.product_9, member_ids=self.dealer_b.ids)
        self.assertEqual(self.dealer_b._sellable_products(), self.product_13 | self.product_9)
        self.assertEqual(self.dealer_a._sellable_products(), self.product_13)
        self.assertEqual(len(self.dealer_b.assortment_ids), 2)

    def test_days_on_shelf(self):
        self._assortment(self.product_13, {"date_from": "2026-06-10", "date_to": "2026-06-20"})
        for day, sold in (
            ("2026-06-09", False),
            ("2026-06-10", True),
            ("2026-06-20", True),
            ("2026-06-21", False),
        ):
            with self.subTest(day=day):
                self.assertEqual(bool(self.dealer_a._sellable_products(day)), sold)

    def test_off_the_shelf(self):
        assortment = self._assortment(self.product_13)
        assortment.line_ids.on_shelf = False
        self.assertFalse(self.dealer_a._sellable_products())
        self.assertEqual(assortment.product_count, 0)

    def test_a_suspended_member_sells_nothing(self):
        self._assortment(self.product_13)
        self.dealer_a.write({"state": "suspended", "suspend_reason": "x"})
        self.assertFalse(self.dealer_a._sellable_products())

    def test_archived_products_and_assortments_do_not_count(self):
        assortment = self._assortment(self.product_13 | self.product_9)
        self.product_13.active = False
        self.assertEqual(self.dealer_a._sellable_products(), self.product_9)
        assortment.active = False
        self.assertFalse(self.dealer_a._sellable_products())

    def test_a_member_user_gets_the_same_answer(self):
        self._assortment(self.product_13)
        member = self.dealer_a.with_env(self.as_role("member"))
        self.assertEqual(member._sellable_products().ids, self.product_13.ids)

    @mute_logger("odoo.sql_db")
    def test_one_line_a_product_and_period(self):
        assortment = self._assortment(self.product_13, {"date_to": "2026-06-30"})
        line = {"assortment_id": assortment.id, "product_id": self.product_13.id}
        self.env["channel.assortment.line"].create({**line, "date_from": "2026-07-01"})
        with self.assertRaises(ExclusionViolation):
            self.env["channel.assortment.line"].create({**line, "date_from": "2026-06-30"})


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 04:00:00")
class TestPriceBand(ChannelCommon):
    """C3: a price outside its band is stopped; here is where the band comes from."""

    def _band(self, product=None, floor=80, ceiling=120, **values):
        return self.env["channel.price.band"].create(
            {
                "product_id": (product or self.product_13).id,
                "price_floor": floor,
                "price_ceiling": ceiling,
                **values,
            }
        )

    def test_bands_are_fen_of_the_day(self):
        self._band(floor=79.99, ceiling=120, date_to="2026-06-15")
        self._band(floor=60, ceiling=99.90, date_from="2026-06-16")
        self._band(self.product_9, floor=0, ceiling=0.01)
        Band = self.env["channel.price.band"]
        ids = self.products.ids
        self.assertEqual(
            Band._bands_for(ids),
            {self.product_13.id: (7999, 12000), self.product_9.id: (0, 1)},
        )
        self.assertEqual(Band._bands_for(ids, "2026-06-16")[self.product_13.id], (6000, 9990))
        self.assertEqual(Band._bands_for([]), {})

    def test_one_query_for_many_products(self):
        self._band()
        self.env.invalidate_all()
        with self.assertQueryCount(1):
            self.env["channel.price.band"]._bands_for(self.products.ids, TODAY)

    def test_bands_belong_to_a_company(self):
        product = self._create_product("Shared", self.tax_13, company_id=False, taxes_id=False)
        other = self.env["res.company"].create({"name": "Other Brand"})
        self._band(product)
        self._band(product, floor=1, ceiling=2, company_id=other.id)
        Band = self.env["channel.price.band"]
        self.assertEqual(Band._bands_for(product.ids), {product.id: (8000, 12000)})
        self.assertEqual(Band.with_company(other)._bands_for(product.ids), {product.id: (100, 200)})

    def test_the_check_does_not_depend_on_who_runs_it(self):
        self._band()
        bands = self.as_role("warehouse")["channel.price.band"]._bands_for(self.products.ids)
        self.assertEqual(bands, {self.product_13.id: (8000, 12000)})

    @mute_logger("odoo.sql_db")
    def test_bands_of_a_product_do_not_overlap(self):
        self._band(date_from="2026-01-01", date_to="2026-06-30")
        self._band(date_from="2026-07-01")
        for values in ({"date_from": "2026-06-30", "date_to": "2026-06-30"}, {}):
            with (
                self.subTest(values=values),
                self.assertRaises(ExclusionViolation),
                self.cr.savepoint(),
            ):
                self._band(**values)

    @mute_logger("odoo.sql_db")
    def test_a_band_is_in_order(self):
        for values in (
            {"floor": -1},
            {"floor": 2, "ceiling": 1},
            {"date_from": "2026-02-01", "date_to": "2026-01-31"},
        ):
            with (
                self.subTest(values=values),
                self.assertRaises(CheckViolation),
                self.cr.savepoint(),
            ):
                self._band(**values)
