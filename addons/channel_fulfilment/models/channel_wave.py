from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

STATES = [
    ("new", "To pick"),
    ("picking", "Being picked"),
    ("packing", "To pack"),
    ("handed", "Handed over"),
    ("cancelled", "Undone"),
]
OPEN_STATES = ("new", "picking", "packing")


class ChannelWave(models.Model):
    """Channel orders picked and shipped together (发货波次): one sale order with its delivery.

    Built by ``_build``, undone by ``action_undo`` (while nothing is packed), closed by the
    hand-over manifest. See the sibling files for each of them.
    """

    _name = "channel.wave"
    _description = "Wave"
    _inherit = ["channel.by.buttons", "mail.thread"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True, copy=False, index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    shop_id = fields.Many2one(
        "channel.shop", required=True, readonly=True, index=True, ondelete="restrict"
    )
    fulfiller_id = fields.Many2one(
        "channel.fulfiller", required=True, readonly=True, index=True, ondelete="restrict"
    )
    warehouse_id = fields.Many2one(
        "stock.warehouse", required=True, readonly=True, index=True, ondelete="restrict"
    )
    carrier_id = fields.Many2one(
        "delivery.carrier", required=True, readonly=True, ondelete="restrict"
    )
    hot_product_id = fields.Many2one(
        "product.product",
        string="One SKU",
        readonly=True,
        ondelete="restrict",
        help="Every order of the wave wants this product and nothing else.",
    )
    state = fields.Selection(
        STATES, required=True, default="new", readonly=True, index=True, tracking=True
    )
    picker_id = fields.Many2one("res.users", readonly=True)
    picked_at = fields.Datetime(readonly=True)
    closed_at = fields.Datetime(readonly=True)
    sale_id = fields.Many2one("sale.order", readonly=True, copy=False, ondelete="restrict")
    picking_ids = fields.One2many(
        "stock.picking", "channel_wave_id", string="Deliveries", readonly=True
    )
    invoice_ids = fields.One2many(
        "account.move",
        "channel_wave_id",
        string="Invoices",
        readonly=True,
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    parcel_ids = fields.One2many("channel.parcel", "wave_id", string="Parcels", readonly=True)
    order_ids = fields.One2many("channel.order", "wave_id", string="Orders", readonly=True)
    picking_count = fields.Integer(compute="_compute_documents")
    invoice_count = fields.Integer(compute="_compute_documents")
    order_count = fields.Integer(compute="_compute_counts")
    unit_count = fields.Integer(string="Units", compute="_compute_counts")
    parcel_count = fields.Integer(compute="_compute_counts")
    todo_count = fields.Integer(string="To pack", compute="_compute_counts")
    packed_count = fields.Integer(string="Packed", compute="_compute_counts")
    handed_count = fields.Integer(string="Handed over", compute="_compute_counts")
    stopped_count = fields.Integer(string="Stopped", compute="_compute_counts")
    amount_owed = fields.Monetary(
        string="Owed",
        compute="_compute_counts",
        help="What is owed for the orders that still ship.",
    )

    _name_unique = models.UniqueIndex("(name)", "This wave number exists already.")

    def _compute_documents(self):
        pickings = dict(
            self.env["stock.picking"]
            .sudo()
            ._read_group([("channel_wave_id", "in", self.ids)], ["channel_wave_id"], ["__count"])
        )
        invoices = dict(
            self.env["account.move"]
            .sudo()
            ._read_group([("channel_wave_id", "in", self.ids)], ["channel_wave_id"], ["__count"])
        )
        for wave in self:
            wave.picking_count = pickings.get(wave, 0)
            wave.invoice_count = invoices.get(wave, 0)

    def _compute_counts(self):
        orders = self._order_counts()
        parcels = self._parcel_counts()
        for wave in self:
            count, owed, units = orders.get(wave.id, (0, 0, 0))
            wave.order_count, wave.amount_owed, wave.unit_count = count, owed, units
            by_state = parcels.get(wave.id, {})
            wave.parcel_count = sum(by_state.values())
            wave.todo_count = by_state.get("waiting", 0) + by_state.get("left", 0)
            wave.packed_count = by_state.get("packed", 0)
            wave.handed_count = by_state.get("handed", 0)
            wave.stopped_count = by_state.get("stopped", 0)

    def _order_counts(self):
        """wave id → (orders that ship or have shipped, owed in yuan, units)."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT o.wave_id, count(*), sum(o.amount_owed), sum(u.units)
                  FROM channel_order o
                  JOIN LATERAL (SELECT COALESCE(sum(quantity), 0) AS units
                                  FROM channel_order_line
                                 WHERE order_id = o.id AND state = 'live') u ON TRUE
                 WHERE o.wave_id IN %s AND o.stage NOT IN ('refunded', 'cancelled')
                 GROUP BY o.wave_id
                """,
                tuple(self.ids) or (0,),
            )
        )
        return {wave: (count, owed, units) for wave, count, owed, units in rows}

    def _parcel_counts(self):
        """wave id → {parcel state: count}."""
        found = {}
        for wave, state, count in self.env["channel.parcel"]._read_group(
            [("wave_id", "in", self.ids)], ["wave_id", "state"], ["__count"]
        ):
            found.setdefault(wave.id, {})[state] = count
        return found

    # -- buttons ---------------------------------------------------------------------------

    def action_start_picking(self):
        """Tell the others that the current user picks these waves."""
        self.check_access("write")
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE channel_wave SET state = 'picking', picker_id = %s
                 WHERE id IN %s AND state = 'new' RETURNING id
                """,
                self.env.uid,
                tuple(self.ids) or (0,),
            )
        )
        self.invalidate_recordset()
        if len(rows) < len(self):
            taken = self.filtered(lambda wave: wave.id not in {row[0] for row in rows})[0]
            raise UserError(
                self.env._(
                    "%(wave)s is already being picked by %(user)s or has gone on. "
                    "Take the next wave of the list.",
                    wave=taken.name,
                    user=taken.picker_id.name or self.env._("somebody"),
                )
            )
        return True

    def action_picking_done(self):
        """The goods of the wave are at the packing table: its orders go on to picked."""
        self.check_access("write")
        waves = self.filtered(lambda wave: wave.state in ("new", "picking"))
        if not waves:
            raise UserError(self.env._("Picking of these waves is done already."))
        for wave in waves:
            orders = wave._orders_in("waved")
            self.env["channel.order"].sudo()._advance(orders, "picked", "picked", note=wave.name)
        waves.sudo().write({"state": "packing", "picked_at": fields.Datetime.now()})
        return True

    def _orders_in(self, *stages):
        """The waves' orders in one of the stages, as a sudo recordset in the order of their ids."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM channel_order WHERE wave_id IN %s AND stage IN %s ORDER BY id",
                tuple(self.ids) or (0,),
                stages,
            )
        )
        return self.env["channel.order"].sudo().browse([row[0] for row in rows])

    def action_print_pick_list(self):
        """The pick list, by location and SKU."""
        return self.env.ref("channel_fulfilment.action_report_pick_list").report_action(self)

    def action_view_orders(self):
        """The orders of the waves."""
        return self._orders_action([("wave_id", "in", self.ids)], self.env._("Orders of the wave"))

    def action_view_parcels(self):
        """The parcels of the waves."""
        return self._list_action(
            "channel.parcel", [("wave_id", "in", self.ids)], self.env._("Parcels")
        )

    def action_view_deliveries(self):
        """The deliveries of the waves in Inventory."""
        return self._documents_action("stock.picking", self.env._("Deliveries"))

    def action_view_invoices(self):
        """The invoices of the waves."""
        return self._documents_action("account.move", self.env._("Invoices"))

    @api.model
    def _list_action(self, model, domain, name):
        """Show records that nobody makes by hand in a list."""
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "list,form",
            "domain": domain,
            "context": {"create": False},
        }

    @api.model
    def _orders_action(self, domain, name):
        return self._list_action("channel.order", domain, name)

    def _documents_action(self, model, name):
        records = self.env[model].search([("channel_wave_id", "in", self.ids)])
        action = self._list_action(model, [("id", "in", records.ids)], name)
        if len(records) == 1:
            action |= {"view_mode": "form", "res_id": records.id}
        return action

    def action_view_sale(self):
        """The sale order of the wave."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.sale_id.name,
            "res_model": "sale.order",
            "view_mode": "form",
            "res_id": self.sale_id.id,
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A wave cannot be deleted. Undo it while nothing is packed."))
