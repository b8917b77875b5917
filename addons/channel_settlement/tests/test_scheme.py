from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import SettlementCommon, rule


@tagged("post_install", "-at_install")
class TestScheme(SettlementCommon):
    def test_what_is_wrong_is_said_when_saved(self):
        agent = self.agent.id
        for rules, words in (
            ([rule("host", 60), rule("mcn", 41), rule("brand")], "101 %"),
            ([rule("host", 60)], "nobody"),
            ([rule("brand"), rule("host")], "only one"),
            ([rule("host", 10, minimum=5, maximum=4), rule("brand")], "at most"),
            ([rule("platform", 5, basis="net"), rule("brand")], "before all others"),
            ([rule("host", 10, tiered=True), rule("brand")], "tiers"),
            ([rule("host", 10, bears_shop=True), rule("brand", bears_shop=True)], "choose one"),
            ([rule("host", 10, takes_freight=True), rule("brand", takes_freight=True)], "freight"),
            ([rule("other", 10, partner_id=agent), rule("mcn", 95, basis="list")], "105 %"),
        ):
            with self.subTest(words), self.assertRaisesRegex(ValidationError, words):
                self.draft(*rules)
        with self.assertRaisesRegex(ValidationError, "at least one party"):
            self.Scheme.create({"name": "Nothing"})

    def test_a_change_is_checked_as_a_whole(self):
        scheme = self.draft(rule("host", 75), rule("mcn", 25))
        host, mcn = scheme.rule_ids
        scheme.rule_ids = [
            Command.update(host.id, {"percent": 80}), Command.update(mcn.id, {"percent": 20}),
        ]  # fmt: skip
        with self.assertRaises(ValidationError):
            scheme.rule_ids = [Command.update(host.id, {"percent": 90})]

    def test_words(self):
        tiers = [{"above_amount": 0, "percent": 10}, {"above_amount": 100, "percent": 12.5}]
        scheme = self.draft(
            rule("host", 20, minimum=1, maximum=50),
            rule("mcn", 0, basis="quantity", per_unit=1.5),
            rule("affiliate", 0, basis="paid", tiered=True,
                 tier_ids=[Command.create(tier) for tier in tiers]),
            rule("brand"),
        )  # fmt: skip
        words = scheme.rule_ids.mapped("words")
        self.assertIn("20 % of what is paid, at least", words[0])
        self.assertIn("at most", words[0])
        self.assertIn("1.50", words[1])
        self.assertIn("12.5 %", words[2])
        self.assertEqual(words[3], "all the rest")

    def test_published_terms_stay(self):
        clerk = self.users["finance"]
        scheme = self.scheme.with_user(clerk)
        for change in (
            {"date_end": "2030-01-01"},
            {"rule_ids": [Command.update(scheme.rule_ids[0].id, {"percent": 1})]},
            {"shop_ids": [Command.set([])]},
        ):
            with self.subTest(change), self.assertRaisesRegex(UserError, "Change Terms"):
                scheme.write(change)
        with self.assertRaisesRegex(UserError, "buttons"):
            scheme.write({"state": "draft"})
        with self.assertRaisesRegex(UserError, "Only drafts"):
            scheme.unlink()

    def test_the_database_keeps_published_terms(self):
        for statement in (
            "UPDATE settlement_rule SET percent = 1",
            "DELETE FROM settlement_rule",
            "UPDATE settlement_scheme SET date_start = '2020-01-01'",
            "UPDATE settlement_scheme SET state = 'draft', published_at = NULL",
            "DELETE FROM settlement_scheme",
            "INSERT INTO settlement_rule (scheme_id, role, basis, settled_by, percent)"
            f" VALUES ({self.scheme.id}, 'host', 'paid', 'us', 1)",
            "INSERT INTO settlement_tier (rule_id, percent)"
            f" VALUES ({self.scheme.rule_ids[0].id}, 1)",
        ):
            with (
                self.subTest(statement),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(statement)

    def test_the_next_version(self):
        clerk = self.users["finance"]
        action = self.scheme.with_user(clerk).action_change_terms()
        following = self.Scheme.browse(action["res_id"])
        self.assertEqual(following.display_name, "All orders v2")
        self.assertEqual(following.rule_ids.mapped("percent"), [20, 5, 0])
        again = self.scheme.with_user(clerk).action_change_terms()
        self.assertEqual(again["res_id"], following.id)
        following.with_user(clerk).action_publish()
        self.assertEqual((self.scheme.state, following.state), ("ended", "running"))
        self.assertEqual(self.scheme.ended_at, following.published_at)

    def test_only_a_clerk_publishes(self):
        scheme = self.draft(name="Draft")
        with self.assertRaises(UserError):
            scheme.with_user(self.users["sales_manager"]).action_publish()

    def test_the_panel_explains_every_number(self):
        scheme = self.draft(
            rule("other", 20, partner_id=self.agent.id, maximum=5),
            rule("platform", 5, settled_by="platform"),
            rule("host", 10, basis="net"),
            rule("brand"),
        )
        panel = self.env["settlement.try"].with_user(self.users["sales_manager"])
        with Form(panel.with_context(default_scheme_id=scheme.id)) as form:
            form.amount_paid = 99.99
            text = form.result
            for part in ("Agent", "20 %", "lowered to the maximum", "94.99", "5.00", "9.50", "80.49",
                         "99.99"):  # fmt: skip
                self.assertIn(part, text)
            form.order_id = self.orders[0]
            self.assertEqual((form.amount_paid, form.amount_freight), (10, 6))
            self.assertIn("18.00", form.result)
            form.amount_paid = -1
            self.assertIn("zero or more", form.result)
