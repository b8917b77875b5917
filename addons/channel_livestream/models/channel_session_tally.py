from odoo import api, fields, models

from odoo.addons.channel_network.fields import LeanMany2one
from odoo.addons.channel_order.models.channel_order import STAGE_SELECTION

from ..tally_sql import Tally

SUMS = Tally(
    table="channel_session_tally",
    source="channel_order",
    keys=("session_id", "stage", "refund_open"),
    sums=(("orders", "1"), ("paid", "COALESCE(amount_paid, 0)")),
    where="session_id IS NOT NULL",
)


class ChannelSessionTally(models.Model):
    """How many orders of a session are in each stage, and what was paid for them.

    Kept by triggers on channel.order, summed over the rows of a group: the cockpit of a session
    with a hundred thousand orders reads some dozen rows.
    """

    _name = "channel.session.tally"
    _description = "Orders of a session by stage"
    _log_access = False
    _order = "session_id, id"
    _rec_name = "session_id"

    session_id = LeanMany2one("channel.session", required=True, readonly=True)
    stage = fields.Selection(STAGE_SELECTION, readonly=True)
    refund_open = fields.Boolean(readonly=True)
    orders = fields.Integer(required=True, readonly=True, help="To be summed; may be below 0.")
    paid = fields.Float(digits=(16, 2), required=True, readonly=True, help="To be summed.")

    _session_idx = models.Index("(session_id)")

    def init(self):
        # the orders' own column is made after this table
        self.pool.post_init(SUMS.install, self.env.cr)

    @api.autovacuum
    def _add_up(self):
        """Make one row of many."""
        SUMS.add_up(self.env.cr)
