from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_fulfilment.models.channel_wave_build import QUIET
from odoo.addons.channel_network.fields import LeanMany2one
from odoo.addons.channel_returns.core import expected


class ChannelReplacement(models.Model):
    """New goods for a buyer (补发): the second half of an exchange, or a resend.

    It is made when its after-sale comes to that step and cancelled when the after-sale leaves it
    without them. The goods leave the stock at their cost; no revenue belongs to them.
    """

    _name = "channel.replacement"
    _inherit = ["channel.by.buttons", "mail.thread"]
    _description = "Replacement"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True)
    aftersale_id = fields.Many2one(
        "channel.aftersale", "After-sale", required=True, readonly=True, ondelete="restrict"
    )
    kind = fields.Selection(related="aftersale_id.kind")
    time_left = fields.Char(related="aftersale_id.time_left")
    reason = fields.Text(related="aftersale_id.reason")
    order_id = LeanMany2one("channel.order", required=True, readonly=True, index=True)
    shop_id = LeanMany2one("channel.shop", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    warehouse_id = fields.Many2one(
        "stock.warehouse", required=True, readonly=True, ondelete="restrict"
    )
    state = fields.Selection(
        [("to_send", "To send"), ("sent", "Sent"), ("cancelled", "Cancelled")],
        required=True, readonly=True, default="to_send",
    )  # fmt: skip
    carrier_id = LeanMany2one("delivery.carrier", readonly=True)
    waybill = fields.Char(readonly=True)
    line_ids = fields.One2many("channel.replacement.line", "replacement_id", "Units")
    goods = fields.Char("To Send", compute="_compute_goods")
    picking_id = fields.Many2one(
        "stock.picking", "Transfer", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    picking_state = fields.Selection(
        related="picking_id.state", string="Availability", help="Whether the goods are reserved."
    )
    sent_by = LeanMany2one("res.users", readonly=True)
    sent_at = fields.Datetime("Sent On", readonly=True)

    _name_unique = models.UniqueIndex("(name)", "This replacement exists already.")
    _aftersale_unique = models.UniqueIndex(
        "(aftersale_id) WHERE state <> 'cancelled'", "An after-sale has one replacement."
    )
    _waybill_unique = models.UniqueIndex(
        "(waybill, carrier_id) WHERE waybill IS NOT NULL",
        "This waybill number is on another replacement of the carrier already.",
    )
    _open_idx = models.Index("(warehouse_id, id) WHERE state = 'to_send'")
    _sent_has_waybill = models.Constraint(
        "CHECK ((state = 'sent') = (waybill IS NOT NULL AND sent_at IS NOT NULL))",
        "Exactly what was sent has a waybill.",
    )

    @api.depends("line_ids.product_id", "line_ids.units")
    @api.depends_context("lang")
    def _compute_goods(self):
        for one in self:
            one.goods = ", ".join(
                f"{line.product_id.display_name} × {line.units}" for line in one.line_ids
            )

    # -- made and cancelled by after-sales ---------------------------------------------------

    @api.model
    def _make(self, aftersales):
        """One replacement for each after-sale, with what it asks for of its order."""
        lines, asked = self.env["channel.return"]._lines_and_asked(
            aftersales.order_id.ids, aftersales.ids
        )
        wanted = expected.all_wanted(asked, lines)
        product = {line.line_id: line.product_id for line in lines}
        places = self._places(aftersales.order_id.ids)
        made = self.browse()
        for aftersale in aftersales:
            units = {key: n for key, n in wanted.get(aftersale.id, {}).items() if n}
            warehouse, carrier = places.get(aftersale.order_id.id, (None, None))
            if not units or not warehouse:
                continue
            made += self.create(
                {
                    "name": self.env["ir.sequence"].next_by_code("channel.replacement"),
                    "aftersale_id": aftersale.id,
                    "order_id": aftersale.order_id.id,
                    "shop_id": aftersale.shop_id.id,
                    "company_id": aftersale.company_id.id,
                    "warehouse_id": warehouse,
                    "carrier_id": carrier,
                    "line_ids": [
                        Command.create(
                            {"order_line_id": key, "product_id": product[key], "units": count}
                        )
                        for key, count in units.items()
                    ],
                }
            )
        return made

    @api.model
    def _places(self, order_ids):
        """{order id: (warehouse id, carrier id)}: those that the order left from and with."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT o.id, coalesce(p.warehouse_id, f.warehouse_id), p.carrier_id
                  FROM channel_order o
                  LEFT JOIN channel_parcel p ON p.id = o.parcel_id
                  LEFT JOIN channel_fulfiller f ON f.id = o.fulfiller_id
                 WHERE o.id = ANY(%s)
                """,
                list(order_ids),
            )
        )
        return {order: (warehouse, carrier) for order, warehouse, carrier in rows if warehouse}

    def _cancel(self):
        """Nobody wants them any more: their goods are free again."""
        self._give_back()
        self.state = "cancelled"

    def _give_back(self):
        """Free the goods that were reserved; they are reserved anew when they are to leave."""
        pickings = self.picking_id
        self.sudo().picking_id = False
        pickings.sudo().with_context(**QUIET).action_cancel()

    # -- buttons -----------------------------------------------------------------------------

    def action_reserve(self):
        """Reserve the goods and show what is to be picked.

        :raise UserError: nothing of them is to send
        """
        self.check_access("write")
        waiting = self.sudo().filtered(lambda one: one.state == "to_send")
        waiting._expect_to_send()
        waiting._reserve()
        return waiting.picking_id.with_env(self.env)._get_records_action(name=self.env._("To pick"))

    def action_send(self):
        """Ask for the waybill of what was packed."""
        self.ensure_one()
        self.check_access("write")
        self._expect_to_send()
        # not made yet: only a new form gives the waybill the focus
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send %s", self.name),
            "res_model": "channel.replacement.send",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_replacement_id": self.id,
                "default_carrier_id": self.carrier_id.id,
            },
        }

    def _expect_to_send(self):
        """:raise UserError: there is nothing to send, or one has been sent or cancelled"""
        if not self:
            raise UserError(self.env._("Choose replacements that are to be sent."))
        for one in self.sudo().filtered(lambda each: each.state != "to_send"):
            if one.state == "sent":
                raise UserError(
                    self.env._(
                        "%(name)s was sent by %(user)s with waybill %(waybill)s.",
                        name=one.name,
                        user=one.sent_by.name or "—",
                        waybill=one.waybill,
                    )
                )
            raise UserError(
                self.env._(
                    "%(name)s was cancelled: after-sale %(ref)s wants no goods any more. Put them "
                    "back.",
                    name=one.name,
                    ref=one.aftersale_id.aftersale_ref,
                )
            )

    # -- stock -------------------------------------------------------------------------------

    def _reserve(self):
        """A delivery for each that has none, with what is free of its goods."""
        self.env["channel.warehouse.lock"].sudo()._take(self.warehouse_id)
        for one in self.filtered(lambda each: not each.picking_id):
            one.picking_id = one._make_picking()
        pickings = self.picking_id.with_context(**QUIET)
        pickings.filtered(lambda each: each.state == "draft").action_confirm()
        pickings.move_ids.filtered(
            lambda move: move.state in ("confirmed", "partially_available")
        )._action_assign()

    def _make_picking(self):
        operation = self.warehouse_id.out_type_id
        customers = self.env.ref("stock.stock_location_customers")
        return (
            self.env["stock.picking"]
            .with_context(**QUIET)
            .with_company(self.company_id)
            .create(
                {
                    "picking_type_id": operation.id,
                    "location_id": self.warehouse_id.lot_stock_id.id,
                    "location_dest_id": customers.id,
                    "company_id": self.company_id.id,
                    "origin": self.name,
                    "channel_replacement_id": self.id,
                    "move_ids": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_uom_qty": sum(lines.mapped("units")),
                                "location_id": self.warehouse_id.lot_stock_id.id,
                                "location_dest_id": customers.id,
                                "company_id": self.company_id.id,
                            }
                        )
                        for product, lines in self.line_ids.grouped("product_id").items()
                    ],
                }
            )
        )

    def _send(self, carrier, waybill):
        """The goods have left: stock, tally, after-sale and platform, in this transaction.

        :raise UserError: somebody was first, the buyer wants them no more, or goods are missing
        """
        self.ensure_one()
        self.aftersale_id._lock(SQL("id = %s", self.aftersale_id.id))
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE channel_replacement SET state = 'sent', carrier_id = %s, waybill = %s,
                       sent_by = %s, sent_at = %s
                 WHERE id = %s AND state = 'to_send' RETURNING id
                """,
                carrier.id,
                waybill,
                self.env.uid,
                fields.Datetime.now(),
                self.id,
            )
        )
        self.invalidate_recordset()
        if not rows:
            self._expect_to_send()
        self._reserve()
        self._deliver()
        self.env["channel.return.tally"]._raise_shipped(self)
        order = self.order_id
        order._log_events([(order.id, "replacement_sent", order.stage, order.stage)], waybill)
        self.aftersale_id._restep(self.aftersale_id.ids)

    def _deliver(self):
        """Validate the delivery for exactly what is to leave.

        :raise UserError: a product is not there
        """
        short = self.picking_id.move_ids.filtered(lambda move: move.state != "assigned")
        if short:
            raise UserError(
                self.env._(
                    "Not enough is free in %(warehouse)s: %(products)s. Choose another product in "
                    "the lines, or wait until it is in stock.",
                    warehouse=self.warehouse_id.name,
                    products=", ".join(
                        f"{move.product_id.display_name} ({move.product_uom_qty - move.quantity:g})"
                        for move in short
                    ),
                )
            )
        self.picking_id.move_ids.picked = True
        self.picking_id.with_context(**QUIET)._action_done()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Replacements are kept: they say what left a second time."))
