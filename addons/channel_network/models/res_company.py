from odoo import fields, models


class ResCompany(models.Model):
    """Where a company keeps what came back and cannot be sold again."""

    _inherit = "res.company"

    channel_defect_location_id = fields.Many2one(
        "stock.location",
        string="Defects",
        check_company=True,
        domain="[('usage', '=', 'internal'), ('warehouse_id', '=', False)]",
        help="Where returned units go that cannot be sold again. It lies outside every warehouse, "
        "so that nothing is promised from it. Made when it is missing.",
    )

    def _channel_defect_location(self):
        """The company's role location "defects", made when it is missing."""
        self.ensure_one()
        company = self.sudo()
        if not company.channel_defect_location_id:
            company.channel_defect_location_id = (
                self.env["stock.location"]
                .sudo()
                .create(
                    {
                        "name": self.env._("Defects"),
                        "usage": "internal",
                        "location_id": False,
                        "company_id": self.id,
                    }
                )
            )
        return company.channel_defect_location_id
