from odoo import api, fields, models

from ..batch_sql import copy_rows
from .channel_order_store import EVENT_COLUMNS


class ChannelOrder(models.Model):
    """After-sales on the page of their order."""

    _inherit = "channel.order"

    aftersale_count = fields.Integer("After-sales", compute="_compute_aftersale_count")

    def _compute_aftersale_count(self):
        counts = dict(
            self.env["channel.aftersale"]._read_group(
                [("order_id", "in", self.ids)], ["order_id"], ["__count"]
            )
        )
        for order in self:
            order.aftersale_count = counts.get(order, 0)

    def action_open_aftersales(self):
        """Open the after-sales of the order."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "channel_order.action_channel_aftersale"
        )
        action |= {"domain": [("order_id", "=", self.id)], "context": {}}
        if self.aftersale_count == 1:
            action |= {
                "res_id": self.aftersale_ids.id,
                "view_mode": "form",
                "views": [(False, "form")],
            }
        return action

    @api.model
    def _log_aftersales(self, rows):
        """Write events about after-sales into their orders' timelines, in one statement.

        :param rows: (order id, kind, stage of the order, note)
        """
        now = fields.Datetime.to_string(fields.Datetime.now())
        copy_rows(
            self.env.cr,
            "channel_order_event",
            EVENT_COLUMNS,
            (
                (order_id, now, kind, stage, stage, self.env.uid, note)
                for order_id, kind, stage, note in rows
            ),
        )
        self.env["channel.order.event"].invalidate_model()
        self.env["channel.order"].invalidate_model(["event_ids"])
