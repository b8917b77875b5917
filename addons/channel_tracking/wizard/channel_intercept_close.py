from odoo import fields, models


class ChannelInterceptClose(models.TransientModel):
    """A parcel that is not stopped: the carrier cannot, or a person lets it go on."""

    _name = "channel.intercept.close"
    _description = "Parcel Is Not Stopped"

    intercept_id = fields.Many2one(
        "channel.intercept", required=True, readonly=True, ondelete="cascade"
    )
    decision = fields.Selection(
        [("too_late", "The carrier cannot stop it any more"), ("let_go", "The parcel goes on")],
        required=True,
        readonly=True,
    )
    note = fields.Char("Why", required=True)

    def action_close(self):
        """Keep it."""
        self.ensure_one()
        self.intercept_id._require_handler()
        self.intercept_id._answer(self.decision, self.note)
        return True
