from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.channel_order.core import stages

TO_SHIP = sorted(stages.OPEN - {stages.UNPAID, stages.HELD})


class ChannelOrder(models.Model):
    """The clock before the hand-over: orders that must leave soon, or should have."""

    _inherit = "channel.order"

    ship_urgency = fields.Selection(
        [("over", "Over"), ("soon", "Soon")],
        "Ship By",
        compute="_compute_ship_urgency",
        search="_search_ship_urgency",
        help="Soon: within the hours of the company's settings. After it the platform fines.",
    )

    _ship_by_idx = models.Index(
        "(ship_by) WHERE ship_by IS NOT NULL AND stage IN "
        "('allocated', 'exception', 'packed', 'picked', 'queued', 'waved')"
    )

    @api.depends("ship_by", "stage", "company_id")
    def _compute_ship_urgency(self):
        now = fields.Datetime.now()
        for order in self:
            order.ship_urgency = False
            if order.ship_by and order.stage in TO_SHIP:
                hours = order.sudo().company_id.channel_ship_by_hours
                if order.ship_by < now:
                    order.ship_urgency = "over"
                elif order.ship_by < now + timedelta(hours=hours):
                    order.ship_urgency = "soon"

    @api.model
    def _search_ship_urgency(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        wanted = set(value)
        waiting = Domain("stage", "in", TO_SHIP) & Domain("ship_by", "!=", False)
        found = Domain.FALSE
        if "over" in wanted:
            found |= Domain("ship_by", "<", now)
        if "soon" in wanted:
            for company in self.env.companies.sudo():
                limit = now + timedelta(hours=company.channel_ship_by_hours)
                found |= (
                    Domain("company_id", "=", company.id)
                    & Domain("ship_by", ">=", now)
                    & Domain("ship_by", "<", limit)
                )
        if False in wanted:
            return NotImplemented
        return waiting & found
