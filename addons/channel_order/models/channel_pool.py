from odoo import api, fields, models
from odoo.exceptions import LockError, UserError

from ..core import quota_split
from .stock_move import LOCK_EDIT


class ChannelPool(models.Model):
    """What one offer may sell: a platform link in a room, its price and its units.

    A pool with an empty room serves every room of the shop (the standing offer). Opening locks the
    planned units out of stock as reserved outgoing moves, one quota a fulfiller; closing gives back
    what no order took. Prices are in the shop's currency, units are units of the link.
    """

    _name = "channel.pool"
    _description = "Sellable Pool"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    shop_id = fields.Many2one("channel.shop", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(
        "res.company", related="shop_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    link_id = fields.Many2one(
        "channel.link",
        "Platform Link",
        required=True,
        ondelete="restrict",
        index=True,
        domain="[('shop_id', '=', shop_id)]",
    )
    room_ref = fields.Char(
        "Room",
        default="",
        index=True,
        help="The platform's id of the livestream room. Empty: the offer holds in any room.",
    )
    price = fields.Monetary("Live Price", required=True, default=0)
    price_floor = fields.Monetary("Lowest Price", default=0, help="0: no limit of its own.")
    price_ceiling = fields.Monetary("Highest Price", default=0, help="0: no limit of its own.")
    quota = fields.Integer("Planned Units", required=True, default=0)
    state = fields.Selection(
        [("draft", "Planned"), ("open", "Open"), ("closed", "Closed")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    opened_at = fields.Datetime(readonly=True, copy=False)
    closed_at = fields.Datetime(readonly=True, copy=False)
    quota_ids = fields.One2many(
        "channel.pool.quota", "pool_id", "Quotas", readonly=True, copy=False
    )
    locked = fields.Integer("Locked Units", compute="_compute_units")
    allocated = fields.Integer("Allocated Units", compute="_compute_units")
    waved = fields.Integer("Waved Units", compute="_compute_units")
    left = fields.Integer(compute="_compute_units")

    _offer_uniq = models.UniqueIndex(
        "(shop_id, link_id, COALESCE(room_ref, '')) WHERE state = 'open'",
        "This link is already on offer in this room. Close the other offer first.",
    )
    _quota_check = models.Constraint("CHECK(quota >= 0)", "Planned units cannot be below 0.")
    _price_check = models.Constraint(
        "CHECK(price >= 0 AND price_floor >= 0 AND price_ceiling >= 0)",
        "Prices cannot be below 0.",
    )
    _band_check = models.Constraint(
        "CHECK((price_floor = 0 OR price >= price_floor)"
        " AND (price_ceiling = 0 OR price <= price_ceiling))",
        "The live price must lie between the lowest and the highest price.",
    )

    @api.depends("link_id.title", "link_id.sku_code", "room_ref")
    def _compute_name(self):
        for pool in self:
            link = pool.link_id
            pool.name = link.title or link.sku_code or link.display_name or ""

    @api.depends("quota_ids.quantity", "quota_ids.allocated", "quota_ids.waved")
    def _compute_units(self):
        for pool in self:
            quotas = pool.quota_ids
            pool.locked = sum(quotas.mapped("quantity"))
            pool.allocated = sum(quotas.mapped("allocated"))
            pool.waved = sum(quotas.mapped("waved"))
            pool.left = pool.locked - pool.allocated

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals["room_ref"] = vals.get("room_ref") or ""
        return super().create(vals_list)

    def write(self, vals):
        if "room_ref" in vals:
            vals = vals | {"room_ref": vals["room_ref"] or ""}
        if {"shop_id", "link_id"} & vals.keys() and any(pool.state != "draft" for pool in self):
            raise UserError(
                self.env._(
                    "An offer that was opened keeps its shop and its link, because orders refer to"
                    " them. Make a new offer."
                )
            )
        if not self.env.su and {"state", "opened_at", "closed_at"} & vals.keys():
            raise UserError(self.env._("Use the buttons to open or close an offer."))
        if "quota" in vals and self.env.context.get("channel_lock_edit") is not LOCK_EDIT:
            self._refuse_unless_draft()
        return super().write(vals)

    def _refuse_unless_draft(self):
        if any(pool.state != "draft" for pool in self):
            raise UserError(
                self.env._(
                    "The units of this offer are locked in stock. Use “Change” to add units or to"
                    " give some back."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_opened(self):
        if any(pool.state != "draft" for pool in self):
            raise UserError(
                self.env._("Only planned offers can be deleted: orders refer to the others.")
            )

    # -- opening and closing -------------------------------------------------------------------

    def action_open(self):
        """Open planned offers: lock their units in stock."""
        self.check_access("write")
        self.env["channel.order"]._lock_allocation(fresh=True)
        self.sudo()._open()

    def action_close(self):
        """Close open offers: give back what no order took."""
        self.check_access("write")
        self.env["channel.order"]._lock_allocation(fresh=True)
        self.sudo()._close()

    def action_change(self):
        """Open the dialog that changes the price or the units."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change %s", self.display_name),
            "res_model": "channel.pool.change",
            "view_mode": "form",
            "target": "new",
            "context": {"default_pool_id": self.id},
        }

    def action_view_locks(self):
        """Open the transfers that hold the stock."""
        moves = self.env["stock.move"].search([("channel_quota_id.pool_id", "in", self.ids)])
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Stock Locks"),
            "res_model": "stock.picking",
            "view_mode": "list,form",
            "domain": [("id", "in", moves.picking_id.ids)],
        }

    def _open(self, fulfillers=None, origin=None):
        """Lock the planned units in stock and start to sell, all pools or none.

        :param fulfillers: who may hold the stock; default: the fulfillers of the shop
        :param origin: written on the lock transfers; default: the shop's name
        :raise UserError: not planned any more, or stock is short: product, wanted and free
        """
        with self.env.cr.savepoint():
            self._claim("draft")
            self.write({"state": "open", "opened_at": fields.Datetime.now()})
            for pools in self.grouped("shop_id").values():
                pools._lock_units({pool: pool.quota for pool in pools}, fulfillers, origin)

    def _close(self):
        """Stop selling and give back what is not allocated.

        What is allocated but not yet waved stays locked for its waves.

        :raise UserError: not open any more
        """
        self._claim("open")
        self.write({"state": "closed", "closed_at": fields.Datetime.now(), "on_hold": False})
        self.flush_recordset()
        self.quota_ids._trim()

    def _add_quota(self, units, fulfillers=None, origin=None):
        """Lock more units while the pool is open, whole or not at all.

        :raise UserError: not open, or stock is short: product, wanted and free
        """
        self.ensure_one()
        if units <= 0:
            raise UserError(self.env._("Enter how many units to add, at least 1."))
        with self.env.cr.savepoint():
            self._claim("open")
            self.with_context(channel_lock_edit=LOCK_EDIT).quota += units
            self._lock_units({self: units}, fulfillers, origin)

    def _cut_quota(self, units):
        """Give back units that no order has while the pool is open, whole or not at all.

        Each fulfiller gives back in proportion to what it has left; the stock is free at once.

        :raise UserError: not open, or orders have so many that fewer are left
        """
        self.ensure_one()
        if units <= 0:
            raise UserError(self.env._("Enter how many units to give back, at least 1."))
        with self.env.cr.savepoint():
            self._claim("open")
            self.env["channel.pool.quota"]._counters_changed()
            left = {quota.id: quota.left for quota in self.quota_ids}
            if sum(left.values()) < units:
                raise UserError(
                    self.env._(
                        "Orders have all but %(left)s units of %(offer)s: no more than these can be"
                        " given back.",
                        left=sum(left.values()),
                        offer=self.display_name,
                    )
                )
            self.with_context(channel_lock_edit=LOCK_EDIT).quota -= units
            self.env["channel.pool.quota"]._shrink(quota_split.spread(units, left, left))

    def _shortages(self, fulfillers=None):
        """What is missing to open these pools now: list of ``core.quota_split.Shortage``.

        Reads only and reserves nothing, so it may differ a moment later.
        """
        return self._split({pool: pool.quota for pool in self}, self._holders(fulfillers)).shortages

    def _claim(self, state):
        """Take the pools for this transaction; exactly one of two people gets past this.

        :raise UserError: somebody else has them in hand, or their state is not ``state``
        """
        self.flush_recordset()
        try:
            self.lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._(
                    "Somebody else is opening or closing %s at this moment. Wait a few seconds and"
                    " reload the page.",
                    ", ".join(self.mapped("display_name")),
                )
            ) from error
        self.invalidate_recordset(["state", "on_hold"])
        late = self.filtered(lambda pool: pool.state != state)
        if late:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                "\n".join(
                    self.env._(
                        "%(offer)s is already “%(state)s”. Reload the page to see who did it and"
                        " when.",
                        offer=pool.display_name,
                        state=labels[pool.state],
                    )
                    for pool in late
                )
            )

    # -- stock ---------------------------------------------------------------------------------

    def _lock_units(self, units, fulfillers, origin):
        """Lock units of these pools of one shop in stock, whole or not at all.

        :param units: {pool: units of the offer}
        """
        holders = self._holders(fulfillers)
        self.env["channel.warehouse.lock"].sudo()._take(holders.warehouse_id)
        result = self._split(units, holders)
        if result.shortages:
            raise UserError(
                "\n".join(
                    [
                        self.env._("There is not enough free stock:"),
                        *map(self._shortage_text, result.shortages),
                        self.env._("Lower the planned units, bring stock in or add a fulfiller."),
                    ]
                )
            )
        self._lock_shares(result.shares, origin or self._lock_origin())

    def _holders(self, fulfillers=None):
        """The warehouses among the fulfillers that may hold stock for these pools."""
        allowed = fulfillers or self._allowed_fulfillers()
        holders = allowed.sudo().filtered("warehouse_id")
        if not holders:
            raise UserError(
                self.env._(
                    "No fulfiller with a warehouse may ship for this shop. Add one under"
                    " Configuration, Fulfillers, or choose it on the shop."
                )
            )
        return holders

    def _allowed_fulfillers(self):
        """Who may hold the stock of these pools of one shop unless the caller says; a hook."""
        return self.shop_id._allowed_fulfillers()

    def _lock_origin(self):
        """What the lock transfers name as their source document; a hook."""
        return self.shop_id.name

    def _stock_components(self):
        """Storable products of one unit of the offer: {product: units of the product}."""
        self.ensure_one()
        need = {}
        for component in self.sudo().link_id.component_ids:
            if component.product_id.is_storable:
                product = component.product_id
                need[product] = need.get(product, 0) + component.quantity
        return need

    def _split(self, units, holders):
        """Spread units of pools over the holders by their free stock (``core.quota_split``)."""
        components = {pool: pool._stock_components() for pool in self}
        products = self.env["product.product"].union(
            *(product for need in components.values() for product in need)
        )
        offers = [
            quota_split.Offer(
                pool.id,
                units[pool],
                tuple((product.id, qty) for product, qty in components[pool].items()),
            )
            for pool in self.sorted("id")
        ]
        return quota_split.split(
            offers,
            [
                quota_split.Holder(holder.id, self._free(holder, products), holder.weight)
                for holder in holders
            ],
        )

    def _free(self, holder, products):
        """Free whole units by product id where the holder's quotas are locked."""
        quants = self.env["stock.quant"].sudo().with_context(channel_own_stock=True)
        location = self.env["channel.pool.quota"]._lock_location(holder.warehouse_id)
        return {
            product.id: int(quants._get_available_quantity(product, location))
            for product in products
        }

    def _lock_shares(self, shares, origin):
        """Make or grow the quotas by their shares and lock the units in stock."""
        quota_model = self.env["channel.pool.quota"].sudo()
        wanted = {(share.offer_id, share.holder_id): share.quantity for share in shares}
        known = {(quota.pool_id.id, quota.fulfiller_id.id): quota.id for quota in self.quota_ids}
        new = [key for key in wanted if key not in known]
        made = quota_model.create(
            [{"pool_id": pool, "fulfiller_id": holder} for pool, holder in new]
        )
        known |= dict(zip(new, made.ids, strict=True))
        made.flush_recordset()
        units = {known[key]: quantity for key, quantity in wanted.items()}
        quota_model.browse(sorted(units))._grow(units, origin)

    def _shortage_text(self, row):
        """One line for people: offer, product, wanted, free."""
        return self.env._(
            "%(offer)s: %(product)s, wanted %(wanted)s, free %(free)s",
            offer=self.browse(row.offer_id).display_name,
            product=self.env["product.product"].browse(row.product_id).display_name,
            wanted=row.wanted,
            free=row.free,
        )
