from odoo import models
from odoo.exceptions import UserError


class ChannelMember(models.Model):
    _inherit = "channel.member"

    def _open_documents(self):
        """Return what is still open with this member, for suspension and closing.

        Rows ``{"label": str, "count": int, "action": act_window dict}``, only those with a
        count. Counted for everyone alike (sudo); opening a row follows the user's own rights.
        Other addons add their rows (deposits, shares).
        """
        self.ensure_one()
        rows = []
        for label, model, domain in self._open_document_domains():
            count = self.env[model].sudo().search_count(domain)
            if count:
                action = {
                    "type": "ir.actions.act_window",
                    "name": label,
                    "res_model": model,
                    "view_mode": "list,form",
                    "domain": domain,
                }
                rows.append({"label": label, "count": count, "action": action})
        return rows

    def _open_document_domains(self):
        """Return (label, model, domain) for each kind of document that can be open."""
        partner = ("partner_id", "child_of", self.partner_id.id)
        company = ("company_id", "=", self.company_id.id)
        billed = ("commercial_partner_id", "=", self.partner_id.id)
        below = ("parent_id", "=", self.id)
        own = ("member_id", "=", self.id)
        return [
            (
                self.env._("Members below that are not closed"),
                "channel.member",
                [below, ("state", "!=", "closed")],
            ),
            (
                self.env._("Quotations"),
                "sale.order",
                [partner, company, ("state", "in", ("draft", "sent"))],
            ),
            (
                self.env._("Orders not fully delivered or invoiced"),
                "sale.order",
                [
                    partner,
                    company,
                    ("state", "=", "sale"),
                    "|",
                    ("delivery_status", "not in", (False, "full")),
                    ("invoice_status", "=", "to invoice"),
                ],
            ),
            (
                self.env._("Deliveries under way"),
                "stock.picking",
                [partner, company, ("state", "not in", ("done", "cancel"))],
            ),
            (
                self.env._("Invoices not paid"),
                "account.move",
                [
                    billed,
                    company,
                    ("move_type", "in", ("out_invoice", "out_refund")),
                    ("state", "=", "posted"),
                    ("payment_state", "in", ("not_paid", "partial")),
                ],
            ),
            (
                self.env._("Contracts in force"),
                "channel.contract",
                [own, ("state", "=", "active")],
            ),
        ]

    def _task_once(self, record, deadline, summary):
        """Give the member's representative one to-do for a deadline of a record, ever."""
        self.ensure_one()
        if record.alerted_for == deadline:
            return
        record.alerted_for = deadline
        record.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=deadline,
            summary=summary,
            user_id=(self.user_id or self.env.user).id,
        )

    # --- buttons ------------------------------------------------------------------------

    def action_activate(self):
        """Draft or suspended members become active."""
        self.write({"state": "active"})

    def action_suspend(self):
        """Ask for the reason and show what is still open."""
        self.ensure_one()
        self._check_manager()
        self._check_move("suspended")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Suspend %s", self.name),
            "res_model": "channel.member.suspend",
            "view_mode": "form",
            "target": "new",
            "context": {"default_member_id": self.id},
        }

    def action_close(self):
        """Close for good; refused while something is open."""
        for member in self:
            open_rows = member._open_documents()
            if open_rows:
                raise UserError(
                    self.env._(
                        "%(member)s cannot be closed while this is open:\n%(rows)s\n"
                        "Settle it first, or suspend the member meanwhile.",
                        member=member.display_name,
                        rows="\n".join(f"• {row['label']}: {row['count']}" for row in open_rows),
                    )
                )
        self.write({"state": "closed"})

    def action_open_children(self):
        """Open the subtree below this member."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Below %s", self.name),
            "res_model": "channel.member",
            "view_mode": "hierarchy,list,form",
            "domain": [("id", "child_of", self.id)],
            "context": {"default_parent_id": self.id},
        }

    def action_portal_access(self):
        """Open Odoo's portal wizard for the company and its contacts."""
        self.ensure_one()
        partners = self.partner_id | self.partner_id.child_ids.filtered(
            lambda partner: partner.type == "contact"
        )
        return self.env["ir.actions.actions"]._for_xml_id("portal.partner_wizard_action") | {
            "context": {"active_ids": partners.ids, "active_model": "res.partner"}
        }
