from odoo import models


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
        return [
            (
                self.env._("Members below that are not closed"),
                "channel.member",
                [("parent_id", "=", self.id), ("state", "!=", "closed")],
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
                    ("commercial_partner_id", "=", self.partner_id.id),
                    company,
                    ("move_type", "in", ("out_invoice", "out_refund")),
                    ("state", "=", "posted"),
                    ("payment_state", "in", ("not_paid", "partial")),
                ],
            ),
            (
                self.env._("Contracts in force"),
                "channel.contract",
                [("member_id", "=", self.id), ("state", "=", "active")],
            ),
        ]
