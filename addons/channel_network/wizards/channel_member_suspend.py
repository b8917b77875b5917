from odoo import api, fields, models
from odoo.exceptions import UserError


class ChannelMemberSuspend(models.TransientModel):
    """Asks why a member is suspended and shows what is still open with it."""

    _name = "channel.member.suspend"
    _description = "Suspend a Member"

    member_id = fields.Many2one("channel.member", required=True, ondelete="cascade")
    reason = fields.Char(required=True)
    line_ids = fields.One2many(
        "channel.member.suspend.line", "wizard_id", compute="_compute_lines", store=True
    )

    @api.depends("member_id")
    def _compute_lines(self):
        for wizard in self:
            rows = wizard.member_id._open_documents() if wizard.member_id else []
            wizard.line_ids = [(5,)] + [
                (0, 0, {"name": row["label"], "count": row["count"]}) for row in rows
            ]

    def action_confirm(self):
        """Suspend the member; what was open is kept in its log."""
        self.ensure_one()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why the member is suspended."))
        member = self.member_id
        member.write({"state": "suspended", "suspend_reason": self.reason.strip()})
        rows = member._open_documents()
        if rows:
            member.message_post(
                body=self.env._(
                    "Open at suspension: %s",
                    ", ".join(f"{row['label']} {row['count']}" for row in rows),
                )
            )
        return {"type": "ir.actions.act_window_close"}


class ChannelMemberSuspendLine(models.TransientModel):
    """One kind of open document, with its number."""

    _name = "channel.member.suspend.line"
    _description = "Open with the Member"

    wizard_id = fields.Many2one("channel.member.suspend", required=True, ondelete="cascade")
    name = fields.Char("What", required=True)
    count = fields.Integer()

    def action_open(self):
        """Open the documents behind this line."""
        self.ensure_one()
        for row in self.wizard_id.member_id._open_documents():
            if row["label"] == self.name:
                return row["action"]
        raise UserError(self.env._("Nothing of this kind is open any more."))
