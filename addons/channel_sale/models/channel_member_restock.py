from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..core.restock import Bought, estimate, to_order
from ..core.review import MILLI

HISTORY_DAYS = 180


class ChannelMember(models.Model):
    """What members should order now: by agreed levels, or by how fast they sell."""

    _inherit = "channel.member"

    restock_level_ids = fields.One2many(
        "channel.restock.level",
        "member_id",
        "Restock Levels",
        groups="channel_network.group_sales_rep",
    )

    def _restock_advice(self):
        """What active members should order today, of what stands in their assortments.

        An order that waits for its review counts as ordered. Read as the system, in a query for
        all members; quantities are thousandths of the product's unit.

        :return: {member id: {product id: (quantity, core.restock.Shelf)}}, only with something
        """
        members = self.sudo().filtered(lambda member: member.state == "active")
        today = fields.Date.context_today(self)
        bought = members._bought_since(today - timedelta(days=HISTORY_DAYS))
        levels = self.env["channel.restock.level"].sudo()
        for level in levels.search([("member_id", "in", members.ids)]):
            bought[level.member_id.id].setdefault(level.product_id.id, [])
        agreed = {
            (level.member_id.id, level.product_id.id): level._to_core()
            for level in levels.search([("member_id", "in", members.ids)])
        }
        cover = {member.id: member.company_id.channel_restock_days for member in members}
        advice = defaultdict(dict)
        for member, products in bought.items():
            for product, orders in products.items():
                shelf = estimate(orders, today)
                quantity = to_order(shelf, agreed.get((member, product)), cover[member])
                if quantity:
                    advice[member][product] = (quantity, shelf)
        return self._only_offered(advice)

    def _bought_since(self, day):
        """{member id: {product id: [core.restock.Bought]}} of confirmed and waiting orders."""
        for model in ("sale.order", "sale.order.line"):
            self.env[model].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT o.member_id, l.product_id,
                       (o.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day,
                       round(sum(l.product_uom_qty * u.factor / pu.factor) * %(milli)s)::bigint
                  FROM sale_order o
                  JOIN sale_order_line l ON l.order_id = o.id AND l.display_type IS NULL
                  JOIN product_product p ON p.id = l.product_id AND p.active
                  JOIN product_template t ON t.id = p.product_tmpl_id AND t.sale_ok
                                         AND t.type = 'consu'
                  JOIN uom_uom u ON u.id = l.product_uom_id
                  JOIN uom_uom pu ON pu.id = t.uom_id
                 WHERE o.member_id = ANY(%(members)s) AND o.date_order >= %(day)s
                   AND (o.state = 'sale'
                        OR o.state IN ('draft', 'sent') AND o.review_state = 'waiting')
                 GROUP BY o.member_id, l.product_id, day
                HAVING sum(l.product_uom_qty) > 0
                """,
                tz=str(self.env.tz),
                milli=MILLI,
                members=self.ids,
                day=day,
            )
        )
        found = defaultdict(lambda: defaultdict(list))
        for member, product, on, quantity in rows:
            found[member][product].append(Bought(on, quantity))
        return found

    @api.model
    def _only_offered(self, advice):
        """Leave out what is in no assortment of the member, where the company keeps any."""
        Assortment = self.env["channel.assortment"].sudo()
        members = self.browse(advice).sudo()
        offered = {}
        for company, group in members.grouped("company_id").items():
            if Assortment.search_count([("company_id", "=", company.id)], limit=1):
                offered |= Assortment._shelves(group)
        for member, shelf in offered.items():
            advice[member] = {p: a for p, a in advice[member].items() if p in shelf}
        return {member: products for member, products in advice.items() if products}
