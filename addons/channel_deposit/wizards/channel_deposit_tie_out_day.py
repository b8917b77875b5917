from odoo import fields, models

from ..core.posting import day_of


class ChannelDepositTieOutDay(models.TransientModel):
    """Asks for the day of a tie-out."""

    _name = "channel.deposit.tie.out.day"
    _description = "Day of a Tie-out"

    day = fields.Date(
        "As Of", required=True, default=lambda self: day_of(fields.Datetime.now()),
        help="Deposits and ledger are compared at the end of this day.",
    )  # fmt: skip

    def action_show(self):
        """Button “Show”: the tie-out at the end of the day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "channel_deposit.action_deposit_tie_out"
        )
        return action | {
            "context": {"tie_out_date": fields.Date.to_string(self.day)},
            "target": "main",
        }
