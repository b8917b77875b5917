from datetime import timedelta

from odoo import api, fields, models

from .channel_contract import ALERT_DAYS


class ChannelQualification(models.Model):
    """A licence or certificate of a member, with its last valid day."""

    _name = "channel.qualification"
    _description = "Qualification Paper"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "valid_to, id"
    _rec_name = "number"
    _check_company_auto = True

    member_id = fields.Many2one(
        "channel.member", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(
        "res.company", related="member_id.company_id", store=True, index=True
    )
    paper = fields.Selection(
        [
            ("business_licence", "Business Licence"),
            ("food_licence", "Food Business Licence"),
            ("medical_licence", "Medical Device Licence"),
            ("brand_authorization", "Brand Authorization"),
            ("tax", "Tax Registration"),
            ("other", "Other"),
        ],
        required=True,
        default="business_licence",
        tracking=True,
    )
    number = fields.Char(required=True, tracking=True)
    valid_from = fields.Date()
    valid_to = fields.Date(
        "Valid to", tracking=True, index=True, help="The last valid day. Empty: no limit."
    )
    attachment = fields.Binary("Scan", attachment=True)
    attachment_name = fields.Char()
    alerted_for = fields.Date(copy=False, help="The last day of which the task was given.")
    state = fields.Selection(
        [("valid", "Valid"), ("expiring", "Expires Soon"), ("expired", "Expired")],
        compute="_compute_state",
        search="_search_state",
    )

    _number_unique = models.Constraint(
        "UNIQUE (member_id, paper, number)", "This paper is already recorded for the member."
    )
    _dates_in_order = models.Constraint(
        "CHECK (valid_to >= valid_from)", "A paper is valid until after it begins."
    )

    @api.depends("valid_to")
    def _compute_state(self):
        today = fields.Date.context_today(self)
        soon = today + timedelta(days=ALERT_DAYS)
        for paper in self:
            if paper.valid_to and paper.valid_to < today:
                paper.state = "expired"
            elif paper.valid_to and paper.valid_to <= soon:
                paper.state = "expiring"
            else:
                paper.state = "valid"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        soon = today + timedelta(days=ALERT_DAYS)
        domains = {
            "expired": fields.Domain("valid_to", "<", today),
            "expiring": fields.Domain("valid_to", ">=", today)
            & fields.Domain("valid_to", "<=", soon),
            "valid": fields.Domain("valid_to", ">", soon) | fields.Domain("valid_to", "=", False),
        }
        return fields.Domain.OR(domains[state] for state in value if state in domains)

    @api.model
    def _alert_expiring(self, day):
        """Give the representatives one task for each paper that runs out by a day."""
        for paper in self.search(
            [
                ("valid_to", "!=", False),
                ("valid_to", "<=", day),
                ("member_id.state", "in", ("draft", "active", "suspended")),
            ]
        ):
            paper.member_id._task_once(
                paper,
                paper.valid_to,
                self.env._(
                    "Paper %(number)s of %(member)s is valid to %(day)s: ask for the new one.",
                    number=paper.number,
                    member=paper.member_id.name,
                    day=paper.valid_to,
                ),
            )
