from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.channel_deposit.core.operations import PlaceHold, Reverse

from .rebate_common import RebateCommon


@tagged("post_install", "-at_install")
class TestCreditNote(RebateCommon):
    """What was paid from the deposit goes back to it, when its invoice is credited."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._confirmed(10)  # 1130.00 less 100.00
        cls._deliver(cls.order, 10)
        cls.invoice = cls._invoice(cls.order)

    def _credit(self, invoice=None, modify=False, post=True):
        """A credit note of the whole invoice, by Odoo's dialogue."""
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=(invoice or self.invoice).ids)
            .create({"journal_id": self.invoice.journal_id.id})
        )
        wizard.reverse_moves(is_modify=modify)
        note = self.invoice.reversal_move_ids.sorted("id")[-1]
        if post and note.state == "draft":
            note.action_post()
        return note

    def _return(self, quantity):
        """Take so many back into stock, and credit them."""
        delivered = self.order.picking_ids.filtered(lambda p: p.picking_type_code == "outgoing")
        picking = delivered.sorted("id")[0]
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_model="stock.picking", active_id=picking.id)
            .create({"picking_id": picking.id})
        )
        wizard.product_return_moves.quantity = quantity
        back = wizard._create_return()
        back.move_ids.write({"quantity": quantity, "picked": True})
        back.button_validate()
        note = self.order._create_invoices(final=True)
        self.assertEqual(note.move_type, "out_refund")
        note.action_post()
        return note

    def _entries(self, document):
        return self.env["channel.deposit.entry"].search(
            [("source", "=", f"account.move,{document.id}")], order="id"
        )

    def _post_to_ledger(self):
        postings = self.env["channel.deposit.posting"]
        postings._post_entries(postings._waiting(company=self.company))

    def test_all_of_it(self):
        self.assertEqual(self._all_amounts(), (8970.0, 0, 400.0, 0))
        note = self._credit()
        self.assertEqual(self._all_amounts(), (10000.0, 0, 500.0, 0))
        entries = self._entries(note)
        self.assertEqual(entries.mapped("kind"), ["give_back", "give_back"])
        self.assertEqual(entries.mapped("posted"), [1030.0, 100.0])
        self.assertEqual(entries[0].key, f"credit,{note.id},{self.order.id}")

    def test_a_part_gives_the_rebate_back_in_proportion(self):
        note = self._return(3)
        self.assertEqual(note.amount_total, 309.0)
        self.assertEqual(self._all_amounts(), (9279.0, 0, 430.0, 0))
        self._return(7)
        self.assertEqual(self._all_amounts(), (10000.0, 0, 500.0, 0))

    def test_goods_on_rebate(self):
        order = self._order(10)
        order._use_rebate_goods(self.product_9, 2)
        order.action_confirm()
        self._deliver(order, 10, 2)
        self.invoice = self._invoice(order)
        self.assertEqual(self._all_amounts(), (7840.0, 0, 182.0, 0))
        self._credit()
        self.assertEqual(self._all_amounts(), (8970.0, 0, 400.0, 0))

    def test_never_more_than_was_spent(self):
        self._credit()
        note = self._credit()
        self.assertFalse(self._entries(note))
        self.assertEqual(self._all_amounts(), (10000.0, 0, 500.0, 0))

    def test_what_finance_gave_back_by_hand_is_not_given_twice(self):
        key = f"invoice,{self.invoice.id},{self.order.id}"
        self.accounts._book_or_raise([Reverse(key="reverse,1", of=key, note="wrong")])
        self.assertEqual(self._all_amounts(), (10000.0, 0, 400.0, 0))
        self._credit()
        self.assertEqual(self._all_amounts(), (10000.0, 0, 500.0, 0))

    def test_another_orders_part_stays(self):
        orders = self._confirmed(10) | self._confirmed(10, fen=0)
        for order in orders:
            self._deliver(order, 10)
        self.invoice = self._invoice(orders)
        self.assertEqual(self._all_amounts(), (6810.0, 0, 300.0, 0))
        note = self._credit(post=False)
        note.invoice_line_ids.filtered(
            lambda line: line.sale_line_ids.order_id == orders[1]
        ).unlink()
        note.action_post()
        self.assertEqual(self._all_amounts(), (7840.0, 0, 400.0, 0))

    def test_an_invoice_that_the_deposit_has_not_paid(self):
        free = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.dealer_a.partner_id.id,
                "invoice_line_ids": [Command.create({"name": "Shelf", "price_unit": 5})],
            }
        )
        free.action_post()
        self.assertFalse(self._entries(free))

    def test_back_to_draft_takes_it_back_and_posting_gives_it_again(self):
        note = self._credit()
        for _time in range(2):
            note.button_draft()
            self.assertEqual(self._all_amounts(), (8970.0, 0, 400.0, 0))
            note.action_post()
            self.assertEqual(self._all_amounts(), (10000.0, 0, 500.0, 0))

    def test_what_is_spent_again_cannot_be_taken_back(self):
        note = self._credit()
        other = PlaceHold(key="else", account=self.account.id, amount=950000)
        self.accounts._book_or_raise([other])
        with self.assertRaisesRegex(UserError, r"1,?030\.00 wanted, 500\.00 there"):
            note.button_draft()

    def test_the_ledger(self):
        """Whether invoice and credit note were posted before or after their deposit entries, by
        reversal or in place of the invoice, storno or not: nothing stays open.
        """
        for storno in (True, False):
            for ledger_first in (True, False):
                for modify in (False, True):
                    with self.subTest(storno=storno, first=ledger_first, modify=modify):
                        self.company.account_storno = storno
                        order = self._confirmed(1, fen=0)
                        self._deliver(order, 1)
                        self.invoice = self._invoice(order)
                        if ledger_first:
                            self._post_to_ledger()
                        note = self._credit(modify=modify)
                        self._post_to_ledger()
                        self._nothing_open(self.invoice | note)

    def _nothing_open(self, moves):
        for move in moves:
            self.assertEqual(move.amount_residual, 0, move.name)
        entries = self.env["channel.deposit.entry"].search([("account_id", "=", self.account.id)])
        sides = entries.posting_ids.counterpart_id.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        self.assertEqual(set(sides.mapped("reconciled")), {True})

    def test_the_ledger_after_reset_and_again(self):
        self._post_to_ledger()
        note = self._credit()
        self._post_to_ledger()
        note.button_draft()
        self._post_to_ledger()
        self.assertEqual(self.invoice.amount_residual, 0)
        note.action_post()
        self._post_to_ledger()
        self._nothing_open(self.invoice | note)
        tie_out = self.env["channel.deposit.tie.out"]
        tie_out.invalidate_model()

    def test_nobody_loses_what_is_on_hold(self):
        """A credit note of a delivery leaves what is set aside for the next."""
        order = self._confirmed(10, fen=0)
        self._deliver(order, 4)
        self.invoice = self._invoice(order)
        held = self.account.held
        self._credit()
        self.assertEqual(self.account.held, held)
