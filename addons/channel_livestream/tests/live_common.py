from odoo import Command, fields

from odoo.addons.channel_order.core.snapshot import (
    LineSnapshot,
    OrderSnapshot,
    PlatformStatus,
    ReceiverSnapshot,
)
from odoo.addons.channel_order.tests.pool_common import PoolCommon


class LiveCommon(PoolCommon):
    """A host, a planned session with two items, and orders as a platform tells them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.host = cls.env["channel.talent"].create(
            {"name": "Host Lin", "kind": "host", "company_id": cls.company.id}
        )
        cls.link_tea = cls.make_link("TEA", {cls.product_13: 1})
        cls.link_set = cls.make_link("SET", {cls.product_13: 2, cls.product_9: 1})
        cls.session = cls.make_session("Friday Evening", room_ref="room-1")
        cls.item_tea, cls.item_set = cls.session.item_ids

    @classmethod
    def make_session(cls, name, **values):
        return cls.env["channel.session"].create(
            {
                "name": name,
                "shop_id": cls.shop.id,
                "host_id": cls.host.id,
                "item_ids": [
                    Command.create({"link_id": cls.link_tea.id, "price": 20, "quota": 100}),
                    Command.create({"link_id": cls.link_set.id, "price": 50, "quota": 40}),
                ],
                **values,
            }
        )

    @classmethod
    def snapshot(cls, ref, sku="TEA", quantity=1, paid=2000, room="room-1", **values):
        """A paid order of one line; ``paid`` in fen."""
        now = int(fields.Datetime.now().timestamp())
        line = LineSnapshot(
            line_id=f"{ref}-1",
            product_ref="",
            sku_ref=sku,
            sku_code="",
            title=sku,
            quantity=quantity,
            list_amount=paid,
            paid=paid,
            discount_shop=0,
            discount_platform=0,
            discount_talent=0,
            discount_payment=0,
            room_ref=room,
            author_ref="",
            author_name="",
            gift=False,
            master_line_ids=(),
            refund_open=False,
            refunded=False,
        )
        receiver = ReceiverSnapshot(
            name_masked="张*",
            phone_masked="138****0000",
            address_masked="***",
            province="广东省",
            city="深圳市",
            district="南山区",
            secret='{"name": "张三", "phone": "13800138000", "address": "一号"}',
            phone_token=f"plain:138{abs(hash(ref)) % 10**8:08}",
            name_token=f"plain:{ref}",
            address_token=f"plain:{ref}",
            merge_token=f"plain:{ref}",
        )
        return OrderSnapshot(
            **{
                "platform": "manual",
                "order_ref": ref,
                "status": PlatformStatus.READY,
                "created_at": now - 60,
                "paid_at": now - 30,
                "updated_at": now - 30,
                "freight": 0,
                "paid": paid,
                "receiver": receiver,
                "lines": (line,),
                "buyer_note": "",
                "seller_note": "",
                "ship_by": None,
                "problems": (),
            }
            | values
        )

    def ingest(self, *snapshots):
        """Orders by number after the ingestion."""
        self.env["channel.order"]._ingest(self.shop, list(snapshots))
        refs = [snapshot.order_ref for snapshot in snapshots]
        orders = self.env["channel.order"].search([("order_ref", "in", refs)])
        return {order.order_ref: order for order in orders}
