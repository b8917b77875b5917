from odoo import api, models
from odoo.exceptions import UserError

# What takes longer than about two seconds goes on in the background.
ORDERS_AT_ONCE = 200
WAVES_PER_JOB = 5


class ChannelWave(models.Model):
    """Building many waves in the background: a few waves a job, each job a transaction."""

    _inherit = "channel.wave"

    @api.model
    def _enqueue_build(self, shop, fulfiller, built=0):
        """Queue the building of all waves of a shop and fulfiller, unless it is queued already.

        :param built: waves that the jobs before have built
        """
        self.with_delay(
            identity_key=f"channel_fulfilment.build.{shop.id}.{fulfiller.id}",
            description=self.env._(
                "Build waves of %(shop)s, %(fulfiller)s",
                shop=shop.display_name,
                fulfiller=fulfiller.display_name,
            ),
        )._job_build(shop.id, fulfiller.id, built)

    @api.model
    def _job_build(self, shop_id, fulfiller_id, built=0):
        """Job: the next few waves, then the job after; the user is told when none is left."""
        shop = self.env["channel.shop"].browse(shop_id)
        fulfiller = self.env["channel.fulfiller"].browse(fulfiller_id)
        try:
            with self.env.cr.savepoint():
                waves = self._build(shop, fulfiller, limit=WAVES_PER_JOB)
        except UserError as error:
            self._tell_build_failed(shop, fulfiller, str(error))
            return str(error)
        built += len(waves)
        if len(waves) == WAVES_PER_JOB:
            self._enqueue_build(shop, fulfiller, built)
        else:
            self._tell(
                self.env._("Waves are built"),
                self.env._(
                    "%(count)s waves of %(shop)s, %(fulfiller)s are ready to pick.",
                    count=built,
                    shop=shop.display_name,
                    fulfiller=fulfiller.display_name,
                ),
            )
        return f"{len(waves)} waves"

    def _tell_build_failed(self, shop, fulfiller, reason):
        """An activity on the wave rule for who pressed the button, and a note on the screen."""
        rules = self.env["channel.wave.rule"]._by_pair([(shop.id, fulfiller.id)])
        title = self.env._(
            "Waves of %(shop)s, %(fulfiller)s were not built",
            shop=shop.display_name,
            fulfiller=fulfiller.display_name,
        )
        for rule in rules.values():
            rule.sudo()._say_failed(title, reason)
        self._tell(title, reason, failed=True)

    @api.model
    def _tell(self, title, message, failed=False):
        """Tell the user of this environment on the screen, wherever they are in Odoo."""
        self.env.user._bus_send(
            "simple_notification",
            {
                "title": title,
                "message": message,
                "type": "danger" if failed else "success",
                "sticky": failed,
            },
        )
