from odoo import api, fields, models


class SettlementScheme(models.Model):
    """Warns when somebody is paid for good, and nothing is kept against returns."""

    _inherit = "settlement.scheme"

    reserve_warning = fields.Text(compute="_compute_reserve_warning")

    @api.depends("rule_ids.role", "rule_ids.partner_id", "rule_ids.settled_by")
    @api.depends_context("lang")
    def _compute_reserve_warning(self):
        unsafe = self.env["settlement.terms"].search(
            [("is_final", "=", True), "|", ("reserve_percent", "=", 0), ("reserve_days", "=", 0)]
        )
        for scheme in self:
            parties = [
                rule._label()
                for rule in scheme.rule_ids
                if rule.settled_by == "us"
                and any(
                    terms.company_id == scheme.company_id and terms._may_be_for(rule)
                    for terms in unsafe
                )
            ]
            scheme.reserve_warning = bool(parties) and self.env._(
                "%s: what is paid cannot be taken back after a return, and no reserve is kept. Add"
                " one under Statement Terms.",
                ", ".join(parties),
            )
