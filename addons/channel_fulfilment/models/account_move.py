from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    channel_wave_id = fields.Many2one(
        "channel.wave",
        string="Wave",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    channel_manifest_id = fields.Many2one(
        "channel.manifest",
        string="Hand-over manifest",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    def action_view_channel_wave(self):
        """The wave that this invoice is for."""
        self.ensure_one()
        return self.channel_wave_id._get_records_action()
