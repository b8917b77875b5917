from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.channel_network.core.money import to_fen

from ..core.review import MILLI
from ..core.target import percent, standing

HOME_TZ = "Asia/Shanghai"  # a period's days, where the company has no time zone


class ChannelTarget(models.Model):
    """What a member, a territory or a grade is to order in a period, and what it did.

    Confirmed dealer orders count, by the day they were confirmed, tax included. What was achieved
    is stored in what the target is measured in, so that it can be added up; ``_refresh`` brings it
    up to date.
    """

    _name = "channel.target"
    _description = "Sales Target"
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(help="Empty: named after whom and what it is for.")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    member_id = fields.Many2one(
        "channel.member", index="btree_not_null", ondelete="cascade", check_company=True
    )
    grade_id = fields.Many2one("channel.member.grade", ondelete="restrict")
    territory_id = fields.Many2one(
        "channel.territory", ondelete="restrict", help="With the territories in it."
    )
    category_id = fields.Many2one(
        "product.category",
        "Product Category",
        ondelete="restrict",
        help="Only products of this category and those below. Empty: all.",
    )
    brand_id = fields.Many2one(
        "channel.brand", "Product Brand", ondelete="restrict", help="Empty: all."
    )
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("To", required=True, help="The last day.")
    measure = fields.Selection(
        [("amount", "Amount"), ("quantity", "Quantity")], required=True, default="amount"
    )
    amount = fields.Monetary("Target Amount", help="Tax included.")
    quantity = fields.Float(
        "Target Quantity", digits="Product Unit", help="In the products' own units."
    )
    achieved_amount = fields.Monetary(readonly=True, copy=False)
    achieved_quantity = fields.Float(digits="Product Unit", readonly=True, copy=False)
    percent = fields.Float("Achieved %", readonly=True, copy=False, aggregator="avg")
    state = fields.Selection(
        [
            ("to_come", "To Come"),
            ("behind", "Behind"),
            ("on_track", "On Track"),
            ("reached", "Reached"),
            ("missed", "Missed"),
        ],
        readonly=True,
        copy=False,
        help="Behind: less was achieved than the days that are over ask for.",
    )
    refreshed_at = fields.Datetime("As of", readonly=True, copy=False)

    _one_scope = models.Constraint(
        "CHECK (num_nonnulls(member_id, grade_id, territory_id) <= 1)",
        "A target is for one member, one grade or one territory. All empty: for all members.",
    )
    _goal_check = models.Constraint(
        "CHECK (CASE measure WHEN 'amount' THEN COALESCE(amount, 0)"
        " ELSE COALESCE(quantity, 0) END > 0)",
        "The target is above 0: enter the amount or the quantity.",
    )
    _dates_check = models.Constraint(
        "CHECK (date_to >= date_from)", "A target ends on or after the day it begins."
    )

    @api.depends("name", "member_id", "grade_id", "territory_id", "category_id", "brand_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for target in self:
            whom = target.member_id or target.grade_id or target.territory_id
            parts = [
                whom.display_name or self.env._("All members"),
                target.brand_id.display_name,
                target.category_id.display_name,
            ]
            target.display_name = target.name or " · ".join(filter(None, parts))

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        targets._refresh()
        return targets

    def write(self, vals):
        result = super().write(vals)
        self._refresh()
        return result

    # -- what was achieved -----------------------------------------------------------------

    def _refresh(self):
        """Bring targets up to date: one query, the pure standing, one statement.

        :return: the targets that were not reached before and are now
        """
        if not self:
            return self
        self.flush_recordset()
        today = fields.Date.context_today(self)
        before = {target.id: target.state for target in self}
        rows = []
        for target_id, amount, quantity in self._achieved_rows():
            target = self.browse(target_id)
            by_amount = target.measure == "amount"
            goal = to_fen(target.amount) if by_amount else round(target.quantity * MILLI)
            done = to_fen(amount) if by_amount else round(quantity * MILLI)
            state = standing(done, goal, target.date_from, target.date_to, today)
            achieved = (amount, 0) if by_amount else (0, quantity)
            rows.append((target_id, *achieved, percent(done, goal), state.value))
        self._store(rows)
        return self.filtered(lambda t: t.state == "reached" and before[t.id] != "reached")

    def _store(self, rows):
        values = SQL(", ").join(SQL("(%s, %s, %s, %s, %s)", *row) for row in rows)
        self.env.cr.execute(
            SQL(
                """UPDATE channel_target t
                      SET achieved_amount = v.amount, achieved_quantity = v.quantity,
                          percent = v.percent, state = v.state,
                          refreshed_at = now() AT TIME ZONE 'UTC'
                     FROM (VALUES %s) v (id, amount, quantity, percent, state)
                    WHERE t.id = v.id""",
                values,
            )
        )
        self.invalidate_recordset(
            ["achieved_amount", "achieved_quantity", "percent", "state", "refreshed_at"]
        )

    def _achieved_rows(self):
        """(target, amount, quantity) of confirmed orders; read as the system."""
        for model in ("sale.order", "sale.order.line", "channel.member", "product.template"):
            self.env[model].flush_model()
        relation = self.env["channel.member"]._fields["territory_ids"]
        return self.env.execute_query(
            SQL(
                """
                SELECT t.id, COALESCE(sum(s.amount), 0), COALESCE(sum(s.quantity), 0)
                  FROM channel_target t
                  JOIN res_company c ON c.id = t.company_id
                  JOIN res_partner cp ON cp.id = c.partner_id
                  LEFT JOIN channel_territory tt ON tt.id = t.territory_id
                  LEFT JOIN product_category tc ON tc.id = t.category_id
                  LEFT JOIN LATERAL (
                       SELECT l.price_total AS amount,
                              l.product_uom_qty * u.factor / pu.factor AS quantity
                         FROM sale_order o
                         JOIN channel_member m ON m.id = o.member_id
                         JOIN sale_order_line l ON l.order_id = o.id
                          AND l.display_type IS NULL AND NOT COALESCE(l.is_downpayment, FALSE)
                         JOIN product_product p ON p.id = l.product_id
                         JOIN product_template pt ON pt.id = p.product_tmpl_id
                         LEFT JOIN product_category pc ON pc.id = pt.categ_id
                         JOIN uom_uom u ON u.id = l.product_uom_id
                         JOIN uom_uom pu ON pu.id = pt.uom_id
                        WHERE o.company_id = t.company_id AND o.state = 'sale'
                          AND o.date_order >= (t.date_from::timestamp AT TIME ZONE
                              COALESCE(cp.tz, %(tz)s)) AT TIME ZONE 'UTC'
                          AND o.date_order < ((t.date_to + 1)::timestamp AT TIME ZONE
                              COALESCE(cp.tz, %(tz)s)) AT TIME ZONE 'UTC'
                          AND (t.member_id IS NULL OR o.member_id = t.member_id)
                          AND (t.grade_id IS NULL OR m.grade_id = t.grade_id)
                          AND (t.territory_id IS NULL OR EXISTS (
                               SELECT FROM %(relation)s r
                                 JOIN channel_territory x ON x.id = r.%(territory)s
                                WHERE r.%(member)s = m.id
                                  AND x.parent_path LIKE tt.parent_path || '%%'))
                          AND (t.category_id IS NULL
                               OR pc.parent_path LIKE tc.parent_path || '%%')
                          AND (t.brand_id IS NULL OR pt.brand_id = t.brand_id)) s ON TRUE
                 WHERE t.id = ANY(%(ids)s)
                 GROUP BY t.id
                """,
                tz=HOME_TZ,
                relation=SQL.identifier(relation.relation),
                member=SQL.identifier(relation.column1),
                territory=SQL.identifier(relation.column2),
                ids=self.ids,
            )
        )

    @api.model
    def _cron_refresh(self):
        """Nightly: all targets whose period is not long over; late cancellations still count."""
        since = fields.Date.subtract(fields.Date.context_today(self), days=31)
        self.search([("date_to", ">=", since)])._refresh()

    def action_refresh(self):
        """The button: these targets as they stand now."""
        self.check_access("read")
        self.sudo()._refresh()

    @api.model
    def action_open(self):
        """The menu: targets as they stand now."""
        self.check_access("read")
        self.search([("date_to", ">=", fields.Date.context_today(self))]).sudo()._refresh()
        return self.env["ir.actions.actions"]._for_xml_id("channel_sale.action_target")
