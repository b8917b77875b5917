from datetime import UTC
from decimal import Decimal

from odoo import models
from odoo.tools import format_date

from ..core.sheet import write_sheet


class ChannelDepositStatementFile(models.Model):
    """The statement as a file."""

    _inherit = "channel.deposit.account"

    def _statement_sheet(self, date_from, date_to, holds=True):
        """The statement of a period as XLSX, however many entries there are.

        :return: bytes
        """
        frame = self._statement(date_from, date_to)
        headers = [
            self.env._("Number"),
            self.env._("Time"),
            self.env._("What"),
            self.env._("Document"),
            self.env._("Reason"),
            self.env._("Amount"),
            self.env._("Balance"),
            self.env._("Change on Hold"),
            self.env._("On Hold"),
        ]
        return write_sheet(
            self.env._("Statement of Deposit"),
            self._statement_facts(frame, date_from, date_to),
            headers,
            self._statement_rows(frame, holds),
        )

    def _statement_facts(self, frame, date_from, date_to):
        """Label and value of what stands above the entries."""
        opening, closing = frame["opening"], frame["closing"]
        first, last = (format_date(self.env, day) for day in (date_from, date_to))
        amounts = [
            (self.env._("Opening Balance"), opening["posted"]),
            *self._statement_sums(frame["lower"], frame["upper"]),
            (self.env._("Closing Balance"), closing["posted"]),
            (self.env._("On Hold"), closing["held"]),
            (self.env._("Credit Line"), closing["credit_line"]),
            (self.env._("Available"), closing["available"]),
        ]
        return [
            (self.env._("Account"), self.display_name),
            (self.env._("Kept by"), (self.sudo().creditor_id or self.company_id).display_name),
            (self.env._("Period"), f"{first} – {last}"),
            *((label, Decimal(f"{amount:.2f}")) for label, amount in amounts),
        ]

    def _statement_rows(self, frame, holds):
        zone = self._statement_zone()
        kinds = dict(
            self.env["channel.deposit.entry"]._fields["kind"]._description_selection(self.env)
        )
        for entry in self._statement_entries(frame["lower"], frame["upper"], holds):
            amounts = (entry.posted, entry.posted_after, entry.held, entry.held_after)
            yield (
                str(entry.number),
                entry.at.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None),
                kinds[entry.kind],
                entry.document or "",
                entry.note or "",
                *(Decimal(f"{amount:.2f}") for amount in amounts),
            )

    def _statement_pdf(self, date_from, date_to, holds=True):
        """The statement of a period as PDF.

        The caller answers for the rights: a report is rendered with those of the system.

        :return: bytes
        :raise UserError: a period of too many entries, or no PDF can be made here
        """
        self.ensure_one()
        statement = (
            self.env["channel.deposit.statement"]
            .sudo()
            .create(
                {
                    "account_id": self.id,
                    "date_from": date_from,
                    "date_to": date_to,
                    "with_holds": holds,
                }
            )
        )
        statement._check_printable()
        report = self.env["ir.actions.report"].sudo()
        return report._render_qweb_pdf("channel_deposit.action_report_statement", statement.ids)[0]
