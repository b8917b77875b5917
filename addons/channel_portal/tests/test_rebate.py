from odoo.tests import tagged

from odoo.addons.channel_sale.tests.rebate_common import RebateCommon

from .common import DealerCase


@tagged("post_install", "-at_install")
class TestRebate(RebateCommon, DealerCase):
    """Dealer A has a rebate of 500.00, and an order may use half of what it comes to."""

    def _use(self, amount=""):
        self._post("/my/order/rebate", amount=amount)
        return self._cart()

    def test_used_in_the_cart_and_set_aside_when_sent(self):
        self._put(self.tea, 2)
        page = self._page("/my/order/cart")
        self.assertIn("o_rebate_most", page)
        self.assertNotIn("o_cart_rebate_used", page)
        self.assertEqual(self._use("100").amount_total, 126)
        self.assertIn("o_cart_rebate_used", self._page("/my/order/cart"))
        self.assertEqual(self._use("").amount_total, 113, "as much as may be")
        self.assertEqual(self._use("0").amount_total, 226)
        order = self._use("100")
        self._submit(order)
        self.assertEqual((order.state, order.amount_total), ("sale", 126))
        self.assertEqual((self._amounts()[1], self._amounts(self.rebate)[1]), (126, 100))

    def test_what_gets_no_rebate_is_named_in_the_cart(self):
        self._put(self.tea, 2)
        self._put(self.cup, 1)
        self.assertNotIn("o_cart_no_rebate", self._page("/my/order/cart"))
        self.cup.brand_id = self.env["channel.brand"].create({"name": "Plum", "code": "P-1"})
        self.company.channel_rebate_excluded_brand_ids = self.cup.brand_id
        page = self._page("/my/order/cart").split("o_cart_no_rebate")[1][:200]
        self.assertIn("Cup", page)
        self.assertNotIn("Tea", page)

    def test_a_smaller_order_uses_less(self):
        self._put(self.tea, 4)
        self._use("200")
        self._put(self.tea, 2)
        self.assertEqual(self._cart().amount_total, 113, "half of 226.00 at most")

    def test_goods_on_rebate_keep_their_price_and_number(self):
        """What the sales desk gives stays as it is when the dealer orders the same."""
        self._put(self.tea, 4)
        self._cart()._use_rebate_goods(self.tea, 1)
        self._put(self.tea, 5)
        order = self._cart()
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [5, 1])
        self._submit(order)
        self.assertEqual((order.state, order.amount_total), ("sale", 565))
        self.assertEqual(self._amounts(self.rebate)[1], 113)

    def test_what_may_not_be_used_is_refused_in_words(self):
        self._put(self.tea, 2)
        for amount, words in (("113.01", "113.00 possible"), ("-1", "0 or more"),
                              ("1.001", "two decimals"), ("x", "two decimals"),
                              ("1e20", "113.00 possible")):  # fmt: skip
            with self.subTest(amount=amount):
                self.assertEqual(self._use(amount).amount_total, 226)
                self.assertIn(words, self._notices("/my/order/cart"))

    def test_without_a_rebate_nothing_is_offered(self):
        self._sign_in(self.other_user)
        self._put(self.tea, 2)
        self.assertNotIn("o_rebate_most", self._page("/my/order/cart"))
        self._use("1")
        self.assertEqual(self._cart(self.dealer_b).amount_total, 226)
