from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.channel_network.core.money import to_fen

from .common import StatementCommon


@tagged("post_install", "-at_install")
class TestDispute(StatementCommon):
    def setUp(self):
        super().setUp()
        self.split()
        self.statement = self.run_until(self.later())
        self.clerk(self.statement).action_send()
        self.lines = self.Line.search([("statement_id", "=", self.statement.id)])
        self.Dispute = self.env["settlement.dispute"]

    def answer(self, dispute, words, amount=0):
        panel = self.env["settlement.dispute.answer"].with_user(self.users["finance"])
        panel.create({"dispute_id": dispute.id, "answer": words, "amount": amount}).action_answer()
        self.env.invalidate_all()

    def test_a_dispute_is_answered_with_a_correction(self):
        dispute = self.Dispute._raise(self.statement, " 25 % was agreed ", self.lines[0])
        self.assertEqual((self.statement.state, dispute.reason), ("disputed", "25 % was agreed"))
        self.assertEqual(len(self.statement.activity_ids), 1)
        with self.assertRaisesRegex(UserError, "Disputed"):
            self.clerk(self.statement).action_confirm()
        with self.assertRaisesRegex(UserError, "answer them first"):
            self.clerk(self.statement).action_send()
        self.answer(dispute, "You are right", 1.8)
        self.assertEqual(dispute.state, "corrected")
        self.assertFalse(self.statement.activity_ids)
        self.clerk(self.statement).action_send()
        self.assertEqual(self.statement.state, "sent")
        self.assertEqual(to_fen(self.statement.amount_payable), 3160 + 180)
        self.clerk(self.statement).action_confirm()
        self.assertEqual(to_fen(self.statement.payout_ids.amount), 3160 + 180)

    def test_a_dispute_that_is_not_followed(self):
        dispute = self.Dispute._raise(self.statement, "Too little")
        self.answer(dispute, "See the contract")
        self.assertEqual(dispute.state, "refused")
        self.clerk(self.statement).action_send()
        self.assertEqual(to_fen(self.statement.amount_payable), 3160)
        with self.assertRaisesRegex(UserError, "answered already"):
            self.answer(dispute, "Again")

    def test_a_correction_of_an_older_statement_falls_into_the_next(self):
        self.env["settlement.fee"].create(
            {"name": "Evening", "kind": "pit_fee", "partner_id": self.agent.id, "amount": 50,
             "day": self.later(2)}
        )  # fmt: skip
        newer = self.run_until(self.later(2))
        dispute = self.Dispute._raise(self.statement, "25 % was agreed", self.lines[0])
        self.answer(dispute, "You are right", 1.8)
        self.clerk(self.statement).action_send()
        self.assertEqual(to_fen(self.statement.amount_payable), 3160)
        self.assertFalse(dispute.fee_ids.statement_id)
        self.clerk(newer).action_refresh()
        self.assertEqual(to_fen(newer.amount_payable), 5180)

    def test_what_cannot_be_disputed(self):
        with self.assertRaisesRegex(UserError, "Say what is wrong"):
            self.Dispute._raise(self.statement, "  ")
        self.Dispute._raise(self.statement, "One", self.lines[0])
        other = self.run_until(self.later(2))
        self.assertFalse(other)
        dispute = self.Dispute.search([("statement_id", "=", self.statement.id)])
        self.answer(dispute, "No")
        self.clerk(self.statement).action_send()
        self.clerk(self.statement).action_confirm()
        with self.assertRaisesRegex(UserError, "not open for disputes"):
            self.Dispute._raise(self.statement, "Two")

    def test_a_disputed_statement_is_not_deleted(self):
        dispute = self.Dispute._raise(self.statement, "One", self.lines[0])
        self.answer(dispute, "No")
        self.clerk(self.statement).action_send()
        self.clerk(self.statement).action_withdraw()
        with self.assertRaisesRegex(UserError, "was disputed"):
            self.clerk(self.statement).unlink()
