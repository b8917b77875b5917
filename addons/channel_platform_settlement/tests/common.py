"""Files of a platform's settlement, as the finance clerk gets them."""

import base64
import csv
import io

from odoo.addons.channel_credit.tests.test_credit import CreditCommon

HEADERS = (
    "动账时间", "动帐流水号", "动账方向", "动账金额", "动账场景", "子订单号", "订单号", "订单实付应结",
    "订单退款", "平台服务费", "佣金", "备注",
)  # fmt: skip


class SettlementCommon(CreditCommon):
    """Three orders shipped in one wave, and the files that settle them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Row = cls.env["channel.platform.settlement"]
        cls.Import = cls.env["channel.platform.settlement.import"]
        cls.Difference = cls.env["channel.platform.settlement.difference"]
        cls.told_rows = 0

    def told(
        self,
        order,
        paid,
        *,
        line=1,
        fee=0,
        refunded=0,
        day=8,
        scene="订单结算",
        amount=None,
        **cells,
    ):
        """A line of a file; amounts in yuan. ``order`` is a record or a number."""
        type(self).told_rows += 1
        ref = order if isinstance(order, str) else order.order_ref
        amount = paid + refunded - fee if amount is None else amount
        return {
            "动账时间": f"2026-02-{day:02d} 10:00:00", "动帐流水号": f"'{9000 + self.told_rows}",
            "动账方向": "出账" if amount < 0 else "入账", "动账金额": f"{abs(amount):.2f}",
            "动账场景": scene, "子订单号": f"'{ref}-{line}", "订单号": f"'{ref}",
            "订单实付应结": f"{paid:.2f}", "订单退款": f"{refunded:.2f}", "平台服务费": f"{-fee:.2f}",
        } | cells  # fmt: skip

    def file(self, *rows, headers=HEADERS):
        target = io.StringIO()
        writer = csv.writer(target)
        writer.writerow(headers)
        writer.writerows([row.get(header, "") for header in headers] for row in rows)
        return target.getvalue().encode("utf-8-sig")

    def wizard(self, data, name="settlement.csv", shop=None, role="finance"):
        return self.as_role(role)["channel.platform.settlement.read"].create(
            {"shop_id": (shop or self.shop).id, "data": base64.b64encode(data), "filename": name}
        )

    def load(self, *rows, **values):
        """Import a file of these rows as the finance clerk does; the import."""
        action = self.wizard(self.file(*rows), **values).action_import()
        self.env.invalidate_all()
        return self.Import.browse(action["res_id"])

    def differences(self, order=None):
        """{(order number, cause): yuan}."""
        found = self.Difference.search([("shop_id", "=", self.shop.id)])
        return {
            (row.order_ref, row.cause): row.amount
            for row in found
            if order is None or row.order_ref == order.order_ref
        }
