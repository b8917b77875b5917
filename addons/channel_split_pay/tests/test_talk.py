import tempfile
from pathlib import Path

from simulators.wechat_pay import WechatPaySimulator

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.channel_network.core.money import to_fen

from .common import NUMBER, SplitCommon, pem


class TalkCommon(SplitCommon):
    """The simulated WeChat Pay knows a payment of 90.00 for a BOX, and both receivers."""

    def setUp(self):
        super().setUp()
        books = Path(self.enterContext(tempfile.TemporaryDirectory())) / "books"
        self.channel = self.enterContext(
            WechatPaySimulator(books, {NUMBER: pem(self.key)[1]}, key=self.channel_key)
        )
        self.addCleanup(self.channel.check)
        self.merchant.base_url = self.channel.url
        box = self.orders[1]
        self.payment = self.pay(box, 90, fee=0.54)
        self.channel.pay(self.payment.transaction_ref, NUMBER, 9000, fee=54)
        for account in ("19001", "19002"):
            self.channel.receiver(account)

    def clerk(self, records):
        return records.with_user(self.users["finance"])

    def ready(self):
        """A prepared instruction whose receivers are registered."""
        self.clerk(self.receivers).action_register()
        instruction = self.payment._prepare(self.payment)
        self.env.invalidate_all()
        self.assertFalse(instruction.misfit)
        return instruction

    def talk(self, instruction):
        self.clerk(instruction).action_talk()
        self.env.invalidate_all()
        return instruction.state

    def got(self):
        return [self.channel.balance(account) for account in ("19001", "19002")]


@tagged("post_install", "-at_install")
class TestTalk(TalkCommon):
    """Over real HTTP with the simulated WeChat Pay: a BOX of 90.00, 18.00 and 4.50 of it divided."""

    def test_receivers_are_registered_with_their_names_encrypted(self):
        self.receivers[0].legal_name = "杭州代理有限公司"
        self.clerk(self.receivers).action_register()
        self.assertTrue(all(self.receivers.mapped("registered_at")))
        told = {row["account"]: row["name"] for row in self.channel.books()["receivers"]}
        self.assertEqual(told["19001"], "杭州代理有限公司")
        self.receivers[0].account = "19009"
        self.assertFalse(self.receivers[0].registered_at)

    def test_sent_then_asked_then_done(self):
        instruction = self.ready()
        self.assertEqual(self.talk(instruction), "unknown")
        self.assertEqual(self.got(), [0, 0])
        self.assertEqual(self.talk(instruction), "unknown")
        self.channel.settle()
        self.assertEqual(self.talk(instruction), "done")
        self.assertEqual(self.got(), [1800, 450])
        self.assertEqual(set(instruction.part_ids.mapped("result")), {"SUCCESS"})
        self.assertEqual(instruction.attempts, 1)
        with self.assertRaisesRegex(UserError, "has ended"):
            self.talk(instruction)

    def test_a_lost_answer_is_asked_for_and_nothing_is_sent_again(self):
        for fault in ("cut_after", "error_after", "wrong_signature"):
            with self.subTest(fault):
                self.setUp()
                instruction = self.ready()
                self.channel.fault(fault)
                self.assertEqual(self.talk(instruction), "unknown")
                self.channel.settle()
                self.assertEqual(self.talk(instruction), "done")
                self.assertEqual(instruction.attempts, 1)
                self.assertEqual(self.got(), [1800, 450])

    def test_what_never_arrived_is_sent_with_the_same_number(self):
        instruction = self.ready()
        self.channel.fault("cut_before")
        self.assertEqual(self.talk(instruction), "unknown")
        self.assertEqual(self.talk(instruction), "new")  # the channel does not know it
        request = instruction.request
        self.assertEqual(self.talk(instruction), "unknown")
        self.assertEqual((instruction.attempts, instruction.request), (2, request))
        self.channel.settle()
        self.assertEqual(self.talk(instruction), "done")
        self.assertEqual(self.got(), [1800, 450])

    def test_a_receiver_that_fails_gets_its_part_by_another_instruction(self):
        self.channel.receiver("19002", blocked="NO_RELATION")
        instruction = self.ready()
        self.talk(instruction)
        self.channel.settle()
        self.assertEqual(self.talk(instruction), "partly")
        self.assertEqual(self.got(), [1800, 0])
        bad = instruction.part_ids.filtered(lambda part: part.result == "CLOSED")
        self.assertEqual((bad.partner_id, bad.fail_reason), (self.second, "NO_RELATION"))
        self.channel.receiver("19002")
        again = self.payment._prepare(self.payment)
        self.env.invalidate_all()
        self.assertEqual([to_fen(part.amount) for part in again.part_ids], [450])
        self.talk(again)
        self.channel.settle()
        self.assertEqual(self.talk(again), "done")
        self.assertEqual(self.got(), [1800, 450])

    def test_a_refusal_is_told_and_tried_again_or_given_up(self):
        instruction = self.ready()
        self.channel.fault("no_balance")
        self.assertEqual(self.talk(instruction), "failed")
        self.assertIn("NOT_ENOUGH", instruction.text)
        self.assertFalse(self.payment._prepare(self.payment))
        self.clerk(instruction).action_again()
        self.assertEqual(self.talk(instruction), "new")  # asked for first
        self.assertEqual(self.talk(instruction), "unknown")
        self.channel.settle()
        self.assertEqual(self.talk(instruction), "done")
        self.assertEqual(self.got(), [1800, 450])

    def test_what_is_given_up_waits_for_another(self):
        instruction = self.ready()
        self.channel.fault("no_balance")
        self.talk(instruction)
        self.clerk(instruction).action_give_up()
        with self.assertRaises(UserError):
            self.clerk(instruction).action_again()
        other = self.payment._prepare(self.payment)
        self.talk(other)
        self.channel.settle()
        self.assertEqual(self.talk(other), "done")
        self.assertEqual(self.got(), [1800, 450])

    def test_too_many_requests_come_later(self):
        instruction = self.ready()
        self.channel.fault("throttled")
        self.assertEqual(self.talk(instruction), "new")
        self.assertTrue(instruction.next_at)
        self.assertNotIn(instruction, self.env["channel.split.instruction"]._due(10))
        self.assertEqual(self.talk(instruction), "unknown")

    def test_the_job_sends_what_fits_and_leaves_the_rest(self):
        instruction = self.ready()
        other = self.pay(
            self.orders[2], 50, paid_at=self.env.cr.now()
        )  # the channel has never heard of it; it is early
        late = other._prepare(other)
        self.env.invalidate_all()
        for each in self.env["channel.split.instruction"]._due(10):
            each._talk()
        self.assertEqual((instruction.state, late.state), ("unknown", "new"))
        self.assertEqual(late.attempts, 0)

    def test_without_the_channel_receivers_wait(self):
        self.merchant.base_url = "http://127.0.0.1:9"
        with self.assertRaisesRegex(UserError, "did not answer"):
            self.clerk(self.receivers).action_register()
