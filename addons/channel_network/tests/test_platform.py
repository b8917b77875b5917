"""What the addon adds to the platform itself: the vault's key, the asset fix, invariants."""

import os
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import config

from ..models import ir_asset

KEY = "0123456789abcdef0123456789abcdef"
MODELS = (
    "channel.territory",
    "channel.member",
    "channel.member.position",
    "channel.member.grade",
    "channel.contract",
    "channel.qualification",
    "channel.assortment",
    "channel.assortment.line",
    "channel.price.band",
    "channel.fulfiller",
)


@tagged("post_install", "-at_install")
class TestVaultKey(TransactionCase):
    def _environment(self, key):
        return patch.dict(os.environ, {"QUDAO_DATA_KEY": key})

    def test_key_from_the_environment(self):
        with self._environment(KEY):
            token = self.env["channel.vault"]._vault().encrypt("13800138000")
            self.assertEqual(self.env["channel.vault"]._decrypt(token), "13800138000")

    def test_key_from_the_configuration(self):
        with self._environment(""), patch.dict(config.options, {"channel_data_key": KEY}):
            configured = self.env["channel.vault"]._vault().keyed_hash("phone", "1")
        with self._environment(KEY):
            self.assertEqual(
                self.env["channel.vault"]._vault().keyed_hash("phone", "1"), configured
            )

    def test_missing_or_short_key_says_what_to_do(self):
        for key in ("", "short"):
            with (
                self.subTest(key=key),
                self._environment(key),
                patch.dict(config.options, {"channel_data_key": ""}),
                self.assertRaisesRegex(UserError, "QUDAO_DATA_KEY.*channel_data_key"),
            ):
                self.env["channel.vault"]._vault()

    def test_another_key_says_what_to_do(self):
        with self._environment(KEY):
            token = self.env["channel.vault"]._vault().encrypt("x")
        with (
            self._environment(KEY[::-1]),
            self.assertRaisesRegex(UserError, "another data key"),
        ):
            self.env["channel.vault"]._decrypt(token)


@tagged("post_install", "-at_install")
class TestAssets(TransactionCase):
    def _paths(self):
        Asset = self.env["ir.asset"]
        return Asset._get_paths(ir_asset.OPTIONAL_LIBRARY, Asset._get_installed_addons_list())

    def test_a_missing_library_is_left_out(self):
        with patch.object(ir_asset.os.path, "exists", return_value=False):
            self.assertEqual(self._paths(), [])

    def test_a_present_library_stays(self):
        with patch.object(ir_asset.os.path, "exists", return_value=True):
            self.assertEqual(len(self._paths()), 1)

    def test_the_back_end_bundle_names_existing_files_only(self):
        self.env.registry.clear_cache("assets")
        bundle = self.env["ir.asset"]._get_asset_paths("web.assets_backend", {})
        missing = [
            path
            for path, full_path, _bundle, modified in bundle
            if full_path is None and modified is None
        ]
        self.assertEqual(missing, [])


@tagged("post_install", "-at_install")
class TestInvariants(TransactionCase):
    """The database holds what the models declare: a failed constraint is only a log line."""

    def test_constraints_and_indexes_exist(self):
        for model in MODELS:
            Model = self.env[model]
            names = {obj.full_name(Model) for obj in Model._table_objects.values()}
            self.env.cr.execute(
                """
                SELECT conname FROM pg_constraint WHERE conrelid = %(table)s::regclass
                UNION SELECT indexname FROM pg_indexes WHERE tablename = %(table)s
                """,
                {"table": Model._table},
            )
            with self.subTest(model=model):
                self.assertEqual(names - {name for (name,) in self.env.cr.fetchall()}, set())

    def test_company_models_have_a_company_rule(self):
        rules = self.env["ir.rule"].search([("model_id.model", "in", MODELS)])
        guarded = {
            rule.model_id.model
            for rule in rules
            if not rule.groups and "company_ids" in (rule.domain_force or "")
        }
        self.assertEqual(guarded, {m for m in MODELS if "company_id" in self.env[m]._fields})

    def test_every_screen_helps_when_it_is_empty(self):
        actions = self.env["ir.actions.act_window"].search([("res_model", "in", MODELS)])
        data = self.env["ir.model.data"].search(
            [("model", "=", "ir.actions.act_window"), ("module", "=", "channel_network")]
        )
        own = actions.filtered(lambda a: a.id in data.mapped("res_id"))
        self.assertGreaterEqual(len(own), 8)
        self.assertFalse(own.filtered(lambda a: not a.help).mapped("name"))

    def test_groups_imply_what_their_job_needs(self):
        def has(group, other):
            return self.env.ref(other) in self.env.ref(f"channel_network.{group}").all_implied_ids

        self.assertTrue(has("group_finance_clerk", "account.group_account_invoice"))
        self.assertTrue(has("group_warehouse", "stock.group_stock_user"))
        self.assertTrue(has("group_sales_rep", "sales_team.group_sale_salesman"))
        self.assertTrue(has("group_sales_manager", "channel_network.group_sales_rep"))
        self.assertTrue(has("group_member_user", "base.group_portal"))
        self.assertFalse(has("group_sales_rep", "channel_network.group_sales_manager"))
        for group in (
            "finance_clerk",
            "warehouse",
            "sales_manager",
            "livestream_operator",
            "integration_admin",
        ):
            self.assertTrue(has("group_channel_admin", f"channel_network.group_{group}"))
            self.assertTrue(has(f"group_{group}", "channel_network.group_channel_user"))
        self.assertTrue(
            self.env.ref("base.user_admin").has_group("channel_network.group_channel_admin")
        )
