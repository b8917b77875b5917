import re
from datetime import timedelta

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import SQL, mute_logger

from .cash_common import PICTURE, CashCommon


@tagged("post_install", "-at_install")
class TestVoucher(CashCommon):
    def test_one_enters_another_approves_and_it_is_booked_once(self):
        voucher = self._submitted()
        self.assertEqual((voucher.state, self.account.posted), ("submitted", 10.0))
        self._check(voucher).action_approve()
        self.assertEqual((voucher.state, voucher.approver_id), ("approved", self.checker))
        self.assertEqual(self.account.posted, 110.0)
        entry = self._entries_of(self.account)[0]
        self.assertEqual((entry.key, entry.source),
                         (f"voucher,{voucher.id}", f"channel.deposit.voucher,{voucher.id}"))  # fmt: skip
        self.assertEqual((entry.user_id, entry.document), (self.checker, voucher.name))
        self.assertEqual(self._check(voucher)._entries(), entry)
        with self.assertRaisesRegex(UserError, re.escape(self.checker.name)):
            self._check(voucher).action_approve()
        self.assertEqual(self.account.posted, 110.0)

    def test_the_maker_does_not_approve(self):
        voucher = self._submitted()
        for button in ("action_approve", "action_refuse"):
            with self.subTest(button=button):
                if button == "action_refuse":
                    call = lambda: voucher._refuse("no")  # noqa: E731
                else:
                    call = voucher.action_approve
                with self.assertRaisesRegex(UserError, "yourself"):
                    call()
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.env.cr.savepoint():
            voucher._decide("approved")  # past the words, the database says no
        voucher.invalidate_recordset()
        self.assertEqual((voucher.state, self.account.posted), ("submitted", 10.0))

    def test_no_call_sets_what_buttons_set(self):
        voucher = self._voucher()
        for values in (
            {"state": "approved"},
            {"maker_id": self.checker.id},
            {"approver_id": self.maker.id},
            {"name": "X"},
            {"reference_key": "X"},
            {"key": "voucher,1"},
        ):
            with self.subTest(values=values):
                with self.assertRaises(UserError):
                    voucher.write(values)
                with self.assertRaises(UserError):
                    self._voucher(**values)
        context = {"default_state": "submitted", "default_maker_id": self.checker.id}
        forged = self.as_user(self.maker)["channel.deposit.voucher"].with_context(**context)
        made = forged.create({"account_id": self.account.id, "amount": 1, "date": "2026-01-01"})
        self.assertEqual((made.state, made.maker_id), ("draft", self.maker))

    def test_only_who_entered_it_changes_it_and_only_as_a_draft(self):
        voucher = self._voucher()
        for change in (
            lambda: self._check(voucher).write({"amount": 1}),
            lambda: self._check(voucher).action_submit(),
            lambda: self._check(voucher).action_cancel(),
            lambda: self._check(voucher).unlink(),
        ):
            with self.assertRaises(UserError):
                change()
        voucher.action_submit()
        for values in ({"amount": 1}, {"account_id": self.other.id}, {"slip": PICTURE}):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, "draft"):
                voucher.write(values)
        with self.assertRaisesRegex(UserError, "Only drafts"):
            voucher.unlink()
        voucher.action_draft()
        voucher.write({"amount": 1})
        voucher.unlink()

    def test_files_are_kept_with_what_was_submitted(self):
        voucher = self._submitted()
        files = self.env["ir.attachment"].search(
            [("res_model", "=", voucher._name), ("res_id", "=", voucher.id),
             ("res_field", "=", "slip")]
        )  # fmt: skip
        self.assertEqual(len(files), 1)
        for change in (lambda own: own.write({"datas": PICTURE}), lambda own: own.unlink()):
            with self.assertRaises(UserError):
                change(files.with_env(self.as_user(self.maker)))

    def test_what_is_approved_stays_also_for_the_database(self):
        voucher = self._approved()
        table = f"channel_deposit_voucher WHERE id = {voucher.id}"
        for query in (
            f"UPDATE channel_deposit_voucher SET amount = 1 WHERE id = {voucher.id}",
            f"UPDATE channel_deposit_voucher SET reference_key = 'X' WHERE id = {voucher.id}",
            f"UPDATE channel_deposit_voucher SET approver_id = 1 WHERE id = {voucher.id}",
            f"UPDATE channel_deposit_voucher SET state = 'draft' WHERE id = {voucher.id}",
            f"DELETE FROM {table}",
        ):
            with (
                self.subTest(query=query),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(SQL(query))

    def _refused_twice(self, **values):
        """Enter a slip that is there already."""
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.env.cr.savepoint(),
        ):
            self._voucher(**values)
            self.env.flush_all()

    def test_a_slip_is_entered_once_however_it_is_typed(self):
        voucher = self._voucher(reference="ab 12")
        self._refused_twice(reference="ＡＢ１２", amount=7, account_id=self.other.id)
        self._voucher(reference="AB12", date="2026-03-16")
        pos = {"kind": "pos_slip", "terminal": "t 1", "journal_id": False, "reference": "AB12"}
        self._voucher(**pos)
        self._refused_twice(**(pos | {"terminal": "Ｔ１"}))
        voucher.action_cancel()
        self.env.flush_all()
        self._voucher(reference="AB12")

    def test_the_form_warns_of_a_slip_that_is_there(self):
        voucher = self._voucher(reference="ab 12")
        form = Form(self.as_user(self.maker)["channel.deposit.voucher"])
        form.account_id = self.account.with_env(form._env)
        form.journal_id = self.bank.with_env(form._env)
        form.date = voucher.date
        with self.assertLogs("odoo.tests.form.onchange", "WARNING") as logs:
            form.reference = "AB12"
        self.assertIn(voucher.name, "".join(logs.output))

    def test_what_is_missing_is_named(self):
        cases = [
            ({"slip": False}, "Slip Picture"),
            ({"reference": " 　"}, "Reference"),
            ({"journal_id": False}, "Receiving Account"),
            ({"kind": "pos_slip"}, "Terminal Number"),
            ({"third_party": True}, "Payer, Third-party Payment Letter"),
            ({"third_party": True, "payer_name": "Mr Li"}, "Third-party Payment Letter"),
        ]
        for values, words in cases:
            with self.subTest(values=values), self.assertRaisesRegex(UserError, words):
                self._voucher(**values).action_submit()
        whole = {"third_party": True, "payer_name": "Mr Li", "letter": PICTURE}
        self.assertEqual(self._submitted(**whole).state, "submitted")

    def test_the_ledger_is_asked_before_it_is_submitted(self):
        draft = self.accounts._ensure(self.dealer_a1)
        for values, words in (
            ({"account_id": draft.id}, "not open"),
            ({"amount": 0}, "above 0"),
            ({"amount": 10**15}, "no more than"),
        ):
            voucher = self._voucher(**values)
            with self.subTest(values=values), self.assertRaisesRegex(UserError, words):
                voucher.action_submit()
            self.assertEqual(voucher.state, "draft")

    def test_bad_amounts_are_refused_in_words(self):
        for amount in (0.001, -1, float("nan"), "x"):
            with self.subTest(amount=amount), self.assertRaisesRegex(UserError, "amount"):
                self._voucher(amount=amount)

    def test_the_day_on_the_slip_decides_on_the_bonus(self):
        self._bonus_rule(date_to="2026-03-15")
        self._approved()
        late = self._approved(date="2026-03-16")
        self.assertEqual(self.accounts._ensure(self.dealer_a, "rebate").posted, 2.0)
        self.assertEqual(len(self._check(late)._entries()), 1)

    def test_many_are_approved_with_an_answer_for_each(self):
        good, closed, own, draft = vouchers = (
            self._submitted() | self._submitted(account_id=self.other.id)
            | self._submitted(user=self.checker) | self._voucher()
        )  # fmt: skip
        self.accounts._book_or_raise(self._emptied(self.other))
        answer = self._check(vouchers).action_approve()
        self.assertEqual(vouchers.mapped("state"), ["approved", "submitted", "submitted", "draft"])
        self.assertEqual(self.account.posted, 110.0)
        message = answer["params"]["message"].split("\n")
        self.assertIn("1 ", message[0])
        for line, voucher, words in zip(
            message[1:], closed | own | draft, ("closed", "yourself", "Draft"), strict=True
        ):
            self.assertIn(voucher.name, line)
            self.assertIn(words, line)
        self.assertEqual(good.approver_id, self.checker)

    def _emptied(self, account):
        from ..core.operations import Close, Refund

        return [
            Refund(key="out", account=account.id, amount=1000),
            Close(key="close", account=account.id),
        ]

    def test_a_refused_voucher_says_why_and_can_be_mended(self):
        voucher = self._submitted()
        action = self._check(voucher).action_refuse()
        refuse = self.as_user(self.checker)["channel.deposit.refuse"].with_context(
            **action["context"]
        )
        with self.assertRaisesRegex(UserError, "why"):
            refuse.create({"reason": " "}).action_confirm()
        refuse.create({"reason": "picture blurred"}).action_confirm()
        self.assertEqual(
            (voucher.state, voucher.refusal_reason, voucher.approver_id),
            ("refused", "picture blurred", self.checker),
        )
        voucher.action_draft()
        voucher.write({"slip": PICTURE})
        voucher.action_submit()
        self._check(voucher).action_approve()
        self.assertEqual(self.account.posted, 110.0)

    def test_what_is_undone_can_be_entered_again(self):
        self._bonus_rule()
        voucher = self._approved(reference="R 1")
        rebate = self.accounts._ensure(self.dealer_a, "rebate")
        self.assertEqual((self.account.posted, rebate.posted), (110.0, 2.0))
        context = voucher.action_undo()["context"]
        request = self.as_user(self.maker)["channel.deposit.request"].with_context(**context)
        undo = request.create({"reason": "wrong dealer"})
        undo.action_submit()
        self._check(undo).action_approve()
        self.assertEqual((self.account.posted, rebate.posted), (10.0, 0.0))
        self.assertEqual(voucher.state, "reversed")
        again = self._approved(reference="R 1", account_id=self.other.id)
        self.assertEqual((again.state, self.other.posted), ("approved", 110.0))

    def test_the_journal_of_another_company_is_refused(self):
        company = self.env["res.company"].create(
            {"name": "Abroad", "currency_id": self.currency.id}
        )
        journal = self.env["account.journal"].create(
            {"name": "Bank", "code": "ABRD", "type": "bank", "company_id": company.id}
        )
        with self.assertRaises(UserError):
            self._voucher(journal_id=journal.id)

    # -- slips and bank lines --------------------------------------------------------------

    def _claim(self, line, user=None, **values):
        vouchers = self.as_user(user or self.maker)["channel.deposit.voucher"]
        return vouchers.create(
            vouchers._from_line(line) | {"account_id": self.account.id, **values}
        )

    def test_a_receipt_is_claimed_once(self):
        line = self._bank_line(partner_name="Dealer A")
        claim = self._claim(line, amount=999)
        self.assertEqual((claim.amount, str(claim.date)), (100.0, "2026-03-16"))
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.env.cr.savepoint(),
        ):
            self._claim(line)
            self.env.flush_all()
        claim.action_submit()
        self._check(claim).action_approve()
        self.assertEqual(self.account.posted, 110.0)
        self.assertEqual(self._entries_of(self.account)[0].key, f"receipt,{line.id}")

    def test_a_claim_undone_can_be_claimed_again(self):
        line = self._bank_line()
        for number in range(1, 4):
            claim = self._claim(line)
            claim.action_submit()
            self._check(claim).action_approve()
            self.assertEqual(self.account.posted, 110.0)
            self.assertEqual(claim.key, f"receipt,{line.id}" + (f",{number}" * (number > 1)))
            undo = self._request(
                "correction", entry_id=self._check(claim)._entries().id, reason="wrong"
            )
            undo.action_submit()
            self._check(undo).action_approve()
            self.assertEqual((claim.state, self.account.posted), ("reversed", 10.0))

    def test_money_is_not_booked_by_its_slip_and_by_its_bank_line(self):
        slip = self._approved()
        claim = self._claim(self._bank_line())
        with self.assertRaisesRegex(UserError, slip.name):
            claim.action_submit()
        claim.other_payment = True
        claim.action_submit()
        claim.action_cancel()
        second = self._claim(self._bank_line(amount=50))
        second.action_submit()
        with self.assertRaisesRegex(UserError, second.name):
            self._submitted(amount=50, date=second.date - timedelta(days=7))
        self._submitted(amount=50, date=second.date - timedelta(days=8))

    def test_a_slip_is_matched_with_its_bank_line(self):
        slip, line = self._approved(), self._bank_line()
        mine = line.with_env(self.as_user(self.maker))
        self.assertEqual(mine.deposit_slip_id, slip)
        mine.action_match_deposit()
        self.assertEqual(slip.statement_line_id, line)
        self.assertEqual(self.account.posted, 110.0)
        mine.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "No approved slip"):
            mine.action_match_deposit()
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.env.cr.savepoint():
            slip.sudo().statement_line_id = self._bank_line()
            self.env.flush_all()

    def test_only_money_that_came_in_and_waits_is_claimed(self):
        with self.assertRaisesRegex(UserError, "below 0"):
            self._claim(self._bank_line(amount=-5))
        claim = self._claim(self._bank_line())
        claim.sudo().statement_line_id.is_reconciled = True
        with self.assertRaisesRegex(UserError, "settled or changed"):
            claim.action_submit()

    def test_receipts_come_with_suggestions(self):
        number, name, before, none = (
            self._bank_line(partner_name="someone", account_number="6222-0001"),
            self._bank_line(partner_name="DEALER  b"),
            self._bank_line(partner_name="Mr Li", amount=7),
            self._bank_line(partner_name="stranger"),
        )
        self._number_of(self.dealer_a, "6222 0001")
        claim = self._claim(before, account_id=self.other.id)
        claim.action_submit()
        self._check(claim).action_approve()
        later = self._bank_line(partner_name="Mr Li", amount=8)
        lines = (number | name | later | none).with_env(self.as_user(self.maker))
        self.assertEqual(
            [line.deposit_account_ids.ids for line in lines],
            [self.account.ids, self.other.ids, self.other.ids, []],
        )
        self.assertTrue(lines[0].deposit_suggestion)
        action = lines[1].action_claim_deposit()
        self.assertEqual(action["context"]["default_account_id"], self.other.id)
        domain = self.env.ref("channel_deposit.action_deposit_receipt").domain
        from odoo.tools.safe_eval import safe_eval

        shown = self.env["account.bank.statement.line"].search(
            [("company_id", "=", self.company.id), *safe_eval(domain)]
        )
        self.assertEqual(shown, shown | number | name | later | none)
        self.assertNotIn(before, shown)
