from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.channel_deposit.core.operations import PlaceHold

from .rebate_common import RebateCommon


@tagged("post_install", "-at_install")
class TestRebateMoney(RebateCommon):
    """The rebate account of an order: set aside, spent invoice by invoice, given back."""

    def test_confirming_sets_both_aside(self):
        order = self._confirmed(10)
        self.assertEqual(self._all_amounts(), (10000.0, 1030.0, 500.0, 100.0))
        order._action_cancel()
        self.assertEqual(self._all_amounts(), (10000.0, 0, 500.0, 0))

    def test_what_another_order_has_taken_is_refused_and_nothing_is_held(self):
        order = self._with_rebate(10)
        other = PlaceHold(key="else", account=self.rebate.id, amount=45000)
        self.accounts._book_or_raise([other])
        order.action_confirm()
        self.assertEqual((order.state, order.review_state), ("draft", "waiting"))
        self.assertRegex(order.review_text, r"Rebate: 100\.00 wanted, 50\.00 there")
        self.assertEqual((self.account.held, order.review_missing), (0, 50.0))
        order._use_rebate(order._rebate_offer().most)
        order.action_confirm()
        self.assertEqual(self._all_amounts(), (10000.0, 1080.0, 500.0, 500.0))

    def test_delivery_by_delivery_to_the_fen(self):
        for rounding in ("round_per_line", "round_globally"):
            self.company.tax_calculation_rounding_method = rounding
            with self.subTest(rounding=rounding):
                money, rebate = self.account.posted, self.rebate.posted
                order = self._confirmed(7, 0, 3, fen=9999)
                total = order.amount_total
                for part in ((1, 1), (3, 0), (2, 1), (1, 1)):
                    self._deliver(order, *part)
                    invoice = self._invoice(order)
                    used = -sum(
                        invoice.invoice_line_ids.filtered(
                            lambda line: line.sale_line_ids.rebate
                        ).mapped("price_total")
                    )
                    self.assertGreater(used, 0)
                    entries = self._entries(invoice)
                    self.assertEqual(entries[0].posted, -invoice.amount_total)
                    self.assertEqual(entries[1].posted, -round(used, 2))
                self.assertEqual(order.invoice_status, "invoiced")
                self.assertEqual(
                    [round(each, 2) for each in self._all_amounts()],
                    [round(money - total, 2), 0, round(rebate - 99.99, 2), 0],
                )

    def _entries(self, document):
        return self.env["channel.deposit.entry"].search(
            [("source", "=", f"{document._name},{document.id}"), ("posted", "!=", 0)], order="id"
        )

    def test_in_proportion(self):
        order = self._confirmed(10)
        self._deliver(order, 4)
        self._invoice(order)  # 452.00 less 40.00
        self.assertEqual(self._all_amounts(), (9588.0, 618.0, 460.0, 60.0))

    def test_what_is_invoiced_when_ordered(self):
        self.products.invoice_policy = "order"
        order = self._confirmed(10)
        self._invoice(order)
        self.assertEqual(self._all_amounts(), (8970.0, 0, 400.0, 0))

    def test_what_will_not_be_delivered_is_free_again(self):
        order = self._confirmed(10)
        self._deliver(order, 4, backorder=False)
        self._invoice(order)
        self.assertEqual(self._all_amounts(), (9588.0, 0, 460.0, 0))

    def test_goods(self):
        order = self._order(10)
        order._use_rebate_goods(self.product_9, 2)  # worth 218.00
        order.action_confirm()
        self.assertEqual(self._all_amounts(), (10000.0, 1130.0, 500.0, 218.0))
        self._deliver(order, 10, 1)
        invoice = self._invoice(order)
        self.assertEqual(invoice.amount_total, 1130.0)
        self.assertEqual(self._all_amounts(), (8870.0, 0, 391.0, 109.0))
        self._deliver(order, 0, 1)
        self.assertEqual(self._invoice(order).amount_total, 0)
        self.assertEqual(self._all_amounts(), (8870.0, 0, 282.0, 0))

    def test_changes_after_confirming(self):
        order = self._confirmed(10)
        order.order_line[0].product_uom_qty = 1  # 113.00: at most 56.50 of rebate
        self.assertEqual(self._all_amounts(), (10000.0, 56.5, 500.0, 56.5))
        order.order_line[0].product_uom_qty = 10
        self.assertEqual(self._all_amounts(), (10000.0, 1073.5, 500.0, 56.5))

    def test_what_is_invoiced_of_it_stays(self):
        order = self._confirmed(10, fen=50000)
        self._deliver(order, 4)
        self._invoice(order)  # 452.00 less 200.00
        order.order_line[0].price_unit = 10
        # 4 were invoiced; the rebate is 56.50 at most, but 200.00 is on the invoice
        self.assertEqual(self.rebate.posted, 300.0)
        self.assertEqual(self.rebate.held, 0)

    def test_closing_an_order_short_leaves_no_discount_behind(self):
        order = self._confirmed(10)
        self._deliver(order, 4, backorder=False)
        self._invoice(order)  # 452.00 less 40.00
        order.order_line[0].product_uom_qty = 4
        self.assertEqual((self._discounts(order), order.amount_total), ([-40.0], 412.0))
        self.assertEqual(order.invoice_status, "invoiced")
        self.assertEqual(self._all_amounts(), (9588.0, 0, 460.0, 0))

    def test_the_percentage_of_today_changes_no_confirmed_order(self):
        order = self._confirmed(10)
        self._deliver(order, 4)
        self.company.channel_rebate_percent = 1
        order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel")).action_cancel()
        self.assertEqual(self._discounts(order), [-100.0])

    def test_goods_are_never_worth_more_than_the_cap(self):
        order = self._order(10)
        line = order._use_rebate_goods(self.product_9, 2)
        order.order_line[0].product_uom_qty = 1
        with self.assertRaisesRegex(UserError, r"worth 218\.00, but may use 56\.50"):
            order.action_confirm()
        order.order_line[0].product_uom_qty = 10
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        with self.assertRaisesRegex(UserError, r"worth 218\.00, but may use 56\.50"):
            (order.order_line - line).product_uom_qty = 1

    def test_back_to_draft_and_posted_again(self):
        order = self._confirmed(10)
        self._deliver(order, 4)
        invoice = self._invoice(order)
        for _time in range(2):
            invoice.button_draft()
            self.assertEqual(self._all_amounts(), (10000.0, 1030.0, 500.0, 100.0))
            invoice.action_post()
            self.assertEqual(self._all_amounts(), (9588.0, 618.0, 460.0, 60.0))

    def test_the_books(self):
        """Accrued or not: the invoice is paid, and the rebate owed falls by what is used."""
        self.company.channel_rebate_accrual = True
        order = self._confirmed(10)
        self._deliver(order, 4)
        invoice = self._invoice(order)
        postings = self.env["channel.deposit.posting"]
        moves = postings._post_entries(postings._waiting(company=self.company))
        self.assertEqual((invoice.payment_state, invoice.amount_residual), ("paid", 0))
        owed = self.company._deposit_account_for("rebate")
        lines = moves.line_ids.filtered(lambda line: line.account_id == owed)
        self.assertEqual(sorted(lines.mapped("balance")), [-500.0, 40.0])
        self.assertEqual(len(invoice.invoice_line_ids), 2)

    def test_one_entry_a_delivery(self):
        """What a capture keeps is the order's hold, without another entry."""
        order = self._confirmed(10)
        self._deliver(order, 4)
        before = self.account.number, self.rebate.number
        self._invoice(order)
        self.assertEqual((self.account.number, self.rebate.number), (before[0] + 1, before[1] + 1))
        self.assertEqual(order._active_holds()[order.id, "goods"][1], 61800)
