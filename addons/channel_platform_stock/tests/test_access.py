import psycopg2

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import StockCommon

SEE = ("integration", "operator", "admin")
OTHERS = ("finance", "warehouse", "sales_rep", "sales_manager", "member")
BUTTONS = ("action_tell", "action_read", "action_accept")


@tagged("post_install", "-at_install")
class TestAccess(StockCommon):
    """Operators and integration administrators see and tell the stock, nobody writes it."""

    def setUp(self):
        super().setUp()
        self.on_sale(10)

    def test_who_sees_it(self):
        for role in SEE:
            with self.subTest(role):
                self.assertTrue(self.as_role(role)["channel.platform.stock"].search([]))
                self.assertTrue(self.as_role(role)["channel.platform.stock.call"].search([]))
        for role in OTHERS:
            for model in ("channel.platform.stock", "channel.platform.stock.call"):
                with self.subTest(role=role, model=model), self.assertRaises(AccessError):
                    self.as_role(role)[model].search([])

    def test_who_presses_the_buttons(self):
        for role in SEE:
            row = self.as_role(role)["channel.platform.stock"].browse(self.row().id)
            for button in BUTTONS:
                with self.subTest(role=role, button=button):
                    getattr(row, button)()
        for role in OTHERS:
            row = self.as_role(role)["channel.platform.stock"].browse(self.row().id)
            for button in BUTTONS:
                with self.subTest(role=role, button=button), self.assertRaises(AccessError):
                    getattr(row, button)()

    def test_nobody_writes(self):
        for role in (*SEE, *OTHERS):
            for model in ("channel.platform.stock", "channel.platform.stock.call"):
                for operation in ("create", "write", "unlink"):
                    with self.subTest(role=role, model=model, operation=operation):
                        self.assertFalse(self.as_role(role)[model].has_access(operation))

    def test_another_company_is_not_seen(self):
        other = self.env["res.company"].create({"name": "Other brand"})
        shop = self.env["channel.shop"].create(
            {"name": "X", "code": "X", "platform": "douyin", "company_id": other.id}
        )
        row = self.stocks.create({"shop_id": shop.id, "sku_ref": "1"})
        call = self.calls.create({"stock_id": row.id, "kind": "zero", "units": 0})
        self.todos._mark([(shop.id, "1")])
        for role in ("integration", "operator"):
            with self.subTest(role):
                found = self.as_role(role)["channel.platform.stock"].search([])
                self.assertNotIn(row.id, found.ids)
                with self.assertRaises(AccessError):
                    self.as_role(role)["channel.platform.stock"].browse(row.id).action_tell()
                found = self.as_role(role)["channel.platform.stock.call"].search([])
                self.assertNotIn(call.id, found.ids)
        self.assertFalse(self.as_role("integration")["channel.platform.stock.todo"].search([]))

    def test_what_was_told_is_kept(self):
        call = self.calls.search([], limit=1)
        for statement in (
            "UPDATE channel_platform_stock_call SET units = units + 1 WHERE id = %s",
            "UPDATE channel_platform_stock_call SET outcome = 'sent' WHERE id = %s",
            "DELETE FROM channel_platform_stock_call WHERE id = %s",
        ):
            with (
                self.subTest(statement),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(statement, [call.id])
        self.calls._gc()
        self.assertTrue(call.exists())

    def test_a_sku_has_one_call_under_way_and_each_key_is_used_once(self):
        values = {"stock_id": self.row().id, "kind": "add", "units": 1, "key": "k"}
        self.calls.create(values)
        for again in ({"key": "other"}, {"outcome": "done"}):
            with (
                self.subTest(again),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.UniqueViolation),
                self.env.cr.savepoint(),
            ):
                self.calls.create(values | again)

    def test_the_forms_open_for_their_people(self):
        with Form(self.as_role("operator")["channel.link"].browse(self.link.id)) as form:
            form.stock_own_share = True
            form.stock_safety = 3
        with Form(self.as_role("integration")["channel.shop"].browse(self.shop.id)) as form:
            form.stock_source = "quota_and_free"
            form.stock_safety = 3
        self.assertEqual((self.shop.stock_safety, self.link.stock_safety), (3, 3))
        action = self.link.action_open_stock()
        self.assertEqual(self.stocks.search(action["domain"]), self.row())
