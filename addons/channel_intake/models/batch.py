from odoo import models, modules


class ChannelBatch(models.AbstractModel):
    """The one place where a job or a cron commits between two batches."""

    _name = "channel.batch"
    _description = "Channel batch"

    def _commit(self) -> bool:
        """Commit what is done so far; a test, or a caller that wants one transaction, says no.

        :return: whether a commit was made.
        """
        if modules.module.current_test or self.env.context.get("channel_one_transaction"):
            self.env.flush_all()
            return False
        self.env.cr.commit()  # pylint: disable=invalid-commit  # the one place for it
        return True

    def _rollback(self) -> bool:
        """Forget what is not committed, under the same rule as :meth:`_commit`."""
        if modules.module.current_test or self.env.context.get("channel_one_transaction"):
            return False
        self.env.cr.rollback()
        self.env.invalidate_all(flush=False)
        return True
