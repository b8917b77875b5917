from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class ChannelDefectDecide(models.TransientModel):
    """Repaired units go back into stock, others are scrapped; by Odoo's own documents."""

    _name = "channel.defect.decide"
    _description = "Repair or Scrap Defects"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    decision = fields.Selection(
        [("stock", "Back to stock"), ("scrap", "Scrap")], required=True, default="stock"
    )
    warehouse_id = fields.Many2one(
        "stock.warehouse", "Into", domain="[('company_id', '=', company_id)]",
        default=lambda self: self.env.user._get_default_warehouse_id(),
    )  # fmt: skip
    reason_ids = fields.Many2many("stock.scrap.reason.tag", string="Reasons")
    line_ids = fields.One2many("channel.defect.decide.line", "wizard_id")

    def action_apply(self):
        """Move or scrap the units of the lines that have a quantity; show the documents.

        :raise UserError: nothing is chosen, or more than is there and free
        """
        self.ensure_one()
        lines = self.line_ids.filtered("quantity")
        if not lines:
            raise UserError(self.env._("Say how many units of at least one product."))
        self._lock(lines.quant_id)
        lines._check_there()
        return self._into_stock(lines) if self.decision == "stock" else self._scrap(lines)

    def _lock(self, quants):
        """What is there stays so until the end; a second person waits."""
        self.env.flush_all()
        self.env["channel.warehouse.lock"].sudo()._take(self.warehouse_id)
        query = SQL(
            "SELECT id FROM stock_quant WHERE id = ANY(%s) ORDER BY id FOR UPDATE", quants.ids
        )
        self.env.execute_query(query)
        quants.invalidate_recordset()

    def _into_stock(self, lines):
        """One validated transfer; Odoo's *Return* undoes it."""
        warehouse = self.warehouse_id
        if not warehouse or warehouse.company_id != self.company_id:
            raise UserError(self.env._("Choose the warehouse that the units go into."))
        source = self.company_id.sudo().channel_defect_location_id
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": warehouse.int_type_id.id,
                "location_id": source.id,
                "location_dest_id": warehouse.lot_stock_id.id,
                "company_id": self.company_id.id,
                "origin": self.env._("Repaired"),
                "move_line_ids": [
                    Command.create(
                        line._facts()
                        | {
                            "location_id": source.id,
                            "location_dest_id": warehouse.lot_stock_id.id,
                            "quantity": line.quantity,
                            "picked": True,
                        }
                    )
                    for line in lines
                ],
            }
        )
        picking.action_confirm()
        picking._action_done()
        return picking._get_records_action(name=self.env._("Back to stock"))

    def _scrap(self, lines):
        """Odoo's scrap orders, one a line.

        :raise UserError: no reason is given
        """
        if not self.reason_ids:
            raise UserError(self.env._("Say why the units are scrapped."))
        scraps = self.env["stock.scrap"].create(
            [
                line._facts()
                | {
                    "location_id": line.quant_id.location_id.id,
                    "scrap_qty": line.quantity,
                    "origin": self.env._("Defect Units"),
                    "scrap_reason_tag_ids": [Command.set(self.reason_ids.ids)],
                }
                for line in lines
            ]
        )
        scraps.do_scrap()
        return scraps._get_records_action(name=self.env._("Scrap"))


class ChannelDefectDecideLine(models.TransientModel):
    """Units of one quant."""

    _name = "channel.defect.decide.line"
    _description = "Defects to Decide On"

    wizard_id = fields.Many2one("channel.defect.decide", required=True, ondelete="cascade")
    quant_id = fields.Many2one("stock.quant", required=True, readonly=True, ondelete="cascade")
    product_id = fields.Many2one(related="quant_id.product_id")
    lot_id = fields.Many2one(related="quant_id.lot_id")
    there = fields.Float(related="quant_id.available_quantity", string="There")
    quantity = fields.Float(digits="Product Unit")

    _positive = models.Constraint("CHECK (quantity >= 0)", "A quantity is not negative.")

    def _check_there(self):
        """:raise UserError: units are elsewhere, or more than is there and not reserved"""
        for line in self:
            quant = line.quant_id
            place = line.wizard_id.company_id.sudo().channel_defect_location_id
            if quant.location_id != place or line.quantity > quant.available_quantity:
                raise UserError(
                    self.env._(
                        "Of %(product)s %(there)s units are there and free, not %(asked)s. Somebody"
                        " may have decided on them already: open the list again.",
                        product=quant.product_id.display_name,
                        there=quant.available_quantity,
                        asked=line.quantity,
                    )
                )

    def _facts(self):
        """What a document says of the units."""
        quant = self.quant_id
        return {
            "product_id": quant.product_id.id,
            "product_uom_id": quant.product_uom_id.id,
            "lot_id": quant.lot_id.id,
            "owner_id": quant.owner_id.id,
            "company_id": quant.company_id.id,
        }
