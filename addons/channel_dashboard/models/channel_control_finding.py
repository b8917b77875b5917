from odoo import api, fields, models
from odoo.exceptions import UserError


class ChannelControlFinding(models.Model):
    """One offending record of a control's last run.

    Rewritten by every run that finds something else; the message is kept as check name and values
    and is put into words when it is read, in the reader's language.
    """

    _name = "channel.control.finding"
    _description = "Control Finding"
    _log_access = False
    _order = "control_id, check_name, id"
    _rec_name = "text"

    control_id = fields.Many2one("channel.control", required=True, index=True, ondelete="cascade")
    check_name = fields.Char(required=True)
    model = fields.Char(required=True)
    model_name = fields.Char(string="Kind of Record", compute="_compute_text")
    res_id = fields.Many2oneReference(string="Record", model_field="model", required=True)
    company_id = fields.Many2one("res.company", index=True, ondelete="cascade")
    data = fields.Json()
    text = fields.Char(string="What Is Wrong", compute="_compute_text")

    @api.depends("check_name", "data", "model")
    @api.depends_context("lang")
    def _compute_text(self):
        controls = self.env["channel.control"]._checks()
        checks = {check.name: check for checks in controls.values() for check in checks}
        for finding in self:
            check = checks.get(finding.check_name)
            template = self.env._(check.message) if check else finding.check_name
            finding.text = template % (finding.data or {})
            known = finding.model in self.env
            finding.model_name = (
                self.env["ir.model"]._get(finding.model).name if known else finding.model
            )

    def action_open(self):
        """Open the offending record, or say who may."""
        self.ensure_one()
        record = self.env[self.model].browse(self.res_id).exists()
        if not record:
            raise UserError(
                self.env._("This record is gone. Press “Check now” to refresh the control.")
            )
        if not record.has_access("read"):
            raise UserError(
                self.env._(
                    "Your role may not open %(kind)s. Pass this row to %(group)s.",
                    kind=self.model_name,
                    group=self.control_id.group_id.sudo().display_name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": self.model,
            "res_id": self.res_id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
