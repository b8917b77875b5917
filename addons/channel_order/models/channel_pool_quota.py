from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .stock_move import LOCK_EDIT

LIVE = ("draft", "waiting", "confirmed", "partially_available", "assigned")


class ChannelPoolQuota(models.Model):
    """What one fulfiller holds of a pool: units of the offer, backed by reserved stock.

    ``quantity`` units are locked in stock, ``allocated`` of them are promised to orders and
    ``waved`` of those have left the lock for a wave's own delivery. The lock moves therefore hold
    ``quantity - waved`` units times the component's quantity. The three counters are written by
    conditional SQL only; the table stays narrow because every order touches it.
    """

    _name = "channel.pool.quota"
    _description = "Pool Quota"
    _order = "pool_id, fulfiller_id, id"
    _rec_name = "pool_id"
    _log_access = False

    pool_id = fields.Many2one("channel.pool", required=True, ondelete="cascade", index=True)
    fulfiller_id = fields.Many2one(
        "channel.fulfiller", required=True, ondelete="restrict", index=True
    )
    quantity = fields.Integer("Locked", required=True, default=0, readonly=True)
    allocated = fields.Integer(required=True, default=0, readonly=True)
    waved = fields.Integer(required=True, default=0, readonly=True)
    left = fields.Integer(compute="_compute_left")
    company_id = fields.Many2one(related="pool_id.company_id")
    lock_move_ids = fields.One2many("stock.move", "channel_quota_id", "Lock Moves")

    _pool_fulfiller_uniq = models.Constraint(
        "UNIQUE(pool_id, fulfiller_id)", "A fulfiller has one quota of a pool."
    )
    _counters_check = models.Constraint(
        "CHECK(0 <= waved AND waved <= allocated AND allocated <= quantity)",
        "A quota cannot promise more units than it has locked.",
    )

    @api.depends("quantity", "allocated")
    def _compute_left(self):
        for quota in self:
            quota.left = quota.quantity - quota.allocated

    # -- units ---------------------------------------------------------------------------------

    @api.model
    def _take(self, units):
        """A wave takes its share: the units leave the lock and are free for its own delivery.

        Call it in the transaction that reserves the delivery; it holds the warehouse's lock row.

        :param units: {quota id: units of the offer}
        :raise UserError: more than is allocated and not yet waved; nothing has changed then
        """
        quotas = self._begin(units)
        self._count(units, SQL("waved = q.waved + v.n"), SQL("q.waved + v.n <= q.allocated"))
        quotas._lower_locks(units)
        quotas._drop_empty_locks()

    @api.model
    def _untake(self, units):
        """The contrary of ``_take``: a wave was undone, its units go back into the lock.

        Unreserve the wave's delivery first. What is no longer in stock stays uncovered (control 3).
        """
        quotas = self._begin(units)
        self._count(units, SQL("waved = q.waved - v.n"), SQL("q.waved - v.n >= 0"))
        quotas._raise_locks(units, origin=None)

    @api.model
    def _give_back(self, units):
        """Units refunded after they were waved: they are no part of the quota any more.

        The stock itself is released by the wave, which lowers its own delivery.
        """
        self._begin(units)
        self._count(
            units,
            SQL(
                "quantity = q.quantity - v.n, allocated = q.allocated - v.n, waved = q.waved - v.n"
            ),
            SQL("q.waved - v.n >= 0"),
        )

    def _trim(self):
        """Give back what is locked but not allocated; returns the units given back per quota.

        Used when a pool closes, and for refunds of allocated orders after it was closed.
        """
        if not self:
            return {}
        self.env["channel.warehouse.lock"].sudo()._take(self.sudo().fulfiller_id.warehouse_id)
        rows = self.env.execute_query(
            SQL(
                """UPDATE channel_pool_quota q SET quantity = q.allocated
                     FROM (SELECT id, quantity FROM channel_pool_quota WHERE id IN %s) old
                    WHERE q.id = old.id AND q.quantity > q.allocated
                RETURNING q.id, old.quantity - q.allocated""",
                tuple(self.ids),
            )
        )
        self._counters_changed()
        units = dict(rows)
        quotas = self.browse(units)
        quotas._lower_locks(units)
        self._drop_empty_locks()
        return units

    @api.model
    def _trim_closed(self, quota_ids):
        """Give back what refunds left unallocated in pools that are already closed."""
        quotas = self.browse(quota_ids).filtered(lambda quota: quota.pool_id.state == "closed")
        return quotas._trim()

    def _grow(self, units, origin):
        """Lock more units in stock for these quotas, whole or not at all.

        :param units: {quota id: units of the offer}
        :raise UserError: names the product, what is wanted and what is free
        """
        quotas = self._begin(units)
        self._count(units, SQL("quantity = q.quantity + v.n"), SQL("TRUE"))
        moves = quotas._raise_locks(units, origin)
        missing = moves.filtered(
            lambda move: move.product_uom.compare(move.quantity, move.product_uom_qty) < 0
        )
        if missing:
            raise UserError(
                "\n".join(
                    self.env._(
                        "%(product)s: %(wanted)g wanted, %(free)g could be reserved in %(place)s."
                        " Lower the planned units or bring stock in.",
                        product=move.product_id.display_name,
                        wanted=move.product_uom_qty,
                        free=move.quantity,
                        place=move.location_id.display_name,
                    )
                    for move in missing
                )
            )

    @api.model
    def _shrink(self, units):
        """Give back units that are locked but not allocated; the contrary of ``_grow``.

        :param units: {quota id: units of the offer}
        :raise UserError: more than is left; nothing has changed then
        """
        quotas = self._begin(units)
        self._count(
            units, SQL("quantity = q.quantity - v.n"), SQL("q.quantity - v.n >= q.allocated")
        )
        quotas._lower_locks(units)

    @api.model
    def _begin(self, units):
        """Check the units and take the lock rows of the warehouses concerned, before all else."""
        if any(not isinstance(n, int) or n <= 0 for n in units.values()):
            raise ValueError(f"units must be whole and above 0: {units}")
        quotas = self.sudo().browse(sorted(units))
        self.env["channel.warehouse.lock"].sudo()._take(quotas.fulfiller_id.warehouse_id)
        return quotas

    @api.model
    def _count(self, units, change, condition):
        """Apply a change to the counters of all quotas or raise; one statement."""
        if not units:
            return
        with self.env.cr.savepoint():
            rows = self.env.execute_query(
                SQL(
                    """UPDATE channel_pool_quota q SET %s
                         FROM unnest(%s, %s) AS v(id, n)
                        WHERE q.id = v.id AND %s RETURNING q.id""",
                    change,
                    list(units),
                    list(units.values()),
                    condition,
                )
            )
            self._counters_changed()
            if len(rows) != len(units):
                self._refuse_changed(set(units) - {row[0] for row in rows})

    @api.model
    def _refuse_changed(self, quota_ids):
        pools = self.sudo().browse(quota_ids).exists().pool_id
        raise UserError(
            self.env._(
                "The units of %s have changed meanwhile: fewer of them are still there than you"
                " wanted to move. Reload the page and try again.",
                ", ".join(pools.mapped("display_name")) or self.env._("the offer"),
            )
        )

    @api.model
    def _counters_changed(self):
        self.env["channel.pool.quota"].invalidate_model(["quantity", "allocated", "waved", "left"])
        self.env["channel.pool"].invalidate_model(["locked", "allocated", "waved", "left"])

    # -- lock moves ----------------------------------------------------------------------------

    def _lock_moves(self):
        """The live lock moves with the right to change them."""
        moves = (
            self.env["stock.move"]
            .sudo()
            .search([("channel_quota_id", "in", self.ids), ("state", "in", LIVE)])
        )
        return moves.with_context(channel_lock_edit=LOCK_EDIT, channel_own_stock=True)

    def _lower_locks(self, units):
        """Lower demand and reservation of the lock moves by the units."""
        for move in self._lock_moves():
            less = units.get(move.channel_quota_id.id, 0) * move.channel_unit_qty
            if not less:
                continue
            demand = move.product_uom_qty - less
            # the reservation first: Odoo drops it whole when the demand falls below it
            reserved = max(0.0, move.quantity - less)
            if move.quantity != reserved:
                move.quantity = reserved
            move.product_uom_qty = demand

    def _raise_locks(self, units, origin):
        """Raise the lock moves by the units, making those that are missing, and reserve them."""
        moves = self._lock_moves()
        known = set()
        for move in moves:
            known.add(move.channel_quota_id.id)
            move.product_uom_qty += units[move.channel_quota_id.id] * move.channel_unit_qty
        new = self.filtered(lambda quota: quota.id not in known)
        for fulfiller, quotas in new.grouped("fulfiller_id").items():
            moves |= quotas._make_locks(fulfiller, units, origin)
        moves._action_assign()
        return moves

    def _make_locks(self, fulfiller, units, origin):
        """One transfer of a fulfiller with a move for every quota and product."""
        out_type = fulfiller.warehouse_id.out_type_id
        source = self._lock_location(fulfiller.warehouse_id)
        target = out_type.default_location_dest_id or self.env.ref("stock.stock_location_customers")
        values = [
            {
                "product_id": product.id,
                "product_uom": product.uom_id.id,
                "product_uom_qty": quantity * units[quota.id],
                "channel_quota_id": quota.id,
                "channel_unit_qty": quantity,
                "location_id": source.id,
                "location_dest_id": target.id,
                "company_id": quota.pool_id.company_id.id,
                "procure_method": "make_to_stock",
                "origin": origin or quota.pool_id.name,
            }
            for quota in self
            for product, quantity in quota.pool_id._stock_components().items()
        ]
        if not values:
            return self._lock_moves().browse()
        picking = (
            self.env["stock.picking"]
            .sudo()
            .create(
                {
                    "picking_type_id": out_type.id,
                    "location_id": source.id,
                    "location_dest_id": target.id,
                    "company_id": fulfiller.company_id.id or self.pool_id[:1].company_id.id,
                    "origin": origin or self.pool_id[:1].name,
                    "priority": "1",
                    "move_ids": [fields.Command.create(vals) for vals in values],
                }
            )
        )
        moves = picking.move_ids.with_context(channel_lock_edit=LOCK_EDIT, channel_own_stock=True)
        return moves._action_confirm(merge=False)

    @api.model
    def _lock_location(self, warehouse):
        """Where the units of a quota lie until a wave takes them.

        With delivery in one step that is the source of the delivery type. With pick and ship the
        delivery starts from the output zone, where nothing lies before it is picked: the units are
        locked in the warehouse's stock, from which the wave's first step takes them.
        """
        source = warehouse.out_type_id.default_location_src_id
        return (
            source if warehouse.delivery_steps == "ship_only" and source else warehouse.lot_stock_id
        )

    def _drop_empty_locks(self):
        """Cancel the lock moves of closed pools that hold nothing any more."""
        moves = self._lock_moves()
        empty = moves.filtered(
            lambda move: (
                move.product_uom.is_zero(move.product_uom_qty)
                and move.channel_quota_id.pool_id.state == "closed"
            )
        )
        empty._action_cancel()

    # -- control -------------------------------------------------------------------------------

    @api.model
    def _uncovered(self):
        """Quotas whose units are not (fully) reserved in stock any more, for control 3.

        Odoo takes a reservation away when counted stock falls below what is reserved.

        :return: list of dicts quota_id, pool_id, product_id (None: no lock move at all), wanted and
            reserved in units of the product
        """
        self.env.flush_all()
        return self.env.execute_query_dict(
            SQL(
                """
                WITH held AS (
                    SELECT move.channel_quota_id AS quota_id, move.product_id,
                           max(move.channel_unit_qty) AS unit_qty,
                           COALESCE(sum(line.reserved), 0) AS reserved
                      FROM stock_move move
                      LEFT JOIN LATERAL (
                           SELECT sum(ml.quantity_product_uom) AS reserved
                             FROM stock_move_line ml
                            WHERE ml.move_id = move.id AND move.state NOT IN ('done', 'cancel')
                      ) line ON TRUE
                     WHERE move.channel_quota_id IS NOT NULL
                     GROUP BY move.channel_quota_id, move.product_id
                )
                SELECT quota.id AS quota_id, quota.pool_id, held.product_id,
                       (quota.quantity - quota.waved) * held.unit_qty AS wanted, held.reserved
                  FROM channel_pool_quota quota
                  JOIN held ON held.quota_id = quota.id
                 WHERE held.reserved < (quota.quantity - quota.waved) * held.unit_qty
                 UNION ALL
                SELECT quota.id, quota.pool_id, NULL, quota.quantity - quota.waved, 0
                  FROM channel_pool_quota quota
                  JOIN channel_pool pool ON pool.id = quota.pool_id
                 WHERE quota.quantity > quota.waved
                   AND NOT EXISTS (SELECT FROM held WHERE held.quota_id = quota.id)
                   AND EXISTS (
                       SELECT FROM channel_link_component component
                         JOIN product_product product ON product.id = component.product_id
                         JOIN product_template template ON template.id = product.product_tmpl_id
                        WHERE component.link_id = pool.link_id AND template.is_storable)
                 ORDER BY 1, 3
                """
            )
        )
