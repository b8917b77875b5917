from odoo import models

DECIDE = "channel.review.decide"


class QueueJob(models.Model):
    """Who has orders decided in the background is told when that stops."""

    _inherit = "queue.job"

    def _message_post_on_failure(self):
        result = super()._message_post_on_failure()
        for job in self.filtered(lambda job: job.model_name == DECIDE):
            job.sudo().records.with_user(job.user_id).exists()._tell_stopped()
        return result
