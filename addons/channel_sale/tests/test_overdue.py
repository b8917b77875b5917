from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.channel_deposit.core.ledger import Why
from odoo.addons.channel_deposit.core.operations import PlaceHold, SetCreditLine

from .common import SaleCommon


@tagged("post_install", "-at_install")
class TestOverdue(SaleCommon):
    """What a member owes beyond its day blocks what is set aside anew."""

    def _bill(self, amount, days, member=None):
        """A posted invoice of no dealer order, due so many days from today."""
        due = fields.Date.context_today(self.account) + timedelta(days=days)
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (member or self.dealer_a).partner_id.id,
                "invoice_date": "2026-01-01",
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create({"name": "Shelf", "price_unit": amount, "tax_ids": False})
                ],
            }
        )
        invoice.action_post()
        return invoice

    def _overdue(self):
        return self.accounts._overdue(self.account.ids).get(self.account.id, 0)

    def test_unpaid_past_its_day(self):
        self.assertEqual(self._overdue(), 0)
        self._bill(5, 0)
        self._bill(7, 1)
        self._bill(9, -1, self.dealer_b)
        self.assertEqual(self._overdue(), 0)
        late = self._bill(12.34, -1)
        self.assertEqual(self._overdue(), 1234)
        late.button_draft()
        self.assertEqual(self._overdue(), 0)

    def test_it_blocks_new_holds_and_says_which_invoices(self):
        late = self._bill(12.34, -1)
        (refusal,) = self.accounts._book(
            [PlaceHold(key="x", account=self.account.id, amount=1, source="x,1")]
        )
        self.assertEqual((refusal.why, refusal.wanted), (Why.OVERDUE, 1234))
        self.assertRegex(self.accounts._words([refusal]), f"12.34 is overdue.*{late.name}")

    def test_an_order_waits_and_nobody_approves_it(self):
        self._bill(12.34, -1)
        order = self._order(1)
        order.action_confirm()
        self.assertEqual((order.state, order.review_kind), ("draft", "overdue"))
        self.assertEqual(order.review_missing, 12.34)
        with self.assertRaisesRegex(UserError, r"12\.34 is overdue"):
            order._approve("please")
        self._rule("overdue", active=False)
        order.action_confirm()
        self.assertEqual((order.state, order.review_kind), ("draft", "overdue"))

    def test_what_the_deposit_has_paid_is_not_owed(self):
        """Also before the entry is posted to the ledger and reconciled with the invoice."""
        order = self._order(10)
        order.action_confirm()
        self._deliver(order, 10)
        invoice = self._invoice(order)
        invoice.line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        ).date_maturity = "2026-01-02"
        invoice.invoice_date_due = "2026-01-02"
        self.assertEqual((self._overdue(), self.account.posted), (0, 8870.0))

    def test_credit_used_is_owed_when_its_invoices_are_due(self):
        line = SetCreditLine(key="line", account=self.account.id, line=500000)
        self.accounts._book_or_raise([line])
        order = self._order(100)  # 11,300.00 of 10,000.00 and 5,000.00 credit
        order.action_confirm()
        self._deliver(order, 100)
        invoice = order._create_invoices()
        term = self.env["account.payment.term"].create(
            {"name": "30 days", "line_ids": [Command.create({"nb_days": 30})]}
        )
        invoice.invoice_payment_term_id = term
        invoice.action_post()
        self.assertEqual((self.account.posted, self._overdue()), (-1300.0, 0))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET invoice_date_due = '2026-01-02' WHERE id = %s", [invoice.id]
        )
        self.assertEqual(self._overdue(), 130000)

    def test_a_change_is_blocked_but_what_is_kept_is_not(self):
        order = self._order(10)
        order.action_confirm()
        self._bill(12.34, -1)
        self._deliver(order, 4)
        self._invoice(order)
        self.assertEqual(self._amounts(), (9548.0, 678.0))
        with self.assertRaisesRegex(UserError, "is overdue"):
            order.order_line.product_uom_qty = 20
