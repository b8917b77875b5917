from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import IntakeCommon


@tagged("post_install", "-at_install")
class TestManual(IntakeCommon):
    """An order typed by hand goes through the same pipeline."""

    def _wizard(self, **values):
        link = self.env["channel.link"].search([("shop_id", "=", self.file_shop.id)])
        line = {"link_id": link.id, "quantity": 2, "amount_paid": 36.0, "discount_shop": 3.8}
        return (
            self.env["channel.order.manual"]
            .with_user(self.users["operator"])
            .create(
                {
                    "shop_id": self.file_shop.id,
                    "order_ref": "HAND-1",
                    "name": "李四",
                    "phone": "13700000001",
                    "province_id": self.env["res.country.state"]
                    .search([("country_id.code", "=", "CN")], limit=1)
                    .id,
                    "city": "厦门市",
                    "address": "湖滨路2号",
                    "freight": 6.0,
                    "line_ids": [Command.create(line)],
                }
                | values
            )
        )

    def test_it_becomes_an_order_at_once(self):
        wizard = self._wizard()
        self.assertEqual(wizard.amount_paid, 42.0)
        action = wizard.action_create_order()
        order = self.env["channel.order"].search(action["domain"])
        self.assertEqual((order.order_ref, order.amount_paid), ("HAND-1", 42.0))
        self.assertEqual((order.discount_shop, order.amount_owed), (3.8, 42.0))
        self.assertEqual(order.platform_status, "ready")
        self.assertFalse(self.lost())

    def test_the_dialog_forgets_the_receiver(self):
        wizard = self._wizard()
        wizard.action_create_order()
        self.assertEqual({wizard.name, wizard.phone, wizard.address}, {"-"})

    def test_a_number_is_used_once(self):
        self._wizard().action_create_order()
        with self.assertRaises(UserError):
            self._wizard().action_create_order()

    def test_what_cannot_be_sold_is_refused(self):
        for values in (
            {"phone": "12"},
            {"line_ids": []},
            {"freight": -1.0},
            {"shop_id": self.shop.id},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self._wizard(**values).action_create_order()
        wizard = self._wizard()
        wizard.line_ids.quantity = 0
        with self.assertRaises(UserError):
            wizard.action_create_order()
        self.assertFalse(self.orders(self.file_shop))

    def test_an_unpaid_order_is_not_released(self):
        action = self._wizard(status="unpaid").action_create_order()
        order = self.env["channel.order"].search(action["domain"])
        self.assertEqual((order.stage, order.paid_at), ("unpaid", False))
