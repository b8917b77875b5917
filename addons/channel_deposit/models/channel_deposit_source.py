from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError


class ChannelDepositSource(models.AbstractModel):
    """Names and opens the document behind an entry or a hold: ``source`` is ``model,id``."""

    _name = "channel.deposit.source"
    _description = "Opens its Document"

    document = fields.Char(compute="_compute_document")

    @api.depends("source")
    def _compute_document(self):
        """The document by its name; whoever sees the amount may know what it was for."""
        wanted = defaultdict(set)
        for record in self:
            model, _comma, number = (record.source or "").partition(",")
            if model in self.env and number.isdigit():
                wanted[model].add(int(number))
        names = {
            f"{model},{document.id}": document.display_name
            for model, ids in wanted.items()
            for document in self.env[model].sudo().browse(ids).exists()
        }
        for record in self:
            record.document = names.get(record.source, record.source)

    def action_open_source(self):
        """The document that this was booked for.

        :raise UserError: there is none, it is gone, or the reader may not see it
        """
        self.ensure_one()
        model, _comma, number = (self.source or "").partition(",")
        if model not in self.env or not number.isdigit():
            raise UserError(self.env._("No document belongs to this: the reason says what it was."))
        document = self.env[model].browse(int(number)).exists()
        if not document:
            raise UserError(self.env._("The document is gone."))
        if not document.has_access("read"):
            raise UserError(self.env._("Your role may not open this document."))
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "res_id": document.id,
            "views": [(False, "form")],
        }
