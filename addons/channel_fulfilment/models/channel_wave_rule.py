from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.grouping import Limits


class ChannelWaveRule(models.Model):
    """How the orders of a shop and a fulfiller become waves (发货波次规则)."""

    _name = "channel.wave.rule"
    _description = "Wave rule"
    _inherit = ["channel.background"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    shop_id = fields.Many2one(
        "channel.shop",
        ondelete="cascade",
        index="btree_not_null",
        check_company=True,
        help="Empty: every shop that has no rule of its own for this fulfiller.",
    )
    fulfiller_id = fields.Many2one(
        "channel.fulfiller", required=True, ondelete="cascade", index=True, check_company=True
    )
    carrier_id = fields.Many2one("delivery.carrier", required=True, ondelete="restrict")
    max_orders = fields.Integer(
        string="Orders per wave",
        required=True,
        default=500,
        help="At most so many orders in one wave.",
    )
    hot_first = fields.Boolean(
        string="One-SKU waves first",
        default=True,
        help="Orders that want one and the same product get waves of their own: one bin, "
        "no sorting.",
    )
    hot_minimum = fields.Integer(
        string="One-SKU minimum",
        required=True,
        default=20,
        help="A product gets a wave of its own from so many orders on.",
    )
    merge_receivers = fields.Boolean(
        string="One parcel per receiver",
        default=True,
        help="Orders of the same receiver in the same wave share a parcel.",
    )

    _max_orders = models.Constraint(
        "CHECK (max_orders BETWEEN 1 AND 5000)", "A wave holds between 1 and 5,000 orders."
    )
    _hot_minimum = models.Constraint(
        "CHECK (hot_minimum >= 1)", "The one-SKU minimum must be at least 1."
    )
    _shop_fulfiller = models.UniqueIndex(
        "(fulfiller_id, COALESCE(shop_id, 0)) WHERE active",
        "There is already a wave rule for this shop and fulfiller. Change that one.",
    )

    @api.depends("shop_id.name", "fulfiller_id.name")
    def _compute_name(self):
        for rule in self:
            shop = rule.shop_id.name or self.env._("All shops")
            rule.name = f"{shop} / {rule.fulfiller_id.name or ''}"

    @api.constrains("fulfiller_id", "active")
    def _check_fulfiller(self):
        for rule in self.filtered("active"):
            warehouse = rule.fulfiller_id.warehouse_id
            if not warehouse:
                raise ValidationError(
                    self.env._(
                        "%(fulfiller)s has no warehouse. Waves are built for warehouses: "
                        "choose a fulfiller with a warehouse.",
                        fulfiller=rule.fulfiller_id.display_name,
                    )
                )
            if warehouse.delivery_steps != "ship_only":
                raise ValidationError(
                    self.env._(
                        "Warehouse %(warehouse)s delivers in several steps. Waves are picked and "
                        "packed at the scan station: set its outgoing shipments to one step.",
                        warehouse=warehouse.display_name,
                    )
                )

    def _limits(self):
        """The rule as the pure planner wants it."""
        self.ensure_one()
        return Limits(
            max_orders=self.max_orders,
            hot_minimum=self.hot_minimum if self.hot_first else 0,
            merge_receivers=self.merge_receivers,
        )

    @api.model
    def _by_pair(self, pairs):
        """The rule of each (shop id, fulfiller id), its own before the one for all shops.

        :return: dict of the pairs that have a rule
        """
        rules = self.sudo().search(
            [("fulfiller_id", "in", [fulfiller for _shop, fulfiller in pairs])]
        )
        known = {(rule.shop_id.id, rule.fulfiller_id.id): rule for rule in rules}
        found = {}
        for shop, fulfiller in pairs:
            rule = known.get((shop, fulfiller)) or known.get((False, fulfiller))
            if rule:
                found[shop, fulfiller] = rule
        return found
