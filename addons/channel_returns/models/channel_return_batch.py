from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_fulfilment.models.channel_wave_build import QUIET
from odoo.addons.channel_network.fields import LeanMany2one

from ..core.moves import Delivered, Found, To, plan


class ChannelReturnBatch(models.Model):
    """A trolley (退货车) of counted parcels: emptied into stock with one transfer.

    A warehouse fills one at a time. Good units go into the stock, defects to a location outside
    every warehouse; both come back at the cost at which their wave took them out.
    """

    _name = "channel.return.batch"
    _inherit = ["channel.by.buttons"]
    _description = "Returns Trolley"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    warehouse_id = fields.Many2one(
        "stock.warehouse", required=True, readonly=True, ondelete="restrict"
    )
    state = fields.Selection(
        [("open", "Being filled"), ("done", "In stock")],
        required=True, readonly=True, default="open",
    )  # fmt: skip
    parcels = fields.Integer(readonly=True, default=0)
    return_ids = fields.One2many("channel.return", "batch_id", "Parcels", readonly=True)
    picking_id = fields.Many2one(
        "stock.picking", "Transfer", readonly=True, ondelete="restrict", index="btree_not_null",
        help="Empty when nothing on the trolley could be put into stock.",
    )  # fmt: skip
    done_by = LeanMany2one("res.users", readonly=True)
    done_at = fields.Datetime(readonly=True)

    _name_unique = models.UniqueIndex("(name)", "This trolley exists already.")
    _open_unique = models.UniqueIndex(
        "(warehouse_id) WHERE state = 'open'", "A warehouse fills one trolley at a time."
    )

    @api.model
    def _join(self, parcel):
        """Lay a counted parcel on the trolley of its warehouse; a new one when there is none.

        The trolley's row is changed, so that one who empties it at the same moment is sent back.
        """
        domain = [("warehouse_id", "=", parcel.warehouse_id.id), ("state", "=", "open")]
        batch = self.search(domain)
        if not batch:
            self.env["channel.warehouse.lock"].sudo()._take(parcel.warehouse_id)
            batch = self.search(domain) or self.create(
                {
                    "name": self.env["ir.sequence"].next_by_code("channel.return.batch"),
                    "company_id": parcel.company_id.id,
                    "warehouse_id": parcel.warehouse_id.id,
                }
            )
        self.env.flush_all()
        self.env.cr.execute(
            SQL("UPDATE channel_return_batch SET parcels = parcels + 1 WHERE id = %s", batch.id)
        )
        batch.invalidate_recordset()
        parcel.batch_id = batch

    def action_into_stock(self):
        """Empty the trolley into stock; show the transfer.

        :raise UserError: it is empty, or somebody was first
        """
        self.ensure_one()
        self.check_access("write")
        self.sudo()._into_stock()
        return self.action_open_picking() if self.sudo().picking_id else True

    def action_open_picking(self):
        """The transfer that took the units in."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "stock.picking",
            "view_mode": "form",
            "res_id": self.sudo().picking_id.id,
        }

    def _into_stock(self):
        """One transfer for all units of the trolley, exactly once, in this transaction."""
        self.ensure_one()
        self._claim()
        self.env["channel.warehouse.lock"].sudo()._take(self.warehouse_id)
        found = self._found()
        moves = plan(found, self._delivered({one.wave_id for one in found}))
        if moves:
            self.picking_id = self._transfer(moves)
        self.env.flush_all()
        self.env.cr.execute(
            SQL("UPDATE channel_return SET state = 'stocked' WHERE batch_id = %s", self.id)
        )
        self.env.invalidate_all()
        self.return_ids._log("return_stocked")

    def _claim(self):
        """Change the state for one of two people who do it at once."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE channel_return_batch SET state = 'done', done_by = %s, done_at = %s
                 WHERE id = %s AND state = 'open' AND parcels > 0 RETURNING id
                """,
                self.env.uid,
                fields.Datetime.now(),
                self.id,
            )
        )
        self.invalidate_recordset()
        if not rows:
            raise UserError(
                self.env._(
                    "Trolley %(name)s is empty or was put into stock already (by %(user)s).",
                    name=self.name,
                    user=self.done_by.name or "—",
                )
            )

    def _found(self):
        """Units of the trolley that move stock, by product and wave."""
        return [
            Found(*row)
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT u.product_id, o.wave_id, sum(u.good)::int, sum(u.defect)::int
                      FROM channel_return r
                      JOIN channel_return_line u ON u.return_id = r.id
                      JOIN channel_order_line l ON l.id = u.order_line_id
                      JOIN channel_order o ON o.id = l.order_id
                     WHERE r.batch_id = %s AND u.good + u.defect > 0
                     GROUP BY u.product_id, o.wave_id ORDER BY u.product_id, o.wave_id
                    """,
                    self.id,
                )
            )
        ]

    def _delivered(self, wave_ids):
        """The delivery moves of waves that are done, with what has come back of each."""
        return [
            Delivered(*row)
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT m.id, p.channel_wave_id, m.product_id, m.quantity::int,
                           COALESCE(sum(b.quantity), 0)::int
                      FROM stock_picking p
                      JOIN stock_move m ON m.picking_id = p.id AND m.state = 'done'
                      JOIN stock_location d ON d.id = m.location_dest_id AND d.usage = 'customer'
                      LEFT JOIN stock_move b
                           ON b.origin_returned_move_id = m.id AND b.state <> 'cancel'
                     WHERE p.channel_wave_id = ANY(%s)
                     GROUP BY m.id, p.channel_wave_id ORDER BY m.id
                    """,
                    [wave_id for wave_id in wave_ids if wave_id],
                )
            )
        ]

    def _transfer(self, moves):
        """The validated transfer from the customers."""
        warehouse = self.warehouse_id
        customers = self.env.ref("stock.stock_location_customers")
        places = {
            To.STOCK: warehouse.lot_stock_id,
            To.DEFECTS: self.company_id._channel_defect_location(),
        }
        quiet = self.with_context(**QUIET).with_company(self.company_id).env
        picking = quiet["stock.picking"].create(
            {
                "picking_type_id": warehouse.in_type_id.id,
                "location_id": customers.id,
                "location_dest_id": warehouse.lot_stock_id.id,
                "company_id": self.company_id.id,
                "origin": self.name,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": move.product_id,
                            "product_uom_qty": move.units,
                            "location_id": customers.id,
                            "location_dest_id": places[move.to].id,
                            "origin_returned_move_id": move.origin_id,
                            "company_id": self.company_id.id,
                        }
                    )
                    for move in moves
                ],
            }
        )
        picking.action_confirm()
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty
            move.picked = True
        picking._action_done()
        return picking
