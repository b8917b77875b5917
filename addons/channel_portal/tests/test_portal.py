import re
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.channel_deposit.core.operations import TopUp
from odoo.addons.channel_deposit.tests.common import DepositCommon
from odoo.addons.channel_portal.controllers import deposits

NOT_FOUND = 404


@tagged("post_install", "-at_install")
class TestPortal(DepositCommon, HttpCase):
    """The user of Dealer A; Dealer B's account exists too."""

    def setUp(self):
        super().setUp()
        user = self.users["member"]
        user.password = "qudao_member"
        self.authenticate(user.login, "qudao_member")

    def _page(self, path, **params):
        reply = self.url_open(path, params=params, allow_redirects=False)
        self.assertEqual(reply.status_code, 200, reply.text[:500])
        return reply.text

    def _confirmation(self, account):
        confirmation = self.env["channel.deposit.confirmation"]
        day = fields.Date.today() + timedelta(days=1)
        confirmation._make(day)
        found = confirmation.search([("account_id", "=", account.id)])
        found.with_user(self.users["finance"]).action_send()
        self.env.flush_all()
        return found

    def _answer(self, confirmation, **values):
        token = re.search(r'csrf_token: "([^"]+)"', self._page("/my/deposits"))[1]
        return self.url_open(
            f"/my/deposits/confirmations/{confirmation.id}",
            data={"csrf_token": token, **values},
            allow_redirects=False,
        )

    def _numbers(self, text):
        return re.findall(r"o_deposit_entry ", text)

    def test_the_own_accounts_and_no_others(self):
        text = self._page("/my/deposits")
        self.assertIn(f"/my/deposits/{self.account.id}", text)
        self.assertNotIn(f"/my/deposits/{self.other.id}", text)
        self.assertIn("Dealer A", text)
        self.assertNotIn("Dealer B", text)

    def test_a_stranger_finds_nothing_by_guessing(self):
        foreign = self._confirmation(self.other)
        for path in (f"/my/deposits/{self.other.id}", "/my/deposits/999999999"):
            self.assertEqual(self.url_open(path).status_code, NOT_FOUND)
        sheet = f"/channel_deposit/statement/{self.other.id}.xlsx?first=2026-01-01&last=2026-12-31"
        self.assertEqual(self.url_open(sheet).status_code, NOT_FOUND)
        self.assertEqual(self._answer(foreign, right="1").status_code, NOT_FOUND)
        self.assertEqual(foreign.state, "sent")

    def test_without_a_log_in_there_is_nothing(self):
        self.authenticate(None, None)
        reply = self.url_open(f"/my/deposits/{self.account.id}", allow_redirects=False)
        self.assertIn("/web/login", reply.headers["Location"])

    def test_a_statement_page_by_page(self):
        self.patch(deposits, "PAGE", 2)
        self.accounts._book_or_raise(
            [TopUp(key=f"more {n}", account=self.account.id, amount=100 + n) for n in range(3)]
        )
        path = f"/my/deposits/{self.account.id}"
        first = self._page(path)
        self.assertEqual(len(self._numbers(first)), 2)
        self.assertNotIn("o_deposit_earlier", first)
        self.assertIn("13.03", re.search(r"o_deposit_closing.*?</div>", first, re.S)[0])
        second = self._page(path, after=2)
        self.assertIn("o_deposit_earlier", second)
        third = self._page(path, after=4)
        self.assertEqual(len(self._numbers(third)), 1)
        self.assertNotIn("o_deposit_later", third)
        back = self._page(path, before=5)
        self.assertEqual(re.findall(r"1\.0\d", back)[:2], re.findall(r"1\.0\d", second)[:2])

    def test_a_period_that_is_none_is_answered_in_words(self):
        path = f"/my/deposits/{self.account.id}"
        for first, last, words in (
            ("2026-02-31", "", "Days are written as"),
            ("2026-03-01", "2026-02-01", "ends on or after"),
        ):
            self.assertIn(words, self._page(path, first=first, last=last))

    def test_a_balance_is_confirmed(self):
        confirmation = self._confirmation(self.account)
        self.assertIn("o_deposit_confirmation", self._page("/my/deposits"))
        self.assertEqual(self._answer(confirmation, right="1").status_code, 303)
        self.assertEqual(confirmation.state, "confirmed")
        self.assertEqual(confirmation.answered_by_id, self.users["member"])
        self.assertNotIn("o_deposit_confirmation", self._page("/my/deposits"))

    def test_a_balance_is_disputed_with_words(self):
        confirmation = self._confirmation(self.account)
        self.assertIn("Say what is different", self._answer(confirmation, remark=" ").text)
        self.assertEqual(confirmation.state, "sent")
        self._answer(confirmation, remark="The slip of May is missing")
        self.assertEqual(
            (confirmation.state, confirmation.remark), ("disputed", "The slip of May is missing")
        )

    def test_the_home_page_leads_there(self):
        self._confirmation(self.account)
        self.assertIn("/my/deposits", self._page("/my"))
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["deposit_count", "confirmation_count"]}
        )
        self.assertEqual(counters, {"deposit_count": 1, "confirmation_count": 1})
