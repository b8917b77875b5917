from odoo import api, models
from odoo.tools import SQL

from odoo.addons.channel_order.core import stages

NOT_WAVED = (stages.EXCEPTION, stages.QUEUED, stages.ALLOCATED)


class ChannelOrder(models.Model):
    """Orders of a receiver that an alarm holds wait as exceptions; their units go back."""

    _inherit = "channel.order"

    @api.model
    def _gather_at_risk(self, shop, keys):
        # few are held at any time: asked without the thousands of keys of a batch
        rows = self.env.execute_query(
            SQL(
                """
                SELECT subject FROM channel_alarm
                 WHERE kind = 'receiver' AND state = 'held' AND company_id = %s
                """,
                shop.company_id.id,
            )
        )
        return super()._gather_at_risk(shop, keys) | {row[0] for row in rows}

    @api.model
    def _stop_receivers(self, companies, keys):
        """Judge the orders of held receivers that are in no wave yet: they become exceptions.

        :param keys: keyed hashes of phones
        """
        orders = self._of_receivers(companies, keys, NOT_WAVED)
        given = orders.filtered(lambda order: order.stage == stages.ALLOCATED)
        if given:
            self._release_units(given)
            self._advance(given, stages.QUEUED, "put_back")
        self._replan(orders.ids, kind="exception")

    @api.model
    def _restart_receivers(self, companies, keys):
        """Judge the orders of released receivers again."""
        self._replan(self._of_receivers(companies, keys, NOT_WAVED).ids, kind="exception")

    @api.model
    def _of_receivers(self, companies, keys, of_stages):
        self._lock_allocation()
        return self.sudo().search(
            [
                ("company_id", "in", companies.ids),
                ("phone_key", "in", keys),
                ("stage", "in", of_stages),
            ],
            order="paid_at, order_ref",
        )
