import re

from odoo.exceptions import ConcurrencyError
from odoo.tests import tagged

from odoo.addons.channel_portal.controllers import orders

from .common import NOT_FOUND, DealerCase

REDIRECT = 303


@tagged("post_install", "-at_install")
class TestCatalogue(DealerCase):
    """What a dealer may order, and what it is told of it."""

    def _products(self, text):
        return [
            int(found) for found in re.findall(r'o_order_product[^>]*data-product="(\d+)"', text)
        ]

    def test_what_is_available_is_told_before_anything_is_chosen(self):
        self.assertIn("10,000.00", self._page("/my/order").split("o_bar_available")[1][:200])

    def test_only_what_is_on_offer_for_the_dealer(self):
        text = self._page("/my/order")
        self.assertCountEqual(self._products(text), (self.tea | self.cup).ids)
        self.assertNotIn("Rice", text)
        self.assertIn("113.00", text)

    def test_the_price_is_that_of_the_price_list_with_tax(self):
        pricelist = self.env["product.pricelist"].create(
            {"name": "Gold", "currency_id": self.currency.id, "company_id": self.company.id}
        )
        pricelist.item_ids.create(
            {
                "pricelist_id": pricelist.id,
                "applied_on": "3_global",
                "compute_price": "percentage",
                "percent_price": 20,
            }
        )
        partner = self.dealer_a.partner_id.with_company(self.company)
        partner.specific_property_product_pricelist = pricelist
        self.assertIn("90.40", self._page("/my/order"))
        self._put(self.tea, 2)
        self.assertEqual(self._cart().amount_total, 180.80)

    def test_search_category_and_pages(self):
        self.assertEqual(self._products(self._page("/my/order", q="t-tea")), self.tea.ids)
        self.assertEqual(self._products(self._page("/my/order", q="6900000000020")), self.cup.ids)
        self.assertIn("Nothing found", self._page("/my/order", q="rice"))
        self.cup.categ_id = self.env["product.category"].create({"name": "Ware"})
        found = self._page("/my/order", category=self.cup.categ_id.id)
        self.assertEqual(self._products(found), self.cup.ids)
        self.patch(orders, "PAGE", 1)
        pages = [self._products(self._page("/my/order", page=page)) for page in (1, 2)]
        self.assertCountEqual(pages, [self.tea.ids, self.cup.ids])

    def test_nonsense_in_the_address_is_no_error(self):
        for params in ({"page": "-1"}, {"page": "x"}, {"category": "1 or 1=1"}, {"q": "%' --"}):
            self._page("/my/order", **params)

    def test_stock_in_words_and_never_in_figures(self):
        self.env["channel.review.rule"].search([]).active = False
        self.company.portal_plenty_from = 20
        for product in self.products:
            self.env["stock.quant"].search([("product_id", "=", product.id)]).quantity = 0
        self._set_stock(self.tea, self.warehouse_1, 4711)
        self._set_stock(self.cup, self.warehouse_1, 19)
        text = self._page("/my/order")
        self.assertEqual(text.count("In stock"), 1)
        self.assertEqual(text.count("Nearly sold out"), 1)
        self.assertNotIn("4711", text)
        self.env["stock.quant"].search([("product_id", "=", self.cup.id)]).quantity = 0
        self.assertIn("Out of stock", self._page("/my/order"))

    def test_pack_and_minimum_come_from_the_rules(self):
        self._rule("pack", quantity=6)
        self._rule("quantity", quantity=10)
        text = self._page("/my/order")
        self.assertIn('data-pack="6" data-least="12"', text)
        self.assertIn("at least", text)

    def test_a_suspended_dealer_is_told_whom_to_call(self):
        self.dealer_a.with_user(self.users["sales_manager"]).write(
            {"state": "suspended", "suspend_reason": "late"}
        )
        self.assertIn("o_order_closed", self._page("/my/order"))
        self.assertIn("call your sales representative", self._put(self.tea, 1).json()["error"])
        self.assertFalse(self._cart())

    def test_who_is_no_dealers_user_finds_nothing(self):
        self.authenticate("admin", "admin")
        for path in (
            "/my/order",
            "/my/order/cart",
            "/my/order/file",
            "/my/order/file/template.xlsx",
        ):
            self.assertEqual(self.url_open(path).status_code, NOT_FOUND)
        self.authenticate(None, None)
        reply = self.url_open("/my/order", allow_redirects=False)
        self.assertIn("/web/login", reply.headers["Location"])

    def test_the_home_page_tells_what_waits(self):
        self._put(self.tea, 1)
        text = self._page("/my")
        self.assertIn("10,000.00", re.search(r"o_dealer_available.*?</div>", text, re.S)[0])
        self.assertIn(">1<", re.search(r"o_dealer_drafts.*?small", text, re.S)[0])


