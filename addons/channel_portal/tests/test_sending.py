import re

from odoo.tests import tagged

from .common import NOT_FOUND, DealerCase


@tagged("post_install", "-at_install")
class TestSending(DealerCase):
    """An order is sent: it passes, waits, is refused or returned; and what can be done then."""

    def _sent(self, product=None, quantity=100):
        """An order that waits: the deposit does not cover it."""
        self._put(product or self.tea, quantity)
        order = self._cart()
        self._submit(order)
        return order

    def test_what_passes_is_confirmed_at_once_and_its_money_set_aside(self):
        self._put(self.tea, 2)
        order = self._cart()
        reply = self._submit(order, name="New year")
        self.assertTrue(reply.headers["Location"].endswith(f"/my/orders/{order.id}"))
        self.assertEqual((order.state, order.review_state), ("sale", "passed"))
        self.assertEqual((order.client_order_ref, order.is_cart), ("New year", False))
        self.assertEqual(self._amounts(), (10000, 226))
        passed = self._decisions(order)
        self.assertEqual((passed.verdict, passed.user_id), ("passed", self.users["member"]))
        self.assertIn("is confirmed", self._notices(f"/my/orders/{order.id}"))
        self.assertFalse(self._cart())

    def test_what_does_not_pass_waits_with_words(self):
        order = self._sent()
        self.assertEqual((order.state, order.review_state), ("draft", "waiting"))
        text = self._page(f"/my/orders/{order.id}")
        self.assertIn("Waits for the sales manager", text)
        self.assertIn("1,300.00 is missing", text)
        self.assertIn("o_dealer_cancel", text)
        listed = self._page("/my/orders")
        self.assertIn(order.name, listed)
        self.assertIn("o_order_review", listed)
        self.assertNotIn("Not Available", listed)
        self.assertFalse(self._cart())

    def test_the_stock_is_not_told_to_who_waits_for_it(self):
        self._rule("deposit", active=False)
        order = self._sent(quantity=1001)
        self.assertEqual(order.review_kind, "stock")
        text = self._page(f"/my/orders/{order.id}")
        self.assertIn("more than can be delivered now", text)
        self.assertNotIn("1000 in stock", text)
        mine = order.with_user(self.users["member"])
        self.assertNotIn("1000 ", mine.read(["review_text"])[0]["review_text"])
        desk = order.with_user(self.users["sales_manager"])
        self.assertIn("1000 in stock", desk.read(["review_text"])[0]["review_text"])

    def test_what_is_refused_is_the_cart_again(self):
        self._rule("quantity", quantity=5, outcome="refuse")
        self._put(self.tea, 2)
        order = self._cart()
        reply = self._submit(order)
        self.assertTrue(reply.headers["Location"].endswith("/my/order/cart"))
        self.assertEqual((order.review_state, order.is_cart), ("refused", True))
        self.assertIn("Not accepted", self._notices("/my/order/cart"))
        self.assertIn("at least 5 needed", self._page("/my/order/cart"))
        self._put(self.tea, 5)
        self._submit(order)
        self.assertEqual(order.state, "sale")

    def test_another_total_than_was_seen_sends_nothing(self):
        self._put(self.tea, 2)
        order = self._cart()
        self.tea.list_price = 150
        self._submit(order, total_fen="22600")
        self.assertEqual((order.state, order.review_state), ("draft", "none"))
        self.assertIn("total has changed", self._notices("/my/order/cart"))
        self.assertEqual(order.amount_total, 339, "the price of today")
        for seen in ("", "-1", "x", "339"):
            self._submit(order, total_fen=seen)
            self.assertEqual(order.state, "draft")
        self._submit(order, total_fen="33900")
        self.assertEqual(order.state, "sale")

    def test_sent_twice_is_sent_once(self):
        self._put(self.tea, 2)
        order = self._cart()
        self._submit(order)
        self._submit(order)
        self.assertIn("was sent already", self._notices("/my/order/cart"))
        self.assertEqual(self._amounts(), (10000, 226))
        self.assertEqual(len(self._decisions(order)), 1)

    def test_an_empty_cart_and_what_left_the_shelf_are_not_sent(self):
        self._put(self.tea, 1)
        order = self._cart()
        self._put(self.tea, 0)
        self._submit(order)
        self.assertIn("cart is empty", self._notices("/my/order/cart"))
        self._put(self.tea, 1)
        self.env["channel.assortment.line"].search(
            [("product_id", "=", self.tea.id)]
        ).on_shelf = False
        self._submit(order)
        self.assertIn("No longer on offer", self._notices("/my/order/cart"))
        self.assertIn("take it out", self._page("/my/order/cart"))
        self.assertEqual(order.state, "draft")

    def test_an_order_that_waits_is_taken_back_changed_and_sent_again(self):
        order = self._sent()
        self._put(self.cup, 1)
        other = self._cart()
        self._post(f"/my/orders/{order.id}/change")
        self.assertEqual((self._cart(), order.review_state), (order, "none"))
        self.assertFalse(other.is_cart, "what was in the cart is a draft")
        self._put(self.tea, 3)
        self._submit(order)
        self.assertEqual(order.state, "sale")

    def test_an_order_that_waits_is_cancelled(self):
        order = self._sent()
        self._post(f"/my/orders/{order.id}/cancel")
        self.env.invalidate_all()
        self.assertEqual(order.state, "cancel")
        self.assertEqual(self._amounts(), (10000, 0))

    def test_what_the_manager_has_decided_is_not_cancelled_any_more(self):
        self._rule("deposit", active=False)
        order = self._sent(quantity=1001)
        self._set_stock(self.tea, self.warehouse_1, 10)
        self.account._book_or_raise([self._top_up(20000000)])
        order.with_user(self.users["sales_manager"])._approve("tomorrow")
        self.assertEqual(order.state, "sale")
        for what in ("cancel", "change"):
            self._post(f"/my/orders/{order.id}/{what}")
            self.assertRegex(self._notices("/my/order/cart"), "does not wait any more|sent already")
        self.env.invalidate_all()
        self.assertEqual(order.state, "sale")

    def _top_up(self, fen):
        from odoo.addons.channel_deposit.core.operations import TopUp

        return TopUp(key=f"more {fen}", account=self.account.id, amount=fen)

    def test_a_returned_order_is_changed_after_its_remark(self):
        order = self._sent()
        order.with_user(self.users["sales_manager"])._return("Half of it, please")
        text = self._page(f"/my/orders/{order.id}")
        self.assertIn("Half of it, please", re.search(r"o_dealer_remark.*?</p>", text, re.S)[0])
        self.assertIn(
            "o_dealer_returned d-block text-decoration-none text-danger", self._page("/my")
        )
        self._post(f"/my/orders/{order.id}/change")
        self._put(self.tea, 50)
        self._submit(order)
        self.assertEqual(order.state, "sale")

    def test_what_waits_is_not_changed_by_quantities(self):
        order = self._sent()
        self._put(self.tea, 1)
        self.assertEqual(order.order_line.product_uom_qty, 100)
        self.assertNotEqual(self._cart(), order)

    def test_an_old_order_is_ordered_again_and_what_is_gone_is_named(self):
        order = self._order(2, 3, 4)
        self._put(self.cup, 1)
        self._post(f"/my/orders/{order.id}/again")
        self.assertIn("Rice", self._notices("/my/order/cart"))
        lines = {line.product_id: line.product_uom_qty for line in self._cart().order_line}
        self.assertEqual(lines, {self.tea: 2, self.cup: 3})
        self._post(f"/my/orders/{order.id}/again")
        self.assertEqual(len(self._cart().order_line), 2, "twice is once")

    def test_a_substitute_takes_the_place_of_the_short_line(self):
        self._rule("deposit", active=False)
        self.account._book_or_raise([self._top_up(20000000)])
        self._set_stock(self.cup, self.warehouse_1, 100)
        self.products.categ_id = self.env["product.category"].create({"name": "Ware"})
        order = self._sent(quantity=1050)
        text = self._page(f"/my/orders/{order.id}")
        self.assertIn("o_dealer_instead", text)
        line = order.order_line.id
        self._post(f"/my/orders/{order.id}/instead", line_id=line, product_id=self.rice.id)
        self.assertEqual(order.review_state, "waiting", "only what was offered")
        self._post(f"/my/orders/{order.id}/instead", line_id=line, product_id=self.cup.id)
        self.assertEqual(self._cart(), order)
        self.assertEqual(order.order_line.product_id, self.cup)
        self.assertEqual(order.order_line.product_uom_qty, 1050)

    def test_orders_of_the_desk_are_not_changed_in_the_portal(self):
        order = self._order(1)
        for what in ("change", "cancel"):
            self._post(f"/my/orders/{order.id}/{what}")
        self._post(f"/my/order/{order.id}/discard")
        self._submit(order)
        self.env.invalidate_all()
        self.assertEqual((order.exists().state, order.review_state), ("draft", "none"))


