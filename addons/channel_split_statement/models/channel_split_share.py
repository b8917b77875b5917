from odoo import fields, models


class ChannelSplitShare(models.Model):
    """A share may be handed over to the statements instead; for good, and then no part pays it."""

    _inherit = "channel.split.share"

    part_id = fields.Many2one(required=False)
    by_statement = fields.Boolean(required=True, default=False, readonly=True)

    _one_way = models.Constraint(
        "CHECK ((part_id IS NULL) = by_statement AND NOT (by_statement AND is_free))",
        "A share is paid by a part or stands on a statement, and what was handed over stays.",
    )
