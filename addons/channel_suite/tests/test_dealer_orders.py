"""Dealer orders beside the other addons."""

from odoo.tests import tagged

from .walls_common import WallsCase


@tagged("post_install", "-at_install")
class TestDealerOrders(WallsCase):
    def test_the_order_of_a_wave_is_no_dealer_order(self):
        """Also when the shop's clearing partner is a member."""
        values = {"partner_id": self.member_own.partner_id.id}
        orders = self.env["sale.order"].create(
            [values, values | {"channel_wave_id": self.own.get("channel.wave").id}]
        )
        self.assertEqual(orders[0].member_id, self.member_own)
        self.assertFalse(orders[1].member_id)
        orders[1].action_confirm()
        self.assertEqual((orders[1].state, orders[1].review_state), ("sale", "none"))
