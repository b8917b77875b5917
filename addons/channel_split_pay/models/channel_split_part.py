from odoo import fields, models

from odoo.addons.channel_network.fields import LeanMany2one


class ChannelSplitPart(models.Model):
    """What one receiver is to get by an instruction, and what became of it."""

    _name = "channel.split.part"
    _description = "Receiver of a Split Instruction"
    _order = "id"
    _rec_name = "receiver_id"
    _log_access = False

    instruction_id = fields.Many2one(
        "channel.split.instruction", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="instruction_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    receiver_id = fields.Many2one(
        "channel.payment.receiver", required=True, readonly=True, ondelete="restrict", index=True
    )
    partner_id = fields.Many2one(related="receiver_id.partner_id")
    amount = fields.Monetary(required=True, readonly=True)
    result = fields.Selection(
        [("PENDING", "Under Way"), ("SUCCESS", "Paid"), ("CLOSED", "Not Paid")], readonly=True
    )
    fail_reason = fields.Char("Not Paid Because", readonly=True, help="The channel's own word.")
    detail_ref = fields.Char("Channel's Detail Number", readonly=True)
    share_ids = fields.One2many("channel.split.share", "part_id", readonly=True)

    _above_zero = models.Constraint("CHECK (amount > 0)", "A part is above 0.")

    def _free(self):
        """What nobody got waits for another instruction, or another way."""
        self.sudo().share_ids.write({"is_free": True})


class ChannelSplitShare(models.Model):
    """A share that a part pays: only one at a time does."""

    _name = "channel.split.share"
    _description = "Share in a Split Instruction"
    _order = "id"
    _rec_name = "share_id"
    _log_access = False

    part_id = fields.Many2one(
        "channel.split.part", required=True, readonly=True, ondelete="restrict", index=True
    )
    share_id = LeanMany2one("settlement.share", required=True, readonly=True)
    is_free = fields.Boolean(required=True, default=False, readonly=True)

    _once = models.UniqueIndex(
        "(share_id) WHERE NOT is_free", "This share is in an instruction already."
    )
