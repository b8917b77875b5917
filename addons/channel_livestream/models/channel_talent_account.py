from odoo import fields, models


class ChannelTalentAccount(models.Model):
    """The talent's account on a platform: what an order line's author is matched with."""

    _name = "channel.talent.account"
    _description = "Talent Platform Account"
    _order = "platform, author_ref"
    _rec_name = "author_ref"

    talent_id = fields.Many2one("channel.talent", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="talent_id.company_id", store=True, index=True)
    platform = fields.Selection(
        lambda self: self.env["channel.shop"]._fields["platform"]._description_selection(self.env),
        required=True,
        default="douyin",
    )
    author_ref = fields.Char("Author ID", required=True, help="The platform's id of the account.")
    nickname = fields.Char()

    _author_uniq = models.UniqueIndex(
        "(company_id, platform, author_ref)", "This platform account belongs to another talent."
    )
