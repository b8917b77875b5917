"""Shipped parcels, and traces of them."""

from datetime import timedelta

from odoo import fields

from odoo.addons.channel_order.batch_sql import unix
from odoo.addons.channel_returns.tests.common import ReturnsCommon

from ..core.carriers.base import Told
from ..core.road import Kind


class TrackingCommon(ReturnsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trackings = cls.env["channel.tracking"]

    def leave(self, *lines, hours=0, **values):
        """An order that left in a parcel of its own, some hours ago."""
        [order] = self.ship(self.snapshot(*(lines or [self.line("TEA")]), **values))
        if hours:
            self.hours_ago(self.tracking(order), hours)
        return order

    def tracking(self, order):
        return self.trackings.search([("parcel_id", "=", order.parcel_id.id)])

    def hours_ago(self, tracking, hours):
        tracking.sudo().handed_at = fields.Datetime.now() - timedelta(hours=hours)
        self.trackings._restand(tracking.ids)

    def trace(self, order, *kinds, hours=0):
        """Traces a minute apart, the last one some hours ago."""
        now = unix(fields.Datetime.now()) - hours * 3600
        last = len(kinds) - 1
        told = [Told(now - 60 * (last - n), kind, kind.value) for n, kind in enumerate(kinds)]
        moved = self.trackings._ingest_traces({self.tracking(order).id: told})
        self.env.invalidate_all()
        return moved

    def trouble(self, hours=0):
        order = self.leave(hours=hours)
        self.trace(order, Kind.PICKED_UP, Kind.TROUBLE)
        return self.tracking(order)
