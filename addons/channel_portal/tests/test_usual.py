import re
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import DealerCase


@tagged("post_install", "-at_install")
class TestUsual(DealerCase):
    """What a dealer usually reorders is offered when it runs short, and is in the cart by one press."""

    def _sold(self, *quantities, member=None, days=(16, 9, 2)):
        self._rule("assortment", active=False)
        for back in days:
            order = self._order(*quantities, member=member)
            order.action_confirm()
            self.assertEqual(order.state, "sale", order.review_text)
            order.date_order = fields.Datetime.now() - timedelta(days=back)

    def _offered(self, path="/my/order"):
        """{product id: quantity} that the page offers."""
        found = re.findall(r"<button([^>]*o_usual_one[^>]*)>\+ (\d+) ", self._page(path))
        return {int(re.search(r'value="(\d+)"', tag)[1]): int(units) for tag, units in found}

    def _quantities(self):
        return {line.product_id: line.product_uom_qty for line in self._cart().order_line}

    def test_what_runs_short_is_offered_and_put_into_the_cart(self):
        self._sold(7, 4)
        self._sold(0, 1, member=self.dealer_b)
        usual = {self.tea.id: 7, self.cup.id: 4}
        self.assertEqual(self._offered(), usual)
        self.assertEqual(self._offered("/my"), usual)
        self.assertRegex(self._page("/my/order"), "enough for about 5 days")
        self._post("/my/order/usual", product_id=self.cup.id)
        self.assertEqual(self._quantities(), {self.cup: 4})
        self.assertEqual(self._offered(), {self.tea.id: 7}, "the cart has the other one")
        reply = self._post("/my/order/usual", quantity="9999")
        self.assertTrue(reply.headers["Location"].endswith("/my/order/cart"))
        self.assertEqual(self._quantities(), {self.cup: 4, self.tea: 7})
        self.assertNotIn("o_order_usual", self._page("/my/order"))
        self._post("/my/order/usual")
        self.assertIn("need not be reordered", self._notices("/my/order"))

    def test_packs_and_the_assortment_are_kept(self):
        self._sold(7, 0, 3)
        self._rule("pack", quantity=6)
        self.assertEqual(self._offered(), {self.tea.id: 12}, "Rice is not on offer")
        self._post("/my/order/usual", product_id=self.rice.id)
        self.assertFalse(self._quantities())
        self._post("/my/order/usual")
        self.assertEqual(self._quantities(), {self.tea: 12})

    def test_a_search_and_a_suspended_dealer_show_nothing(self):
        self._sold(7)
        self.assertNotIn("o_order_usual", self._page("/my/order", q="tea"))
        self.dealer_a.write({"state": "suspended", "suspend_reason": "x"})
        self.assertNotIn("o_order_usual", self._page("/my/order"))


@tagged("post_install", "-at_install")
class TestInstead(DealerCase):
    """What is short is told in the cart, with what is in stock instead, before anything is sent."""

    def setUp(self):
        super().setUp()
        self._rule("deposit", active=False)
        self.products.categ_id = self.env["product.category"].create({"name": "Ware"})
        self._set_stock(self.tea, self.warehouse_1, -995)  # 5 are left

    def _instead(self):
        return re.findall(
            r'name="product_id" value="(\d+)"/>\s*<span class="small', self._cart_text()
        )

    def _cart_text(self):
        return self._page("/my/order/cart")

    def test_a_short_line_has_its_substitutes_in_the_cart(self):
        self._put(self.tea, 5)
        self.assertEqual(self._instead(), [])
        self._put(self.tea, 6)
        self.assertEqual(self._instead(), [str(self.cup.id)], "Rice is not on offer")
        self.assertIn("113.00", self._cart_text().split("o_cart_instead ")[1][:1500])
        order = self._cart()
        self.assertEqual((order.review_state, order.review_round), ("none", 0), "only foreseen")

    def test_one_press_takes_it_and_keeps_what_was_there(self):
        self._rule("pack", quantity=2)
        self._put(self.tea, 6)
        self._put(self.cup, 3)
        order, line = self._cart(), self._cart().order_line[0]
        self._post(f"/my/orders/{order.id}/instead", line_id=line.id, product_id=self.rice.id)
        self.assertEqual(order.order_line.product_id, self.tea | self.cup, "only what was offered")
        self._post(f"/my/orders/{order.id}/instead", line_id=line.id, product_id=self.cup.id)
        self.env.invalidate_all()
        self.assertEqual(order.order_line.product_id, self.cup)
        self.assertEqual(order.order_line.product_uom_qty, 10, "3 and 6, in packs of two")

    def test_another_dealer_is_told_nothing(self):
        self._put(self.tea, 6)
        order, line = self._cart(), self._cart().order_line
        self._sign_in(self.other_user)
        path = f"/my/orders/{order.id}/instead"
        reply = self._post(path, line_id=line.id, product_id=self.cup.id)
        self.assertEqual(reply.status_code, 404)
        self.env.invalidate_all()
        self.assertEqual(order.order_line.product_id, self.tea)
