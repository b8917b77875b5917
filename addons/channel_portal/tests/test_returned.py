from odoo.tests import tagged

from .common import NOT_FOUND, DealerCase


@tagged("post_install", "-at_install")
class TestReturned(DealerCase):
    """An order that the sales desk made and the manager gave back is the dealer's to change."""

    def _returned(self, *quantities, member=None, **values):
        order = self._order(*quantities or (100,), member=member, **values)
        order.action_confirm()
        self.assertEqual(order.review_state, "waiting")
        order.with_user(self.users["sales_manager"])._return("Half of it, please")
        self.env.invalidate_all()
        return order

    def test_it_is_read_changed_and_sent_again(self):
        order = self._returned(require_signature=True)
        self._put(self.cup, 1)
        other = self._cart()
        self.assertIn("o_dealer_returned d-block text-decoration-none text-danger",
                      self._page("/my"))  # fmt: skip
        self.assertIn(order.name, self._page("/my/orders"))
        text = self._page(f"/my/orders/{order.id}")
        self.assertIn("Half of it, please", text)
        self.assertIn("o_dealer_change", text)
        self._post(f"/my/orders/{order.id}/change")
        self.assertEqual(self._cart(), order)
        self.assertFalse(other.is_cart, "what was in the cart is a draft")
        self.assertIn("Half of it, please", self._page("/my/order/cart"))
        self._put(self.tea, 50)
        self._submit(order)
        self.assertEqual((order.state, order.review_state), ("sale", "passed"))
        self.assertEqual(self._amounts(), (10000, 5650))

    def test_sent_again_it_waits_again_and_can_be_taken_back(self):
        order = self._returned()
        self._post(f"/my/orders/{order.id}/change")
        self._submit(order)
        self.assertEqual(order.review_state, "waiting")
        self._post(f"/my/orders/{order.id}/change")
        self.assertEqual(self._cart(), order)

    def test_a_quotation_that_was_mailed_is_changed_too(self):
        order = self._returned()
        order.state = "sent"
        self.assertIn(order.name, self._page("/my/orders"))
        self._post(f"/my/orders/{order.id}/change")
        self.assertEqual((self._cart(), order.state), (order, "draft"))

    def test_what_the_desk_granted_holds_for_the_quantity_it_was_granted_for(self):
        order = self._returned(100, 10)
        tea, cup = order.order_line
        tea.discount, cup.price_unit = 20, 90
        self._post(f"/my/orders/{order.id}/change")
        order._submit(-1)
        self.assertEqual((tea.discount, cup.price_unit), (20, 90))
        self._put(self.tea, 20)
        self._put(self.cup, 5)
        self.env.invalidate_all()
        self.assertEqual((tea.discount, tea.price_unit, cup.price_unit), (0, 100, 100))

    def test_before_and_after_it_is_the_desks(self):
        order = self._order(100)
        order.action_confirm()
        for what in ("change", "cancel"):
            self._post(f"/my/orders/{order.id}/{what}")
        self.env.invalidate_all()
        self.assertEqual((order.state, order.review_state, order.is_cart),
                         ("draft", "waiting", False))  # fmt: skip
        order.with_user(self.users["sales_manager"])._return("Less")
        order._action_cancel()
        self._post(f"/my/orders/{order.id}/change")
        self.env.invalidate_all()
        self.assertEqual((order.state, order.is_cart), ("cancel", False))

    def test_not_another_dealers(self):
        order = self._returned(200, member=self.dealer_b)
        below = self._returned(1, member=self.dealer_a1)
        for foreign in (order, below):
            for what in ("change", "instead", "again"):
                reply = self._post(f"/my/orders/{foreign.id}/{what}")
                self.assertEqual(reply.status_code, NOT_FOUND)
            self.assertNotIn(foreign.name, self._page("/my/orders") + self._page("/my/order/cart"))