@tagged("post_install", "-at_install")
class TestCart(DealerCase):
    """Quantities, and what a changed browser sends."""

    def test_a_quantity_makes_the_cart(self):
        values = self._put(self.tea, "2").json()
        self.assertEqual((values["error"], values["quantity"], values["lines"]), ("", 2, 1))
        self.assertIn("226.00", values["total"])
        self.assertIn("10,000.00", values["available"])
        cart = self._cart()
        self.assertEqual(
            (cart.member_id, cart.partner_id), (self.dealer_a, self.dealer_a.partner_id)
        )
        self.assertEqual((cart.is_portal, cart.state), (True, "draft"))
        self.assertEqual(cart.user_id, self.dealer_a.user_id)
        self._put(self.tea, "5")
        self.assertEqual(self._cart().order_line.product_uom_qty, 5)
        self.assertEqual(self._put(self.tea, "0").json()["lines"], 0)
        self.assertFalse(self._cart().order_line)

    def test_without_a_script_the_page_is_loaded_again(self):
        reply = self._post(
            "/my/order/line", product_id=self.tea.id, quantity="3", back="/my/order?q=t"
        )
        self.assertEqual(reply.status_code, REDIRECT)
        self.assertTrue(reply.headers["Location"].endswith("/my/order?q=t"))
        self.assertIn('value="3"', self._page("/my/order"))
        reply = self._post(
            "/my/order/line", product_id=self.tea.id, quantity="x", back="https://elsewhere.example"
        )
        self.assertTrue(reply.headers["Location"].endswith("/my/order"))
        self.assertIn("x is no quantity", self._notices("/my/order"))

    def test_quantities_that_are_none_are_answered_in_words(self):
        self._put(self.tea, "4")
        for quantity, words in (
            ("-1", "0 or more"), ("1.5", "whole"), ("abc", "no quantity"), ("1000000", "999,999"),
            ("9" * 40, "999,999"), ("1e5", "no quantity"), ("NaN", "no quantity"),
        ):  # fmt: skip
            values = self._put(self.tea, quantity).json()
            self.assertIn(words, values["error"])
            self.assertEqual(values["quantity"], 4, "what was there stays")
        self.assertEqual(self._put(self.tea, "１，２００").json()["quantity"], 1200)

    def test_a_product_of_another_assortment_is_refused(self):
        for product in (self.rice.id, 999999999):
            reply = self._post("/my/order/line", True, product_id=product, quantity=1)
            self.assertIn("not on offer", reply.json()["error"])
        self.assertEqual(
            self._post("/my/order/line", product_id="1,2", quantity="1").status_code, NOT_FOUND
        )
        self.assertFalse(self._cart())

    def test_a_price_sent_along_is_not_listened_to(self):
        self._put(
            self.tea, 1, price_unit="0.01", discount="99", price="1", order_id="1", partner_id="1"
        )
        line = self._cart().order_line
        self.assertEqual((line.price_unit, line.discount), (100, 0))
        self.assertEqual(line.order_id.partner_id, self.dealer_a.partner_id)

    def test_a_price_of_the_desk_holds_for_the_quantity_it_was_given_for(self):
        self._put(self.tea, 10)
        self._cart().order_line.price_unit = 80
        self._put(self.cup, 1)
        self.assertEqual(self._cart().amount_untaxed, 900)
        self._put(self.tea, 11)
        self.assertEqual(self._cart().amount_untaxed, 1200)

    def test_without_the_forms_token_nothing_is_done(self):
        reply = self.url_open(
            "/my/order/line",
            data={"product_id": self.tea.id, "quantity": "1"},
            allow_redirects=False,
        )
        self.assertEqual(reply.status_code, 400)
        self.assertFalse(self._cart())
        self.assertEqual(self.url_open("/my/order/submit").status_code, 405)

    def test_the_cart_page_says_what_would_stop_it(self):
        self.assertIn("The cart is empty", self._page("/my/order/cart"))
        self._put(self.tea, 100)
        text = self._page("/my/order/cart")
        self.assertIn("o_cart_foreseen", text)
        self.assertIn("1,300.00", re.search(r"o_cart_short.*?</div>", text, re.S)[0])
        self._put(self.tea, 1001)
        text = self._page("/my/order/cart")
        self.assertIn("more than can be delivered", text)
        self.assertNotIn("1000 in stock", text)
        self._put(self.tea, 1)
        self.assertNotIn("o_cart_foreseen", self._page("/my/order/cart"))
        self.assertFalse(self._cart().decision_ids, "to look decides nothing")

    def test_the_database_holds_one_cart_a_dealer(self):
        self._put(self.tea, 1)
        values = self.env["sale.order"]._cart_values(self.dealer_a)
        with self.assertRaisesRegex(Exception, "one_cart"), self.env.cr.savepoint():
            self.env["sale.order"].create(values)

    def test_who_loses_the_race_for_the_first_cart_is_run_again(self):
        self._put(self.tea, 1)
        with self.assertRaises(ConcurrencyError), self.env.cr.savepoint():
            self.env["sale.order"].sudo()._new_cart(self.dealer_a)

    def test_two_colleagues_have_one_cart(self):
        self._put(self.tea, 1)
        colleague = self._create_member_user(self.dealer_a, "qudao_colleague")
        colleague.password = "qudao_colleague"
        self.authenticate("qudao_colleague", "qudao_colleague")
        self._put(self.cup, 1)
        self.assertEqual(self._cart().order_line.product_id, self.tea | self.cup)

    def test_drafts_are_kept_under_a_name_and_gone_on_with(self):
        self._put(self.tea, 1)
        first = self._cart()
        self._post("/my/order/keep", name="Spring")
        self.assertFalse(self._cart())
        self._put(self.cup, 2)
        second = self._cart()
        self.assertIn("Spring", self._page("/my/order/cart"))
        self._post(f"/my/order/{first.id}/open")
        self.assertEqual(self._cart(), first)
        self.assertFalse(second.is_cart)
        self._post(f"/my/order/{second.id}/discard")
        self.assertFalse(second.exists())
        self.assertEqual(first.client_order_ref, "Spring")

    def test_an_empty_cart_is_no_draft(self):
        self._put(self.tea, 1)
        first = self._cart()
        self._post("/my/order/keep")
        self._put(self.cup, 1)
        empty = self._cart()
        self._put(self.cup, 0)
        self._post(f"/my/order/{first.id}/open")
        self.assertFalse(empty.exists())

    def test_the_desk_confirms_or_cancels_a_cart_as_any_order(self):
        for action, state in (("action_confirm", "sale"), ("_action_cancel", "cancel")):
            self._put(self.tea, 1)
            cart = self._cart()
            getattr(cart, action)()
            self.assertEqual((cart.state, cart.is_cart), (state, False))
            self.assertFalse(self._cart())
