"""A shop with links, open offers and orders that came in through the real batch path."""

import os
from unittest.mock import patch

from odoo import Command

from odoo.addons.channel_network.core.money import to_fen
from odoo.addons.channel_network.tests.common import ChannelCommon
from odoo.addons.channel_order.core.snapshot import (
    AfterSaleKind,
    AfterSaleSnapshot,
    AfterSaleStatus,
    LineSnapshot,
    OrderSnapshot,
    PlatformStatus,
    ReceiverSnapshot,
)

START = 1_770_000_000  # Unix seconds; orders are paid one second apart


class FulfilmentCommon(ChannelCommon):
    """Links TEA (13 %), CUP (13 %), RICE (9 %) and BOX = 2 tea + 1 rice + 1 cup as a gift."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        key = patch.dict(os.environ, {"QUDAO_DATA_KEY": "k" * 40})
        key.start()
        cls.addClassCleanup(key.stop)
        cls.orders_seen = 0
        cls.aftersales_seen = 0
        cls.shop = cls.env["channel.shop"].create(
            {
                "name": "Tea Live",
                "code": "TEA",
                "company_id": cls.company.id,
                "fulfiller_ids": [Command.set(cls.fulfiller_1.ids)],
            }
        )
        cls.carrier = cls.env["delivery.carrier"].create(
            {
                "name": "SF",
                "product_id": cls.env["product.product"]
                .create({"name": "Delivery", "type": "service"})
                .id,
                "channel_code": "shunfeng",
                "channel_waybill_pattern": "SF[0-9]{8}",
            }
        )
        cls.rule = cls.env["channel.wave.rule"].create(
            {
                "fulfiller_id": cls.fulfiller_1.id,
                "carrier_id": cls.carrier.id,
                "company_id": cls.company.id,
                "max_orders": 100,
                "hot_minimum": 50,
            }
        )
        cls.links = {
            "TEA": cls._link("TEA", (cls.product_13, 1, 1)),
            "CUP": cls._link("CUP", (cls.product_13b, 1, 1)),
            "RICE": cls._link("RICE", (cls.product_9, 1, 1)),
            "BOX": cls._link(
                "BOX", (cls.product_13, 2, 70), (cls.product_9, 1, 30), (cls.product_13b, 1, 0)
            ),
        }
        cls.pools = {sku: cls._offer(link) for sku, link in cls.links.items()}
        cls.Wave = (
            cls.env["channel.wave"]
            .with_user(cls.users["warehouse"])
            .with_context(allowed_company_ids=cls.company.ids)
        )
        cls.Parcel = (
            cls.env["channel.parcel"]
            .with_user(cls.users["warehouse"])
            .with_context(allowed_company_ids=cls.company.ids)
        )

    @classmethod
    def _link(cls, sku, *components):
        return cls.env["channel.link"].create(
            {
                "shop_id": cls.shop.id,
                "title": sku.title(),
                "sku_ref": sku,
                "sku_code": sku,
                "component_ids": [
                    Command.create(
                        {"product_id": product.id, "quantity": quantity, "price_share": share}
                    )
                    for product, quantity, share in components
                ],
            }
        )

    @classmethod
    def _offer(cls, link, units=200):
        pool = cls.env["channel.pool"].create(
            {"shop_id": cls.shop.id, "link_id": link.id, "price": 1, "quota": units}
        )
        pool._open(cls.fulfiller_1)
        return pool

    # -- orders ----------------------------------------------------------------------------

    @classmethod
    def line(cls, sku, quantity=1, paid=10000, **discounts):
        """A platform line: fen paid for the whole line, discounts by their bucket."""
        return {"sku": sku, "quantity": quantity, "paid": paid, "discounts": discounts}

    @classmethod
    def snapshot(cls, *lines, freight=0, receiver=None, ref=None, **values):
        """An order as the platform shows it, ready to ship."""
        cls.orders_seen += 1
        number = cls.orders_seen
        ref = ref or f"T{number:06d}"
        token = receiver or f"r{number}"
        moment = START + number
        told = tuple(
            LineSnapshot(
                line_id=f"{ref}-{n}",
                product_ref=line["sku"],
                sku_ref=line["sku"],
                sku_code=line["sku"],
                title=line["sku"].title(),
                quantity=line["quantity"],
                list_amount=line["paid"] + sum(line["discounts"].values()),
                paid=line["paid"],
                **{f"discount_{bucket}": fen for bucket, fen in line["discounts"].items()},
            )
            for n, line in enumerate(lines, start=1)
        )
        data = {
            "platform": "manual",
            "order_ref": ref,
            "status": PlatformStatus.READY,
            "created_at": moment,
            "paid_at": moment,
            "updated_at": moment,
            "freight": freight,
            "paid": freight + sum(line.paid for line in told),
            "receiver": ReceiverSnapshot(
                name_masked="张*",
                phone_masked="138****0000",
                address_masked="***",
                province="广东省",
                city="深圳市",
                secret='{"name": "张三"}',
                merge_token=f"plain:{token}",
            ),
            "lines": told,
        }
        return OrderSnapshot(**(data | values))

    @classmethod
    def ingest(cls, *snapshots):
        """Bring orders in; they must all be allocated. In the order given."""
        result = cls.env["channel.order"]._ingest(cls.shop, list(snapshots))
        assert not result.exceptions, result.exceptions
        refs = [snapshot.order_ref for snapshot in snapshots]
        orders = cls.env["channel.order"].search(
            [("shop_id", "=", cls.shop.id), ("order_ref", "in", refs)]
        )
        return orders.sorted(lambda order: refs.index(order.order_ref))

    @classmethod
    def make_orders(cls, count, sku="TEA", **values):
        """``count`` orders of one unit each."""
        return cls.ingest(*(cls.snapshot(cls.line(sku, **values)) for _number in range(count)))

    def refund(self, order, line_ref="", status=AfterSaleStatus.SUCCEEDED, ref=None):
        """An after-sale before shipment, of the whole order or one line."""
        type(self).aftersales_seen += 1
        moment = START + 100_000 + self.aftersales_seen
        snapshot = AfterSaleSnapshot(
            platform="manual",
            aftersale_ref=ref or f"A-{order.order_ref}-{line_ref}",
            order_ref=order.order_ref,
            line_ref=line_ref,
            kind=AfterSaleKind.REFUND_BEFORE_SHIP,
            status=status,
            amount=to_fen(order.amount_owed),
            applied_at=moment,
            updated_at=moment,
        )
        self.env["channel.order"]._ingest_aftersales(self.shop, [snapshot])
        self.env.invalidate_all()

    # -- waves -----------------------------------------------------------------------------

    def build(self, *orders):
        """Waves of everything releasable of the shop, as the warehouse user."""
        waves = self.Wave._build(self.shop, self.fulfiller_1)
        self.env.invalidate_all()
        return waves.with_env(self.env)

    def pack(self, parcel, waybill=True):
        """Scan a parcel and, unless told not to, a waybill; the last answer."""
        answer = self.Parcel.scan(parcel.name, {})
        if waybill and answer["next"] == "waybill" and answer["state"] == "ok":
            answer = self.Parcel.scan(f"SF{parcel.id:08d}", answer["station"])
        self.env.invalidate_all()
        return answer

    def pack_all(self, waves):
        for parcel in waves.parcel_ids.filtered(lambda p: p.state in ("waiting", "left")):
            self.assertEqual(self.pack(parcel)["state"], "ok")

    def hand_over(self, **values):
        """A manifest of the carrier, handed over by the warehouse user."""
        manifest = (
            self.env["channel.manifest"]
            .with_user(self.users["warehouse"])
            .with_context(allowed_company_ids=self.company.ids)
            .create(
                {
                    "carrier_id": self.carrier.id,
                    "warehouse_id": self.warehouse_1.id,
                    "company_id": self.company.id,
                    **values,
                }
            )
        )
        manifest.action_hand_over()
        self.env.invalidate_all()
        return manifest.with_env(self.env)

    # -- what must hold --------------------------------------------------------------------

    def owed(self, orders):
        return sum(to_fen(order.amount_owed) for order in orders)

    def reserved(self, product, warehouse=None):
        quants = self.env["stock.quant"]._gather(
            product, (warehouse or self.warehouse_1).lot_stock_id
        )
        return sum(quants.mapped("reserved_quantity"))

    def on_hand(self, product, warehouse=None):
        quants = self.env["stock.quant"]._gather(
            product, (warehouse or self.warehouse_1).lot_stock_id
        )
        return sum(quants.mapped("quantity"))

    def counters(self, sku):
        quota = self.pools[sku].quota_ids
        return (quota.quantity, quota.allocated, quota.waved)

    def assertLocksCover(self):
        """Control 3: what the offers hold is reserved in stock."""
        self.assertEqual(self.env["channel.pool.quota"]._uncovered(), [])
