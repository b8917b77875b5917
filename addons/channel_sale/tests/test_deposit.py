from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.channel_deposit.core.operations import PlaceHold

from .common import SaleCommon


@tagged("post_install", "-at_install")
class TestDeposit(SaleCommon):
    """An order's money: set aside, changed, spent delivery by delivery, given back."""

    def _confirmed(self, *quantities, **values):
        order = self._order(*quantities, **values)
        order.action_confirm()
        self.assertEqual(order.state, "sale", order.review_text)
        return order

    def _holds(self, order):
        return self.env["channel.deposit.hold"].search(
            [("source", "=", f"sale.order,{order.id}"), ("state", "=", "active")]
        )

    def _entries(self, document):
        return self.env["channel.deposit.entry"].search(
            [("source", "=", f"{document._name},{document.id}")], order="id"
        )

    def test_confirming_holds_the_amount(self):
        order = self._confirmed(10)
        self.assertEqual(self._amounts(), (10000.0, 1130.0))
        hold = self._holds(order)
        self.assertEqual((hold.key, hold.amount), (f"order,{order.id},hold", 1130.0))

    def test_delivery_by_delivery(self):
        order = self._confirmed(10, 0, 7)  # 1130.00 + 763.00
        self._deliver(order, 3, 2)
        invoice = self._invoice(order)
        self.assertEqual(invoice.amount_total, 557.0)
        self.assertEqual(self._amounts(), (9443.0, 1336.0))
        self.assertEqual(self._holds(order).amount, 1336.0)
        entry = self._entries(invoice)
        self.assertEqual((entry.kind, entry.posted, entry.key),
                         ("capture", -557.0, f"invoice,{invoice.id},{order.id}"))  # fmt: skip
        self._deliver(order, 7, 5)
        self._invoice(order)
        self.assertEqual(self._amounts(), (8107.0, 0.0))
        self.assertFalse(self._holds(order))

    def test_to_the_fen_tax_excluded_and_included(self):
        included = self.tax_13.copy({"name": "13 in", "price_include_override": "tax_included"})
        for tax, price in ((self.tax_13, 33.33), (included, 9.99), (included, 0.37)):
            for rounding in ("round_per_line", "round_globally"):
                with self.subTest(tax=tax.name, price=price, rounding=rounding):
                    self.company.tax_calculation_rounding_method = rounding
                    before = self.account.posted
                    order = self._order(7, 3)
                    order.order_line.write({"price_unit": price, "tax_ids": tax.ids})
                    order.action_confirm()
                    self.assertEqual(self.account.held, order.amount_total)
                    spent = 0
                    for part in ((1, 1), (3, 1), (2, 0), (1, 1)):
                        self._deliver(order, *part)
                        invoice = self._invoice(order)
                        spent = round(spent + invoice.amount_total, 2)
                        self.assertEqual(self.account.posted, round(before - spent, 2))
                    self.assertEqual((order.invoice_status, self.account.held), ("invoiced", 0))

    def test_an_invoice_above_the_hold_raises_it_first(self):
        order = self._confirmed(10)
        self._deliver(order, 12)
        self._invoice(order)
        self.assertEqual(self._amounts(), (8644.0, 0.0))

    def test_an_invoice_that_the_money_does_not_cover_is_not_posted(self):
        order = self._confirmed(10)
        other = PlaceHold(key="else", account=self.account.id, amount=880000)
        self.accounts._book_or_raise([other])
        self._deliver(order, 12)
        invoice = order._create_invoices()
        with self.assertRaisesRegex(UserError, r"226\.00 wanted, 70\.00 there, 156\.00 missing"):
            invoice.action_post()

    def test_changes_after_confirming(self):
        order = self._confirmed(10, 5)  # 1695.00
        order.order_line[0].price_unit = 90
        self.assertEqual(self.account.held, 1582.0)
        order.order_line[1].product_uom_qty = 8
        self.assertEqual(self.account.held, 1921.0)
        order.write({"order_line": [Command.create({"product_id": self.product_9.id})]})
        self.assertEqual(self.account.held, 2030.0)
        order.order_line[2].product_uom_qty = 0
        self.assertEqual(self.account.held, 1921.0)
        self._deliver(order, 4, 8)
        self._invoice(order)  # 4 × 101.70 + 8 × 113.00
        self.assertEqual(self._amounts(), (8689.2, 610.2))
        order.order_line[0].price_unit = 80
        # what was invoiced stays invoiced: 904.00 + 723.20 is the total now, 1310.80 of it is paid
        self.assertEqual(self._amounts(), (8689.2, 497.2))
        self._deliver(order, 6)
        self._invoice(order)
        self.assertEqual(self._amounts(), (8146.8, 0.0))

    def test_lines_changed_together_are_fitted_once(self):
        order = self._confirmed(40, 40)  # 9040.00
        first, second = order.order_line
        number = self.account.number
        order.write(
            {
                "order_line": [
                    Command.update(first.id, {"product_uom_qty": 60}),
                    Command.update(second.id, {"product_uom_qty": 20}),
                ]
            }
        )
        self.assertEqual((self.account.held, self.account.number), (9040.0, number))

    def test_a_change_that_the_money_does_not_cover_is_refused(self):
        order = self._confirmed(10)
        with self.assertRaisesRegex(UserError, r"1300\.00 missing"):
            order.order_line.product_uom_qty = 100

    def test_cancelling_releases(self):
        order = self._confirmed(10)
        self._deliver(order, 4)
        self._invoice(order)
        order._action_cancel()
        self.assertEqual(self._amounts(), (9548.0, 0.0))
        order.action_draft()
        self.assertEqual(self.account.held, 0)

    def test_confirmed_cancelled_confirmed_again_is_held_again(self):
        order = self._confirmed(10)
        for _time in range(2):
            order._action_cancel()
            self.assertEqual(self.account.held, 0)
            order.action_draft()
            order.action_confirm()
            self.assertEqual((order.state, self.account.held), ("sale", 1130.0))

    def test_what_will_not_be_delivered_is_released(self):
        order = self._confirmed(10)
        self._deliver(order, 4, backorder=False)
        self._invoice(order)
        self.assertEqual(self._amounts(), (9548.0, 0.0))
        order = self._confirmed(10)
        self._deliver(order, 4)
        self._invoice(order)
        self.assertEqual(self.account.held, 678.0)
        order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel")).action_cancel()
        self.assertEqual(self._amounts(), (9096.0, 0.0))

    def test_two_drafts_of_one_order(self):
        order = self._confirmed(10)
        self._deliver(order, 4)
        first = order._create_invoices()
        self._deliver(order, 6)
        second = order._create_invoices()
        first.action_post()
        self.assertEqual(self._amounts(), (9548.0, 678.0))
        second.action_post()
        self.assertEqual(self._amounts(), (8870.0, 0.0))

    def test_one_invoice_for_two_orders(self):
        orders = self._confirmed(10) | self._confirmed(0, 0, 10)
        for order in orders:
            self._deliver(order, 4)
        invoice = self._invoice(orders)
        self.assertEqual(len(invoice), 1)
        self.assertEqual(self._entries(invoice).mapped("posted"), [-452.0, -436.0])
        self.assertEqual(self._amounts(), (9112.0, 1332.0))
        self.assertEqual([self._holds(order).amount for order in orders], [678.0, 654.0])

    def test_back_to_draft_gives_back_and_posting_again_spends_again(self):
        order = self._confirmed(10)
        self._deliver(order, 4)
        invoice = self._invoice(order)
        for _time in range(2):
            invoice.button_draft()
            self.assertEqual(self._amounts(), (10000.0, 1130.0))
            invoice.action_post()
            self.assertEqual(self._amounts(), (9548.0, 678.0))
        kinds = self._entries(invoice).mapped("kind")
        self.assertEqual(kinds, ["capture", "reverse"] * 2 + ["capture"])

    def test_an_invoice_before_the_delivery(self):
        self.products.invoice_policy = "order"
        order = self._confirmed(10)
        self._invoice(order)
        self.assertEqual(self._amounts(), (8870.0, 0.0))

    def test_only_what_is_left_to_pay_is_spent(self):
        order = self._confirmed(10)
        self._deliver(order, 10)
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual(self._entries(invoice).posted, -invoice.amount_residual)

    def test_an_invoice_to_somebody_else_is_not_paid_by_the_dealer(self):
        order = self._confirmed(10)
        self._deliver(order, 10)
        invoice = order._create_invoices()
        invoice.partner_id = self.dealer_b.partner_id
        with self.assertRaisesRegex(UserError, "whose deposit pays for it"):
            invoice.action_post()

    def test_an_order_of_nothing_holds_nothing(self):
        order = self._order(1)
        order.order_line.price_unit = 0
        order.action_confirm()
        self.assertEqual((order.state, self.account.held), ("sale", 0))
        order.order_line.price_unit = 100
        self.assertEqual(self.account.held, 113.0)

    def test_a_representative_and_a_warehouse_worker_need_no_rights_on_deposits(self):
        order = self._order(10, user_id=self.users["sales_rep"].id)
        order.with_env(self.as_role("sales_rep")).action_confirm()
        self.assertEqual(order.state, "sale")
        picking = order.picking_ids.with_env(self.as_role("warehouse"))
        picking.action_cancel()
        self.assertEqual(self.account.held, 0)
        entry = self._entries(order)[0]
        self.assertEqual(entry.user_id, self.users["sales_rep"])
