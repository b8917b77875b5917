"""Shipped orders, after-sales of them, and a desk that is driven by scans alone."""

from odoo.addons.channel_fulfilment.tests.common import START, FulfilmentCommon
from odoo.addons.channel_order.core.snapshot import (
    AfterSaleKind,
    AfterSaleSnapshot,
    AfterSaleStatus,
)

TEA, CUP, RICE = "6900000000013", "6900000000020", "6900000000099"


class ReturnsCommon(FulfilmentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.versions = 0
        cls.users["warehouse"].with_company(cls.company).property_warehouse_id = cls.warehouse_1
        cls.Return = (
            cls.env["channel.return"]
            .with_user(cls.users["warehouse"])
            .with_context(allowed_company_ids=cls.company.ids)
        )

    def ship(self, *snapshots):
        """Orders that have left with a wave of their own."""
        orders = self.ingest(*snapshots)
        self.pack_all(self.build())
        self.hand_over()
        self.assertEqual(set(orders.mapped("stage")), {"shipped"})
        return orders

    def aftersale(self, order, waybill="", line=0, items=0, **values):
        """An after-sale after shipment, by default a return that is granted and on its way.

        :param line: number of the platform line, 0 for the whole order
        """
        type(self).versions += 1
        moment = START + 200_000 + self.versions
        data = {
            "platform": "manual",
            "aftersale_ref": f"R{self.versions}",
            "order_ref": order.order_ref,
            "line_ref": f"{order.order_ref}-{line}" if line else "",
            "kind": AfterSaleKind.RETURN,
            "status": AfterSaleStatus.RETURNED,
            "amount": 100,
            "applied_at": moment,
            "updated_at": moment,
            "items": items,
            "return_waybill": waybill,
        }
        snapshot = AfterSaleSnapshot(**(data | values))
        self.env["channel.order"]._ingest_aftersales(self.shop, [snapshot])
        self.env.invalidate_all()
        return self.env["channel.aftersale"].search(
            [("shop_id", "=", self.shop.id), ("aftersale_ref", "=", snapshot.aftersale_ref)]
        )

    def scan(self, *codes, station=None, user=None):
        """Scan codes one after the other at one desk; the last answer."""
        desk = self.Return.with_user(user) if user else self.Return
        answer = {"station": station or {}}
        for code in codes:
            answer = desk.scan(code, answer["station"])
        self.env.invalidate_all()
        return answer

    def parcel(self, waybill):
        return self.env["channel.return"].search([("waybill", "=", waybill)])

    def counts(self, waybill):
        """(expected, good, defect, wrong, missing) of a parcel."""
        parcel = self.parcel(waybill)
        return tuple(
            sum(parcel.line_ids.mapped(name))
            for name in ("expected", "good", "defect", "wrong", "missing")
        )
