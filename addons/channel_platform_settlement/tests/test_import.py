import base64

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import HEADERS, SettlementCommon


@tagged("post_install", "-at_install")
class TestImport(SettlementCommon):
    """A file is checked, kept with its rows once, and never changed."""

    def test_a_file_is_checked_before_it_is_kept(self):
        tea = self.orders[0]
        wizard = self.wizard(self.file(self.told(tea, 38, fee=2), self.told(tea, 0, fee=1, line=2)))
        wizard.action_check()
        self.assertEqual((wizard.state, wizard.row_count, wizard.order_count), ("preview", 2, 1))
        self.assertEqual((wizard.income, wizard.fees, wizard.amount), (38, 3, 35))
        self.assertFalse(self.Row.search_count([]) or wizard.errors)

    def test_rows_are_kept_as_told(self):
        tea = self.orders[0]
        batch = self.load(
            self.told(tea, 40, refunded=-2, fee=2, 佣金="-8.00", amount=28, 达人="茶师傅"),
        )
        [row] = self.Row.search([("import_id", "=", batch.id)])
        self.assertEqual((row.paid, row.refunded, row.income), (40, -2, 38))
        self.assertEqual((row.platform_fee, row.commission, row.fees, row.amount), (2, 8, 10, 28))
        self.assertEqual((row.order_id, row.line_ref), (tea, f"{tea.order_ref}-1"))
        self.assertEqual(str(row.settled_at), "2026-02-08 02:00:00")
        self.assertEqual((batch.row_count, batch.new_count, batch.amount), (1, 1, 28))
        self.assertEqual(batch.create_uid, self.users["finance"])

    def test_unknown_columns_are_kept_and_named(self):
        data = self.file(self.told(self.orders[1], 90, 达人="茶师傅"), headers=[*HEADERS, "达人"])
        batch = self.Import.browse(self.wizard(data).action_import()["res_id"])
        self.assertEqual(batch.unknown, "达人")
        row = self.Row.search([("import_id", "=", batch.id)])
        self.assertEqual((row.extra, row.extra_text), ({"达人": "茶师傅"}, "达人: 茶师傅"))

    def test_the_file_itself_is_kept(self):
        data = self.file(self.told(self.orders[1], 90))
        batch = self.Import.browse(self.wizard(data).action_import()["res_id"])
        self.assertEqual(base64.b64decode(batch.file), data)

    def test_the_same_file_again_is_recognised(self):
        rows = [self.told(self.orders[1], 90)]
        self.load(*rows)
        for press in ("action_check", "action_import"):
            wizard = self.wizard(self.file(*rows), name="again.csv")
            with self.subTest(press=press), self.assertRaisesRegex(UserError, "settlement.csv"):
                getattr(wizard, press)()
        self.assertEqual(self.Row.search_count([]), 1)
        other = self.shop.copy({"code": "OTHER", "name": "Other"})
        self.assertEqual(
            self.load(*rows, shop=other).new_count, 1, "another shop's file is its own"
        )

    def test_the_database_refuses_the_same_file(self):
        batch = self.load(self.told(self.orders[1], 90))
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            batch.copy({"sha256": batch.sha256, "shop_id": batch.shop_id.id}).flush_recordset()

    def test_an_overlapping_file_adds_only_what_is_new(self):
        first, second, third = (self.told(order, 10, day=8) for order in self.orders)
        self.load(first, second)
        batch = self.load(second, third, name="overlap.csv")
        self.assertEqual((batch.row_count, batch.new_count, batch.amount), (2, 1, 20))
        self.assertEqual(self.Row.search([("import_id", "=", batch.id)]).order_id, self.orders[2])
        self.assertEqual(self.Row.search_count([]), 3)
        nothing = self.load(third, name="nothing.csv")
        self.assertEqual((nothing.row_count, nothing.new_count), (1, 0))

    def test_two_alike_movements_are_two(self):
        alike = [self.told(self.orders[0], 5) for _row in range(2)]
        self.assertEqual(self.load(*alike).new_count, 2)
        self.assertEqual(self.load(*alike, self.told(self.orders[1], 1)).new_count, 1)

    def test_nothing_is_kept_of_a_file_with_a_mistake(self):
        wizard = self.wizard(
            self.file(self.told(self.orders[0], 38), self.told(self.orders[1], 90, amount=89))
        )
        wizard.action_check()
        self.assertIn("Line 3", wizard.errors)
        with self.assertRaisesRegex(UserError, "Line 3"):
            wizard.action_import()
        self.assertFalse(self.Row.search_count([]) or self.Import.search_count([]))

    def test_refusals_say_what_to_do(self):
        good = self.told(self.orders[0], 38)
        for data, words in (
            (b"PK\x03\x04 no archive", "export the settlement detail"),
            (
                self.file(good, headers=[h for h in HEADERS if h != "动账金额"]),
                "结算金额 / 动账金额 is missing",
            ),
            (self.file(), "holds no row"),
            (self.file(good | {"动账时间": "soon"}), "Line 2: 动账时间 is no time"),
            (self.file(good | {"佣金": "1.234"}), "two decimals: 1.234"),
            (self.file(good | {"动账方向": "?"}), "neither"),
            (self.file(good | {"订单号": "6.9E+17"}), "changed by a spreadsheet"),
            (self.file(good | {"订单号": ""}), "订单号 is missing"),
            (self.file(good, headers=[*HEADERS, "佣金"]), "佣金 stands twice"),
        ):
            with self.subTest(words=words), self.assertRaisesRegex(UserError, words):
                self.wizard(data).action_import()
        with self.assertRaisesRegex(UserError, "Choose a file"):
            self.as_role("finance")["channel.platform.settlement.read"].create(
                {"shop_id": self.shop.id}
            ).action_check()

    def test_rows_are_never_changed(self):
        self.load(self.told(self.orders[0], 38))
        for statement in ("UPDATE channel_platform_settlement SET amount = 1, income = 1",
                          "DELETE FROM channel_platform_settlement"):  # fmt: skip
            with (
                self.subTest(statement=statement),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(CheckViolation, "append-only"),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(statement)

    def test_the_database_keeps_the_sums(self):
        row = {"shop_id": self.shop.id, "company_id": self.company.id, "import_id": 1,
               "digest": "x", "order_ref": "X", "kind": "settled",
               "settled_at": "2026-02-08 00:00:00"}  # fmt: skip
        zero = dict.fromkeys(
            (name for name, field in self.Row._fields.items() if field.type == "monetary"), 0
        )
        for wrong in ({"amount": 1}, {"income": 1, "amount": 1}, {"fees": 1, "amount": -1}):
            with (
                self.subTest(wrong=wrong),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.Row.create(row | zero | wrong)
        self.Row.create(row | zero | {"paid": 2, "income": 2, "fine": 1, "fees": 1, "amount": 1})
