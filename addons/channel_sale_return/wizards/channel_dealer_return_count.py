from odoo import Command, api, fields, models


class ChannelDealerReturnCount(models.TransientModel):
    """The warehouse counts what a dealer sent back: good, defect, wrong; the rest is missing."""

    _name = "channel.dealer.return.count"
    _description = "Count a Dealer Return"

    return_id = fields.Many2one(
        "channel.dealer.return", required=True, readonly=True, ondelete="cascade"
    )
    line_ids = fields.One2many(
        "channel.dealer.return.count.line", "wizard_id",
        compute="_compute_line_ids", store=True, readonly=False,
    )  # fmt: skip

    @api.depends("return_id")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [Command.clear()] + [
                Command.create({"line_id": line.id}) for line in wizard.return_id.line_ids
            ]

    def action_all_good(self):
        """All came as asked for, and is good."""
        for line in self.line_ids:
            line.write({"good": line.quantity, "defect": 0, "wrong": 0})
        return self.action_count()

    def action_count(self):
        """Take it in as counted."""
        self.ensure_one()
        self.return_id.check_access("read")
        found = {line.line_id: (line.good, line.defect, line.wrong) for line in self.line_ids}
        self.return_id._receive(found)
        return True


class ChannelDealerReturnCountLine(models.TransientModel):
    """What was found of a line."""

    _name = "channel.dealer.return.count.line"
    _description = "Line to Count"

    wizard_id = fields.Many2one("channel.dealer.return.count", required=True, ondelete="cascade")
    line_id = fields.Many2one(
        "channel.dealer.return.line", required=True, readonly=True, ondelete="cascade"
    )
    product_id = fields.Many2one(related="line_id.product_id")
    product_uom_id = fields.Many2one(related="line_id.product_uom_id")
    quantity = fields.Float("Expected", related="line_id.quantity")
    good = fields.Float(digits="Product Unit")
    defect = fields.Float(digits="Product Unit")
    wrong = fields.Float(digits="Product Unit")
