from odoo import api, fields, models

from odoo.addons.channel_network.core.money import to_fen
from odoo.addons.channel_network.fields import LeanMany2one

from .channel_payment_merchant import FINANCE


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
    link_ids = fields.One2many(
        "channel.split.share", "part_id", domain=[("return_id", "=", False)], readonly=True,
        groups=FINANCE,
    )  # fmt: skip
    return_ids = fields.One2many("channel.split.return", "part_id", readonly=True)
    returned = fields.Monetary("Taken Back", compute="_compute_returned")

    _above_zero = models.Constraint("CHECK (amount > 0)", "A part is above 0.")

    @api.depends("return_ids.state")
    def _compute_returned(self):
        for part in self:
            done = part.return_ids.filtered(lambda each: each.state == "done")
            part.returned = sum(done.mapped("amount"))

    def _taken_back(self, but=None):
        """Fen that returns take back or are to, without those that ended with nothing.

        :param but: a return that does not count
        """
        self.ensure_one()
        live = self.sudo().return_ids.filtered(
            lambda each: each != but and each.state not in ("failed", "cancelled")
        )
        return sum(to_fen(each.amount) for each in live)


class ChannelSplitShare(models.Model):
    """A share that a part pays, or that a return takes back of it: one at a time does."""

    _name = "channel.split.share"
    _description = "Share in a Split Instruction"
    _order = "id"
    _rec_name = "share_id"
    _log_access = False

    part_id = fields.Many2one(
        "channel.split.part", required=True, readonly=True, ondelete="restrict", index=True
    )
    return_id = fields.Many2one(
        "channel.split.return", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    share_id = LeanMany2one("settlement.share", required=True, readonly=True)
    is_free = fields.Boolean(required=True, default=False, readonly=True)

    _once = models.UniqueIndex(
        "(share_id) WHERE NOT is_free", "This share is in an instruction already."
    )
