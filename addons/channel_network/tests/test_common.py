from odoo.tests import tagged

from .common import STOCK_PER_WAREHOUSE, ChannelCommon


@tagged("post_install", "-at_install")
class TestCommon(ChannelCommon):
    """The shared world is what it says: other addons build on it."""

    def test_company_has_the_chinese_chart(self):
        self.assertEqual(self.env.company, self.company)
        self.assertEqual(self.company.currency_id.name, "CNY")
        self.assertEqual(self.company.chart_template, "cn")

    def test_taxes_are_of_the_company(self):
        self.assertEqual((self.tax_13.amount, self.tax_9.amount), (13, 9))
        self.assertEqual(self.tax_13.company_id, self.company)

    def test_stock_is_free(self):
        for warehouse in (self.warehouse_1, self.warehouse_2):
            for product in self.products:
                free = product.with_context(warehouse_id=warehouse.id).free_qty
                self.assertEqual(free, STOCK_PER_WAREHOUSE)

    def test_roles_act_as_themselves(self):
        env = self.as_role("warehouse")
        self.assertEqual(env.user, self.users["warehouse"])
        self.assertFalse(env.su)
        self.assertEqual(env.company, self.company)
