from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.channel_network.core.money import to_fen

from .test_talk import TalkCommon


@tagged("post_install", "-at_install")
class TestReturn(TalkCommon):
    """A BOX of 90.00: 18.00 and 4.50 were paid, then 30.00 were refunded: 6.00 and 1.50 come back."""

    def setUp(self):
        super().setUp()
        self.instruction = self.ready()
        self.talk(self.instruction)
        self.channel.settle()
        self.assertEqual(self.talk(self.instruction), "done")

    def refund(self, fen=3000):
        self.after(self.orders[1], fen)
        self.run_all()
        self.split()

    def returns(self):
        made = self.payment._prepare_returns(self.payment)
        self.env.invalidate_all()
        return made

    def test_what_was_refunded_is_taken_back_once(self):
        self.assertFalse(self.returns())
        self.refund()
        self.assertEqual(self.env["channel.payment"]._to_take_back(10), self.payment)
        made = self.returns()
        self.assertEqual([to_fen(each.amount) for each in made], [600, 150])
        self.assertFalse(self.returns())
        self.assertEqual([self.talk(each) for each in made], ["done", "done"])
        self.assertEqual(self.got(), [1200, 300])
        self.assertEqual([to_fen(part.returned) for part in self.instruction.part_ids], [600, 150])
        self.refund(6000)
        for each in self.returns():
            self.assertEqual(self.talk(each), "done")
        self.assertEqual(self.got(), [0, 0])
        self.assertFalse(self.env["channel.payment"]._to_take_back(10))

    def test_a_lost_answer_is_asked_for_and_nothing_is_taken_twice(self):
        self.refund()
        first, second = self.returns()
        for each, fault in ((first, "cut_after"), (second, "wrong_signature")):
            self.channel.fault(fault)
            self.assertEqual(self.talk(each), "unknown")
            self.assertEqual(self.talk(each), "done")
            self.assertEqual(each.attempts, 1)
        self.assertEqual(self.got(), [1200, 300])

    def test_what_never_arrived_is_sent_with_the_same_number(self):
        self.refund()
        made = self.returns()[0]
        self.channel.fault("cut_before")
        self.assertEqual(self.talk(made), "unknown")
        self.assertEqual(self.talk(made), "new")
        self.assertEqual(self.talk(made), "done")
        self.assertEqual(self.got(), [1200, 450])

    def test_a_return_under_way_is_asked_for(self):
        self.refund()
        made = self.returns()[0]
        self.channel.fault("slow_return")
        self.assertEqual(self.talk(made), "unknown")
        self.assertEqual(self.got()[0], 1800)
        self.channel.settle()
        self.assertEqual(self.talk(made), "done")
        self.assertEqual(self.got()[0], 1200)

    def test_a_return_that_fails_later_lets_its_shares_go(self):
        self.refund()
        made = self.returns()[0]
        self.channel.fault("slow_return")
        self.talk(made)
        self.channel.receiver("19001")  # its balance is empty now
        self.channel.settle()
        self.assertEqual(self.talk(made), "failed")
        self.assertFalse(made.refused)
        self.assertEqual([to_fen(each.amount) for each in self.returns()], [600])

    def test_who_does_not_agree_is_told_and_tried_again(self):
        self.refund()
        made = self.returns()[0]
        self.channel.receiver("19001", balance=1800, consents=False)
        self.assertEqual(self.talk(made), "failed")
        self.assertIn("NO_AUTH", made.text)
        self.assertFalse(self.returns())
        self.channel.receiver("19001", balance=1800)
        self.clerk(made).action_again()
        self.assertEqual(self.talk(made), "new")
        self.assertEqual(self.talk(made), "done")
        self.assertEqual(self.got(), [1200, 450])

    def test_a_person_gives_nothing_back(self):
        self.receivers[0].kind = "personal"
        self.refund()
        made = self.returns()
        self.assertEqual(made.partner_id, self.second)
        self.assertIn("Agent", self.payment.trouble)
        self.assertNotIn("Second", self.payment.trouble)

    def test_what_does_not_fit_is_told_before_it_is_sent(self):
        self.refund()
        made = self.returns()[0]
        self.env.cr.execute(
            "UPDATE channel_split_instruction SET sent_at = sent_at - interval '181 days'"
        )
        self.env.invalidate_all()
        self.assertIn("180 days", made.misfit)
        with self.assertRaisesRegex(UserError, "180 days"):
            self.talk(made)
        self.assertEqual(made.attempts, 0)

    def test_the_clerk_prepares_both_by_one_button(self):
        self.refund()
        action = self.clerk(self.payment).action_prepare()
        self.assertEqual(action["res_model"], "channel.split.return")
        self.clerk(self.env["channel.split.return"].search(action["domain"])).action_cancel()
        self.assertEqual(len(self.returns()), 2)
