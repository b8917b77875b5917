from odoo import Command, api, models
from odoo.exceptions import UserError


class StockQuant(models.Model):
    """Defects: what returns left in the company's location for them."""

    _inherit = "stock.quant"

    @api.model
    def action_channel_defects(self):
        """The units in the defects locations of the user's companies."""
        places = self.env.companies.sudo().channel_defect_location_id
        action = self.env["ir.actions.actions"]._for_xml_id("channel_returns.action_defects")
        return action | {"domain": [("location_id", "in", places.ids), ("quantity", ">", 0)]}

    def action_decide_defects(self):
        """Ask what becomes of these units.

        :raise UserError: they are no defects of one company
        """
        company = self.company_id
        if len(company) != 1 or self.location_id != company.sudo().channel_defect_location_id:
            raise UserError(self.env._("Choose units in the defects location of one company."))
        wizard = self.env["channel.defect.decide"].create(
            {
                "company_id": company.id,
                "line_ids": [
                    Command.create({"quant_id": quant.id, "quantity": quant.available_quantity})
                    for quant in self
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Repair or Scrap"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }
