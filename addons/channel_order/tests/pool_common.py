from odoo import Command

from odoo.addons.channel_network.tests.common import ChannelCommon


class PoolCommon(ChannelCommon):
    """A shop with links and pools on top of the world of channel_network."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls.env["channel.shop"].create(
            {
                "name": "Pool Test Shop",
                "code": "POOLTEST",
                "company_id": cls.company.id,
                "fulfiller_ids": [Command.set(cls.fulfiller_1.ids)],
            }
        )
        cls.quota_model = cls.env["channel.pool.quota"]

    @classmethod
    def make_link(cls, sku, components, shop=None):
        """A platform link of ``{product: units of it}``."""
        return cls.env["channel.link"].create(
            {
                "shop_id": (shop or cls.shop).id,
                "title": f"Link {sku}",
                "sku_ref": sku,
                "component_ids": [
                    Command.create({"product_id": product.id, "quantity": qty, "price_share": 1})
                    for product, qty in components.items()
                ],
            }
        )

    @classmethod
    def make_pool(cls, sku, components, quota, **values):
        """A planned pool with a link of its own."""
        link = cls.make_link(sku, components)
        return cls.env["channel.pool"].create(
            {
                "shop_id": cls.shop.id,
                "link_id": link.id,
                "price": 9.9,
                "quota": quota,
                **values,
            }
        )

    def allocate(self, pool, units):
        """What the ingestion does: promise units of the pool's only quota to orders."""
        self.env.cr.execute(
            "UPDATE channel_pool_quota SET allocated = allocated + %s WHERE pool_id = %s",
            (units, pool.id),
        )
        pool.invalidate_recordset()
        pool.quota_ids.invalidate_recordset()

    def free(self, product, warehouse=None):
        """Free units of a product in a warehouse."""
        location = (warehouse or self.warehouse_1).lot_stock_id
        return self.env["stock.quant"]._get_available_quantity(product, location)

    def locked(self, pool):
        """{product: (demand, reserved)} of the live lock moves."""
        moves = self.env["stock.move"].search(
            [
                ("channel_quota_id", "in", pool.quota_ids.ids),
                ("state", "not in", ("done", "cancel")),
            ]
        )
        return {
            product: (sum(rows.mapped("product_uom_qty")), sum(rows.mapped("quantity")))
            for product, rows in moves.grouped("product_id").items()
        }

    def counters(self, pool):
        """(quantity, allocated, waved) summed over the quotas."""
        pool.quota_ids.invalidate_recordset()
        return tuple(
            sum(pool.quota_ids.mapped(name)) for name in ("quantity", "allocated", "waved")
        )

    def assertCovered(self):
        self.assertEqual(self.quota_model._uncovered(), [])
