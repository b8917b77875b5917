import base64
import time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from odoo.addons.channel_network.core.table import read_table, write_xlsx

from .common import SaleCommon

HEADER = ["Product Code", "Quantity"]
NOT_FOUND = 404


@tagged("post_install", "-at_install")
class TestOrderFile(SaleCommon, HttpCase):
    """The sales desk fills an order from a file. Dealer A may order Tea and Cup."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tea, cls.cup, cls.rice = cls.products
        cls.env["channel.assortment"].create(
            {
                "name": "A",
                "company_id": cls.company.id,
                "line_ids": [Command.create({"product_id": p.id}) for p in cls.tea | cls.cup],
            }
        )
        cls.order = cls._order(0, 7)

    def _wizard(self, *rows, order=None, role="sales_rep", data=None):
        data = write_xlsx([HEADER, *rows]) if data is None else data
        return self.as_role(role)["channel.order.file"].create(
            {"order_id": (order or self.order).id, "data": base64.b64encode(data)}
        )

    def _lines(self, order=None):
        return {line.product_id: line.product_uom_qty for line in (order or self.order).order_line}

    def test_a_file_is_checked_then_put_into_the_order(self):
        wizard = self._wizard(["t-tea", "12"], ["T-CUP", "1,000"])
        wizard.action_check()
        self.assertEqual((wizard.line_count, wizard.error_count, wizard.report), (2, 0, False))
        self.assertEqual(self._lines(), {self.cup: 7}, "looking changes nothing")
        wizard.action_apply()
        self.assertEqual(self._lines(), {self.tea: 12, self.cup: 1000})
        self._wizard(["T-TEA", "12"], ["T-CUP", "1,000"]).action_apply()
        self.assertEqual(len(self.order.order_line), 2, "twice is once")

    def test_bad_rows_are_named_and_left_out_only_when_asked(self):
        wizard = self._wizard(["T-TEA", "2"], ["T-RICE", "1"], ["T-CUP", "1.5"], ["T-TEA", "3"])
        wizard.action_check()
        self.assertEqual((wizard.line_count, wizard.error_count), (1, 3))
        self.assertEqual(wizard.error_ids.mapped("row"), [3, 4, 5])
        with self.assertRaisesRegex(UserError, "3 rows are bad"):
            wizard.action_apply()
        self.assertEqual(self._lines(), {self.cup: 7})
        wizard.only_good = True
        wizard.action_apply()
        self.assertEqual(self._lines(), {self.tea: 2, self.cup: 7})

    def test_an_order_of_no_dealer_takes_what_the_company_sells(self):
        partner = self.env["res.partner"].create({"name": "Passer-by"})
        order = self._order(1, partner_id=partner.id, user_id=self.users["sales_rep"].id)
        self._wizard(["T-RICE", "4"], order=order).action_apply()
        self.assertEqual(self._lines(order), {self.tea: 1, self.rice: 4})

    def test_another_company_s_products_are_not_known(self):
        company = self.env["res.company"].create({"name": "Abroad"})
        self.rice.copy({"default_code": "ABROAD", "company_id": company.id})
        wizard = self._wizard(["ABROAD", "1"])
        wizard.action_check()
        self.assertEqual(wizard.error_ids.text, "No product has this code.")

    def test_a_confirmed_order_and_a_stranger_s_are_not_changed(self):
        self.order.action_confirm()
        with self.assertRaisesRegex(UserError, "no quotation any more"):
            self._wizard(["T-TEA", "1"]).action_apply()
        foreign = self._order(1, member=self.dealer_b)
        for role in ("sales_rep", "finance", "member"):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self._wizard(["T-TEA", "1"], order=foreign, role=role).action_check()

    def test_the_template_for_who_may_change_the_order(self):
        self.users["sales_rep"].password = self.users["finance"].password = "qudao_desk_1"
        path = f"/channel_sale/order_template/{self.order.id}.xlsx"
        self.authenticate("qudao_sales_rep", "qudao_desk_1")
        rows = read_table(self.url_open(path).content)
        self.assertEqual([row[0] for row in rows[1:]], ["T-CUP", "T-TEA"])
        foreign = self._order(1, member=self.dealer_b)
        reply = self.url_open(f"/channel_sale/order_template/{foreign.id}.xlsx")
        self.assertEqual(reply.status_code, NOT_FOUND)

    def test_ten_thousand_rows_of_which_37_are_wrong(self):
        """Read, matched and every bad row named; seconds, whatever the number of products."""
        products = self._many_products(10_000)
        rows = [[code, "3"] for code in products]
        for place in range(37):
            rows[place * 270 + 5] = [f"WRONG-{place}", "3"]
        data = write_xlsx([HEADER, *rows])
        self.env.flush_all()
        began = time.monotonic()
        result = self.order._read_order_file(data)
        took = time.monotonic() - began
        self.assertEqual((len(result.lines), result.bad_rows), (9963, 37))
        self.assertEqual([e.row for e in result.errors], [n * 270 + 7 for n in range(37)])
        report = read_table(self.order._file_report(result.errors))
        self.assertEqual(len(report), 38)
        self.assertLess(took, 30)

    def test_many_lines_take_the_rules_that_each_would_take(self):
        category = self.env["product.category"].create({"name": "Ware"})
        (self.cup | self.rice).categ_id = category
        pricelist = self.env["product.pricelist"].create(
            {"name": "List", "currency_id": self.currency.id, "company_id": self.company.id}
        )
        targets = [
            {"applied_on": "3_global", "min_quantity": 0},
            {"applied_on": "3_global", "min_quantity": 50},
            {"applied_on": "2_product_category", "categ_id": category.id, "min_quantity": 0},
            {"applied_on": "1_product", "product_tmpl_id": self.cup.product_tmpl_id.id,
             "min_quantity": 12},
            {"applied_on": "0_product_variant", "product_id": self.tea.id, "min_quantity": 24},
            {"applied_on": "1_product", "product_tmpl_id": self.tea.product_tmpl_id.id,
             "date_end": "2020-01-01"},
        ]  # fmt: skip
        self.env["product.pricelist.item"].create(
            [
                {"pricelist_id": pricelist.id, "compute_price": "percentage", **target,
                 "percent_price": 5 * place + 5}
                for place, target in enumerate(targets)
            ]
        )  # fmt: skip
        dozen = self.env.ref("uom.product_uom_dozen")
        seen = set()
        for quantity, uom in ((1, None), (12, None), (24, None), (60, None), (2, dozen)):
            order = self._order(quantity, quantity, quantity, pricelist_id=pricelist.id)
            if uom:
                order.order_line.product_uom_id = uom
            for line in order.order_line:
                rule = pricelist._get_product_rule(line.product_id, **line._get_pricelist_kwargs())
                self.assertEqual(line.pricelist_item_id.id, rule)
                seen.add(rule)
        self.assertEqual(
            len(seen), 4, "whatever kind of rule: each was taken where it is the first"
        )

    def _many_products(self, count):
        """Codes of so many products on Dealer A's shelf, made without the products' own machinery."""
        template = self.tea.product_tmpl_id.id
        self.env.flush_all()
        self.env.cr.execute(
            """
            WITH t AS (
                INSERT INTO product_product (product_tmpl_id, default_code, active, combination_indices)
                SELECT %s, 'MANY-' || n, TRUE, 'x' || n FROM generate_series(1, %s) n
                RETURNING id)
            INSERT INTO channel_assortment_line (assortment_id, company_id, product_id, on_shelf)
            SELECT a.id, a.company_id, t.id, TRUE FROM t, channel_assortment a
             WHERE a.name ->> 'en_US' = 'A'
            """,
            [template, count],
        )
        self.env.invalidate_all()
        return [f"many-{number}" for number in range(1, count + 1)]
