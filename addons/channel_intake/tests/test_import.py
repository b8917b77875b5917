import base64
import io

from openpyxl import load_workbook

from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from odoo.addons.channel_network.core.table import write_xlsx

from ..core.platforms.sheet import COLUMNS
from .common import IntakeCommon

HEADERS = ["订单号", "商家编码", "数量", "实付金额", "店铺优惠", "运费", "付款时间", "收件人",
           "手机号", "省", "市", "区", "详细地址"]  # fmt: skip


def row(ref, **changes):
    values = dict(
        zip(
            HEADERS,
            [ref, "SKU-A", "2", "36.00", "3.80", "6.00", "2026-11-11 20:00:00", "张三",
             "13800138000", "福建省", "厦门市", "思明区", "人民路1号"],
            strict=True,
        )
    )  # fmt: skip
    return list((values | changes).values())


@tagged("post_install", "-at_install")
class TestImport(IntakeCommon):
    """Files go the same way as every platform's orders."""

    def _wizard(self, rows, encoding=None, user="sales_manager", **values):
        if encoding:
            data = "\r\n".join(",".join(cells) for cells in [HEADERS, *rows]).encode(encoding)
        else:
            data = write_xlsx([HEADERS, *rows])
        return (
            self.env["channel.order.import"]
            .with_user(self.users[user])
            .create({"shop_id": self.file_shop.id, "data": base64.b64encode(data)} | values)
        )

    def test_every_kind_of_file_becomes_orders(self):
        for number, encoding in enumerate([None, "utf-8-sig", "gbk", "utf-16"]):
            with self.subTest(encoding=encoding):
                ref = f"F{number}"
                wizard = self._wizard([row(ref)], encoding)
                wizard.action_check()
                self.assertEqual((wizard.order_count, wizard.error_count), (1, 0))
                self.assertEqual(wizard.amount_paid, 42.0)
                wizard.action_import()
                order = self.env["channel.order"].search([("order_ref", "=", ref)])
                self.assertEqual((order.amount_owed, order.amount_freight), (42.0, 6.0))
                self.assertEqual(order.line_ids.product_id, self.product_13)
                self.assertEqual(order.receiver_phone_masked, "138****8000")

    def test_checking_stores_nothing(self):
        self._wizard([row("F1")]).action_check()
        self.assertFalse(self.messages.search([("shop_id", "=", self.file_shop.id)]))

    def test_all_or_nothing(self):
        wizard = self._wizard([row("F1"), row("F2", 数量="0")])
        wizard.action_check()
        self.assertEqual((wizard.order_count, wizard.error_count), (1, 1))
        self.assertIn("Row 3", wizard.error_ids.text)
        with self.assertRaises(UserError):
            wizard.action_import()
        self.assertFalse(self.orders(self.file_shop))

    def test_bad_rows_are_skipped_with_a_report(self):
        wizard = self._wizard([row("F1"), row("F2", 实付金额="36.001")], mode="skip")
        wizard.action_import()
        self.assertEqual(self.orders(self.file_shop).order_ref, "F1")
        self.assertIn("Row 3", wizard.report)
        self.assertEqual(wizard.action_open_orders()["domain"][1][2], ["F1"])

    def test_the_same_file_twice_changes_nothing(self):
        self._wizard([row("F1")]).action_import()
        wizard = self._wizard([row("F1")])
        wizard.action_import()
        self.assertIn("1 were here already", wizard.report)
        self.assertEqual(len(self.orders(self.file_shop)), 1)

    def test_no_receiver_stays_in_plain_text(self):
        wizard = self._wizard([row("F1", 收件人="欧阳娜娜", 手机号="13712345678")])
        wizard.action_import()
        self.assertFalse(wizard.data)
        message = self.messages.search([("shop_id", "=", self.file_shop.id)]).sudo()
        for plain in ("欧阳娜娜", "13712345678", "人民路1号"):
            self.assertNotIn(plain, message.body)
            self.assertNotIn(plain, message.secret)
        order = self.orders(self.file_shop).with_user(self.users["warehouse"])
        self.assertIn("欧阳娜娜", order.action_show_receiver("label"))
        found = self.env["channel.order"].search([("receiver_phone", "=", "13712345678")])
        self.assertEqual(found.order_ref, "F1")

    def test_what_is_no_table_is_refused_in_words(self):
        wizard = self._wizard([row("F1")])
        for data in (b"PK\x03\x04broken", b"\x00\x01\x02"):
            wizard.data = base64.b64encode(data)
            with self.assertRaisesRegex(UserError, "xlsx"):
                wizard.action_check()

    def test_missing_columns_are_named_in_the_users_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        wizard = self._wizard([]).with_context(lang="zh_CN")
        wizard.data = base64.b64encode(write_xlsx([["订单号", "备注"], ["F1", "x"]]))
        wizard.action_check()
        self.assertIn("商家编码", " ".join(wizard.error_ids.mapped("text")))
        self.assertEqual(wizard.unknown_headers, "备注")

    def test_a_pulled_shop_takes_no_file(self):
        wizard = self._wizard([row("F1")], shop_id=self.shop.id)
        with self.assertRaises(UserError):
            wizard.action_check()

    def test_ids_that_a_spreadsheet_rounded_are_refused(self):
        wizard = self._wizard([row("6.97980E+18")], "utf-8")
        wizard.action_check()
        self.assertEqual((wizard.order_count, wizard.error_count), (0, 1))


@tagged("post_install", "-at_install")
class TestTemplate(HttpCase, IntakeCommon):
    """The template holds what the import reads."""

    def test_the_template_is_read_without_an_error(self):
        self.users["operator"].password = "operator-password"
        self.authenticate("qudao_operator", "operator-password")
        answer = self.url_open("/channel_intake/order_template.xlsx")
        self.assertEqual(answer.status_code, 200)
        headers = [cell.value for cell in load_workbook(io.BytesIO(answer.content)).active[1]]
        self.assertEqual(headers, [column.english for column in COLUMNS])
        wizard = self.env["channel.order.import"].create(
            {"shop_id": self.file_shop.id, "data": base64.b64encode(answer.content)}
        )
        wizard.action_check()
        self.assertEqual((wizard.order_count, wizard.error_count), (1, 0))

    def test_others_get_no_template(self):
        self.users["warehouse"].password = "warehouse-password"
        self.authenticate("qudao_warehouse", "warehouse-password")
        self.assertEqual(self.url_open("/channel_intake/order_template.xlsx").status_code, 403)
