from collections import defaultdict

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.channel_network.core.money import to_fen

from ..core.review import MILLI, Kind, Line, Order, Verdict, review


class SaleOrderFacts(models.Model):
    """Gathers what the review wants to know of many orders, in a handful of queries."""

    _inherit = "sale.order"

    def _verdicts(self):
        """What the rules of their companies say about dealer orders.

        Read as the system: a check must not depend on who runs it.

        :return: {order id: core.review.Verdict}
        """
        orders = self.sudo()
        rules = self.env["channel.review.rule"]._of_companies(orders.company_id)
        verdicts = {}
        for company, group in orders.grouped("company_id").items():
            group = group.with_company(company)
            verdicts.update(group._verdicts_of_company(rules[company.id]))
        return verdicts

    def _verdicts_of_company(self, rules) -> dict[int, Verdict]:
        funds, overdue = self._funds()
        days = max((rule.days for rule in rules if rule.kind is Kind.FREQUENCY), default=0)
        ages = self._ages(days)
        contracts = self._members_with_contract()
        kinds = {rule.kind for rule in rules}
        shelves = self._shelves() if Kind.ASSORTMENT in kinds else {}
        lines = self._review_lines(shelves)
        orders = [
            Order(
                id=order.id,
                member=order.member_id.id,
                amount=to_fen(order.amount_total),
                lines=tuple(lines[order.id]),
                grade=order.member_id.grade_id.id or 0,
                active=order.member_id.state == "active",
                contract=order.member_id.id in contracts,
                overdue=overdue.get(order.member_id.id, 0),
                ages=tuple(ages[order.member_id.id]),
            )
            for order in self.sorted("id")
        ]
        return {verdict.order: verdict for verdict in review(orders, rules, funds, self._free())}

    def _goods_accounts(self):
        """The open goods accounts of the orders' members with the brand, by member."""
        accounts = (
            self.env["channel.deposit.account"]
            .sudo()
            .search_fetch(
                [
                    ("member_id", "in", self.member_id.ids),
                    ("company_id", "in", self.company_id.ids),
                    ("creditor_id", "=", False),
                    ("purpose", "=", "goods"),
                    ("state", "=", "open"),
                ]
            )
        )
        return {account.member_id.id: account for account in accounts}

    def _funds(self):
        """What members have available, and what they owe beyond their terms, by member in fen."""
        accounts = self._goods_accounts()
        owed = self.env["channel.deposit.account"]._overdue([a.id for a in accounts.values()])
        funds = {member: to_fen(account.available) for member, account in accounts.items()}
        overdue = {member: owed.get(account.id, 0) for member, account in accounts.items()}
        return funds, overdue

    def _ages(self, days):
        """Days since each confirmed order of the members, of so many days."""
        ages = defaultdict(list)
        if not days:
            return ages
        today = fields.Date.context_today(self)
        confirmed = self.env["sale.order"].search_fetch(
            [
                ("member_id", "in", self.member_id.ids),
                ("state", "=", "sale"),
                ("date_order", ">=", fields.Date.subtract(today, days=days)),
            ],
            ["member_id", "date_order"],
        )
        for order in confirmed:
            day = fields.Datetime.context_timestamp(self, order.date_order).date()
            ages[order.member_id.id].append((today - day).days)
        return ages

    def _members_with_contract(self):
        Contract = self.env["channel.contract"]
        contracts = Contract.search_fetch(
            [("member_id", "in", self.member_id.ids), *Contract._current_domain()], ["member_id"]
        )
        return set(contracts.member_id.ids)

    def _goods_lines(self):
        return self.order_line.filtered(
            lambda line: not line.display_type and not line.is_downpayment and line.product_id
        )

    def _shelves(self):
        """{member id: ids of the products in its assortments today}.

        Empty while the companies keep no assortments: then nobody has said who may order what.
        """
        Assortment = self.env["channel.assortment"].sudo()
        if not Assortment.search_count([("company_id", "in", self.company_id.ids)], limit=1):
            return {}
        return Assortment._shelves(self.member_id)

    def _review_lines(self, shelves=None):
        """The lines of each order as the pure review wants them.

        :param shelves: see ``_shelves``; a member that is missing may order everything
        """
        shelves = shelves or {}
        lines = defaultdict(list)
        goods = self._goods_lines()
        bands = self.env["channel.price.band"]._bands_for(goods.product_id.ids)
        for line in goods:
            product, category = line.product_id, line.product_id.categ_id
            quantity = line.product_uom_id._compute_quantity(
                line.product_uom_qty, product.uom_id, round=False
            )
            floor, ceiling = bands.get(product.id, (None, None))
            shelf = shelves.get(line.order_id.member_id.id)
            lines[line.order_id.id].append(
                Line(
                    id=line.id,
                    product=product.id,
                    quantity=round(quantity * MILLI),
                    amount=to_fen(line.price_total),
                    category=category.id or 0,
                    categories=frozenset(
                        int(part) for part in (category.parent_path or "").split("/") if part
                    ),
                    brand=product.brand_id.id or 0,
                    offered=shelf is None or product.id in shelf,
                    warehouse=(line.warehouse_id or line.order_id.warehouse_id).id or 0,
                    stocked=product.is_storable,
                    floor=floor,
                    ceiling=ceiling,
                )
            )
        return lines

    def _free(self):
        """What is free of the orders' products in their warehouses; see ``_free_stock``."""
        goods = self._goods_lines()
        return self._free_stock(goods.warehouse_id | self.warehouse_id, goods.product_id)

    def _free_stock(self, warehouses, products):
        """(warehouse, product) → thousandths that nobody has reserved, of the brand's own stock.

        What stands in the warehouse but belongs to a member has an owner and does not count.
        """
        if not products or not warehouses:
            return {}
        self.env["stock.quant"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT w.id, q.product_id, sum(q.quantity - q.reserved_quantity)
                  FROM stock_warehouse w
                  JOIN res_company c ON c.id = w.company_id
                  JOIN stock_location v ON v.id = w.view_location_id
                  JOIN stock_location l
                    ON l.parent_path LIKE v.parent_path || '%%' AND l.usage = 'internal'
                  JOIN stock_quant q ON q.location_id = l.id
                 WHERE w.id = ANY(%s) AND q.product_id = ANY(%s)
                   AND (q.owner_id IS NULL OR q.owner_id = c.partner_id)
                 GROUP BY w.id, q.product_id
                """,
                warehouses.ids,
                products.ids,
            )
        )
        return {(row[0], row[1]): round(row[2] * MILLI) for row in rows}
