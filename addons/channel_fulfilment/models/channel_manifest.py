from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .channel_parcel_scan import MOVED
from .channel_wave_build import SOUND


class ChannelManifest(models.Model):
    """What a carrier takes over in one go (交接单). Handing over validates the stock once, invoices
    the waves and tells the platforms the waybills; see ``channel_manifest_handover``."""

    _name = "channel.manifest"
    _description = "Hand-over manifest"
    _inherit = ["channel.background"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    carrier_id = fields.Many2one("delivery.carrier", required=True, ondelete="restrict", index=True)
    warehouse_id = fields.Many2one(
        "stock.warehouse",
        required=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self.env["stock.warehouse"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        ),
    )
    state = fields.Selection(
        [("draft", "Open"), ("handing", "Being handed over"), ("handed", "Handed over")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    wave_ids = fields.Many2many(
        "channel.wave",
        string="Waves",
        copy=False,
        domain="[('company_id', '=', company_id), ('warehouse_id', '=', warehouse_id),"
        " ('carrier_id', '=', carrier_id), ('state', 'in', ('new', 'picking', 'packing'))]",
        help="Empty: every wave of the carrier and warehouse that has packed parcels.",
    )
    left_policy = fields.Selection(
        [
            ("backorder", "Keep for the next hand-over (one backorder per wave)"),
            ("pool", "Back to the pool (orders wait for a new wave)"),
        ],
        string="Left-behind parcels",
        required=True,
        default="backorder",
    )
    parcel_ids = fields.One2many("channel.parcel", "manifest_id", string="Parcels", readonly=True)
    invoice_ids = fields.One2many(
        "account.move",
        "channel_manifest_id",
        string="Invoices",
        readonly=True,
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    handed_by = fields.Many2one("res.users", readonly=True, copy=False)
    handed_at = fields.Datetime(readonly=True, copy=False)
    packed_count = fields.Integer(string="Parcels to hand over", compute="_compute_counts")
    left_count = fields.Integer(string="Left behind", compute="_compute_counts")
    stopped_count = fields.Integer(string="Stopped by after-sale", compute="_compute_counts")
    no_waybill_count = fields.Integer(string="Packed without waybill", compute="_compute_counts")
    parcel_count = fields.Integer(string="Handed over", compute="_compute_counts")
    order_count = fields.Integer(string="Orders shipped", compute="_compute_counts")
    invoice_count = fields.Integer(compute="_compute_counts")

    _handed_complete = models.Constraint(
        "CHECK (state <> 'handed' OR handed_at IS NOT NULL)",
        "A manifest that was handed over says when.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                vals["name"] = self.env["ir.sequence"].next_by_code("channel.manifest") or "/"
        return super().create(vals_list)

    def write(self, vals):
        frozen = {"carrier_id", "warehouse_id", "wave_ids", "left_policy", "company_id"}
        if frozen & vals.keys() and any(manifest.state != "draft" for manifest in self):
            raise UserError(
                self.env._("The manifest is handed over and cannot change. Make a new one.")
            )
        if not self.env.su and {"state", "handed_by", "handed_at"} & vals.keys():
            raise UserError(self.env._("Use the button “Hand over”."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_draft_only(self):
        if any(manifest.state != "draft" for manifest in self):
            raise UserError(self.env._("A manifest that was handed over cannot be deleted."))

    @api.depends("state", "carrier_id", "warehouse_id", "wave_ids", "parcel_ids")
    def _compute_counts(self):
        for manifest in self:
            counts = manifest._counts()
            manifest.packed_count = counts.get("ready", 0)
            manifest.left_count = counts.get("left", 0)
            manifest.stopped_count = counts.get("stopped", 0)
            manifest.no_waybill_count = counts.get("no_waybill", 0)
            manifest.parcel_count = counts.get("handed", 0)
            manifest.order_count = counts.get("orders", 0)
            manifest.invoice_count = (
                self.env["account.move"]
                .sudo()
                .search_count([("channel_manifest_id", "=", manifest._origin.id)])
            )

    def _counts(self):
        """Parcels by what a hand-over now would do with them, or what it did."""
        self.ensure_one()
        if self.state == "handed":
            [(parcels, orders)] = self.env.execute_query(
                SQL(
                    """
                    SELECT count(DISTINCT p.id),
                           count(o.id) FILTER (WHERE o.stage IN ('shipped', 'done'))
                      FROM channel_parcel p LEFT JOIN channel_order o ON o.parcel_id = p.id
                     WHERE p.manifest_id = %s
                    """,
                    self.id,
                )
            )
            return {"handed": parcels, "orders": orders}
        rows = self.env.execute_query(
            SQL(
                "SELECT kind, count(*) FROM (%s) parcels GROUP BY kind",
                self._parcels_query(),
            )
        )
        return dict(rows)

    def _waves_condition(self):
        """SQL condition on ``w`` (channel_wave): the waves this manifest is about."""
        self.ensure_one()
        chosen = self.wave_ids.ids
        return SQL(
            "w.carrier_id = %s AND w.warehouse_id = %s AND w.company_id = %s"
            " AND w.state IN ('new', 'picking', 'packing')%s",
            self.carrier_id.id or 0,
            self.warehouse_id.id or 0,
            self.company_id.id or 0,
            SQL(" AND w.id IN %s", tuple(chosen)) if chosen else SQL(""),
        )

    def _parcels_query(self):
        """SQL of (id, wave_id, kind) of the parcels of the manifest's waves.

        kind: ``ready`` goes, ``stopped`` has an order with an open after-sale, a new receiver or
        amounts that do not add up, ``no_waybill`` is packed without a waybill, ``left`` is not
        packed though orders of it are wanted. Waves of which nothing is packed are not concerned.
        Orders are found by their wave: right after a burst PostgreSQL takes the stage for rare.
        """
        return SQL(
            """
            WITH waves AS MATERIALIZED (
                SELECT w.id FROM channel_wave w
                 WHERE %s AND EXISTS (SELECT FROM channel_parcel q
                                       WHERE q.wave_id = w.id AND q.state = 'packed')),
            orders AS MATERIALIZED (
                SELECT o.parcel_id, o.stage, o.merge_key, o.refund_open, %s AS sound
                  FROM channel_order o WHERE o.wave_id IN (SELECT id FROM waves))
            SELECT p.id, p.wave_id,
                   CASE WHEN bool_or(o.refund_open OR %s OR NOT o.sound) THEN 'stopped'
                        WHEN p.state <> 'packed' THEN 'left'
                        WHEN p.waybill IS NULL THEN 'no_waybill'
                        ELSE 'ready' END AS kind
              FROM orders o JOIN channel_parcel p ON p.id = o.parcel_id
             WHERE o.stage IN ('waved', 'picked', 'packed')
               AND p.state IN ('waiting', 'packed', 'left', 'stopped')
             GROUP BY p.id
            """,
            self._waves_condition(),
            SOUND,
            MOVED,
        )

    def action_view_ready(self):
        """The parcels that a hand-over now would take."""
        return self._parcels_action(["ready"], self.env._("Parcels to hand over"))

    def action_view_left(self):
        """The parcels that a hand-over now would leave behind."""
        return self._parcels_action(
            ["left", "no_waybill", "stopped"], self.env._("Parcels left behind")
        )

    def _parcels_action(self, kinds, name):
        rows = self.env.execute_query(
            SQL("SELECT id FROM (%s) parcels WHERE kind IN %s", self._parcels_query(), tuple(kinds))
        )
        return self.env["channel.wave"]._list_action(
            "channel.parcel", [("id", "in", [row[0] for row in rows])], name
        )

    def action_view_parcels(self):
        """The parcels handed over."""
        return self.env["channel.wave"]._list_action(
            "channel.parcel", [("manifest_id", "in", self.ids)], self.env._("Parcels")
        )

    def action_view_orders(self):
        """The orders handed over."""
        return self.env["channel.wave"]._orders_action(
            [("parcel_id.manifest_id", "in", self.ids)], self.env._("Orders handed over")
        )

    def action_view_invoices(self):
        """The invoices made at this hand-over."""
        return self.env["channel.wave"]._list_action(
            "account.move", [("channel_manifest_id", "in", self.ids)], self.env._("Invoices")
        )
