import base64
import time

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.channel_network.core.money import from_fen
from odoo.addons.channel_network.core.table import TableError, read_table

from ..core.platforms.sheet import COLUMNS, SheetResult, read_orders

SHOWN_ERRORS = 200
SHOWN_ORDERS = 20
PROCESS_INLINE = 500


class ChannelOrderImport(models.TransientModel):
    """Reads orders from a file, shows what it found, and stores them as messages."""

    _name = "channel.order.import"
    _description = "Import Orders"

    shop_id = fields.Many2one(
        "channel.shop",
        required=True,
        domain="['|', ('is_pulled', '=', False), ('pull_state', '=', 'never')]",
    )
    currency_id = fields.Many2one(related="shop_id.currency_id")
    data = fields.Binary("File", attachment=False)
    filename = fields.Char()
    mode = fields.Selection(
        [
            ("all", "All or nothing: import only when every row is good"),
            ("skip", "Skip orders with bad rows and report them"),
        ],
        "When rows are bad",
        required=True,
        default="all",
    )
    state = fields.Selection(
        [("upload", "File"), ("preview", "Check"), ("done", "Done")], default="upload"
    )
    order_count = fields.Integer("Good Orders", readonly=True)
    line_count = fields.Integer("Lines", readonly=True)
    amount_paid = fields.Monetary("Buyers Paid", readonly=True)
    error_count = fields.Integer("Bad Rows", readonly=True)
    unknown_headers = fields.Char("Columns Not Used", readonly=True)
    error_ids = fields.One2many("channel.order.import.error", "import_id", readonly=True)
    preview_ids = fields.One2many("channel.order.import.preview", "import_id", readonly=True)
    report = fields.Text(readonly=True)
    order_refs = fields.Json(readonly=True)

    def action_check(self):
        """Read the file and show what it holds; nothing is stored yet."""
        self.ensure_one()
        result = self._read()
        orders = result.orders
        self.error_ids.unlink()
        self.preview_ids.unlink()
        self.write(
            {
                "state": "preview",
                "order_count": len(orders),
                "line_count": sum(len(order.rows) for order in orders),
                "amount_paid": from_fen(sum(order.paid for order in orders)),
                "error_count": len({error.row for error in result.errors}),
                "unknown_headers": ", ".join(result.unknown_headers)[:500],
                "error_ids": [
                    fields.Command.create({"row": e.row, "text": self._error_text(e)})
                    for e in result.errors[:SHOWN_ERRORS]
                ],
                "preview_ids": [
                    fields.Command.create(self._preview_values(order))
                    for order in orders[:SHOWN_ORDERS]
                ],
            }
        )
        return self._again()

    def _preview_values(self, order):
        return {
            "order_ref": order.order_ref,
            "rows": ", ".join(map(str, order.rows[:10])),
            "amount_paid": from_fen(order.paid),
        }

    def action_back(self):
        """Choose another file."""
        self.state = "upload"
        return self._again()

    def action_import(self):
        """Store the good orders as messages and have them processed.

        :raises UserError: a row is bad and the mode is all or nothing
        """
        self.ensure_one()
        result = self._read()
        if result.errors and self.mode == "all":
            raise UserError(
                self.env._(
                    "Nothing was imported: %(count)s rows are bad. Put them right in the file, or"
                    " choose to skip the orders with bad rows.",
                    count=len({error.row for error in result.errors}),
                )
            )
        if not result.orders:
            raise UserError(self.env._("The file holds no order that can be imported."))
        messages = self.env["channel.message"].sudo()
        new = messages._store(
            self.shop_id, (order.message for order in result.orders), source="file"
        )
        if len(new) <= PROCESS_INLINE:
            messages._process(len(new), only=new)
        else:
            self.env["channel.shop"]._enqueue_process()
        self.write(
            {
                "state": "done",
                "data": False,  # it holds receivers in plain text
                "report": self._report(result, len(new)),
                "order_refs": [order.order_ref for order in result.orders],
            }
        )
        return self._again()

    def _report(self, result: SheetResult, new: int) -> str:
        lines = [
            self.env._(
                "%(count)s orders read, %(new)s of them new, %(same)s were here already.",
                count=len(result.orders),
                new=new,
                same=len(result.orders) - new,
            )
        ]
        if result.errors:
            lines.append(self.env._("Skipped:"))
            lines += [self._error_text(error) for error in result.errors[:SHOWN_ERRORS]]
        return "\n".join(lines)

    def action_open_orders(self):
        """The orders of the file."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Imported Orders"),
            "res_model": "channel.order",
            "view_mode": "list,form",
            "domain": [
                ("shop_id", "=", self.shop_id.id),
                ("order_ref", "in", self.order_refs or []),
            ],
        }

    def action_template(self):
        """Download an empty file with every column."""
        return {
            "type": "ir.actions.act_url",
            "url": "/channel_intake/order_template.xlsx",
            "target": "download",
        }

    def _read(self) -> SheetResult:
        """What the file holds.

        :raises UserError: there is no file, it is no table, or the shop takes none
        """
        self._check_shop(self.shop_id)
        if not self.data:
            raise UserError(self.env._("Choose a file first."))
        try:
            table = read_table(base64.b64decode(self.with_context(bin_size=False).data))
        except TableError as error:
            raise UserError(self._table_text(error.code)) from error
        return read_orders(table, int(time.time()))

    @api.model
    def _check_shop(self, shop):
        """Orders by hand are for shops whose platform does not give them by itself."""
        shop.check_access("read")
        if shop.is_pulled and shop.sudo().credential_ref:
            raise UserError(
                self.env._(
                    "The orders of %(shop)s come from its platform. Choose another shop.",
                    shop=shop.name,
                )
            )

    def _again(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Orders"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _table_text(self, code) -> str:
        texts = {
            "too_large": self.env._("The file is larger than 10 MB: split it into several files."),
            "too_many": self.env._("The file has more than 20,000 rows: split it."),
        }
        return texts.get(
            code, self.env._("This is no table: save it as .xlsx or .csv and choose it again.")
        )

    @api.model
    def _error_text(self, error) -> str:
        """A row's mistake in a user's words."""
        column = self._column_label(error.column)
        value = error.value
        texts = {
            "missing_column": self.env._("Column %(column)s is missing.", column=column),
            "double_column": self.env._("Column %(column)s stands twice.", column=column),
            "empty": self.env._("There are no orders in the file."),
            "missing": self.env._("%(column)s is empty.", column=column),
            "too_long": self.env._("%(column)s is too long: %(value)s", column=column, value=value),
            "id_as_number": self.env._(
                "%(column)s was changed by the spreadsheet: %(value)s. Format the column as text"
                " and export the number again.",
                column=column,
                value=value,
            ),
            "quantity": self.env._("Quantity must be 1 to 9,999, not %(value)s.", value=value),
            "amount": self.env._(
                "%(column)s is no amount in yuan with two decimals: %(value)s",
                column=column,
                value=value,
            ),
            "amounts": self.env._(
                "List amount %(value)s is not what was paid plus the discounts.", value=value
            ),
            "freight_differs": self.env._(
                "The rows of the order name different freights: %(value)s", value=value
            ),
            "status_unknown": self.env._("Unknown status: %(value)s", value=value),
            "phone": self.env._("No phone number: %(value)s", value=value),
            "time": self.env._(
                "%(column)s is no time such as 2026-11-11 20:00:00: %(value)s",
                column=column,
                value=value,
            ),
            "line_twice": self.env._("Two rows of the order have the same line number."),
        }
        text = texts.get(error.code, error.code)
        return self.env._("Row %(row)s: %(text)s", row=error.row, text=text)

    @api.model
    def _column_label(self, key) -> str:
        """A column's header in the user's language."""
        column = next((column for column in COLUMNS if column.key == key), None)
        if column is None:
            return key
        return column.chinese[0] if (self.env.lang or "").startswith("zh") else column.english


class ChannelOrderImportError(models.TransientModel):
    """A bad row of a file."""

    _name = "channel.order.import.error"
    _description = "Bad Row"
    _order = "row, id"

    import_id = fields.Many2one("channel.order.import", required=True, ondelete="cascade")
    row = fields.Integer()
    text = fields.Char("What is wrong")


class ChannelOrderImportPreview(models.TransientModel):
    """An order found in a file."""

    _name = "channel.order.import.preview"
    _description = "Order in a File"

    import_id = fields.Many2one("channel.order.import", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="import_id.currency_id")
    order_ref = fields.Char("Order Number")
    rows = fields.Char()
    amount_paid = fields.Monetary("Buyer Paid")
