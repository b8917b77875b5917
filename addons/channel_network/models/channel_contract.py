from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

ALERT_DAYS = 30


class ChannelContract(models.Model):
    """The agreement with a member for a period: grade, territories, deposit, credit.

    Representatives prepare contracts; a sales manager brings them into force and ends them.
    Amounts are yuan.
    """

    _name = "channel.contract"
    _description = "Channel Contract"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_start desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        "Number", required=True, copy=False, help="Given when saved, unless you enter one."
    )
    member_id = fields.Many2one(
        "channel.member",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company", related="member_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_start = fields.Date(
        "Valid from", required=True, default=fields.Date.context_today, tracking=True
    )
    date_end = fields.Date("Valid to", required=True, tracking=True, help="The last valid day.")
    grade_id = fields.Many2one("channel.member.grade", ondelete="restrict", tracking=True)
    territory_ids = fields.Many2many("channel.territory", string="Territories")
    min_deposit = fields.Monetary("Minimum Deposit", default=0, tracking=True)
    credit_line = fields.Monetary(default=0, tracking=True)
    state = fields.Selection(
        [("draft", "Draft"), ("active", "In Force"), ("expired", "Expired"), ("ended", "Ended")],
        required=True,
        default="draft",
        index=True,
        copy=False,
        tracking=True,
    )
    note = fields.Text("Terms")
    alerted_for = fields.Date(copy=False, help="The last day of which the task was given.")

    _name_unique = models.Constraint(
        "UNIQUE (company_id, name)", "Another contract already has this number."
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_end >= date_start)", "A contract ends on or after the day it begins."
    )
    _amounts_not_negative = models.Constraint(
        "CHECK (min_deposit >= 0 AND credit_line >= 0)",
        "Minimum deposit and credit line are zero or more.",
    )
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(member_id, member_id, '[]') WITH &&,"
        " daterange(date_start, date_end, '[]') WITH &&) WHERE (state = 'active')",
        "The member already has a contract in force in this period: end that one first, or"
        " choose other dates.",
    )

    @api.model
    def _next_number(self):
        return self.env["ir.sequence"].sudo().next_by_code("channel.contract")

    @api.model
    def _current_domain(self, day=None):
        """Return the domain of contracts in force on a day (default: today)."""
        day = day or fields.Date.context_today(self)
        return [("state", "=", "active"), ("date_start", "<=", day), ("date_end", ">=", day)]

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals["name"] = vals.get("name") or self._next_number()
            if vals.get("state", "draft") != "draft":
                self._check_manager()
        return super().create(vals_list)

    def write(self, vals):
        if "state" in vals or any(contract.state != "draft" for contract in self):
            self._check_manager()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if any(contract.state != "draft" for contract in self):
            raise UserError(
                self.env._(
                    "Only draft contracts can be deleted. End a contract that is no longer"
                    " wanted: it stays as evidence."
                )
            )

    def _check_manager(self):
        """:raises AccessError: for a user who is no sales manager"""
        if self.env.su or self.env.user.has_group("channel_network.group_sales_manager"):
            return
        raise AccessError(
            self.env._(
                "Only a sales manager may bring a contract into force, change it afterwards or"
                " end it. Save it as a draft and ask your sales manager."
            )
        )

    def action_activate(self):
        """Bring draft contracts into force; the member takes over grade and territories."""
        today = fields.Date.context_today(self)
        for contract in self:
            if contract.state != "draft":
                raise UserError(
                    self.env._(
                        "%s is not a draft: copy it to prepare a new contract.", contract.name
                    )
                )
            if contract.date_end < today:
                raise UserError(
                    self.env._(
                        "%(contract)s ended on %(day)s: choose a later last day.",
                        contract=contract.name,
                        day=contract.date_end,
                    )
                )
            contract.state = "active"
        # the database refuses a second contract in the same period: say so here
        self.flush_recordset(["state"])
        self.filtered(lambda c: c.date_start <= today)._apply_to_member()

    def action_end(self):
        """End contracts in force today."""
        today = fields.Date.context_today(self)
        for contract in self:
            if contract.state != "active":
                raise UserError(self.env._("%s is not in force.", contract.name))
            vals = {"state": "ended"}
            if contract.date_start <= today < contract.date_end:
                vals["date_end"] = today
            contract.write(vals)

    def _apply_to_member(self):
        for contract in self:
            vals = {}
            if contract.grade_id:
                vals["grade_id"] = contract.grade_id.id
            if contract.territory_ids:
                vals["territory_ids"] = [(6, 0, contract.territory_ids.ids)]
            if vals:
                contract.member_id.write(vals)

    # --- validity -----------------------------------------------------------------------

    @api.model
    def _cron_validity(self):
        """Once a day: contracts that begin or run out, and papers that run out soon."""
        today = fields.Date.context_today(self)
        self.search([("state", "=", "active"), ("date_end", "<", today)]).write(
            {"state": "expired"}
        )
        self.search([("state", "=", "active"), ("date_start", "=", today)])._apply_to_member()
        soon = today + timedelta(days=ALERT_DAYS)
        self.search([("state", "=", "active"), ("date_end", "<=", soon)])._alert_expiry("date_end")
        self.env["channel.qualification"]._alert_expiring(soon)

    def _alert_expiry(self, date_field):
        """Give the member's representative one task for each contract that runs out."""
        for contract in self:
            contract.member_id._task_once(
                contract,
                contract[date_field],
                self.env._(
                    "Contract %(contract)s of %(member)s ends on %(day)s: renew or end it.",
                    contract=contract.name,
                    member=contract.member_id.name,
                    day=contract[date_field],
                ),
            )
