from odoo import fields, models


class ChannelWaveBuild(models.TransientModel):
    """Build waves: shows what would be built before anything is (发货波次生成)."""

    _name = "channel.wave.build"
    _description = "Build waves"

    line_ids = fields.One2many("channel.wave.build.line", "wizard_id")


class ChannelWaveBuildLine(models.TransientModel):
    """One shop and fulfiller of the preview."""

    _name = "channel.wave.build.line"
    _description = "Build waves: shop and fulfiller"

    wizard_id = fields.Many2one("channel.wave.build", required=True, ondelete="cascade")
