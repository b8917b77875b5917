from odoo import api, fields, models
from odoo.tools import SQL


class ChannelWarehouseLock(models.Model):
    """One narrow row a warehouse, updated before its stock is reserved.

    Odoo's reservation is not safe against overselling: it skips a locked quant and makes a second
    one, so two overlapping transactions both reserve the same units. Whoever reserves stock that
    quotas are locked from updates this row first: the second one waits, then its transaction fails
    with a serialization error and Odoo runs the request again on what the first one left.
    """

    _name = "channel.warehouse.lock"
    _description = "Warehouse Reservation Lock"
    _rec_name = "warehouse_id"
    _order = "warehouse_id, id"
    _log_access = False

    warehouse_id = fields.Many2one("stock.warehouse", required=True, ondelete="cascade", index=True)
    turns = fields.Integer(default=0, help="How often the row was taken; only ever counted up.")

    _warehouse_uniq = models.UniqueIndex("(warehouse_id)", "A warehouse has one lock row.")

    @api.model
    def _take(self, warehouses):
        """Take the lock rows of the warehouses for this transaction; missing ones are made."""
        if not warehouses:
            return
        self.env.cr.execute(
            SQL(
                """INSERT INTO channel_warehouse_lock (warehouse_id, turns)
                   SELECT id, 0 FROM unnest(%s) AS id ORDER BY id
                   ON CONFLICT (warehouse_id) DO NOTHING""",
                sorted(warehouses.ids),
            )
        )
        self._take_known(warehouses)

    @api.model
    def _take_known(self, warehouses):
        """Take the lock rows of those warehouses that have one (quotas were locked there)."""
        # one statement a row: the rows must be locked in the order of their ids, or two overlapping
        # sets of warehouses could wait for each other
        for warehouse_id in sorted(warehouses.ids):
            self.env.cr.execute(
                SQL(
                    "UPDATE channel_warehouse_lock SET turns = turns + 1 WHERE warehouse_id = %s",
                    warehouse_id,
                )
            )
