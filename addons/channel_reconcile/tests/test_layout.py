from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from odoo.addons.channel_network.core.money import to_fen

from .common import ReconcileCommon

TABLE = """某银行交易明细,,,,
账号,6228480000000001,,,
交易日期,收入,支出,余额,摘要
2026-11-20 09:00:00,100.00,,1100.00,货款
2026-11-20 10:00:00,,30.50,1069.50,手续费
"""


@tagged("post_install", "-at_install")
class TestLayout(ReconcileCommon):
    """Tables of banks that no reader knows."""

    def refused(self, **values):
        bill = self.upload(TABLE.encode("gb18030"), "bank.csv", **values)
        self.assertEqual((bill.state, bill.is_unknown), ("refused", True))
        return bill

    def layout(self, bill):
        action = bill.action_map()
        layouts = self.as_role("finance")["reconcile.layout"].with_context(**action["context"])
        return Form(layouts)

    def test_what_its_columns_mean_is_proposed(self):
        form = self.layout(self.refused(account_id=self.bank.id))
        self.assertEqual((form.skip, form.sign), (2, "columns"))
        columns = form.save().column_ids
        self.assertEqual(
            [(column.header, column.field, column.sample) for column in columns],
            [
                ("交易日期", "at", "2026-11-20 09:00:00"), ("收入", "income", "100.00"),
                ("支出", "outcome", "30.50"), ("余额", "balance", "1100.00"),
                ("摘要", "memo", "货款"),
            ],
        )  # fmt: skip

    def test_the_file_is_read_by_it_and_the_next_one_too(self):
        bill = self.refused(account_id=self.bank.id)
        layout = self.layout(bill).save()
        self.assertIn("100.00", layout.sample)
        layout.action_read_sample()
        bill.sudo()._job_read()
        self.assertEqual(bill.state, "done", bill.trouble)
        self.assertEqual([to_fen(row.amount) for row in self.rows(bill)], [10000, -3050])
        self.assertEqual(self.bank.layout_id, layout)
        later = (
            TABLE.replace("-20 ", "-21 ")
            .replace("1100.00", "1169.50")
            .replace("1069.50", "1139.00")
        )
        bill = self.upload(later.encode(), "later.csv", account_id=self.bank.id)
        self.assertEqual((bill.state, bill.new_count), ("done", 2))

    def test_what_is_wrong_is_shown_while_it_is_made(self):
        layout = self.layout(self.refused(account_id=self.bank.id)).save()
        layout.column_ids.filtered(lambda column: column.field == "memo").header = "备忘"
        self.assertIn("备忘", layout.sample)

    def test_a_word_says_the_kind(self):
        bill = self.refused(account_id=self.bank.id)
        layout = self.layout(bill).save()
        layout.column_ids[-1].field = "what"
        layout.word_ids = [(0, 0, {"word": "手续费", "kind": "fee"})]
        layout.action_read_sample()
        bill.sudo()._job_read()
        self.assertEqual(self.rows(bill).mapped("kind"), ["income", "fee"])

    def test_without_its_amounts_there_is_no_layout(self):
        layout = self.layout(self.refused(account_id=self.bank.id)).save()
        with self.assertRaisesRegex(ValidationError, "Amount that Came"):
            layout.column_ids[1].field = False
            layout._check_columns()
