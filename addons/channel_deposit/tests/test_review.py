from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.channel_deposit.core.operations import PlaceHold, Refund

from .common import DepositCommon


@tagged("post_install", "-at_install")
class TestReview(DepositCommon):
    """Accounts are asked for by one person and opened by another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users["second"] = cls._create_user("qudao_second", "group_finance_clerk")

    def _draft(self):
        form = Form(self.as_role("finance")["channel.deposit.account"])
        form.member_id = self.dealer_b
        form.purpose = "guarantee"
        return form.save()

    def test_one_asks_another_opens(self):
        draft = self._draft()
        self.assertEqual((draft.state, draft.requested_by_id), ("draft", self.users["finance"]))
        with self.assertRaisesRegex(UserError, "somebody else"):
            draft.action_open()
        draft.with_env(self.as_role("second")).action_open()
        self.assertEqual(draft.state, "open")
        entry = self.env["channel.deposit.entry"].search([("account_id", "=", draft.id)])
        self.assertEqual((entry.kind, entry.user_id), ("open", self.users["second"]))

    def test_an_account_that_was_made_on_the_way_is_opened_by_another_too(self):
        draft = (
            self.accounts.with_env(self.as_role("finance")).sudo()._ensure(self.dealer_b, "rebate")
        )
        self.assertEqual(draft.requested_by_id, self.users["finance"])
        with self.assertRaises(UserError):
            draft.with_env(self.as_role("finance")).action_open()

    def test_others_do_not_open_and_close(self):
        draft = self._draft()
        for role in ("sales_rep", "sales_manager", "member", "warehouse"):
            for button in ("action_open", "action_close"):
                with self.subTest(role=role, button=button), self.assertRaises(AccessError):
                    getattr(draft.with_env(self.as_role(role)), button)()
        self.assertEqual(draft.state, "draft")

    def test_a_draft_can_be_thrown_away_and_an_account_with_entries_cannot(self):
        self._draft().unlink()
        with self.assertRaisesRegex(UserError, "is kept"):
            self.account.with_env(self.as_role("finance")).unlink()

    def test_only_an_empty_account_is_closed(self):
        account = self.account.with_env(self.as_role("finance"))
        with self.assertRaisesRegex(UserError, "not empty"):
            account.action_close()
        self.accounts._book_or_raise([Refund(key="out", account=account.id, amount=1000)])
        account.action_close()
        self.assertEqual(account.state, "closed")

    def test_the_smart_buttons(self):
        self.accounts._book_or_raise(
            [PlaceHold(key=f"so {n}", account=self.account.id, amount=1,
                       source=f"res.partner,{self.dealer_a.partner_id.id}") for n in range(2)]
        )  # fmt: skip
        account = self.account.with_env(self.as_role("sales_rep"))
        self.assertEqual(account.hold_count, 2)
        for action, count in (
            (account.action_view_entries(), 4),
            (account.action_view_holds(), 2),
            (self.dealer_a.with_env(self.as_role("sales_rep")).action_view_deposits(), 1),
        ):
            rows = account.env[action["res_model"]].search(action["domain"])
            self.assertEqual(len(rows), count)

    def test_the_document_behind_an_entry(self):
        partner = self.dealer_a.partner_id
        for key, source in (
            ("there", f"res.partner,{partner.id}"), ("gone", "res.partner,999999999"),
            ("hidden", f"ir.cron,{self.env.ref('channel_deposit.cron_post').id}"),
            ("none", ""), ("nonsense", "no.model,1"),
        ):  # fmt: skip
            self.accounts._book_or_raise(
                [PlaceHold(key=key, account=self.account.id, amount=1, source=source)]
            )
        entries = self.env["channel.deposit.entry"].with_env(self.as_role("finance"))
        found = {entry.key: entry for entry in entries.search([("kind", "=", "hold")])}
        action = found["there"].action_open_source()
        self.assertEqual((action["res_model"], action["res_id"]), ("res.partner", partner.id))
        for key, words in (("gone", "gone"), ("hidden", "may not"), ("none", "No document"),
                           ("nonsense", "No document")):  # fmt: skip
            with self.subTest(key=key), self.assertRaisesRegex(UserError, words):
                found[key].action_open_source()
