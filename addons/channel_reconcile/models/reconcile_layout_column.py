from odoo import api, fields, models


class ReconcileLayoutColumn(models.Model):
    """What a column of a file means; one that means nothing is kept as it is."""

    _name = "reconcile.layout.column"
    _description = "Column of a Bill's Layout"
    _order = "layout_id, sequence, id"

    layout_id = fields.Many2one("reconcile.layout", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    header = fields.Char("Column in the File", required=True)
    sample = fields.Char("For Example", readonly=True)
    field = fields.Selection(
        [
            ("at", "Time or Day"),
            ("time", "Time of the Day"),
            ("amount", "Amount"),
            ("income", "Amount that Came"),
            ("outcome", "Amount that Went"),
            ("direction", "Came or Went"),
            ("gross", "Amount with Discounts"),
            ("fee", "Fee"),
            ("balance", "Balance"),
            ("key", "Names the Movement"),
            ("ref", "Channel's Number"),
            ("own", "Our Number"),
            ("refund_ref", "Channel's Refund Number"),
            ("refund_own", "Our Refund Number"),
            ("what", "Kind of Movement"),
            ("status", "Status"),
            ("party", "Other Side"),
            ("memo", "Text"),
            ("account", "Our Account"),
        ],
        "Meaning",
        help="Several columns may name the movement together.",
    )

    _header_uniq = models.UniqueIndex("(layout_id, header)", "This column is here already.")
    _field_uniq = models.UniqueIndex(
        "(layout_id, field) WHERE field IS NOT NULL AND field <> 'key'",
        "Two columns cannot mean the same.",
    )

    @api.model
    def _labels(self, names) -> str:
        """Fields in a user's words, one after the other."""
        labels = dict(self._fields["field"]._description_selection(self.env))
        return ", ".join(labels[name] for name in names)
