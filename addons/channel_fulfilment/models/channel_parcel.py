from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_network.fields import LeanMany2one

STATES = [
    ("waiting", "To pack"),
    ("packed", "Packed"),
    ("handed", "Handed over"),
    ("stopped", "Stopped"),
    ("left", "Left behind"),
    ("cancelled", "Wave undone"),
]


class ChannelParcel(models.Model):
    """One shipment to one receiver (包裹): written by COPY and by conditional UPDATE only, so it
    has no log fields and only one foreign key."""

    _name = "channel.parcel"
    _inherit = ["channel.by.buttons"]
    _description = "Parcel"
    _order = "id"
    _log_access = False

    name = fields.Char(string="Bar code", required=True, readonly=True)
    wave_id = fields.Many2one(
        "channel.wave", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = LeanMany2one("res.company", required=True, readonly=True)
    shop_id = LeanMany2one("channel.shop", readonly=True)
    warehouse_id = LeanMany2one("stock.warehouse", readonly=True)
    carrier_id = LeanMany2one("delivery.carrier", readonly=True)
    seq = fields.Integer(string="No.", required=True, readonly=True)
    merge_key = fields.Char(readonly=True)
    state = fields.Selection(STATES, required=True, default="waiting", readonly=True)
    repack = fields.Boolean(
        readonly=True, default=False, help="Units of a refunded order must come out of this parcel."
    )
    waybill = fields.Char(readonly=True)
    weight = fields.Float(string="Weight (kg)", digits="Stock Weight", readonly=True)
    packed_by = LeanMany2one("res.users", readonly=True)
    packed_at = fields.Datetime(readonly=True)
    manifest_id = LeanMany2one("channel.manifest", readonly=True, index=True)
    order_ids = fields.One2many("channel.order", "parcel_id", string="Orders", readonly=True)
    order_count = fields.Integer(compute="_compute_orders")
    order_refs = fields.Char(string="Orders", compute="_compute_orders")

    _name_unique = models.UniqueIndex("(name)", "This parcel bar code exists already.")
    _waybill_unique = models.UniqueIndex(
        "(carrier_id, waybill) WHERE waybill IS NOT NULL",
        "This waybill number is on another parcel of the carrier already.",
    )
    _open_idx = models.Index(
        "(state, id) WHERE state IN ('waiting', 'packed', 'left', 'stopped')",
    )
    _packed_has_packer = models.Constraint(
        "CHECK (state NOT IN ('packed', 'handed') OR packed_at IS NOT NULL)",
        "A packed parcel says when it was packed.",
    )
    _handed_has_manifest = models.Constraint(
        "CHECK ((state = 'handed') = (manifest_id IS NOT NULL))",
        "Exactly the parcels handed over are on a manifest.",
    )

    @api.depends("order_ids")
    def _compute_orders(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT parcel_id, count(*), string_agg(order_ref, ', ' ORDER BY id)
                  FROM channel_order WHERE parcel_id IN %s GROUP BY parcel_id
                """,
                tuple(self.ids) or (0,),
            )
        )
        found = {parcel: (count, refs) for parcel, count, refs in rows}
        for parcel in self:
            parcel.order_count, parcel.order_refs = found.get(parcel.id, (0, False))

    def action_view_orders(self):
        """The parcel's orders."""
        return self.env["channel.wave"]._orders_action(
            [("parcel_id", "in", self.ids)], self.env._("Orders of the parcel")
        )

    @api.model
    def _stop_lines(self, parcel_ids, line_ids):
        """Lines of parcels are refunded: a parcel with nothing else in it is stopped, the others
        are packed anew without them."""
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE channel_parcel p
                   SET repack = rest.wanted, packed_by = NULL, packed_at = NULL,
                       state = CASE WHEN rest.wanted THEN 'waiting' ELSE 'stopped' END
                  FROM (SELECT c.id, EXISTS (
                               SELECT FROM channel_order o
                                 JOIN channel_order_line l ON l.order_id = o.id
                                WHERE o.parcel_id = c.id
                                  AND o.stage IN ('waved', 'picked', 'packed')
                                  AND l.state <> 'refunded' AND NOT l.id = ANY(%s)) AS wanted
                          FROM channel_parcel c WHERE c.id = ANY(%s)) rest
                 WHERE p.id = rest.id AND p.state IN ('waiting', 'packed', 'left', 'stopped')
             RETURNING p.id
                """,
                list(line_ids),
                list(parcel_ids),
            )
        )
        self.env.invalidate_all()
        orders = (
            self.env["channel.order"]
            .sudo()
            .search([("parcel_id", "in", [row[0] for row in rows]), ("stage", "=", "packed")])
        )
        orders._advance(orders, "picked", "put_back")

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("A parcel cannot be deleted. Undo its wave while nothing is packed.")
        )
