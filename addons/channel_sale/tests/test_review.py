from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common import SaleCommon


@tagged("post_install", "-at_install")
class TestReview(SaleCommon):
    """What the rules see, what becomes of an order, what is kept of it."""

    def _held(self, order, kind, words):
        notice = order.action_confirm()
        self.assertEqual((order.state, order.review_state), ("draft", "waiting"))
        self.assertEqual(order.review_kind, kind)
        self.assertRegex(order.review_text, words)
        self.assertIn(order.review_text, notice["params"]["message"])
        self.assertFalse(self.account.held)

    def test_an_order_that_passes_is_confirmed_at_once(self):
        order = self._order(10)
        self.assertEqual(order.member_id, self.dealer_a)
        self.assertTrue(order.action_confirm())
        self.assertEqual((order.state, order.review_state), ("sale", "passed"))
        self.assertEqual(self._decisions(order).mapped("verdict"), ["passed"])
        self.assertEqual(self._decisions(order).user_id, self.env.user)

    def test_an_order_of_nobody_in_the_network_is_none_of_ours(self):
        partner = self.env["res.partner"].create({"name": "Passer-by"})
        order = self._order(10, partner_id=partner.id)
        self.assertFalse(order.member_id)
        order.action_confirm()
        self.assertEqual((order.state, order.review_state), ("sale", "none"))
        self.assertFalse(self._decisions(order))

    def test_the_order_of_a_wave_is_no_dealer_order(self):
        model = type(self.env["sale.order"])
        with patch.object(model, "_is_dealer_order", lambda order: False):
            order = self._order(10)
        self.assertFalse(order.member_id)

    def test_an_order_of_a_contact_is_of_its_company(self):
        contact = self.users["member"].partner_id
        self.assertEqual(self._order(1, partner_id=contact.id).member_id, self.dealer_a)

    def test_the_deposit_is_short(self):
        order = self._order(100)  # 11,300.00
        words = r"11,300\.00 is needed, 10,000\.00 is available, 1,300\.00 is missing"
        self._held(order, "deposit", words)
        self.assertEqual(order.review_missing, 1300.0)
        decision = self._decisions(order)
        self.assertEqual((decision.verdict, decision.missing), ("held", 1300.0))
        self.assertEqual(decision.rule_id, self._rule("deposit"))

    def test_without_an_open_account(self):
        order = self._order(1, member=self.dealer_b)
        self._held(order, "deposit", "has no open goods account")

    def test_without_rules_the_ledger_still_asks_for_the_money(self):
        self.rules.active = False
        self._held(self._order(100), "deposit", r"1300\.00 missing")
        self._held(self._order(1, member=self.dealer_b), "deposit", "not open yet")

    def test_no_contract(self):
        self.env["channel.contract"].search([("member_id", "=", self.dealer_a.id)]).action_end()
        with patch.object(fields.Date, "context_today", lambda record: fields.Date.today()):
            ended = self.env["channel.contract"].search([("member_id", "=", self.dealer_a.id)])
            ended.date_end = "2020-12-31"
            self._held(self._order(1), "contract", "no contract in force")

    def test_short_of_stock_names_the_product_and_how_many(self):
        self._rule("deposit", active=False)
        order = self._order(10, 1001)
        self._held(order, "stock", r"Cup: 1001 ordered, 1000 in stock: 1 missing")
        self.assertNotIn("Tea", order.review_text)

    def test_stock_of_a_member_is_not_the_brands(self):
        warehouse = self.warehouse_1
        self.env["stock.quant"]._update_available_quantity(
            self.product_13, warehouse.lot_stock_id, 500, owner_id=self.dealer_b.partner_id
        )
        self._rule("deposit", active=False)
        self._held(self._order(1001), "stock", "1000 in stock")

    def test_price_pack_quantity_amount_frequency(self):
        band = {"product_id": self.product_13.id, "price_floor": 120, "price_ceiling": 200}
        self.env["channel.price.band"].create({**band, "company_id": self.company.id})
        for kind, values, words in (
            ("price", {}, r"price of 113\.00 is below the lowest of 120\.00 by 7\.00"),
            ("pack", {"quantity": 4}, "order 2 more to make it 12"),
            ("quantity", {"quantity": 11}, "10 ordered, at least 11 needed: 1 missing"),
            ("amount", {"amount_min": 1130.01}, r"1,130\.00 is below .* 0\.01 is missing"),
            ("amount", {"amount_min": 0, "amount_max": 1129.99}, r"above .* by 0\.01"),
        ):
            with self.subTest(kind=kind, values=values):
                rule = self._rule(kind, **values)
                self._held(self._order(10), kind, words)
                rule.active = False
        self._rule("price", percent=90)
        self._rule("frequency", count=1, days=2)
        first = self._order(10)
        first.action_confirm()
        self.assertEqual(first.state, "sale")
        second = self._order(10)
        second.action_confirm()
        self.assertRegex(second.review_text, "order number 2 within .* 1 are allowed")

    def test_quantities_count_in_the_products_own_unit(self):
        self._rule("quantity", quantity=24)
        order = self._order(2)
        order.order_line.product_uom_id = self.env.ref("uom.product_uom_dozen")
        order.order_line.price_unit = 100
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_refused_with_the_rules_own_words(self):
        self._rule("member", text="Ring your representative.")
        order = self._order(1)
        self.dealer_a.write({"state": "suspended", "suspend_reason": "unpaid"})
        notice = order.action_confirm()
        self.assertEqual((order.state, order.review_state), ("draft", "refused"))
        self.assertIn("Ring your representative.", notice["params"]["message"])
        self.assertEqual(notice["params"]["type"], "danger")

    def test_a_remark_does_not_stop(self):
        self._rule("stock", outcome="pass")
        self._rule("deposit", active=False)
        order = self._order(0, 0, 80)
        self._set_stock(self.product_9, self.warehouse_1, -990)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual(self._decisions(order).mapped("verdict"), ["passed", "remark"])

    def test_each_time_it_is_asked_again(self):
        order = self._order(100)
        order.action_confirm()
        order.order_line.product_uom_qty = 10
        order.action_confirm()
        self.assertEqual((order.state, order.review_round), ("sale", 2))
        self.assertFalse(order.review_text)
        self.assertEqual(self._decisions(order).mapped("round"), [2, 1])

    def test_the_portals_signature_and_payment_pass_the_rules(self):
        order = self._order(100)
        order.sudo()._validate_order()
        self.assertEqual((order.state, order.review_state), ("draft", "waiting"))

    def test_many_at_once_each_for_itself(self):
        good, bad, other = self._order(10), self._order(100), self._order(1, member=self.dealer_b)
        stranger = self._order(1, partner_id=self.env["res.partner"].create({"name": "X"}).id)
        notice = (good | bad | other | stranger).action_confirm()
        states = [order.state for order in (good, bad, other, stranger)]
        self.assertEqual(states, ["sale", "draft", "draft", "sale"])
        self.assertIn(bad.name, notice["params"]["message"])
        self.assertNotIn(good.name, notice["params"]["message"])

    def test_money_is_not_promised_twice(self):
        orders = self._order(50) | self._order(50)  # 5,650.00 each
        orders.action_confirm()
        self.assertEqual(orders.mapped("state"), ["sale", "draft"])
        self.assertEqual(orders[1].review_missing, 1300.0)

    def test_many_cost_no_more_queries_than_few(self):
        few = self._order(1) | self._order(2)
        many = self.env["sale.order"].union(*(self._order(1, 2) for _n in range(20)))
        counts = []
        for orders in (few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders._verdicts()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 3)

    def test_the_words_come_in_the_readers_language(self):
        order = self._order(100)
        order.action_confirm()
        facts = self._decisions(order).facts
        self.assertEqual(facts["findings"], [[1130000, 1000000, 0]])

    # -- nobody gets round it --------------------------------------------------------------

    def test_nobody_writes_past_the_review(self):
        order = self._order(100, user_id=self.users["sales_rep"].id)
        for role in ("sales_rep", "sales_manager"):
            mine = order.with_env(self.as_role(role))
            for values in ({"review_state": "passed"}, {"member_id": False}):
                with self.subTest(role=role, values=values), self.assertRaises(AccessError):
                    mine.write(values)
            with self.assertRaises(AccessError):
                self._order(1, env=self.as_role(role), review_state="passed")
        with (
            self.assertRaises(CheckViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(flush=False),
        ):
            order.write({"state": "sale"})
            self.env.flush_all()

    def test_a_cancelled_order_is_reviewed_again(self):
        order = self._order(10)
        order.action_confirm()
        order._action_cancel()
        self.assertEqual((order.review_state, self.account.held), ("none", 0))
        order.action_draft()
        order.order_line.product_uom_qty = 100
        order.action_confirm()
        self.assertEqual((order.state, order.review_state), ("draft", "waiting"))

    def test_decisions_are_kept(self):
        order = self._order(100)
        order.action_confirm()
        decision = self._decisions(order)
        for change in (
            lambda: decision.sudo().write({"verdict": "passed"}),
            lambda: decision.sudo().unlink(),
            lambda: order.sudo().unlink(),
        ):
            with self.assertRaises(UserError):
                change()
        for query in (
            "UPDATE channel_review_decision SET verdict = 'passed'",
            "DELETE FROM channel_review_decision",
        ):
            with (
                self.assertRaises(CheckViolation),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(flush=False),
            ):
                self.env.cr.execute(SQL(query))

    def test_what_no_review_could_change_is_said_at_once(self):
        order = self._order(1)
        order.partner_invoice_id = self.dealer_b.partner_id
        with self.assertRaisesRegex(UserError, "choose an invoice address of that company"):
            order.action_confirm()
        order = self._order(1)
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "not in a state requiring confirmation"):
            order.action_confirm()
        dollars = self.env["product.pricelist"].create(
            {"name": "USD", "currency_id": self.env.ref("base.USD").id,
             "company_id": self.company.id}
        )  # fmt: skip
        self.env.ref("base.USD").active = True
        order = self._order(1, pricelist_id=dollars.id)
        with self.assertRaisesRegex(UserError, "USD"):
            order.action_confirm()

    def test_every_company_starts_with_rules(self):
        self.assertEqual(
            self.rules.filtered("active").mapped("kind"),
            ["member", "contract", "assortment", "overdue", "deposit", "stock"],
        )
        self.assertEqual(len(self.rules), 11)

    def test_scope_of_a_rule(self):
        self._rule("deposit", active=False)
        stock = self._rule("stock", grade_ids=[Command.set(self.grade_silver.ids)])
        self._set_stock(self.product_13b, self.warehouse_1, -995)
        order = self._order(0, 6)
        self.assertEqual(order._verdicts()[order.id].failures, ())
        stock.grade_ids = self.grade_gold
        self.assertTrue(order._verdicts()[order.id].failures)
        stock.category_ids = self.env["product.category"].create({"name": "Another"})
        self.assertEqual(order._verdicts()[order.id].failures, ())
