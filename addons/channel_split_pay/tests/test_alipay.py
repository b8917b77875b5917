import tempfile
from pathlib import Path

from simulators.alipay import AlipaySimulator

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import SplitCommon, pem

APP, SELLER = "2021000001", "2088000000000001"


@tagged("post_install", "-at_install")
class TestAlipay(SplitCommon):
    """Over real HTTP with the simulated Alipay: the same 90.00, 18.00 and 4.50 of it divided."""

    def setUp(self):
        super().setUp()
        books = Path(self.enterContext(tempfile.TemporaryDirectory())) / "books"
        self.channel = self.enterContext(
            AlipaySimulator(books, {APP: pem(self.key)[1]}, key=self.channel_key)
        )
        self.addCleanup(self.channel.check)
        self.merchant = self.env["channel.payment.merchant"].create(
            {
                "name": "Alipay shop", "channel": "alipay", "number": SELLER, "app_ref": APP,
                "credential_ref": "TEST", "base_url": self.channel.url,
            }
        )  # fmt: skip
        self.receivers = self.env["channel.payment.receiver"].create(
            [
                {"merchant_id": self.merchant.id, "partner_id": partner.id, "account": account,
                 "legal_name": "甲"}
                for partner, account in ((self.agent, "2088002"), (self.second, "2088003"))
            ]
        )  # fmt: skip
        self.payment = self.pay(self.orders[1], 90, fee=0.54)
        self.channel.pay(self.payment.transaction_ref, APP, SELLER, 9000, fee=54)

    def ready(self):
        self.receivers.with_user(self.users["finance"]).action_register()
        instruction = self.payment._prepare(self.payment)
        self.env.invalidate_all()
        self.assertFalse(instruction.misfit)
        return instruction

    def talk(self, instruction):
        instruction.with_user(self.users["finance"]).action_talk()
        self.env.invalidate_all()
        return instruction.state

    def got(self):
        return [self.channel.balance(account) for account in ("2088002", "2088003")]

    def test_registered_sent_asked_done(self):
        self.assertEqual(self.receivers.mapped("kind"), ["user", "user"])
        instruction = self.ready()
        self.assertEqual(len(self.channel.books()["relations"]), 2)
        self.assertEqual(self.talk(instruction), "unknown")
        self.channel.settle()
        self.assertEqual(self.talk(instruction), "done")
        self.assertEqual(self.got(), [1800, 450])

    def lose(self, fault):
        instruction = self.ready()
        self.channel.fault(fault)
        self.assertEqual(self.talk(instruction), "unknown")
        self.channel.settle()
        self.assertEqual(self.talk(instruction), "done")
        self.assertEqual((instruction.attempts, self.got()), (1, [1800, 450]))

    def test_a_lost_answer_is_asked_for(self):
        self.lose("cut_after")

    def test_an_error_after_it_was_taken_is_asked_for(self):
        self.lose("error_after")

    def test_an_answer_of_somebody_else_is_none(self):
        self.lose("wrong_signature")

    def test_what_never_arrived_is_sent_with_the_same_content(self):
        instruction = self.ready()
        self.channel.fault("cut_before")
        self.assertEqual(self.talk(instruction), "unknown")
        self.assertEqual(self.talk(instruction), "new")
        self.assertEqual(self.talk(instruction), "unknown")
        self.channel.settle()
        self.assertEqual(self.talk(instruction), "done")
        self.assertEqual((instruction.attempts, self.got()), (2, [1800, 450]))

    def test_refused_throttled_and_in_part(self):
        instruction = self.ready()
        self.channel.fault("throttled")
        self.assertEqual(self.talk(instruction), "new")
        self.channel.receiver("2088003", blocked="RECEIVER_BLOCKED")
        self.talk(instruction)
        self.channel.settle()
        self.assertEqual(self.talk(instruction), "partly")
        self.assertEqual(self.got(), [1800, 0])

    def test_a_receiver_is_of_its_channel(self):
        with self.assertRaises(ValidationError):
            self.receivers[0].kind = "personal"
        with self.assertRaisesRegex(UserError, "another merchant number"):
            self.merchant.channel = "wechat"
        with self.assertRaises(ValidationError):
            self.merchant.base_url = "http://127.0.0.1:80"  # no gateway of Alipay

    def test_nothing_is_taken_back_by_itself(self):
        instruction = self.ready()
        self.talk(instruction)
        self.channel.settle()
        self.talk(instruction)
        self.after(self.orders[1], 3000)
        self.run_all()
        self.split()
        self.assertFalse(self.env["channel.payment"]._to_take_back(10))
        self.assertFalse(self.payment._prepare_returns(self.payment))
        self.assertIn("Agent", self.payment.trouble)
