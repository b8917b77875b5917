from datetime import timedelta

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.channel_network.core.money import to_fen
from odoo.addons.channel_split_pay.tests.common import SplitCommon
from odoo.addons.channel_statement.tests.common import StatementCommon


@tagged("post_install", "-at_install")
class TestHandover(SplitCommon, StatementCommon):
    """A BOX of 90.00 paid to our merchant number: 18.00 to the agent, 4.50 to the second."""

    def setUp(self):
        super().setUp()
        self.receivers.registered_at = Datetime.now()
        self.payment = self.pay(self.orders[1], 90, fee=0.54)

    def prepared(self):
        made = self.payment._prepare(self.payment)
        self.env.invalidate_all()
        return made

    def stands(self, weeks=1):
        """Fen of the agent's shares on its next statement."""
        statement = self.run_until(self.later(weeks))
        return to_fen(statement.amount_share) if statement else None

    def test_what_does_not_fit_stands_on_the_statement(self):
        self.merchant.cap_bp = 1000
        instruction = self.prepared()
        self.assertIn("10 %", instruction.misfit)
        self.clerk(instruction).action_settle_by_statement()
        self.assertEqual(instruction.state, "cancelled")
        with self.assertRaisesRegex(UserError, "left to divide"):
            self.clerk(self.payment).action_prepare()
        self.assertEqual(self.stands(), 1800)
        with self.assertRaisesRegex(UserError, "at the channel"):
            self.clerk(instruction).action_settle_by_statement()

    def test_without_it_nothing_stands_there(self):
        self.prepared()
        self.assertIsNone(self.stands())

    def test_what_was_refused_is_given_up_for_a_statement(self):
        instruction = self.prepared()
        instruction.write({"state": "failed", "refused": True, "attempts": 1})
        self.clerk(instruction).action_settle_by_statement()
        self.assertFalse(instruction.refused)
        self.assertEqual(self.stands(), 1800)

    def test_what_is_under_way_stays_with_the_channel(self):
        instruction = self.prepared()
        for state in ("sending", "unknown", "done", "partly"):
            instruction.write({"state": state, "attempts": 1})
            with self.subTest(state), self.assertRaises(UserError):
                self.clerk(instruction).action_settle_by_statement()
        with self.assertRaisesRegex(UserError, "None of these shares"):
            self.clerk(self.payment).action_settle_by_statement()
        self.assertIsNone(self.stands())

    def test_what_is_too_late_is_handed_over_although_it_was_sent_once(self):
        instruction = self.prepared()
        instruction.attempts = 1  # the channel did not know it when it was asked
        with self.assertRaises(UserError):
            self.clerk(instruction).action_settle_by_statement()
        self.env.cr.execute(
            "UPDATE channel_payment SET paid_at = paid_at - %s WHERE id = %s",
            [timedelta(days=31), self.payment.id],
        )
        self.env.invalidate_all()
        self.clerk(instruction).action_settle_by_statement()
        self.assertEqual(self.stands(), 1800)

    def test_a_refund_after_a_person_was_paid_comes_off_its_statement(self):
        self.receivers.kind = "personal"
        self.receivers.registered_at = Datetime.now()
        instruction = self.prepared()
        instruction.write({"state": "done", "attempts": 1})
        instruction.part_ids.result = "SUCCESS"
        self.after(self.orders[1], 3000)
        self.run_all()
        self.split()
        self.assertFalse(self.payment._prepare_returns(self.payment))
        self.clerk(self.payment).action_settle_by_statement()
        statement = self.run_until(self.later())
        self.assertEqual(to_fen(statement.amount_share), -600)
        self.assertEqual(to_fen(statement.amount_payable), 0)
        self.env.invalidate_all()
        self.assertFalse(self.payment.trouble)

    def test_a_return_comes_off_the_statement_instead(self):
        instruction = self.prepared()
        instruction.write({"state": "done", "attempts": 1, "sent_at": Datetime.now()})
        instruction.part_ids.result = "SUCCESS"
        self.after(self.orders[1], 3000)
        self.run_all()
        self.split()
        made = self.payment._prepare_returns(self.payment)
        self.env.invalidate_all()
        self.clerk(made).action_settle_by_statement()
        self.assertEqual(set(made.mapped("state")), {"cancelled"})
        self.assertFalse(self.payment._prepare_returns(self.payment))
        self.assertEqual(self.stands(), -600)

    def test_shares_that_were_never_paid_to_our_number(self):
        mine = [("order_id", "=", self.orders[2].id), ("settled_by", "=", "channel")]
        shares = self.env["settlement.share"].search(mine)
        self.clerk(shares).action_settle_by_statement()
        self.assertEqual(self.stands(), sum(
            to_fen(share.amount) for share in shares if share.partner_id == self.agent
        ))  # fmt: skip
        later = self.pay(self.orders[2], 50)
        self.assertFalse(later._prepare(later))

    def test_shares_of_others_stay_as_they_are(self):
        others = self.env["settlement.share"].search([("settled_by", "!=", "channel")], limit=5)
        with self.assertRaisesRegex(UserError, "None of these shares"):
            self.clerk(others).action_settle_by_statement()

    def test_a_share_goes_one_way(self):
        instruction = self.prepared()
        links = self.env["channel.split.share"].sudo()
        named = instruction.part_ids.link_ids[0]
        for values, error in (
            ({"share_id": named.share_id.id, "by_statement": True}, UniqueViolation),
            ({"share_id": named.share_id.id, "part_id": False}, CheckViolation),
            ({"share_id": named.share_id.id, "by_statement": True, "is_free": True}, CheckViolation),
            ({"share_id": named.share_id.id, "part_id": named.part_id.id, "by_statement": True},
             CheckViolation),
        ):  # fmt: skip
            with (
                self.subTest(values), mute_logger("odoo.sql_db"), self.assertRaises(error),
                self.env.cr.savepoint(),
            ):  # fmt: skip
                links.create(values)

    def test_others_hand_nothing_over(self):
        instruction = self.prepared()
        shares = instruction.part_ids.link_ids.share_id
        for role in ("sales_manager", "warehouse", "integration"):
            for records in (instruction, self.payment, shares):
                with self.subTest(role=role, model=records._name), self.assertRaises(AccessError):
                    records.with_user(self.users[role]).action_settle_by_statement()
