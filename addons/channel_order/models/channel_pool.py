from odoo import api, fields, models


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
    left = fields.Integer("Left", compute="_compute_units")

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
