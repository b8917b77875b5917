from odoo import fields, models
from odoo.exceptions import UserError


class ChannelAftersaleDecide(models.TransientModel):
    """Confirms that after-sales are granted, or asks why they are refused."""

    _name = "channel.aftersale.decide"
    _description = "Decide on After-sales"

    aftersale_ids = fields.Many2many("channel.aftersale", string="After-sales", readonly=True)
    decision = fields.Selection(
        [("grant", "Grant"), ("refuse", "Refuse")], required=True, readonly=True
    )
    reason = fields.Text(
        help="Kept with the decision and in the order's timeline. The buyer reads why you refuse."
    )
    # {after-sale id: [gate, version, fen]} as they were when the window opened
    seen = fields.Json()

    def action_confirm(self):
        """Decide on what was seen, each for itself; who was decided by others stays as it is."""
        self.ensure_one()
        self.aftersale_ids._require_answerer()
        refused = []
        for aftersale in self.aftersale_ids:
            gate, version, fen = (self.seen or {}).get(str(aftersale.id), ("request", 0, 0))
            try:
                with self.env.cr.savepoint():
                    aftersale._answer(gate, self.decision == "grant", version, self.reason, fen)
            except UserError as error:
                if len(self.aftersale_ids) == 1:
                    raise
                refused.append(str(error))
        reload = {"type": "ir.actions.client", "tag": "soft_reload"}
        return self._say(refused, reload) if refused else reload

    def _say(self, refused, then):
        """Which after-sales were not decided, and why."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._(
                    "%(done)s decided, %(refused)s not",
                    done=len(self.aftersale_ids) - len(refused),
                    refused=len(refused),
                ),
                "message": "\n".join(refused),
                "type": "warning",
                "sticky": True,
                "next": then,
            },
        }
