from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ChannelTalentContract(models.Model):
    """What was agreed with a talent for a time: commission per product category and pit fees.

    No two contracts of one talent that are or were in force overlap; the database refuses it.
    """

    _name = "channel.talent.contract"
    _description = "Talent Contract"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_start desc, id desc"
    _check_company_auto = True

    name = fields.Char("Contract No.", required=True, copy=False)
    talent_id = fields.Many2one(
        "channel.talent",
        required=True,
        ondelete="restrict",
        index=True,
        check_company=True,
        tracking=True,
    )
    kind = fields.Selection(related="talent_id.kind")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_start = fields.Date(
        "From", required=True, default=fields.Date.context_today, tracking=True
    )
    date_end = fields.Date("Until", tracking=True, help="Last day in force. Empty: open end.")
    state = fields.Selection(
        [("draft", "Draft"), ("active", "In Force"), ("ended", "Ended")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    term_ids = fields.One2many("channel.talent.term", "contract_id", "Terms", copy=True)
    note = fields.Html()

    _dates_check = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start)",
        "A contract cannot end before it starts.",
    )
    # ranges of one id instead of an equality: gist then needs no extension
    _overlap_excl = models.Constraint(
        "EXCLUDE USING gist (int4range(talent_id, talent_id, '[]') WITH &&,"
        " daterange(date_start, date_end, '[]') WITH &&) WHERE (state IN ('active', 'ended'))",
        "Another contract of this talent is in force on some of these days. End it first or change"
        " the dates.",
    )

    def action_activate(self):
        """Put drafts in force; a contract without terms is refused."""
        for contract in self:
            if contract.state != "draft":
                raise UserError(
                    self.env._("Contract %s is no draft any more. Reload the page.", contract.name)
                )
            if not contract.term_ids:
                raise UserError(
                    self.env._(
                        "Contract %s has no terms. Add at least one line, for example the"
                        " commission for all products.",
                        contract.name,
                    )
                )
        self.write({"state": "active"})

    def action_end(self):
        """End contracts today; one that would start later goes back to draft instead."""
        today = fields.Date.context_today(self)
        for contract in self:
            if contract.state != "active":
                raise UserError(self.env._("Contract %s is not in force.", contract.name))
            if contract.date_start > today:
                contract.state = "draft"
            else:
                end = min(contract.date_end, today) if contract.date_end else today
                contract.write({"state": "ended", "date_end": end})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_force(self):
        if any(contract.state != "draft" for contract in self):
            raise UserError(self.env._("Only drafts can be deleted. End the contract instead."))

    @api.model
    def _current_by_talent(self, talents, date):
        """The contract in force of each talent on a date: {talent id: contract}."""
        contracts = self.search(
            Domain("talent_id", "in", talents.ids)
            & Domain("state", "in", ("active", "ended"))
            & Domain("date_start", "<=", date)
            & (Domain("date_end", "=", False) | Domain("date_end", ">=", date))
        )
        return {contract.talent_id.id: contract for contract in contracts}
