from odoo import Command
from odoo.tests import tagged

from .common import SaleCommon


@tagged("post_install", "-at_install")
class TestSubstitutes(SaleCommon):
    def test_what_is_in_stock_and_in_the_assortment_is_offered(self):
        kitchen = self.env["product.category"].create({"name": "Kitchen"}).id
        self.product_13b.categ_id = kitchen
        near = self._create_product("Mug", self.tax_13, list_price=110.0, categ_id=kitchen)
        dear = self._create_product("Vase", self.tax_13, list_price=130.0, categ_id=kitchen)
        gone = self._create_product("Bowl", self.tax_13, categ_id=kitchen)
        not_sold = self._create_product("Jar", self.tax_13, categ_id=kitchen)
        for product in (near, dear, not_sold):
            self._set_stock(product, self.warehouse_1, 50)
        shelf = self.product_13 | self.product_13b | near | dear | gone
        self.env["channel.assortment"].create(
            {
                "name": "Kitchen",
                "company_id": self.company.id,
                "line_ids": [Command.create({"product_id": product.id}) for product in shelf],
            }
        )
        self._set_stock(self.product_13b, self.warehouse_1, -990)
        order = self._order(1, 20)
        self.assertFalse(order.substitute_text)
        order.action_confirm()
        self.assertEqual(order.review_kind, "stock")
        order.invalidate_recordset()
        self.assertEqual(order._substitutes(), {order.order_line[1]: near})
        self.assertRegex(order.substitute_text, "Cup: .*Mug")
        mine = order.with_env(self.as_role("member"))
        self.assertRegex(mine.substitute_text, "Mug")
        order.order_line[1].product_uom_qty = 5
        order.action_confirm()
        order.invalidate_recordset()
        self.assertFalse(order.substitute_text)
