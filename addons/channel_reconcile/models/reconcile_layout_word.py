from odoo import fields, models

from .reconcile_bill_row import KINDS


class ReconcileLayoutWord(models.Model):
    """A word by which a file tells what a movement was."""

    _name = "reconcile.layout.word"
    _description = "Word in a Bill's Layout"
    _order = "layout_id, sequence, id"

    layout_id = fields.Many2one("reconcile.layout", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    word = fields.Char(required=True)
    kind = fields.Selection(KINDS, required=True)

    _word_uniq = models.UniqueIndex("(layout_id, word)", "This word is here already.")
