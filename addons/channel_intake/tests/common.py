"""A Douyin shop of the test world, and the simulator behind it."""

import json
import os
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from odoo.tools import SQL

from odoo.addons.channel_network.tests.common import ChannelCommon

from ..core.platforms import registry
from ..core.platforms.base import ORDER, seal
from ..core.platforms.douyin import client as douyin_client
from ..core.platforms.douyin.client import Credentials, DoudianClient
from ..core.platforms.douyin.connection import DoudianConnection

APP_KEY, APP_SECRET = "7012345678901234567", "simulated-app-secret-not-for-production"
SHOP_REF = "4463798"
SKU = 3410716076201730
RECEIVER = {"name": "张三丰", "phone": "13800138000", "detail": "人民路1号2栋", "region": 19}


class IntakeCommon(ChannelCommon):
    """A Douyin shop with credentials from the environment, a link, and a shop for files."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(
            patch.dict(
                os.environ,
                {"QUDAO_SHOP_TEST_APP_KEY": APP_KEY, "QUDAO_SHOP_TEST_APP_SECRET": APP_SECRET},
            )
        )
        cls.shop, cls.file_shop = cls.env["channel.shop"].create(
            [
                {
                    "name": "Douyin",
                    "code": "T-DY",
                    "platform": "douyin",
                    "platform_shop_ref": SHOP_REF,
                    "credential_ref": "TEST",
                    "company_id": cls.company.id,
                },
                {
                    "name": "Files",
                    "code": "T-FILE",
                    "platform": "file",
                    "company_id": cls.company.id,
                },
            ]
        )
        for shop in (cls.shop, cls.file_shop):
            cls.env["channel.link"].create(
                {
                    "shop_id": shop.id,
                    "sku_ref": str(SKU) if shop == cls.shop else "SKU-A",
                    "sku_code": "SKU-A",
                    "title": "商品A",
                    "component_ids": [
                        (0, 0, {"product_id": cls.product_13.id, "quantity": 1, "price_share": 1})
                    ],
                }
            )
        cls.messages = cls.env["channel.message"]

    def lost(self):
        """Messages that control 2 would name."""
        return self.env.execute_query(self.messages._lost())

    def todo(self):
        """{message id: attempts} of what waits."""
        return dict(
            self.env.execute_query(SQL("SELECT message_id, attempts FROM channel_message_todo"))
        )

    def orders(self, shop=None):
        return self.env["channel.order"].search([("shop_id", "=", (shop or self.shop).id)])

    def stops(self, shop=None):
        return self.env["channel.exception"].search(
            [
                ("shop_id", "=", (shop or self.shop).id),
                ("message_ref", "!=", False),
                ("state", "=", "open"),
            ]
        )

    def due_now(self):
        """Let what waits for a later attempt be due."""
        self.env.cr.execute("UPDATE channel_message_todo SET next_attempt = '2000-01-01'")

    def raw(self, ref, **changes):
        """A stored message of a plain Douyin order with one line of 19.90."""
        order = {
            "order_id": ref,
            "order_status": 2,
            "create_time": 1795319400,
            "pay_time": 1795319415,
            "update_time": 1795319420,
            "pay_amount": 1990,
            "post_amount": 0,
            "post_addr": {"province": "福建省", "city": "厦门市", "town": "思明区"},
            "sku_order_list": [
                {
                    "order_id": f"{ref}1",
                    "sku_id": SKU,
                    "item_num": 1,
                    "origin_amount": 1990,
                    "sum_amount": 1990,
                    "pay_amount": 1990,
                }
            ],
        } | changes
        return seal(ORDER, order, ref, order["update_time"], 1795319420)

    def store(self, *messages, shop=None, source="pull"):
        return self.messages._store(shop or self.shop, messages, source=source)


class SimulatorCommon(IntakeCommon):
    """The same, with a running simulator; nobody sleeps between retries."""

    def setUp(self):
        super().setUp()
        from simulators.douyin import DouyinSimulator

        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.sim = self.enterContext(DouyinSimulator(db=str(Path(folder.name) / "douyin.db")))
        self.sim.add_sku(SKU, "SKU-A", "商品A", price_fen=1990)
        self.shop.base_url = self.sim.url
        self.slept = []
        self.startPatcher(patch.dict(registry.CONNECTIONS, douyin=self._connect))
        for cache in (douyin_client._tokens, douyin_client._names, douyin_client._buckets):
            self.startPatcher(patch.dict(cache, clear=True))

    def _connect(self, access):
        credentials = Credentials(access.app_key, access.app_secret, access.shop_ref)
        return DoudianConnection(
            DoudianClient(credentials, access.base_url, sleep=self.slept.append)
        )

    def buy(self, number=1, receiver=None, **values):
        return self.sim.buy([{"sku_id": SKU, "num": number}], receiver or RECEIVER, **values)

    def pull(self):
        result = self.shop._pull()
        self.messages._process()
        return result

    def books(self):
        return {row["order_id"]: row for row in self.sim.books()["orders"]}

    def wait_a_second(self):
        """So that the next change on the platform has a later update time."""
        self.sim.clock.set(max(self.sim.clock.now(), int(time.time())) + 1)

    @staticmethod
    def as_json(message):
        return json.loads(message.sudo().body)
