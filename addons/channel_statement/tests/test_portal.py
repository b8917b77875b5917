import re

from odoo.tests import HttpCase, tagged

from odoo.addons.channel_network.core.money import to_fen

from .common import StatementCommon


@tagged("post_install", "-at_install")
class TestPortal(StatementCommon, HttpCase):
    """The agent and a stranger, both portal users."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        portal = cls.env.ref("base.group_portal").ids
        users = cls.env["res.users"].with_context(no_reset_password=True)
        for login, partner in (
            ("agent_portal", cls.agent),
            ("stranger_portal", cls.env["res.partner"].create({"name": "Stranger"})),
        ):
            users.create(
                {"login": login, "password": login, "partner_id": partner.id,
                 "group_ids": [(6, 0, portal)], "lang": "en_US"}
            )  # fmt: skip

    def setUp(self):
        super().setUp()
        self.split()
        self.statement = self.run_until(self.later())
        self.url = f"/my/settlements/{self.statement.id}"

    def token(self, page):
        return re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]

    def post(self, path, **values):
        page = self.url_open(self.url)
        found = self.url_open(
            f"{self.url}/{path}", data={"csrf_token": self.token(page)} | values,
            allow_redirects=True,
        )  # fmt: skip
        self.env.invalidate_all()
        return found

    def test_a_draft_is_nobodys(self):
        self.authenticate("agent_portal", "agent_portal")
        self.assertEqual(self.url_open(self.url).status_code, 404)
        self.assertNotIn(self.statement.name, self.url_open("/my/settlements").text)

    def test_a_stranger_sees_nothing(self):
        self.clerk(self.statement).action_send()
        self.authenticate("stranger_portal", "stranger_portal")
        for path in ("", ".xlsx", ".pdf"):
            self.assertEqual(self.url_open(f"{self.url}{path}").status_code, 404)
        self.assertNotIn(self.statement.name, self.url_open("/my/settlements").text)
        csrf = self.token(self.url_open("/my/account"))
        for path in ("confirm", "dispute"):
            answer = self.url_open(
                f"{self.url}/{path}", data={"csrf_token": csrf, "reason": "mine"}
            )
            self.assertEqual(answer.status_code, 404)
        self.assertEqual(self.statement.state, "sent")

    def test_the_party_agrees(self):
        self.clerk(self.statement).action_send()
        self.authenticate("agent_portal", "agent_portal")
        page = self.url_open("/my/settlements")
        self.assertIn(self.statement.name, page.text)
        page = self.url_open(self.url)
        self.assertIn("31.60", page.text)
        for order in self.orders:
            self.assertIn(order.order_ref, page.text)
        self.post("confirm")
        self.assertEqual(self.statement.state, "confirmed")
        self.assertEqual(self.statement.confirmed_by.login, "agent_portal")
        self.assertEqual(to_fen(self.statement.payout_ids.amount), 3160)

    def test_the_party_disputes_a_share(self):
        self.clerk(self.statement).action_send()
        self.authenticate("agent_portal", "agent_portal")
        line = self.Line.search([("statement_id", "=", self.statement.id)], limit=1)
        self.post("dispute", line=line.id, reason="25 % <b>was</b> agreed")
        self.assertEqual(self.statement.state, "disputed")
        dispute = self.statement.dispute_ids
        self.assertEqual((dispute.line_id, dispute.raised_by.login), (line, "agent_portal"))
        self.assertIn("25 % &lt;b&gt;was&lt;/b&gt; agreed", self.url_open(self.url).text)
        page = self.post("dispute", reason=" ")
        self.assertIn("Say what is wrong", page.text)

    def test_a_line_of_another_statement(self):
        self.clerk(self.statement).action_send()
        self.authenticate("agent_portal", "agent_portal")
        self.assertEqual(self.post("dispute", line="999999999", reason="x").status_code, 404)
        self.assertEqual(self.statement.state, "sent")

    def test_files(self):
        self.clerk(self.statement).action_send()
        self.authenticate("agent_portal", "agent_portal")
        sheet = self.url_open(f"{self.url}.xlsx")
        self.assertTrue(sheet.content.startswith(b"PK"))
