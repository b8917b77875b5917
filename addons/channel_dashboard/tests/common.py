"""A small sound world: a shop with one open offer, orders at several stages, a wave, a message."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import TransactionCase
from odoo.tools import SQL


class ControlCase(TransactionCase):
    """Everything that the controls look at, once, in order. Tests break it by raw SQL."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.controls = cls.env["channel.control"]
        cls.company = cls.env.company
        cls.now = fields.Datetime.now()
        cls._make_goods()
        cls._make_shop()
        cls._make_orders()
        cls._make_wave()
        cls.env.flush_all()

    @classmethod
    def _make_goods(cls):
        cls.warehouse = cls.env["stock.warehouse"].create(
            {"name": "Control WH", "code": "CTL", "company_id": cls.company.id}
        )
        cls.product = cls.env["product.product"].create(
            {"name": "Control Goods", "default_code": "CTL1", "is_storable": True}
        )
        cls.env["stock.quant"]._update_available_quantity(
            cls.product, cls.warehouse.lot_stock_id, 100
        )
        cls.fulfiller = cls.env["channel.fulfiller"].create(
            {"name": "Control WH", "code": "CTL", "warehouse_id": cls.warehouse.id}
        )

    @classmethod
    def _make_shop(cls):
        cls.shop, cls.other_shop = cls.env["channel.shop"].create(
            [
                {"name": "Control Shop", "code": "CTL", "platform_shop_ref": "ctl-1"},
                {"name": "Other Shop", "code": "CTL2", "platform_shop_ref": "ctl-2"},
            ]
        )
        cls.link = cls.env["channel.link"].create(
            {
                "shop_id": cls.shop.id,
                "title": "Control Offer",
                "sku_ref": "ctl-sku",
                "component_ids": [Command.create({"product_id": cls.product.id, "price_share": 1})],
            }
        )
        cls.pool = cls.env["channel.pool"].create(
            {"shop_id": cls.shop.id, "link_id": cls.link.id, "price": 10, "quota": 20}
        )
        cls.pool._open()
        cls.quota = cls.pool.quota_ids

    @classmethod
    def _order(cls, ref, stage, **values):
        """An order of one unit that owes 10.00, with its line; counters are the caller's."""
        order = cls.env["channel.order"].create(
            {
                "shop_id": cls.shop.id,
                "company_id": cls.company.id,
                "currency_id": cls.company.currency_id.id,
                "order_ref": ref,
                "stage": stage,
                "platform_status": "ready",
                "created_at": cls.now,
                "paid_at": cls.now,
                "updated_at": cls.now,
                "received_at": cls.now,
                "amount_owed": 10,
                "fulfiller_id": cls.fulfiller.id if stage != "queued" else False,
            }
            | values
        )
        cls.env["channel.order.line"].create(
            {
                "order_id": order.id,
                "line_ref": f"{ref}-1",
                "part": 0,
                "link_id": cls.link.id,
                "pool_id": cls.pool.id,
                "product_id": cls.product.id,
                "quantity": 1,
                "item_quantity": 1,
                "amount_owed": 10,
            }
        )
        return order

    @classmethod
    def _make_orders(cls):
        cls.queued = cls._order("ctl-queued", "queued")
        cls.allocated = cls._order("ctl-allocated", "allocated")
        cls.env.flush_all()
        cls.sql("UPDATE channel_pool_quota SET allocated = 1 WHERE id = %s", cls.quota.id)
        cls.message = cls._message("ctl-queued", cls.now)

    @classmethod
    def _message(cls, ref, updated_at, kind="order"):
        return cls.env["channel.message"].create(
            {
                "shop_id": cls.shop.id,
                "kind": kind,
                "ref": ref,
                "updated_at": updated_at,
                "digest": f"{ref}{updated_at}",
                "body": "{}",
                "received_at": cls.now - timedelta(hours=2),
            }
        )

    @classmethod
    def _make_wave(cls):
        carrier_product = cls.env["product.product"].create(
            {"name": "Control Carrier", "type": "service"}
        )
        cls.carrier = cls.env["delivery.carrier"].create(
            {"name": "Control Carrier", "product_id": carrier_product.id}
        )
        cls.wave = cls.env["channel.wave"].create(
            {
                "name": "CTLWAVE",
                "company_id": cls.company.id,
                "shop_id": cls.shop.id,
                "fulfiller_id": cls.fulfiller.id,
                "warehouse_id": cls.warehouse.id,
                "carrier_id": cls.carrier.id,
            }
        )

    @classmethod
    def sql(cls, text, *arguments):
        """Run raw SQL as a fault would: past the ORM."""
        cls.env.flush_all()
        rows = cls.env.execute_query(SQL(text, *arguments))
        cls.env.invalidate_all(flush=False)
        return rows
