from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SaleCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-16 04:00:00")
class TestTarget(SaleCommon):
    """What counts towards a target, where it stands, and who sees it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._open(cls.dealer_b, 1000000)
        cls.sunny = cls.env["channel.brand"].create({"name": "Sunny", "code": "T-SUN"})
        cls.product_13.brand_id = cls.sunny
        cls.drinks = cls.env["product.category"].create({"name": "Drinks"})
        cls.tea = cls.env["product.category"].create({"name": "Tea", "parent_id": cls.drinks.id})
        cls.product_13.categ_id = cls.tea

    def _target(self, **values):
        return self.env["channel.target"].create(
            {"date_from": "2026-06-01", "date_to": "2026-06-30", "amount": 1000, **values}
        )

    def _sold(self, *quantities, member=None, when="2026-06-10 04:00:00"):
        order = self._order(*quantities, member=member)
        order.action_confirm()
        self.assertEqual(order.state, "sale", order.review_text)
        order.date_order = when
        return order

    def _achieved(self, **values):
        target = self._target(measure="quantity", quantity=1, **values)
        return target.achieved_quantity

    def test_confirmed_orders_count(self):
        order = self._sold(2, 1)
        self._order(100).action_confirm()
        target = self._target(member_id=self.dealer_a.id)
        self.assertEqual((target.achieved_amount, target.achieved_quantity), (339.0, 0))
        self.assertEqual((target.percent, target.state), (33.9, "behind"))
        order._action_cancel()
        target.action_refresh()
        self.assertEqual((target.achieved_amount, target.percent), (0, 0))

    def test_each_scope(self):
        self._sold(2, 1, 4)
        self._sold(8, member=self.dealer_b)
        for values, quantity in (
            ({}, 15),
            ({"member_id": self.dealer_b.id}, 8),
            ({"grade_id": self.grade_gold.id}, 7),
            ({"territory_id": self.guangdong.id}, 7),
            ({"territory_id": self.shenzhen.id}, 0),
            ({"brand_id": self.sunny.id}, 10),
            ({"category_id": self.drinks.id, "member_id": self.dealer_a.id}, 2),
        ):
            with self.subTest(values=values):
                self.assertEqual(self._achieved(**values), quantity)

    def test_a_province_covers_its_cities(self):
        self.dealer_b.territory_ids = self.shenzhen
        self._sold(8, member=self.dealer_b)
        self.assertEqual(self._achieved(territory_id=self.guangdong.id), 8)

    def test_the_days_are_those_of_china(self):
        self._sold(1, when="2026-05-31 15:59:59")
        self._sold(2, when="2026-05-31 16:00:00")
        self._sold(4, when="2026-06-30 15:59:59")
        self._sold(8, when="2026-06-30 16:00:00")
        self.assertEqual(self._achieved(), 6)

    def test_by_quantity_in_the_products_unit(self):
        order = self._sold(2)
        order.order_line.product_uom_id = self.env.ref("uom.product_uom_dozen")
        target = self._target(measure="quantity", quantity=20, amount=0)
        self.assertEqual((target.achieved_quantity, target.state), (24, "reached"))
        self.assertEqual(target.percent, 120.0)

    def test_a_refresh_says_what_it_found_reached(self):
        target, other = self._target(amount=200), self._target(amount=10000)
        self._sold(2)
        self.assertEqual((target | other)._refresh(), target)
        self.assertFalse((target | other)._refresh())

    def test_the_menu_and_the_night_bring_it_up_to_date(self):
        target = self._target()
        self._sold(1)
        env = self.as_role("sales_manager")
        self.assertEqual(env["channel.target"].action_open()["res_model"], "channel.target")
        self.assertEqual(target.achieved_amount, 113.0)
        with freeze_time("2026-07-02 04:00:00"):
            self.env["channel.target"]._cron_refresh()
            self.assertEqual(target.state, "missed")

    def test_one_query_for_many(self):
        self._sold(1)
        targets = self._target() | self._target(member_id=self.dealer_a.id)
        counts = []
        for some in (targets[0], targets):
            self.env.flush_all()
            some._refresh()
            before = self.env.cr.sql_log_count
            some._refresh()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)

    def test_what_makes_no_sense_is_refused(self):
        for values in (
            {"amount": 0},
            {"measure": "quantity"},
            {"date_to": "2026-05-31"},
            {"member_id": self.dealer_a.id, "grade_id": self.grade_gold.id},
        ):
            with (
                self.subTest(values=values),
                self.assertRaises(CheckViolation),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(flush=False),
            ):
                self._target(**values)

    def test_who_sees_which(self):
        mine, other = (
            self._target(member_id=member.id) for member in (self.dealer_a1, self.dealer_b)
        )
        everybody = self._target()
        seen = self.as_role("sales_rep")["channel.target"].search([]).sudo()
        self.assertEqual(seen, mine)
        self.assertEqual(mine.with_env(self.as_role("sales_rep")).action_refresh(), None)
        with self.assertRaises(AccessError):
            other.with_env(self.as_role("sales_rep")).action_refresh()
        self.assertEqual(
            self.as_role("finance")["channel.target"].search([]).sudo(), mine | other | everybody
        )
        self.assertEqual(self.dealer_a1.with_env(self.as_role("sales_rep")).target_ids.sudo(), mine)

    def test_a_target_is_named_after_whom_and_what(self):
        target = self._target(member_id=self.dealer_a.id, brand_id=self.sunny.id)
        self.assertEqual(target.display_name, f"{self.dealer_a.display_name} · Sunny")
        self.assertEqual(self._target().display_name, "All members")
