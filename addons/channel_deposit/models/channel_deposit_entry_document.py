from collections import defaultdict

from odoo import api, fields, models


class ChannelDepositEntryDocument(models.Model):
    """The document behind an entry, by its name."""

    _inherit = "channel.deposit.entry"

    document = fields.Char(compute="_compute_document")
    # a period of an account is found by its first and last entry
    _at_idx = models.Index("(account_id, at, number)")

    @api.depends("source")
    def _compute_document(self):
        wanted = defaultdict(set)
        for entry in self:
            model, _comma, number = (entry.source or "").partition(",")
            if model in self.env and number.isdigit():
                wanted[model].add(int(number))
        names = {
            f"{model},{record.id}": record.display_name
            for model, ids in wanted.items()
            for record in self.env[model].sudo().browse(ids).exists()
        }
        for entry in self:
            entry.document = names.get(entry.source, entry.source)