@tagged("post_install", "-at_install")
class TestWalls(DealerCase):
    """Another dealer's order is not there."""

    def setUp(self):
        super().setUp()
        self._sign_in(self.other_user)
        self._put(self.rice, 2)
        self.foreign = self._cart(self.dealer_b)
        self._sign_in()

    def test_another_dealers_order_does_not_exist(self):
        order, known = self.foreign, (self.foreign.state, self.foreign.is_cart)
        self.assertEqual(self.url_open(f"/my/orders/{order.id}").status_code, NOT_FOUND)
        self.assertEqual(self.url_open("/my/orders/999999999").status_code, NOT_FOUND)
        for path in (
            f"/my/orders/{order.id}/again", f"/my/orders/{order.id}/cancel",
            f"/my/orders/{order.id}/change", f"/my/orders/{order.id}/instead",
            f"/my/order/{order.id}/open", f"/my/order/{order.id}/discard",
        ):  # fmt: skip
            self.assertEqual(self._post(path).status_code, NOT_FOUND, path)
        self.assertEqual(self._submit(order).status_code, NOT_FOUND)
        self.assertEqual((order.exists().state, order.is_cart), known)
        self.assertNotIn(order.name, self._page("/my/orders") + self._page("/my/order/cart"))

    def test_nor_does_the_order_of_a_member_below(self):
        below = self._order(1, member=self.dealer_a1)
        self.assertEqual(self._post(f"/my/orders/{below.id}/again").status_code, NOT_FOUND)
        self.assertEqual(self.url_open(f"/my/orders/{below.id}").status_code, NOT_FOUND)

    def test_by_rpc_an_order_is_not_changed(self):
        self._put(self.tea, 1)
        cart = self._cart()
        for method, args in (
            ("write", [cart.ids, {"is_cart": False}]),
            ("create", [{"partner_id": self.dealer_a.partner_id.id}]),
            ("action_confirm", [cart.ids]),
        ):
            reply = self.make_jsonrpc_request_raw("sale.order", method, args)
            self.assertIn("error", reply, method)
        self.env.invalidate_all()
        self.assertEqual((cart.state, cart.is_cart), ("draft", True))

    def make_jsonrpc_request_raw(self, model, method, args):
        params = {"model": model, "method": method, "args": args, "kwargs": {}}
        return self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            json={"jsonrpc": "2.0", "method": "call", "params": params},
        ).json()
