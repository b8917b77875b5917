from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Datetime
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.channel_network.core.money import to_fen

from .common import SplitCommon


@tagged("post_install", "-at_install")
class TestPrepare(SplitCommon):
    """A BOX of 90.00: 18.00 to the agent, 4.50 to the second."""

    def setUp(self):
        super().setUp()
        self.box = self.orders[1]
        self.payment = self.pay(self.box, 90, fee=0.54)

    def prepared(self, payment=None):
        payment = (payment or self.payment).with_user(self.users["finance"])
        action = payment.action_prepare()
        self.env.invalidate_all()
        return self.env["channel.split.instruction"].browse(action["res_id"])

    def parts(self, instruction):
        return {part.partner_id: to_fen(part.amount) for part in instruction.part_ids}

    def test_shares_become_parts_once(self):
        instruction = self.prepared()
        self.assertEqual(self.parts(instruction), {self.agent: 1800, self.second: 450})
        with self.assertRaisesRegex(UserError, "left to divide"):
            self.prepared()
        share = instruction.part_ids.link_ids[0]
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            share.copy({"share_id": share.share_id.id})

    def test_what_is_cancelled_waits_again(self):
        first = self.prepared()
        first.with_user(self.users["finance"]).action_cancel()
        self.assertEqual(first.state, "cancelled")
        second = self.prepared()
        self.assertNotEqual(first.number, second.number)
        self.assertEqual(self.parts(second), {self.agent: 1800, self.second: 450})

    def test_a_refund_before_comes_off_and_one_after_waits(self):
        self.after(self.box, 3000)
        self.run_all()
        self.split()
        self.assertEqual(self.parts(self.prepared()), {self.agent: 1200, self.second: 300})
        self.after(self.box, 3000)
        self.run_all()
        self.split()
        with self.assertRaisesRegex(UserError, "left to divide"):
            self.prepared()

    def test_a_party_without_a_receiver(self):
        self.receivers[1].unlink()
        self.assertIn("Second", self.payment.trouble)
        self.assertEqual(self.parts(self.prepared()), {self.agent: 1800})

    def test_what_does_not_fit_is_told_before_it_is_sent(self):
        instruction = self.prepared()
        self.assertIn("Not registered", instruction.misfit)
        self.receivers.registered_at = Datetime.now()
        self.env.invalidate_all()
        self.assertFalse(instruction.misfit)
        for values, words in (
            ({"cap_bp": 1000}, "10 %"),
            ({"cap_bp": 3000}, ""),
        ):
            self.merchant.write(values)
            self.env.invalidate_all()
            self.assertIn(words, instruction.misfit or "")
        for ago, words in ((timedelta(0), "a minute after"), (timedelta(days=31), "Thirty days")):
            self.env.cr.execute(
                "UPDATE channel_payment SET paid_at = %s WHERE id = %s",
                [Datetime.now() - ago, self.payment.id],
            )
            self.env.invalidate_all()
            self.assertIn(words, instruction.misfit)
        with self.assertRaisesRegex(UserError, "Thirty days"):
            instruction.with_user(self.users["finance"]).action_talk()
        self.assertEqual(instruction.attempts, 0)

    def test_the_cap_counts_all_instructions_of_a_payment(self):
        self.receivers.registered_at = Datetime.now()
        self.merchant.cap_bp = 2500
        self.receivers[1].partner_id = self.env["res.partner"].create({"name": "Third"})
        first = self.prepared()
        self.assertFalse(first.misfit)
        self.receivers.create(
            {"merchant_id": self.merchant.id, "partner_id": self.second.id, "account": "19003",
             "registered_at": Datetime.now()}
        )  # fmt: skip
        self.merchant.cap_bp = 2400
        second = self.prepared()
        self.env.invalidate_all()
        self.assertIn("24 %", second.misfit)
        self.assertEqual(to_fen(self.payment.divided), 2250)

    def test_what_an_instruction_names_stays_as_it_is(self):
        instruction = self.prepared()
        clerk = self.users["finance"]
        for record, values in (
            (self.payment, {"amount": 900}),
            (self.payment, {"order_id": self.orders[0].id}),
            (self.receivers[0], {"account": "19009"}),
        ):
            with self.subTest(values), self.assertRaisesRegex(UserError, "cancel"):
                record.with_user(clerk).write(values)
        instruction.with_user(clerk).action_cancel()
        self.payment.with_user(clerk).amount = 91
        self.receivers[0].with_user(clerk).account = "19009"

    def test_addresses_and_names_of_keys(self):
        for values in (
            {"base_url": "https://evil.example.com"},
            {"base_url": "http://10.0.0.1"},
            {"credential_ref": "-----BEGIN PRIVATE KEY-----"},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self.merchant.write(values)

    def test_keys_are_missing(self):
        self.merchant.credential_ref = "NOWHERE"
        with self.assertRaisesRegex(UserError, "QUDAO_PAYMENT_NOWHERE"):
            self.merchant._account()
