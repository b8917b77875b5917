from markupsafe import Markup

from odoo import models


class ChannelBackground(models.AbstractModel):
    """Records whose work may go on in the background: a failure stays visible on them."""

    _name = "channel.background"
    _description = "Works in the background"
    _inherit = ["mail.thread", "mail.activity.mixin"]

    def _say_failed(self, title, reason):
        """Leave the reason in the notes and as an activity of the user who asked for the work."""
        for record in self:
            record.message_post(body=Markup("<b>%s</b><br/>%s") % (title, reason))
            record.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=title,
                note=reason,
                user_id=self.env.uid,
            )
