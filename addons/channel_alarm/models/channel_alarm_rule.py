from odoo import api, fields, models

from ..core import rules

KIND_SELECTION = [
    (rules.SPIKE, "Rush on an item"),
    (rules.PRICE, "Prices outside the band"),
    (rules.RECEIVER, "Repeated receiver"),
    (rules.STOCK, "Difference in stock"),
    (rules.WAITING, "Orders wait too long"),
]
DEFAULTS = {
    rules.SPIKE: {"threshold": 100, "times": 5, "minutes": 5},
    rules.PRICE: {"threshold": 10, "minutes": 5},
    rules.RECEIVER: {"threshold": 5},
    rules.STOCK: {"threshold": 5},
    rules.WAITING: {"threshold": 10},
}


class ChannelAlarmRule(models.Model):
    """When a company wants an alarm: one rule a kind, with its limits."""

    _name = "channel.alarm.rule"
    _description = "Alarm Rule"
    _order = "company_id, id"
    _rec_name = "kind"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    kind = fields.Selection(KIND_SELECTION, required=True)
    active = fields.Boolean(default=True)
    threshold = fields.Integer(
        "At Least",
        required=True,
        default=5,
        help="Rush: orders a minute. Prices: orders outside the band. Receiver: orders of one"
        " receiver. Stock: units of difference. Waiting: minutes.",
    )
    times = fields.Integer(
        "Times the Average",
        required=True,
        default=1,
        help="A rush has so many times the orders a minute of the minutes before.",
    )
    minutes = fields.Integer(
        required=True,
        default=5,
        help="How far back is looked: the minutes before a rush, or those in which prices count.",
    )
    quiet_minutes = fields.Integer(
        required=True,
        default=30,
        help="An alarm that was ignored or released comes back about the same only after so many"
        " minutes, unless the number has doubled.",
    )
    auto_hold = fields.Boolean(
        "Hold at Once", help="The item is put on hold when the alarm comes, before anybody looks."
    )

    _kind_uniq = models.Constraint("UNIQUE(company_id, kind)", "There is one rule a kind.")
    _limits_check = models.Constraint(
        "CHECK(threshold > 0 AND times > 0 AND minutes BETWEEN 1 AND 60 AND quiet_minutes >= 0)",
        "Numbers must be above 0, minutes at most 60.",
    )

    @api.model
    def _create_missing(self, companies=None):
        """Give companies (default: all) the rules that they do not have, with usual limits."""
        companies = companies or self.env["res.company"].sudo().search([])
        known = {
            (rule.company_id, rule.kind)
            for rule in self.sudo()
            .with_context(active_test=False)
            .search([("company_id", "in", companies.ids)])
        }
        self.sudo().create(
            [
                {"company_id": company.id, "kind": kind, **values}
                for company in companies
                for kind, values in DEFAULTS.items()
                if (company, kind) not in known
            ]
        )

    @api.model
    def _of_companies(self, companies):
        """Active rules: {company id: {kind: (core.rules.Rule, whether to hold at once)}}."""
        found = {company.id: {} for company in companies}
        for rule in self.sudo().search([("company_id", "in", companies.ids)]):
            found[rule.company_id.id][rule.kind] = (
                rules.Rule(rule.threshold, rule.minutes, rule.times, rule.quiet_minutes),
                rule.auto_hold and rule.kind in rules.OF_ITEMS,
            )
        return found
