from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from .common import IntakeCommon

ADMINS = ("integration", "admin")
OTHERS = ("finance", "warehouse", "sales_rep", "sales_manager", "operator", "member")
IMPORTERS = ("integration", "admin", "sales_manager", "operator")


@tagged("post_install", "-at_install")
class TestAccess(IntakeCommon):
    """Messages and connections are the integration administrator's, imports the sellers'."""

    def test_messages_are_read_by_integration_admins_only(self):
        self.store(self.raw("100"))
        for role in ADMINS:
            with self.subTest(role):
                found = self.as_role(role)["channel.message"].search([("ref", "=", "100")])
                self.assertEqual(len(found), 1)
                self.assertTrue(found.body_shown)
        for role in OTHERS:
            with self.subTest(role), self.assertRaises(AccessError):
                self.as_role(role)["channel.message"].search([])

    def test_nobody_writes_messages(self):
        self.store(self.raw("100"))
        for role in (*ADMINS, *OTHERS):
            for operation in ("create", "write", "unlink"):
                for model in ("channel.message", "channel.message.todo"):
                    with self.subTest(role=role, operation=operation, model=model):
                        self.assertFalse(self.as_role(role)[model].has_access(operation))

    def test_bodies_and_secrets_are_read_by_nobody(self):
        self.store(self.raw("100"))
        message = self.as_role("admin")["channel.message"].search([("ref", "=", "100")])
        for field in ("body", "secret"):
            with self.subTest(field), self.assertRaises(AccessError):
                message.read([field])

    def test_messages_of_another_company_are_not_seen(self):
        other = self.env["res.company"].create({"name": "Other brand"})
        shop = self.env["channel.shop"].create(
            {"name": "X", "code": "X", "platform": "file", "company_id": other.id}
        )
        self.store(self.raw("100"), shop=shop)
        messages = self.as_role("integration")["channel.message"]
        self.assertFalse(messages.search([("shop_id", "=", shop.id)]))
        self.assertFalse(self.as_role("integration")["channel.message.todo"].search([]))

    def test_connection_settings_are_hidden_from_others(self):
        for role in ("finance", "warehouse", "operator", "sales_manager"):
            with self.subTest(role), self.assertRaises(AccessError):
                self.as_role(role)["channel.shop"].browse(self.shop.id).read(["credential_ref"])
        shop = self.as_role("integration")["channel.shop"].browse(self.shop.id)
        self.assertEqual(shop.credential_ref, "TEST")

    def test_only_integration_admins_press_the_monitors_buttons(self):
        for role in ("finance", "warehouse", "operator", "sales_manager"):
            shop = self.as_role(role)["channel.shop"].browse(self.shop.id)
            for button in ("action_pull_now", "action_process_now", "action_test_connection"):
                with self.subTest(role=role, button=button), self.assertRaises(AccessError):
                    getattr(shop, button)()

    def test_imports_are_for_those_who_sell(self):
        for model in ("channel.order.import", "channel.order.manual"):
            for role in IMPORTERS:
                with self.subTest(role=role, model=model):
                    self.assertTrue(self.as_role(role)[model].has_access("create"))
            for role in ("finance", "warehouse", "sales_rep", "member"):
                with self.subTest(role=role, model=model):
                    self.assertFalse(self.as_role(role)[model].has_access("create"))

    def test_platform_addresses_are_checked(self):
        for url in (
            "http://openapi.example.com",
            "https://user:pw@example.com",
            "https://example.com?a=1",
            "ftp://example.com",
            "//example.com",
            "http://127.0.0.1.example.com",
        ):
            with self.subTest(url), self.assertRaises(ValidationError):
                self.shop.base_url = url
        for url in (
            "https://openapi.example.com",
            "http://127.0.0.1:8080",
            "http://[::1]:80",
            False,
        ):
            self.shop.base_url = url

    def test_a_secret_is_not_taken_for_the_credentials_name(self):
        for value in ("7012-345", "a b", "x" * 41):
            with self.subTest(value), self.assertRaises(ValidationError):
                self.shop.credential_ref = value

    def test_the_shop_form_opens_for_every_role_that_reads_shops(self):
        for role in ("finance", "warehouse", "operator", "sales_manager", "integration", "admin"):
            with self.subTest(role):
                shops = self.as_role(role)["channel.shop"]
                views = shops.get_views([(False, "form"), (False, "list"), (False, "kanban")])
                self.assertTrue(views["views"]["form"]["arch"])
        with Form(self.as_role("integration")["channel.shop"].browse(self.shop.id)) as form:
            form.pull_overlap = 120
        self.assertEqual(self.shop.pull_overlap, 120)

    def test_the_monitor_says_the_next_step(self):
        shop = self.as_role("integration")["channel.shop"].browse(self.shop.id)
        self.assertEqual(shop.health, "late")
        self.assertTrue(shop.next_step)
        self.assertEqual(self.file_shop.health, "off")
        self.store(self.raw("101", sku_order_list=[]))
        self.messages._process()
        shop.invalidate_recordset()
        self.assertEqual((shop.health, shop.stopped_count), ("blocked", 1))
        action = shop.with_context(message_status="stopped").action_open_messages()
        self.assertTrue(action["context"]["search_default_stopped"])
