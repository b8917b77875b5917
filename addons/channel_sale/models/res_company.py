from odoo import api, models


class ResCompany(models.Model):
    """A new company has review rules from the start."""

    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        self.env["channel.review.rule"]._create_missing(companies)
        return companies
