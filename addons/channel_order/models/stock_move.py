from odoo import fields, models
from odoo.exceptions import UserError

# Only code of this addon holds the object, so no RPC caller can put it into a context.
LOCK_EDIT = object()


class StockMove(models.Model):
    """Lock moves: the reserved outgoing moves that hold a pool's units back from everyone else.

    They are raised and lowered by ``channel.pool.quota`` alone. Nobody ships, cancels or unreserves
    them by hand: the units leave with the delivery of a wave or come back when the pool closes.
    """

    _inherit = "stock.move"

    channel_quota_id = fields.Many2one(
        "channel.pool.quota",
        "Locked for",
        index="btree_not_null",
        copy=False,
        readonly=True,
        ondelete="restrict",
    )
    channel_unit_qty = fields.Integer(
        "Units per Offer Unit",
        copy=False,
        readonly=True,
        help="Units of the product in one unit of the platform link.",
    )

    def _refuse_locked(self):
        """Refuse what only the pool may do to its lock moves."""
        if self.env.context.get("channel_lock_edit") is LOCK_EDIT:
            return
        locked = self.filtered(lambda move: move.sudo().channel_quota_id)
        if locked:
            pools = locked.sudo().channel_quota_id.pool_id
            raise UserError(
                self.env._(
                    "%(transfers)s hold stock for live offers (%(offers)s) and cannot be shipped,"
                    " cancelled or unreserved here. The units leave with the waves; to get back"
                    " what is not sold, close the offer or its session.",
                    transfers=", ".join(sorted(set(locked.mapped("reference")) - {False})),
                    offers=", ".join(pools.mapped("display_name")),
                )
            )

    def _action_done(self, cancel_backorder=False):
        self.filtered(lambda move: move.state not in ("done", "cancel"))._refuse_locked()
        return super()._action_done(cancel_backorder=cancel_backorder)

    def _action_cancel(self):
        self.filtered(lambda move: move.state not in ("done", "cancel"))._refuse_locked()
        return super()._action_cancel()

    def _do_unreserve(self):
        self._refuse_locked()
        return super()._do_unreserve()

    def _action_assign(self, force_qty=False):
        """Reserve one after the other in warehouses whose stock is locked for pools."""
        storable = self.filtered(lambda move: not move._should_bypass_reservation())
        warehouses = storable.location_id.warehouse_id
        self.env["channel.warehouse.lock"].sudo()._take_known(warehouses)
        return super()._action_assign(force_qty=force_qty)

    def _prepare_merge_moves_distinct_fields(self):
        return [*super()._prepare_merge_moves_distinct_fields(), "channel_quota_id"]

    def _search_picking_for_assignation_domain(self):
        """Keep other moves out of the transfers that hold locks."""
        return [
            *super()._search_picking_for_assignation_domain(),
            ("move_ids.channel_quota_id", "=", False),
        ]
