from collections import defaultdict

from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_network.core.table import TableError, read_table, write_xlsx

from ..core import order_file


class SaleOrderFile(models.Model):
    """Orders whose quantities come from a list: a file, the dealer's cart, an older order."""

    _inherit = "sale.order"

    def _offered_products(self):
        """What may be ordered: of a dealer order what its member's assortments have on shelf."""
        self.ensure_one()
        if self.member_id:
            return self.member_id.sudo()._sellable_products().filtered("sale_ok")
        return self.env["product.product"].sudo().search(self._saleable_domain())

    def _saleable_domain(self):
        return [("sale_ok", "=", True), ("company_id", "in", (False, self.company_id.id))]

    def _read_order_file(self, data):
        """What a file orders, and what is wrong with the other rows. Changes nothing.

        :param data: bytes of an XLSX or CSV file
        :return: core.order_file.OrderFile
        :raises UserError: it is no table, or too large
        """
        self.ensure_one()
        try:
            sheet = order_file.read_sheet(read_table(data))
        except TableError as error:
            raise UserError(self._table_words(error.code)) from error
        if not sheet.wanted:
            return order_file.match(sheet, {}, ())
        return order_file.match(sheet, self._known_codes(sheet.codes), self._offered_products().ids)

    def _known_codes(self, codes):
        """{folded code: ids of the company's products that have it as reference or barcode}."""
        self.env["product.product"].flush_model(["default_code", "barcode", "active"])
        rows = self.env.execute_query(
            SQL(
                """SELECT p.id, p.default_code, p.barcode
                     FROM product_product p
                     JOIN product_template t ON t.id = p.product_tmpl_id
                    WHERE p.active AND t.sale_ok AND (t.company_id IS NULL OR t.company_id = %s)
                      AND (p.default_code IS NOT NULL OR p.barcode IS NOT NULL)""",
                self.company_id.id,
            )
        )
        known = defaultdict(set)
        for product, *names in rows:
            for name in filter(None, names):
                code = order_file.fold(name)
                if code in codes:
                    known[code].add(product)
        return known

    def _set_quantities(self, quantities):
        """Order so many of each product, in its own unit; 0 takes it off, others stay as they are.

        :param quantities: {product id: whole units}
        """
        self.ensure_one()
        commands = []
        missing = dict(quantities)
        for line in self._goods_lines():
            product = line.product_id
            if product.id not in quantities or line.rebate:
                continue
            wanted = missing.pop(product.id, 0)  # a second line of the product goes
            if not wanted:
                commands.append(Command.delete(line.id))
            elif line.product_uom_qty != wanted or line.product_uom_id != product.uom_id:
                commands.append(Command.update(line.id, self._quantity_values(product, wanted)))
        products = self.env["product.product"].browse(missing)
        common = self._new_line_values()
        commands += [
            Command.create(
                {"product_id": product.id, **common, **self._quantity_values(product, quantity)}
            )
            for product in products
            if (quantity := missing[product.id])
        ]
        if commands:
            self.write({"order_line": commands})

    def _quantity_values(self, product, quantity):
        return {"product_uom_qty": quantity, "product_uom_id": product.uom_id.id}

    def _new_line_values(self):
        """Without any rule for analytic accounts no line needs to look for one: two searches each."""
        models = self.env["account.analytic.distribution.model"].sudo()
        return {} if models.search_count([], limit=1) else {"analytic_distribution": False}

    # -- in words --------------------------------------------------------------------------

    def _table_words(self, code):
        texts = {
            "too_large": self.env._("The file is larger than 10 MB: split it into several files."),
            "too_many": self._row_words()["too_many"],
        }
        return texts.get(
            code, self.env._("This is no table: save it as .xlsx or .csv and choose it again.")
        )

    def _row_words(self):
        """What is wrong with a row, by the reader's code."""
        return {
            "columns": self.env._(
                "The file needs a column of product codes and a column of quantities: take the"
                " template."
            ),
            "empty": self.env._("Nothing is ordered in the file: fill in the quantities."),
            "too_many": self.env._("The file has more than 10,000 rows: split it."),
            "no_code": self.env._("The product code is missing."),
            "unknown": self.env._("No product has this code."),
            "ambiguous": self.env._("Several products have this code: use the barcode."),
            "not_offered": self.env._("This product cannot be ordered: it is not on offer now."),
            "quantity": self.env._("%s is no quantity: write a whole number."),
            "negative": self.env._("%s is below 0: leave out what is not ordered."),
            "decimal": self.env._("%s is no whole number."),
            "too_much": self.env._("%s is more than 999,999: ask your sales representative."),
            "twice": self.env._("Row %s has this product already: put both into one row."),
        }

    def _file_error_rows(self, errors):
        """[(row, code, words)] of the reader's errors, as people read them."""
        words = self._row_words()
        return [
            (
                error.row or "",
                error.product,
                words[error.code] % error.value if "%s" in words[error.code] else words[error.code],
            )
            for error in errors
        ]

    def _file_report(self, errors):
        """A workbook that names every bad row."""
        headers = [self.env._("Row"), self.env._("Product Code"), self.env._("What Is Wrong")]
        rows = [[str(cell) for cell in row] for row in self._file_error_rows(errors)]
        return write_xlsx([headers, *rows])

    def _file_template(self):
        """A workbook of everything that may be ordered; people fill in the quantities."""
        chinese = (self.env.context.get("lang") or self.env.user.lang or "").startswith("zh")
        columns = (order_file.CODE, order_file.NAME, order_file.UNIT, order_file.QUANTITY)
        products = self._offered_products().filtered(lambda p: p.default_code or p.barcode)
        rows = [
            [product.default_code or product.barcode, product.name, product.uom_id.name, ""]
            for product in products.sorted(lambda p: p.default_code or p.barcode)
        ]
        return write_xlsx([[names[chinese] for names in columns], *rows])


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.depends("product_id", "product_uom_id", "product_uom_qty")
    def _compute_pricelist_item_id(self):
        """As Odoo's, but the rules of a price list are read once for all goods of an order."""
        goods = self.filtered(
            lambda line: (
                line.product_id
                and line.product_id.type != "service"
                and not line.display_type
                and line.order_id.pricelist_id
            )
        )
        for order, lines in goods.grouped("order_id").items():
            lines._take_pricelist_items(order.pricelist_id)
        return super(SaleOrderLine, self - goods)._compute_pricelist_item_id()

    def _take_pricelist_items(self, pricelist):
        """The first rule that fits, as ``product.pricelist._compute_price_rule`` finds it."""
        rules = pricelist._get_applicable_rules(self.product_id, self[0]._get_order_date())
        found = defaultdict(list)
        for place, rule in enumerate(rules):
            found[rule.product_id or rule.product_tmpl_id].append((place, rule))
        nothing = rules.browse()
        for line in self:
            product = line.product_id
            quantity = line.product_uom_qty or 1.0
            if line.product_uom_id and line.product_uom_id != product.uom_id:
                quantity = line.product_uom_id._compute_quantity(
                    quantity, product.uom_id, raise_if_failure=False
                )
            mine = [
                *found[product],
                *found[product.product_tmpl_id],
                *found[rules.product_tmpl_id.browse()],
            ]
            fitting = (
                rule
                for _place, rule in sorted(mine, key=lambda one: one[0])
                if rule._is_applicable_for(product, quantity)
            )
            line.pricelist_item_id = next(fitting, nothing)
