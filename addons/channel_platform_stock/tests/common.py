"""A shop whose stock is told to the simulator, with offers that open, sell and close."""

import time
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields

from odoo.addons.channel_intake.tests.common import SKU, SimulatorCommon


class StockCommon(SimulatorCommon):
    """The Douyin shop of the test world tells the stock of its SKUs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stocks = cls.env["channel.platform.stock"]
        cls.calls = cls.env["channel.platform.stock.call"]
        cls.todos = cls.env["channel.platform.stock.todo"]
        cls.shop.write(
            {"stock_source": "quota", "fulfiller_ids": [Command.set(cls.fulfiller_1.ids)]}
        )
        cls.fulfiller_1.territory_ids = False
        cls.link = cls.env["channel.link"].search([("shop_id", "=", cls.shop.id)])

    def offer(self, quota, link=None, **values):
        pool = self.env["channel.pool"].create(
            {
                "shop_id": self.shop.id,
                "link_id": (link or self.link).id,
                "price": 19.9,
                "quota": quota,
                **values,
            }
        )
        pool._open()
        return pool

    def another_sku(self, sku, product_ref="", on_platform=True):
        if on_platform:
            product = int(product_ref) if product_ref else None
            self.sim.add_sku(sku, f"C{sku}", "商品", price_fen=1990, product_id=product)
        return self.env["channel.link"].create(
            {
                "shop_id": self.shop.id,
                "sku_ref": str(sku),
                "product_ref": product_ref,
                "title": f"商品{sku}",
                "component_ids": [
                    Command.create({"product_id": self.product_13.id, "quantity": 1})
                ],
            }
        )

    # -- what happens --------------------------------------------------------------------

    def tell(self):
        """What the worker does until it waits."""
        self.env.flush_all()
        for _round in range(100):
            if not self.stocks._round():
                return
        self.fail("it tells without end")

    def caught_up(self):
        """All that the platform did until now is in our books: tell what follows from it."""
        self._read_until(seconds=30)
        self.tell()
        self._read_until(hours=-1)

    def _read_until(self, **when):
        moment = fields.Datetime.now() + timedelta(**when)
        self.shop.write({"pull_orders_cursor": moment, "pull_aftersales_cursor": moment})

    def hear(self):
        """Pull what the platform did, and process it."""
        self._read_until(hours=-1)
        now = max(self.sim.clock.now(), int(time.time())) + 1
        with patch.object(type(self.shop), "_platform_now", lambda _self: now):
            self.assertFalse(self.pull().error)

    def on_sale(self, quota):
        """An offer that the platform was told of."""
        pool = self.offer(quota)
        self.tell()
        self.caught_up()
        self.assertEqual(self.number(), quota)
        return pool

    def measure(self):
        """Read back and compare."""
        self.row().next_read = fields.Datetime.now()
        self.tell()
        self.caught_up()

    def hold(self, pool, held=True):
        pool.sudo().on_hold = held
        self.env.flush_all()

    # -- what became of it ---------------------------------------------------------------

    def row(self, link=None):
        return self.stocks.search(
            [("shop_id", "=", self.shop.id), ("sku_ref", "=", (link or self.link).sku_ref)]
        )

    def number(self, sku=SKU):
        """What the platform shows."""
        [view] = self.sim.stock.view(sku)
        return view["stock_num"]

    def told(self, sku=SKU):
        """Units by which our calls changed the platform's number, in order."""
        changes = self.sim.stock.changes(sku)
        return [change["units"] for change in changes if change["kind"] == "told"]

    def left(self, pool):
        pool.invalidate_recordset()
        pool.quota_ids.invalidate_recordset()
        return pool.left
