from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from ..models.channel_deposit_statement import PAGE

PDF_LIMIT = 1000  # a page of 40 entries takes half a second


class ChannelDepositStatement(models.TransientModel):
    """The statement of an account for a period, on screen and as a file."""

    _name = "channel.deposit.statement"
    _description = "Statement of Deposit"
    _rec_name = "account_id"

    account_id = fields.Many2one("channel.deposit.account", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="account_id.currency_id")
    date_from = fields.Date(
        "From", required=True, default=lambda self: fields.Date.context_today(self).replace(day=1)
    )
    date_to = fields.Date("To", required=True, default=fields.Date.context_today)
    with_holds = fields.Boolean(
        "Include Holds",
        help="Also what was only set aside or released, without changing the balance.",
    )
    after = fields.Integer(help="Number of the entry after which the page begins.")
    opening = fields.Monetary("Opening Balance", compute="_compute_frame")
    closing = fields.Monetary("Closing Balance", compute="_compute_frame")
    held = fields.Monetary("On Hold", compute="_compute_frame")
    credit_line = fields.Monetary(compute="_compute_frame")
    available = fields.Monetary(compute="_compute_frame")
    entry_ids = fields.Many2many("channel.deposit.entry", compute="_compute_frame")
    hold_ids = fields.Many2many("channel.deposit.hold", compute="_compute_frame")
    is_first = fields.Boolean(compute="_compute_frame")
    is_last = fields.Boolean(compute="_compute_frame")

    @api.depends("account_id", "date_from", "date_to", "with_holds", "after")
    def _compute_frame(self):
        for statement in self:
            account = statement.account_id
            if not (account and statement.date_from and statement.date_to):
                statement.update(dict.fromkeys(self._frame_fields(), False))
                continue
            frame = statement._frame()
            closing = frame["closing"]
            page = statement._page(frame, limit=PAGE + 1)
            statement.update(
                {
                    "opening": frame["opening"]["posted"],
                    "closing": closing["posted"],
                    "held": closing["held"],
                    "credit_line": closing["credit_line"],
                    "available": closing["available"],
                    "entry_ids": page[:PAGE],
                    "hold_ids": account._statement_holds(frame["upper"]),
                    "is_first": statement.after <= frame["lower"],
                    "is_last": len(page) <= PAGE,
                }
            )

    @api.onchange("account_id", "date_from", "date_to", "with_holds")
    def _onchange_period(self):
        self.after = 0

    def _frame_fields(self):
        return [name for name, field in self._fields.items() if field.compute == "_compute_frame"]

    def _frame(self):
        self.ensure_one()
        return self.account_id._statement(self.date_from, self.date_to)

    def _page(self, frame, **page):
        self.ensure_one()
        page.setdefault("after", self.after)
        return self.account_id._statement_page(
            frame["lower"], frame["upper"], holds=self.with_holds, **page
        )

    def action_next(self):
        """Show the next page."""
        self.ensure_one()
        if not self.is_last:
            self.after = self.entry_ids[-1].number

    def action_previous(self):
        """Show the page before."""
        self.ensure_one()
        if self.is_first:
            return
        page = self._page(self._frame(), after=None, before=self.after + 1, limit=PAGE)
        # the page begins behind the entry that stands before its first one
        self.after = page[0].number - 1 if len(page) == PAGE else 0

    def action_print(self):
        """The statement as PDF."""
        self._check_printable()
        return self.env.ref("channel_deposit.action_report_statement").report_action(self)

    def _printed_rows(self, frame):
        """Time, what, document, reason, amount and balance of each entry, as they are printed."""
        lang = self.env["res.lang"]._get_data(code=self.env.lang or "en_US")
        rows = self.account_id._statement_rows(frame, self.with_holds)
        for _number, at, kind, document, note, amount, balance, *_held in rows:
            yield (
                at.strftime(f"{lang.date_format} {lang.time_format}"), kind, document, note,
                format_amount(self.env, float(amount), self.currency_id),
                format_amount(self.env, float(balance), self.currency_id),
            )  # fmt: skip

    def _check_printable(self):
        """:raise UserError: it would be a book"""
        self.ensure_one()
        frame = self._frame()
        if frame["upper"] - frame["lower"] > PDF_LIMIT:
            raise UserError(
                self.env._(
                    "This period has more than %s entries: choose a shorter one, or take the"
                    " spreadsheet.",
                    PDF_LIMIT,
                )
            )

    def action_sheet(self):
        """The statement as XLSX."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "target": "download",
            "url": f"/channel_deposit/statement/{self.account_id.id}.xlsx?first={self.date_from}"
            f"&last={self.date_to}&holds={int(self.with_holds)}",
        }
