from odoo import fields, models
from odoo.exceptions import AccessError

from ..models.settlement_statement import FINANCE


class SettlementStatementRun(models.TransientModel):
    """Makes the statements of a period."""

    _name = "settlement.statement.run"
    _description = "Run a Period"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    day = fields.Date(
        "Until", required=True,
        default=lambda self: self.env["settlement.statement"]._yesterday(),
        help="Each party's statement ends on the last day of its period that is not after this.",
    )  # fmt: skip
    partner_ids = fields.Many2many("res.partner", string="Parties", help="Empty: all.")

    def action_run(self):
        """Make the statements, and show them.

        :raise AccessError: the user is no finance clerk
        """
        self.ensure_one()
        if not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Ask a finance clerk: statements are in their hands."))
        self.company_id.check_access("read")
        self.env["settlement.event"].sudo()._split_waiting()
        statements = self.env["settlement.statement"]
        made = statements.sudo()._run(self.company_id, self.day, self.partner_ids or None)
        if made:
            action = made.with_env(self.env)._get_records_action(name=self.env._("New Statements"))
            return action | {"views": [(False, "list"), (False, "form")], "view_mode": "list,form",
                             "domain": [("id", "in", made.ids)], "res_id": False}  # fmt: skip
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "Nothing is due until that day that is not on a statement already."
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
