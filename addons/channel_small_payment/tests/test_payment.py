from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.channel_network.core.money import to_fen
from odoo.addons.channel_order.core.snapshot import AfterSaleKind, AfterSaleStatus

from .common import SmallPaymentCommon


@tagged("post_install", "-at_install")
class TestSmallPayment(SmallPaymentCommon):
    """From the draft to the platform's number, and what is refused on the way."""

    def breaks(self, error, query, *arguments):
        """The database itself refuses it."""
        self.env.flush_all()
        with mute_logger("odoo.sql_db"), self.assertRaises(error), self.env.cr.savepoint():
            self.env.cr.execute(query, arguments)

    def test_below_the_limit_one_person_does_it_all(self):
        payment = self.draft(50)
        payment.action_submit()
        self.assertEqual((payment.state, payment.second_person), ("to_pay", False))
        self.confirm(payment.action_pay(), number=" P-77 ")
        self.assertEqual((payment.state, payment.number), ("paid", "P-77"))
        self.assertEqual(payment.paid_by, self.maker)
        self.assertFalse(payment.approver_id)
        [event] = self.s1.event_ids.filtered(lambda each: each.kind == "small_payment_paid")
        self.assertEqual(event.user_id, self.maker)
        self.assertIn("P-77", event.note)
        self.assertEqual((self.s1.small_payment_count, to_fen(self.s1.amount_small)), (1, 5000))

    def test_above_it_a_colleague_approves(self):
        payment = self.draft(60)
        payment.action_submit()
        self.assertEqual((payment.state, payment.second_person), ("to_approve", True))
        asked = payment.activity_ids.user_id
        self.assertLessEqual(self.manager | self.clerk, asked)
        self.assertNotIn(self.maker, asked)
        with self.refused(AccessError):
            payment.action_approve()
        with self.refused(UserError, "not possible any more"):
            payment.action_pay()
        payment.with_user(self.clerk).action_approve()
        self.assertEqual((payment.state, payment.approver_id), ("to_pay", self.clerk))
        self.assertFalse(payment.activity_ids)

    def test_nobody_approves_what_is_his_own(self):
        payment = self.draft(60, user=self.manager)
        payment.action_submit()
        self.assertNotIn(self.manager, payment.activity_ids.user_id)
        with self.refused(UserError, "yourself"):
            payment.action_approve()
        self.breaks(CheckViolation, "UPDATE channel_small_payment SET approver_id = maker_id"
                    " WHERE id = %s", payment.id)  # fmt: skip
        self.breaks(CheckViolation, "UPDATE channel_small_payment SET state = 'to_pay'"
                    " WHERE id = %s", payment.id)  # fmt: skip

    def test_parts_are_no_way_around_the_colleague(self):
        self.paid(30)
        payment = self.draft(30)
        payment.action_submit()
        self.assertEqual(payment.state, "to_approve")

    def test_refused_mended_and_asked_again(self):
        payment = self.draft(60)
        payment.action_submit()
        action = payment.with_user(self.manager).action_refuse()
        with self.refused(UserError, "Say why"):
            self.confirm(action, self.manager, reason="  ")
        self.confirm(action, self.manager, reason="too much")
        self.assertEqual((payment.state, payment.refusal_reason), ("refused", "too much"))
        payment.action_draft()
        self.assertFalse(payment.approver_id)
        payment.amount = 20
        payment.action_submit()
        self.assertEqual(payment.state, "to_pay")

    def test_limits(self):
        with self.refused(UserError, "100.00.* at most"):
            self.draft(100.01).action_submit()
        self.to_pay(100)
        self.to_pay(60)
        with self.refused(UserError, "come to .*40.00.* more"):
            self.draft(50).action_submit()
        with self.refused(UserError, "above 0"):
            self.draft(0).action_submit()
        with self.refused(UserError, "whole number of fen"):
            self.draft(1.005)
        self.company.channel_small_order = 500
        with self.refused(UserError, "9.90.* is not refunded"):
            self.draft(10).action_submit()
        self.draft(9.9).action_submit()

    def test_an_unpaid_order_owes_nothing(self):
        self.sql_unpaid()
        with self.refused(UserError, "not paid"):
            self.draft(1).action_submit()

    def sql_unpaid(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE channel_order SET paid_at = NULL WHERE id = %s", [self.s1.id])
        self.env.invalidate_all()

    def test_refunds_and_grants_leave_less(self):
        self.after("A1", 15000)
        with self.refused(UserError, "19.90"):
            self.draft(20).action_submit()
        self.after("A2", 1000, AfterSaleStatus.AGREED, line="L2")
        with self.refused(UserError, "9.90"):
            self.draft(10).action_submit()
        self.assertEqual(to_fen(self.draft(1).amount_owed), 990)
        self.draft(9.9).action_submit()

    def test_what_ends_counts_no_more(self):
        self.to_pay(100).action_cancel()
        self.to_pay(100)
        waits = self.draft(60)
        waits.action_submit()
        waits.with_user(self.manager)._refuse("no")
        self.to_pay(60)

    def test_our_answers_count_small_payments(self):
        """The platform pays what it likes; what we grant is never more than owed."""
        self.to_pay(19)
        asked = self.after("A1", 15000, AfterSaleStatus.APPLIED)
        second = self.after("A2", 1990, AfterSaleStatus.APPLIED, line="L2")
        asked._answer("request", True, asked.version)
        with self.refused(UserError, "of what the buyer paid"):
            second._answer("request", True, second.version)
        self.after("A3", 1990, line="L2")
        self.assertEqual(self.env["channel.aftersale"].search(
            [("aftersale_ref", "=", "A3")]).status, "succeeded")  # fmt: skip

    def test_return_freight_stands_outside_the_price(self):
        """All of the price went back; what the buyer paid the carrier is owed on top, once."""
        self.after("A0", 1990, line="L2")
        aftersale = self.after("A1", 15000)
        with self.refused(UserError, "Of what the buyer"):
            self.draft(12).action_submit()
        freight = {"purpose": "return_freight", "aftersale_id": aftersale.id}
        self.to_pay(12, **freight)
        self.breaks_freight(freight)
        with self.refused(ValidationError, "No goods come back"):
            refund = self.after("A4", 100, kind=AfterSaleKind.REFUND_ONLY)
            self.draft(12, "return_freight", aftersale_id=refund.id)
        self.ingest(self.order("S2"))
        with self.refused(ValidationError, "another order"):
            self.draft(12, aftersale_id=aftersale.id, order_id=self.find("S2").id)
        second = self.draft(5, purpose="return_freight")
        self.breaks(
            CheckViolation,
            "UPDATE channel_small_payment SET state = 'to_pay' WHERE id = %s",
            second.id,
        )

    def breaks_freight(self, freight):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.env.cr.savepoint(),
        ):
            self.draft(12, **freight).action_submit()

    def test_a_refund_that_came_meanwhile(self):
        """It is told before it is paid; what has been paid is recorded, with a person's word."""
        waits, agreed = self.draft(60), self.to_pay(20)
        waits.action_submit()
        self.after("A1", 15000)
        self.assertEqual(to_fen(waits.amount_over), 6000)
        with self.refused(UserError, "Of what the buyer"):
            waits.with_user(self.manager).action_approve()
        waits.action_cancel()
        agreed.invalidate_recordset()
        self.assertEqual(to_fen(agreed.amount_over), 10)
        with self.refused(UserError, "refunded meanwhile"):
            self.confirm(agreed.action_pay(), number="P1")
        self.confirm(agreed.action_pay(), number="P1", nevertheless=True)
        self.assertEqual(agreed.state, "paid")

    def test_a_number_is_of_one_payment(self):
        first, second = self.paid(number="P1"), self.to_pay()
        with self.refused(UserError, f"stands on {first.name}"):
            self.confirm(second.action_pay(), number="P1 ")
        for number in ("", "  "):
            with self.refused(UserError, "Enter the platform's number"):
                second._record_paid(number, fields.Datetime.now())
        self.breaks(UniqueViolation, "UPDATE channel_small_payment SET state = 'paid',"
                    " number = 'P1', paid_at = now() WHERE id = %s", second.id)  # fmt: skip
        self.breaks(CheckViolation, "UPDATE channel_small_payment SET state = 'paid'"
                    " WHERE id = %s", second.id)  # fmt: skip

    def test_the_moment_lies_between_the_order_and_now(self):
        payment = self.to_pay()
        for moment in (
            fields.Datetime.now() + timedelta(minutes=5),
            self.s1.paid_at - timedelta(seconds=1),
        ):
            with self.refused(UserError, "up to now"):
                payment._record_paid("P1", moment)
        payment._record_paid("P1", self.s1.paid_at)

    def test_taken_back_and_paid_anew(self):
        payment = self.paid(100)
        with self.refused(AccessError):
            payment.action_take_back()
        action = payment.with_user(self.clerk).action_take_back()
        self.confirm(action, self.clerk, reason="wrong order")
        self.assertEqual((payment.state, payment.back_by), ("taken_back", self.clerk))
        self.assertIn("small_payment_back", self.s1.event_ids.mapped("kind"))
        with self.refused(UserError, "not possible any more"):
            payment.with_user(self.clerk)._take_back("again")
        self.to_pay(100)._record_paid("P1", fields.Datetime.now())

    def test_what_was_agreed_or_paid_stays(self):
        agreed, paid = self.to_pay(), self.paid()
        for payment, change in (
            (agreed, "amount = 11"),
            (agreed, "maker_id = 1"),
            (paid, "amount = 11"),
            (paid, "number = 'P9'"),
            (paid, "state = 'draft', number = NULL, paid_at = NULL"),
        ):
            with self.subTest(change=change):
                self.breaks(
                    CheckViolation,
                    f"UPDATE channel_small_payment SET {change} WHERE id = %s",
                    payment.id,
                )
        self.breaks(CheckViolation, "DELETE FROM channel_small_payment WHERE id = %s", paid.id)
        for payment in (agreed, paid):
            with self.refused(UserError, "not possible any more"):
                payment.amount = 11
            with self.refused(UserError, "Only drafts"):
                payment.sudo().unlink()
        self.draft().unlink()

    def test_forms_set_no_state(self):
        for values in ({"state": "to_pay"}, {"maker_id": self.manager.id}, {"number": "P1"}):
            with self.refused(UserError, "by its buttons only"):
                self.draft(**values)
            with self.refused(UserError, "by its buttons only"):
                self.draft().write(values)
        cheat = self.Payment.with_user(self.maker).with_context(
            default_state="to_pay", default_maker_id=self.manager.id
        )
        made = cheat.create(
            {"order_id": self.s1.id, "purpose": "price", "amount": 1, "reason": "x"}
        )
        self.assertEqual((made.state, made.maker_id), ("draft", self.maker))
        with self.refused(UserError, "who alone changes it"):
            made.with_user(self.manager).amount = 2
        with self.refused(UserError, "who alone changes it"):
            made.with_user(self.clerk).action_submit()

    def test_from_the_order_and_the_after_sale(self):
        aftersale = self.after("A1", 15000, AfterSaleStatus.AGREED)
        for record in (self.s1, aftersale):
            action = record.with_user(self.maker).action_new_small_payment()
            with Form(self.Payment.with_user(self.maker).with_context(**action["context"])) as form:
                form.purpose, form.amount, form.reason = "compensation", 5, "late"
                self.assertEqual(to_fen(form.amount_owed), 1990)
            self.assertEqual(form.record.order_id, self.s1)
        self.assertEqual(form.record.aftersale_id, aftersale)
        self.assertEqual(form.record.shop_id, self.shop)
        found = self.Payment.search(self.s1.action_open_small_payments()["domain"])
        self.assertEqual(len(found), 2)

    def test_a_platform_that_pays_itself(self):
        """The seam: an adapter owes the call, and nobody presses Paid or cancels."""
        with patch.object(type(self.shop), "_owe_small_payment", return_value=True) as owe:
            payment = self.to_pay()
        owe.assert_called_once_with(payment)
        self.assertTrue(payment.by_platform)
        with self.refused(UserError, "asked to pay"):
            payment.action_cancel()
        payment.sudo()._record_paid("P1", fields.Datetime.now())
        self.assertFalse(self.to_pay().by_platform)

    def test_filters(self):
        paid, waits = self.paid(), self.draft(60)
        waits.action_submit()
        arch = self.Payment.get_views([(False, "search")])["views"]["search"]["arch"]
        for name in ("to_approve", "to_pay", "paid_today", "mine", "for_me"):
            self.assertIn(f'name="{name}"', arch)
        today = self.Payment.search(
            [("state", "=", "paid"), ("paid_at", ">=", "today"), ("paid_at", "<", "today +1d")]
        )
        self.assertIn(paid, today)
