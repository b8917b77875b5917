import base64

from odoo import fields, models
from odoo.exceptions import UserError

SHOWN = 200  # bad rows on the screen; the report names all


class ChannelOrderFile(models.TransientModel):
    """A file that is put into an order: read and checked first, then put in, whole or its good
    rows. The portal keeps its uploads here too, and asks for them as the system.
    """

    _name = "channel.order.file"
    _description = "Order from a File"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade")
    data = fields.Binary("File", attachment=False)
    filename = fields.Char()
    state = fields.Selection(
        [("upload", "File"), ("checked", "Check"), ("done", "Done")], default="upload"
    )
    line_count = fields.Integer("Good Rows", readonly=True)
    error_count = fields.Integer("Bad Rows", readonly=True)
    error_ids = fields.One2many("channel.order.file.error", "file_id", readonly=True)
    only_good = fields.Boolean(
        "Order the right rows", help="Leave the bad rows out; otherwise nothing is ordered."
    )
    report = fields.Binary("Bad Rows as a File", attachment=False, readonly=True)
    report_name = fields.Char(readonly=True)

    def action_check(self):
        """Read the file and name every bad row; nothing is ordered yet."""
        self.ensure_one()
        self._check()
        return self._again()

    def action_apply(self):
        """Put the rows into the order.

        :raises UserError: a row is bad, and the good ones are not wanted alone
        """
        self.ensure_one()
        self._apply()
        return {"type": "ir.actions.act_window_close"}

    def action_back(self):
        """Choose another file."""
        self.write({"state": "upload", "data": False})
        return self._again()

    def action_template(self):
        """Download a list of what may be ordered."""
        return {
            "type": "ir.actions.act_url",
            "url": f"/channel_sale/order_template/{self.order_id.id}.xlsx",
            "target": "download",
        }

    def _check(self):
        """Read the file; returns core.order_file.OrderFile.

        :raises UserError: there is no file, or it is no table
        """
        result = self._read()
        errors = self.order_id._file_error_rows(result.errors)
        self.error_ids.unlink()
        self.write(
            {
                "state": "checked",
                "line_count": len(result.lines),
                "error_count": result.bad_rows,
                "error_ids": [
                    fields.Command.create({"row": row or 0, "code": code, "text": text})
                    for row, code, text in errors[:SHOWN]
                ],
                "report": base64.b64encode(self.order_id._file_report(result.errors))
                if errors
                else False,
                "report_name": self.env._("Bad rows.xlsx"),
            }
        )
        return result

    def _apply(self, result=None):
        """Put the rows into the order; ``result``: what the check has just read."""
        result = result or self._read()
        if result.errors and not (self.only_good and result.lines):
            raise UserError(
                self.env._(
                    "Nothing was ordered: %s rows are bad. Put them right in the file, or order"
                    " the right rows only.",
                    result.bad_rows,
                )
            )
        self._put({line.product: line.quantity for line in result.lines})
        self.write({"state": "done", "data": False})
        return result

    def _put(self, quantities):
        """Put the quantities into the order; those of other products stay."""
        order = self.order_id
        if order.state not in ("draft", "sent"):
            raise UserError(
                self.env._("%s is no quotation any more: change its lines.", order.name)
            )
        order._set_quantities(quantities)

    def _read(self):
        if not self.data:
            raise UserError(self.env._("Choose a file first."))
        self.order_id.check_access("write")
        data = base64.b64decode(self.with_context(bin_size=False).data)
        return self.order_id._read_order_file(data)

    def _again(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Order from a File"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }


class ChannelOrderFileError(models.TransientModel):
    """A bad row of a file."""

    _name = "channel.order.file.error"
    _description = "Bad Row of an Order File"
    _order = "row, id"

    file_id = fields.Many2one("channel.order.file", required=True, ondelete="cascade")
    row = fields.Integer()
    code = fields.Char("Product Code")
    text = fields.Char("What Is Wrong")
