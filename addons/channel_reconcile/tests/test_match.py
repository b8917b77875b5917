from collections import Counter
from datetime import timedelta

from simulators import bill_files, planted

from odoo.tests import tagged

from . import books
from .common import ReconcileCommon

BEGIN = planted.BEGIN.date()
END = BEGIN + timedelta(days=planted.DAYS - 1)


class MatchCommon(ReconcileCommon):
    """A shop of our own, paid to the merchant number."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.merchant = cls.env["channel.payment.merchant"].create(
            {
                "name": "Mini program",
                "number": bill_files.MERCHANT,
                "app_ref": planted.APP,
                "credential_ref": "TEST",
                "company_id": cls.company.id,
            }
        )
        cls.wechat.write(
            {"merchant_id": cls.merchant.id, "fee_rate": 0.6, "shop_refs": planted.APP}
        )
        cls.shop = cls.env["channel.shop"].create(
            {"name": "Mini", "code": "MINI", "platform": "file", "platform_shop_ref": "mini"}
        )
        cls.Difference = cls.env["reconcile.difference"]
        cls.Day = cls.env["reconcile.day"]

    def put(self, month):
        """A planted month into the books and the bill."""
        books.write(self.env, self.merchant, self.shop, month)
        trades = [trade for each in month for trade in each.trades]
        bill = self.upload(self.file(trades))
        self.assertEqual(bill.state, "done", bill.trouble)
        return bill

    def expected(self, month):
        """{number of the row or entry: cause} of what was planted."""
        found = {}
        for each in month:
            if not each.cause:
                continue
            if each.cause == "status":
                key = each.trades[1].refund_own
            elif each.cause == "duplicate":
                key = each.trades[1].ref if len(each.trades) > 1 else each.entries[1].key
            else:
                key = each.trades[0].ref if each.trades else each.entries[0].key
            found[key] = each.cause
        return found

    def found(self):
        rows = self.Difference.search(
            [("account_id", "=", self.wechat.id), ("state", "!=", "gone")]
        )
        return {row.key: row.cause for row in rows}


@tagged("post_install", "-at_install")
class TestMatch(MatchCommon):
    """Every planted difference under its cause, and none that was not planted."""

    def test_each_cause_is_found_and_none_is_invented(self):
        month = list(planted.month(100_000))
        self.put(month)
        with self.assertQueryCount(60):
            count = self.wechat._match(BEGIN, END)
        expected = self.expected(month)
        self.assertEqual(Counter(expected.values()), dict.fromkeys(planted.CAUSES, 100))
        self.assertEqual(self.found(), expected)
        self.assertEqual(count, len(expected))
