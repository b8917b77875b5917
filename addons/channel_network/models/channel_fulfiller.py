from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ChannelFulfiller(models.Model):
    """Who ships: a warehouse of the brand, or a member from its own stock.

    Allocation chooses among fulfillers by territory, then priority, then weight, within the
    orders a day they can take.
    """

    _name = "channel.fulfiller"
    _description = "Fulfiller"
    _order = "priority, code, id"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True

    name = fields.Char(required=True)
    code = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    kind = fields.Selection(
        [("warehouse", "Warehouse"), ("member", "Member")], required=True, default="warehouse"
    )
    warehouse_id = fields.Many2one(
        "stock.warehouse", ondelete="restrict", index="btree_not_null", check_company=True
    )
    member_id = fields.Many2one(
        "channel.member", ondelete="restrict", index="btree_not_null", check_company=True
    )
    territory_ids = fields.Many2many(
        "channel.territory", string="Territories", help="Ships there first. Empty: everywhere."
    )
    priority = fields.Integer(default=10, help="The lower number is asked first.")
    weight = fields.Integer(
        default=1, help="The share of orders among fulfillers of the same priority."
    )
    capacity_day = fields.Integer("Orders a Day", help="0: no limit.")

    _warehouse_unique = models.Constraint(
        "UNIQUE (warehouse_id)", "This warehouse already has a fulfiller: use that one."
    )
    _code_unique = models.Constraint(
        "UNIQUE (company_id, code)", "Another fulfiller already has this code: choose another."
    )
    _kind_fits = models.Constraint(
        "CHECK ((kind = 'warehouse' AND warehouse_id IS NOT NULL AND member_id IS NULL)"
        " OR (kind = 'member' AND member_id IS NOT NULL))",
        "Choose the warehouse of a warehouse fulfiller, or the member of a member fulfiller.",
    )
    _numbers_not_negative = models.Constraint(
        "CHECK (weight >= 0 AND capacity_day >= 0 AND priority >= 0)",
        "Priority, weight and orders a day are zero or more.",
    )

    @api.onchange("warehouse_id")
    def _onchange_warehouse(self):
        if self.warehouse_id and not self.name:
            self.name = self.warehouse_id.name
        if self.warehouse_id and not self.code:
            self.code = self.warehouse_id.code

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.kind == "warehouse":
            self.member_id = False

    @api.constrains("warehouse_id", "company_id")
    def _check_warehouse_company(self):
        for fulfiller in self:
            warehouse = fulfiller.warehouse_id
            if warehouse and warehouse.company_id != fulfiller.company_id:
                raise ValidationError(
                    self.env._(
                        "The warehouse %(warehouse)s belongs to %(company)s: choose a warehouse"
                        " of the fulfiller's own company.",
                        warehouse=warehouse.name,
                        company=warehouse.company_id.name,
                    )
                )
