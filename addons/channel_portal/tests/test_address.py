from odoo import Command
from odoo.tests import tagged

from .common import DealerCase


@tagged("post_install", "-at_install")
class TestAddress(DealerCase):
    """A dealer has an order delivered to an address of its own, and to no other."""

    def _contact(self, member, name, **values):
        return self.env["res.partner"].create(
            {
                "name": name,
                "parent_id": member.partner_id.id,
                "type": "delivery",
                "street": f"{name} Road 8",
                **values,
            }
        )

    def _sent_to(self, address_id):
        order = self._cart()
        self._submit(order, address_id=address_id)
        return order

    def test_the_own_delivery_contacts_are_to_choose_from(self):
        self._contact(self.dealer_a, "South Store")
        north = self._contact(self.dealer_a, "North Store")
        self._contact(self.dealer_a, "Old Store", active=False)
        self._contact(self.dealer_a, "Billing Desk", type="invoice")
        self._contact(self.dealer_b, "Foreign Store")
        self._contact(self.dealer_a1, "Lower Store")
        self._put(self.tea, 1)
        text = self._page("/my/order/cart")
        self.assertIn("North Store, North Store Road 8", text)
        for other in ("Old Store", "Billing Desk", "Foreign Store", "Lower Store"):
            self.assertNotIn(other, text)
        order = self._sent_to(north.id)
        self.assertEqual((order.state, order.partner_shipping_id), ("sale", north))
        self.assertEqual(order.picking_ids.partner_id, north)

    def test_a_foreign_address_is_refused_and_nothing_is_sent(self):
        foreign = self._contact(self.dealer_b, "Foreign Store")
        lower = self._contact(self.dealer_a1, "Lower Store")
        old = self._contact(self.dealer_a, "Old Store", active=False)
        self._put(self.tea, 1)
        before = self._cart().partner_shipping_id
        for address in (foreign, lower, old, self.dealer_b.partner_id, foreign.browse(999999999)):
            order = self._sent_to(address.id)
            self.assertIn("no address of your company", self._notices("/my/order/cart"))
            self.assertEqual((order.state, order.partner_shipping_id), ("draft", before))
            self.assertNotIn("Foreign Store", self._page("/my/order/cart"))

    def test_an_address_that_is_gone_is_chosen_anew(self):
        gone = self._contact(self.dealer_a, "Old Store")
        self._put(self.tea, 1)
        self._cart().partner_shipping_id = gone
        gone.active = False
        self._submit()
        self.assertIn("not used any more", self._notices("/my/order/cart"))
        self.assertEqual(self._sent_to(self.dealer_a.partner_id.id).state, "sale")

    def test_taxes_follow_the_address_and_the_new_total_is_shown_first(self):
        island = self.env["res.country"].create({"name": "Island", "code": "Q1"})
        untaxed = self.env["account.fiscal.position"].create(
            {
                "name": "Island",
                "company_id": self.company.id,
                "auto_apply": True,
                "country_id": island.id,
            }
        )
        untaxed.tax_ids = [Command.clear()]
        twin = self.tax_13.copy({"name": "0 %", "amount": 0, "fiscal_position_ids": untaxed.ids})
        twin.original_tax_ids = self.tax_13
        self._put(self.tea, 1)
        there = self._contact(self.dealer_a, "Island Store", country_id=island.id)
        order = self._sent_to(there.id)
        self.assertEqual((order.state, order.amount_total), ("draft", 100))
        self.assertIn("total has changed", self._notices("/my/order/cart"))
        self.assertEqual(self._sent_to(there.id).state, "sale")
