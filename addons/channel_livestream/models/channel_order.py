from odoo import api, models
from odoo.tools import SQL

from odoo.addons.channel_network.fields import LeanMany2one


class ChannelOrder(models.Model):
    """An order belongs to the session whose item its first line was bought from."""

    _inherit = "channel.order"

    session_id = LeanMany2one("channel.session", "Session", readonly=True)

    _session_idx = models.Index("(session_id, received_at) WHERE session_id IS NOT NULL")
    # the cockpit: the oldest order that waits
    _session_queued_idx = models.Index(
        "(session_id, received_at) WHERE session_id IS NOT NULL AND stage = 'queued'"
    )

    @api.model
    def _ingest_order_values(self, plans):
        values = super()._ingest_order_values(plans)
        pools = {line.pool_id for plan in plans for line in plan.lines if line.pool_id}
        sessions = dict(
            self.env.execute_query(
                SQL(
                    "SELECT pool_id, session_id FROM channel_session_item WHERE pool_id = ANY(%s)",
                    list(pools),
                )
            )
            if pools
            else ()
        )
        values["session_id"] = {
            plan.ref: next(
                (sessions[line.pool_id] for line in plan.lines if line.pool_id in sessions), None
            )
            for plan in plans
        }
        return values
