"""A shop with links and open offers, and orders as a platform would tell them."""

from contextlib import contextmanager

from odoo import Command

from odoo.addons.channel_network.tests.common import ChannelCommon

from ..core.snapshot import (
    AfterSaleKind,
    AfterSaleSnapshot,
    AfterSaleStatus,
    LineSnapshot,
    OrderSnapshot,
    PlatformStatus,
    ReceiverSnapshot,
)

PAID_AT = 1_780_000_000


class OrderCommon(ChannelCommon):
    """Links TEA and CUP, and BOX = 2 tea (30), 1 rice (70) and a cup as a gift."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Order = cls.env["channel.order"]
        cls.shop = cls._shop("Tea Live", "TEALIVE")
        cls.links = {
            "TEA": cls._link("TEA", (cls.product_13, 1, 1)),
            "CUP": cls._link("CUP", (cls.product_13b, 1, 1)),
            "BOX": cls._link(
                "BOX", (cls.product_13, 2, 30), (cls.product_9, 1, 70), (cls.product_13b, 1, 0)
            ),
        }

    @classmethod
    def _shop(cls, name, code, **values):
        return cls.env["channel.shop"].create(
            {
                "name": name,
                "code": code,
                "company_id": cls.company.id,
                "fulfiller_ids": [Command.set((cls.fulfiller_1 | cls.fulfiller_2).ids)],
                **values,
            }
        )

    @classmethod
    def _link(cls, sku, *components, shop=None, **values):
        return cls.env["channel.link"].create(
            {
                "shop_id": (shop or cls.shop).id,
                "title": sku.title(),
                "sku_ref": sku,
                "component_ids": [
                    Command.create(
                        {"product_id": product.id, "quantity": quantity, "price_share": weight}
                    )
                    for product, quantity, weight in components
                ],
                **values,
            }
        )

    @classmethod
    def _offer(cls, sku, quota=10, fulfillers=None, **values):
        pool = cls.env["channel.pool"].create(
            {
                "shop_id": cls.shop.id,
                "link_id": cls.links[sku].id,
                "price": 19.9,
                "quota": quota,
                **values,
            }
        )
        pool._open(fulfillers or cls.fulfiller_1)
        return pool

    # --- what a platform says -----------------------------------------------------------

    @staticmethod
    def line(line_id="L1", sku="TEA", quantity=1, paid=1990, **values):
        names = ("discount_shop", "discount_platform", "discount_talent", "discount_payment")
        listed = paid + sum(values.get(name, 0) for name in names)
        return LineSnapshot(
            **{
                "line_id": line_id, "product_ref": "P", "sku_ref": sku, "quantity": quantity,
                "paid": paid, "list_amount": listed, "title": sku.title(),
            } | values
        )  # fmt: skip

    @staticmethod
    def receiver(phone="13800138000", name="张三", address="深南大道1号", **values):
        return ReceiverSnapshot(
            **{
                "name_masked": name[:1] + "*", "phone_masked": f"{phone[:3]}****{phone[-4:]}",
                "address_masked": address[:4] + "****", "province": "广东省", "city": "深圳市",
                "secret": f'{{"name": "{name}", "phone": "{phone}", "address": "{address}"}}',
                "phone_token": f"plain:{phone}", "name_token": f"plain:{name}",
                "address_token": f"plain:{address}",
                "merge_token": f"plain:{name}|{phone}|{address}",
            } | values
        )  # fmt: skip

    @classmethod
    def order(cls, ref, *lines, status=PlatformStatus.READY, at=0, freight=0, **values):
        """A snapshot; ``at``: seconds after the moment of payment."""
        lines = lines or (cls.line(),)
        return OrderSnapshot(
            **{
                "platform": "manual", "order_ref": ref, "status": status,
                "created_at": PAID_AT - 60, "paid_at": PAID_AT, "updated_at": PAID_AT + at,
                "freight": freight, "paid": sum(x.paid for x in lines) + freight,
                "receiver": cls.receiver(), "lines": lines,
            } | values
        )  # fmt: skip

    @staticmethod
    def aftersale(ref, order_ref, line_ref="L1", status=AfterSaleStatus.APPLIED, at=0, **values):
        return AfterSaleSnapshot(
            **{
                "platform": "manual", "aftersale_ref": ref, "order_ref": order_ref,
                "line_ref": line_ref, "kind": AfterSaleKind.REFUND_BEFORE_SHIP, "status": status,
                "amount": 1990, "applied_at": PAID_AT, "updated_at": PAID_AT + at,
                "reason": "不想要了",
            } | values
        )  # fmt: skip

    # --- what becomes of it -------------------------------------------------------------

    def ingest(self, *snapshots, shop=None):
        return self.Order._ingest(shop or self.shop, list(snapshots))

    def ingest_aftersales(self, *snapshots):
        return self.Order._ingest_aftersales(self.shop, list(snapshots))

    def find(self, ref, shop=None):
        return self.Order.search(
            [("shop_id", "=", (shop or self.shop).id), ("order_ref", "=", ref)]
        )

    def taken(self, pool):
        pool.quota_ids.invalidate_recordset()
        return sum(pool.quota_ids.mapped("allocated"))

    def open_types(self, order):
        return sorted(order.exception_ids.filtered(lambda x: x.state == "open").mapped("type"))

    def kinds(self, order):
        return order.event_ids.sorted("id").mapped("kind")

    @contextmanager
    def refused(self, exception, text=""):
        """The block raises, and what it wrote is undone."""
        with self.assertRaisesRegex(exception, text), self.env.cr.savepoint():
            yield

    def assertQuotasExact(self):
        """Every quota counts exactly the units of the orders that hold them."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT q.id, q.allocated, COALESCE(held.n, 0)
              FROM channel_pool_quota q JOIN channel_pool p ON p.id = q.pool_id
              LEFT JOIN (
                SELECT l.pool_id, o.fulfiller_id, sum(l.item_quantity) AS n
                  FROM channel_order_line l JOIN channel_order o ON o.id = l.order_id
                 WHERE o.stage IN ('allocated', 'waved', 'picked', 'packed', 'shipped')
                   AND l.state != 'refunded'
                 GROUP BY l.pool_id, o.fulfiller_id) held
                ON held.pool_id = q.pool_id AND held.fulfiller_id = q.fulfiller_id
             WHERE p.shop_id = %s AND q.allocated != COALESCE(held.n, 0)
            """,
            [self.shop.id],
        )
        self.assertEqual(self.env.cr.fetchall(), [])
