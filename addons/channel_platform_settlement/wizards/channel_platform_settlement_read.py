import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.channel_network.core.money import from_fen
from odoo.addons.channel_network.core.table import TableError, read_table

from ..core.sheet import MAX_BYTES, MAX_ROWS, Sheet, read_sheet

SHOWN_ERRORS = 20


class ChannelPlatformSettlementRead(models.TransientModel):
    """Reads an exported settlement, shows what it holds, and keeps it."""

    _name = "channel.platform.settlement.read"
    _description = "Import a Platform's Settlement"

    shop_id = fields.Many2one("channel.shop", required=True)
    currency_id = fields.Many2one(related="shop_id.currency_id")
    data = fields.Binary("File", attachment=False)
    filename = fields.Char()
    state = fields.Selection([("upload", "File"), ("preview", "Check")], default="upload")
    row_count = fields.Integer("Rows", readonly=True)
    order_count = fields.Integer("Orders", readonly=True)
    income = fields.Monetary(readonly=True)
    fees = fields.Monetary("Taken Off", readonly=True)
    amount = fields.Monetary("Paid Out", readonly=True)
    unknown = fields.Char("Unknown Columns", readonly=True)
    errors = fields.Text("What is Wrong", readonly=True)

    def action_check(self):
        """Read the file and show its sums; nothing is kept yet."""
        self.ensure_one()
        sheet = self._read()
        rows = sheet.rows
        self.write(
            {
                "state": "preview",
                "row_count": len(rows),
                "order_count": len({row.order_ref for row in rows}),
                "income": from_fen(sum(row.income for row in rows)),
                "fees": from_fen(sum(row.fees for row in rows)),
                "amount": from_fen(sum(row.amount for row in rows)),
                "unknown": ", ".join(sheet.unknown)[:500],
                "errors": self._errors_text(sheet),
            }
        )
        return self._again()

    def action_back(self):
        """Choose another file."""
        self.write({"state": "upload", "data": False, "filename": False})
        return self._again()

    def action_import(self):
        """Keep the file and its rows, and open what came of it.

        :raises UserError: something in the file is wrong, or it was imported before
        """
        self.ensure_one()
        sheet = self._read()
        if sheet.errors:
            raise UserError(self._errors_text(sheet))
        batch = (
            self.env["channel.platform.settlement.import"]
            .sudo()
            ._import_file(
                self.shop_id, self.filename or self.env._("File"), self._bytes(),
                self._encoded(), sheet,
            )
        )  # fmt: skip
        return {
            "type": "ir.actions.act_window",
            "res_model": batch._name,
            "res_id": batch.id,
            "view_mode": "form",
        }

    def _encoded(self) -> bytes:
        return self.with_context(bin_size=False).data

    def _bytes(self) -> bytes:
        return base64.b64decode(self._encoded())

    def _read(self) -> Sheet:
        """What the file holds.

        :raises UserError: there is no file, it is no table, or it was imported before
        """
        self.shop_id.check_access("read")
        if not self.data:
            raise UserError(self.env._("Choose a file first."))
        data = self._bytes()
        before = self.env["channel.platform.settlement.import"]._of_file(self.shop_id, data)
        if before:
            raise UserError(before.sudo()._here_already())
        try:
            return read_sheet(read_table(data, max_bytes=MAX_BYTES, max_rows=MAX_ROWS))
        except TableError as error:
            raise UserError(self._table_text(error.code)) from error

    def _table_text(self, code) -> str:
        texts = {
            "too_large": self.env._(
                "The file is larger than 40 MB: export shorter periods and import them one by one."
            ),
            "too_many": self.env._(
                "The file has more than 100,000 rows: export shorter periods and import them one"
                " by one."
            ),
        }
        return texts.get(
            code,
            self.env._(
                "This is no table: export the settlement detail from the platform once more and"
                " choose the file as it is."
            ),
        )

    @api.model
    def _errors_text(self, sheet: Sheet):
        """Everything wrong with a file in a user's words; False when nothing is."""
        if not sheet.errors:
            return False
        lines = [self.env._("Nothing can be imported from this file:")]
        lines += [self._error_text(error) for error in sheet.errors[:SHOWN_ERRORS]]
        if len(sheet.errors) > SHOWN_ERRORS:
            lines.append(self.env._("… and more lines."))
        lines.append(self.env._("Export it from the platform once more, and do not change it."))
        return "\n".join(lines)

    @api.model
    def _error_text(self, error) -> str:
        column = error.column
        texts = {
            "empty": self.env._("it holds no row."),
            "missing_column": self.env._("the column %(column)s is missing.", column=column),
            "double_column": self.env._("the column %(column)s stands twice.", column=column),
            "missing": self.env._("the %(column)s is missing.", column=column),
            "time": self.env._(
                "%(column)s is no time such as 2026-11-11 20:00:00: %(value)s",
                column=column,
                value=error.value,
            ),
            "amount": self.env._(
                "%(column)s is no amount in yuan with two decimals: %(value)s",
                column=column,
                value=error.value,
            ),
            "direction": self.env._(
                "%(column)s is neither 入账 nor 出账: %(value)s", column=column, value=error.value
            ),
            "id_as_number": self.env._(
                "%(column)s was changed by a spreadsheet: %(value)s",
                column=column,
                value=error.value,
            ),
            "sums": self.env._(
                "what was settled is not income less what was taken off (%(value)s)",
                value=error.value,
            ),
        }
        return self.env._("Line %(line)s: %(text)s", line=error.line, text=texts[error.code])

    def _again(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import a Platform's Settlement"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
