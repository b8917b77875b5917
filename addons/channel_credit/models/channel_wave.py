from odoo import fields, models


class ChannelWave(models.Model):
    _inherit = "channel.wave"

    credit_count = fields.Integer("Refunded Orders", compute="_compute_credits")
    amount_credited = fields.Monetary("Refunded", compute="_compute_credits")

    def _compute_credits(self):
        found = {
            wave.id: (count, amount)
            for wave, count, amount in self.env["channel.order.credit"]._read_group(
                [("wave_id", "in", self.ids), ("amount", ">", 0)],
                ["wave_id"],
                ["order_id:count_distinct", "amount:sum"],
            )
        }
        for wave in self:
            wave.credit_count, wave.amount_credited = found.get(wave.id, (0, 0))

    def action_view_credits(self):
        """What was refunded of the wave's orders after they had left."""
        return self._list_action(
            "channel.order.credit", [("wave_id", "in", self.ids)], self.env._("Refunded")
        )
