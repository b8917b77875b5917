from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.channel_network.core.money import to_fen

from .common import StatementCommon


@tagged("post_install", "-at_install")
class TestPosting(StatementCommon):
    """The agent earned 31.60."""

    def setUp(self):
        super().setUp()
        self.split()
        self.before = self.books()

    def books(self):
        return {use: self.balance(use) for use in ("commission", "payable", "supply", "transit")}

    def moved(self):
        now = self.books()
        return {use: now[use] - fen for use, fen in self.before.items() if now[use] != fen}

    def test_confirmed_is_posted_and_waits_for_its_payout(self):
        statement = self.run_until(self.later())
        self.clerk(statement).action_send()
        self.assertFalse(self.moved())
        self.clerk(statement).action_confirm()
        self.assertEqual(statement.state, "confirmed")
        self.assertEqual(self.moved(), {"commission": 3160, "payable": -3160})
        self.assertEqual(statement.move_id.state, "posted")
        self.assertEqual(statement.move_id.line_ids.partner_id, self.agent)
        payout = statement.payout_ids
        self.assertEqual((payout.state, to_fen(payout.amount)), ("waiting", 3160))

    def test_a_reserve_is_a_part_of_the_payable(self):
        self.terms.write({"reserve_percent": 50, "reserve_days": 10})
        statement = self.agreed(self.run_until(self.later()))
        self.assertEqual(self.moved()["payable"], -3160)
        self.assertEqual(to_fen(statement.payout_ids.amount), 1580)

    def test_a_fee_is_posted_and_a_fine_lowers_it(self):
        self.env["settlement.fee"].create(
            [
                {"name": "Evening", "kind": "pit_fee", "partner_id": self.agent.id, "amount": 100},
                {"name": "Late", "kind": "fine", "partner_id": self.agent.id, "amount": -20},
            ]
        )
        statement = self.agreed(self.run_until(self.later()))
        self.assertEqual(self.moved(), {"commission": 11160, "payable": -11160})
        self.assertEqual(to_fen(statement.amount_payable), 11160)

    def test_nothing_to_pay_is_settled_at_once(self):
        self.env["settlement.fee"].create(
            {"name": "Much", "kind": "fine", "partner_id": self.agent.id, "amount": -40}
        )
        statement = self.agreed(self.run_until(self.later()))
        self.assertEqual(statement.state, "paid")
        self.assertFalse(statement.payout_ids)
        self.assertEqual(self.moved(), {"commission": -840, "payable": 840})
        self.assertEqual(to_fen(statement.amount_carried), -840)

    def test_a_confirmation_is_undone_before_it_is_paid(self):
        statement = self.agreed(self.run_until(self.later()))
        self.clerk(statement).action_reopen()
        self.assertEqual(statement.state, "sent")
        self.assertFalse(self.moved())
        self.assertFalse(statement.payout_ids)
        self.clerk(statement).action_confirm()
        self.assertEqual(self.moved(), {"commission": 3160, "payable": -3160})
        payout = self.clerk(statement.payout_ids)
        payout.action_bank_file()
        with self.assertRaisesRegex(UserError, "bank file"):
            self.clerk(statement).action_reopen()

    def test_the_order_of_things(self):
        statement = self.clerk(self.run_until(self.later()))
        with self.assertRaisesRegex(UserError, "Draft"):
            statement.action_confirm()
        statement.action_send()
        statement.action_withdraw()
        self.assertEqual(statement.state, "draft")
        statement.action_send()
        statement.action_confirm()
        for action in ("action_send", "action_confirm", "action_withdraw", "action_refresh"):
            with self.assertRaisesRegex(UserError, "Confirmed"):
                getattr(statement, action)()

    def test_only_the_newest_is_counted_anew(self):
        first = self.clerk(self.run_until(self.later()))
        self.env["settlement.fee"].create(
            {"name": "Evening", "kind": "pit_fee", "partner_id": self.agent.id, "amount": 1,
             "day": self.later(2)}
        )  # fmt: skip
        self.assertTrue(self.run_until(self.later(2)))
        for before, action in (
            (None, "action_refresh"),
            ("action_send", "action_withdraw"),
            ("action_confirm", "action_reopen"),
        ):
            if before:
                getattr(first, before)()
            with self.subTest(action), self.assertRaisesRegex(UserError, "newer statement"):
                getattr(first, action)()

    def test_others_may_not(self):
        statement = self.run_until(self.later())
        for role in ("sales_manager", "sales_rep", "warehouse"):
            for action in ("action_send", "action_refresh"):
                with self.assertRaises(AccessError):
                    getattr(statement.with_user(self.users[role]), action)()

    def test_the_party_is_told(self):
        self.agent.email = "agent@example.com"
        statement = self.run_until(self.later())
        self.clerk(statement).action_send()
        message = statement.message_ids[:1]
        self.assertEqual(message.partner_ids, self.agent)
        self.assertIn(statement.name, message.body)
        self.assertIn(f"/my/settlements/{statement.id}", message.body)
