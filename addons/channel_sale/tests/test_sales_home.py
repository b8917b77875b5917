from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.channel_deposit.core.operations import SetCreditLine

from .common import SaleCommon

NOW = "2026-06-17 04:00:00"  # a Wednesday, noon in Shanghai


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSalesHome(SaleCommon):
    """Every figure of the sales manager's home, and the rows behind it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users["sales_manager"].tz = "Asia/Shanghai"
        cls._open(cls.dealer_b, 2000000)

    def setUp(self):
        super().setUp()
        self.home = self.as_role("sales_manager")["channel.sales.home"]

    def _confirmed(self, when, quantity=1, member=None):
        """An order of so many Tea (113.00 each), confirmed at a time in UTC."""
        order = self._order(quantity, member=member)
        order.action_confirm()
        self.assertEqual(order.state, "sale", order.review_text)
        order.date_order = when
        return order

    def _rows(self, what, value=None):
        action = self.home.open_list(what, value)
        return self.env[action["res_model"]].search(action["domain"])

    def test_what_waits_by_the_first_failed_rule(self):
        self._set_stock(self.product_13b, self.warehouse_1, -995)
        money = self._order(100)
        goods = self._order(1, 6) | self._order(1, 7)
        goods[0].date_order = "2026-06-01 00:00:00"
        gone = self._order(200)
        (money | goods | gone).action_confirm()
        gone._action_cancel()
        waiting = self.home.figures()["waiting"]
        self.assertEqual(
            [(r["kind"], r["count"], r["amount"], r["oldest"][:10]) for r in waiting["rows"]],
            [("stock", 2, sum(goods.mapped("amount_total")), "2026-06-01"),
             ("deposit", 1, money.amount_total, "2026-06-17")],
        )  # fmt: skip
        self.assertEqual((waiting["count"], waiting["rows"][0]["name"]), (3, "Short of stock"))
        self.assertEqual(self._rows("waiting"), money | goods)
        self.assertEqual(self._rows("waiting", "stock"), goods)

    def test_near_the_limit(self):
        """Dealer A has less than it orders in a usual week; B has plenty for its own."""
        for week in range(8):
            self._confirmed(f"2026-0{4 if week < 2 else 5}-2{week}", 1)
            self._confirmed(f"2026-0{4 if week < 2 else 5}-2{week}", 1, member=self.dealer_b)
        self.assertFalse(self.home.figures()["near"]["rows"])
        big = self._confirmed("2026-06-01", 80)
        big._action_cancel()
        self.assertFalse(self.home.figures()["near"]["rows"], "cancelled orders are no usual week")
        self._confirmed("2026-06-01", 79)  # two of the others are 8 weeks old
        near = self.home.figures()["near"]
        self.assertEqual(near["count"], 1)
        (row,) = near["rows"]
        self.assertEqual(
            (row["member"], row["available"], row["week"]), (self.dealer_a.id, 169.0, 1200.62)
        )
        self.assertEqual(self._rows("near"), self.account)
        self.company.channel_low_week_percent = 10
        self.assertFalse(self.home.figures()["near"]["rows"])

    def test_near_its_credit_line(self):
        self.env["channel.deposit.account"]._book_or_raise(
            [SetCreditLine(key="line", account=self.account.id, line=10_000_000)]
        )
        self.assertFalse(self.home.figures()["near"]["rows"])
        self._confirmed("2026-01-01", 810)  # 91,530.00 of 110,000.00
        self.assertEqual(self.home.figures()["near"]["rows"][0]["credit"], 100000.0)
        self.company.channel_low_credit_percent = 18
        self.assertFalse(self.home.figures()["near"]["rows"])

    def test_who_has_gone_quiet(self):
        for day in ("2026-05-01", "2026-05-08", "2026-05-15"):
            self._confirmed(day, member=self.dealer_a)
            self._confirmed(day, member=self.dealer_b)
        self._confirmed("2026-06-10", member=self.dealer_b)
        self._order(1)  # what is not confirmed is no order
        quiet = self.home.figures()["quiet"]
        self.assertEqual(quiet["count"], 1)
        (row,) = quiet["rows"]
        self.assertEqual((row["member"], row["gap"], row["since"]), (self.dealer_a.id, 7, 33))
        self.assertEqual(self._rows("quiet"), self.dealer_a)
        self.dealer_a.write({"state": "suspended", "suspend_reason": "on leave"})
        self.assertFalse(self.home.figures()["quiet"]["rows"])

    def test_today_beside_last_week_in_the_users_days(self):
        self._confirmed("2026-06-16 16:00:00", 2)  # midnight in Shanghai: today
        self._confirmed("2026-06-16 15:59:59", 9)  # yesterday
        early = self._confirmed("2026-06-10 03:59:00", 1)  # last week, before noon
        late = self._confirmed("2026-06-10 09:00:00", 3)
        self._confirmed("2026-06-03 09:00:00", 4)
        self._confirmed("2026-06-04 09:00:00", 5)
        today = self.home.figures()["today"]
        self.assertEqual((today["day"], today["count"], today["amount"]), ("2026-06-17", 1, 226.0))
        self.assertEqual(today["change"], 100)
        self.assertEqual(
            today["last"],
            {"day": "2026-06-10", "count": 2, "amount": 452.0, "by_now": early.amount_total},
        )
        self.assertEqual(today["average"], {"count": 0.8, "amount": 226.0, "days": 4})
        self.assertEqual(self._rows("day", "2026-06-10"), early | late)

    def test_a_new_company_sees_empty_cards(self):
        figures = self.home.figures()
        self.assertEqual(figures["waiting"], {"rows": [], "count": 0, "amount": 0})
        self.assertEqual((figures["near"]["count"], figures["quiet"]["count"]), (0, 0))
        self.assertEqual((figures["today"]["count"], figures["today"]["change"]), (0, None))

    def test_only_sales_managers(self):
        for role in ("sales_rep", "finance", "operator", "member"):
            home = self.as_role(role)["channel.sales.home"]
            for call in (home.figures, lambda home=home: home.open_list("near")):
                with self.subTest(role=role), self.assertRaises(AccessError):
                    call()
        self.assertFalse(self.home.open_list("action"))

    def test_another_company_is_not_counted(self):
        """Not even while its orders are to be read, because both are ticked."""
        self._confirmed("2026-06-17 01:00:00")
        self._order(100).action_confirm()
        company = self.env["res.company"].create({"name": "X", "currency_id": self.currency.id})
        self.users["sales_manager"].company_ids |= company
        for allowed in ([company.id], [company.id, self.company.id]):
            figures = self.home.with_context(allowed_company_ids=allowed).figures()
            self.assertEqual((figures["waiting"]["count"], figures["today"]["count"]), (0, 0))

    def test_a_query_a_card_however_many(self):
        counts = []
        for _round in range(2):
            for number in range(1, 4):
                day = fields.Datetime.now() - timedelta(days=7 * number)
                self._confirmed(day, member=self.dealer_a)
            self._order(100).action_confirm()
            self.env.flush_all()
            self.home.figures()
            before = self.env.cr.sql_log_count
            self.home.figures()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts, [4, 4])
