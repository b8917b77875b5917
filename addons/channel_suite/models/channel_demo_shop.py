import os

from dateutil.relativedelta import relativedelta

from odoo import Command, fields, models

from odoo.addons.channel_network.core.money import from_fen

from ..core import demo_data
from .channel_demo_story import CREDENTIALS

CARRIERS = (
    ("中通快递 ZTO", "zhongtong", "SHA", "75"),
    ("韵达速递 Yunda", "yunda", "CAN", "46"),
)


class ChannelDemoShop(models.AbstractModel):
    """The shop on the platform, its links, who sells there, and the session of the evening."""

    _inherit = "channel.demo.story"

    def _make_shop(self, world, simulator, scale):
        """Shop, links, carriers, talents and the open session, by name."""
        shop = self.env["channel.shop"].create(self._shop_values(simulator))
        links = {
            offer.number: self._make_link(shop, world["products"], offer)
            for offer in demo_data.OFFERS + demo_data.STANDING_OFFERS
        }
        for offer in demo_data.OFFERS + demo_data.STANDING_OFFERS:
            simulator.tell(
                "add_sku",
                sku_id=int(offer.sku_ref),
                code=offer.code,
                title=offer.title,
                price_fen=offer.price,
            )
        carriers = self._make_carriers(shop, world["fulfillers"])
        talents = self._make_talents()
        self._make_schemes(shop, talents)
        session = self._make_session(shop, links, talents, scale)
        standing = self._make_standing(shop, links, scale)
        self._say("shop %s with an open session of %s items", shop.name, len(session.item_ids))
        return {
            "shop": shop,
            "links": links,
            "carriers": carriers,
            "session": session,
            "standing": standing,
        }

    def _shop_values(self, simulator):
        now = fields.Datetime.now()
        return {
            "name": "示例品牌官方旗舰店",
            "code": "DY1",
            "platform": "douyin",
            "platform_shop_ref": os.environ.get("QUDAO_SIM_SHOP_ID", "4463798"),
            "base_url": simulator.url,
            "credential_ref": CREDENTIALS,
            "stock_source": "quota",
            "pull_orders_cursor": now - relativedelta(hours=2),
            "pull_aftersales_cursor": now - relativedelta(hours=2),
        }

    def _make_link(self, shop, products, offer):
        return self.env["channel.link"].create(
            {
                "shop_id": shop.id,
                "title": offer.title,
                "product_ref": offer.sku_ref,
                "sku_ref": offer.sku_ref,
                "sku_code": offer.code,
                "component_ids": [
                    Command.create(
                        {
                            "product_id": products[code].id,
                            "quantity": quantity,
                            "price_share": share,
                            "sequence": sequence,
                        }
                    )
                    for sequence, (code, quantity, share) in enumerate(offer.parts)
                ],
            }
        )

    def _make_carriers(self, shop, fulfillers):
        """A carrier with numbers and a wave rule for each warehouse, by warehouse code."""
        carriers = {}
        for name, code, warehouse, prefix in CARRIERS:
            product = self.env["product.product"].create(
                {"name": name, "type": "service", "sale_ok": False, "purchase_ok": False}
            )
            carrier = self.env["delivery.carrier"].create(
                {
                    "name": name,
                    "product_id": product.id,
                    "channel_code": code,
                    "channel_waybill_source": "pool",
                }
            )
            self.env["channel.waybill.pool"].create(
                {
                    "carrier_id": carrier.id,
                    "prefix": prefix,
                    "width": 12,
                    "next_number": 100_000,
                    "last_number": 999_999,
                }
            )
            self.env["channel.wave.rule"].create(
                {
                    "shop_id": shop.id,
                    "fulfiller_id": fulfillers[warehouse].id,
                    "carrier_id": carrier.id,
                    "hot_minimum": 10,
                }
            )
            carriers[warehouse] = carrier
        return carriers

    def _make_talents(self):
        """An MCN and its host, with a contract in force."""
        talents = self._as("manager", self.env["channel.talent"])
        agency = talents.create({"name": "星耀传媒", "kind": "mcn"})
        host = talents.create(
            {
                "name": "小鹿",
                "kind": "host",
                "mcn_id": agency.id,
                "account_ids": [
                    Command.create(
                        {
                            "platform": "douyin",
                            "author_ref": demo_data.AUTHOR_REF,
                            "nickname": "小鹿",
                        }
                    )
                ],
            }
        )
        contract = self._as("manager", self.env["channel.talent.contract"]).create(
            {
                "name": "XY-2026-001",
                "talent_id": host.id,
                "term_ids": [Command.create({"percent_bp": 2000, "pit_fee": 3000})],
            }
        )
        contract.action_activate()
        return {"host": host, "mcn": agency}

    def _make_session(self, shop, links, talents, scale):
        """The evening's session, opened: its quota is reserved stock from now on."""
        now = fields.Datetime.now()
        session = self._as("operator", self.env["channel.session"]).create(
            {
                "name": "双十一返场直播",
                "shop_id": shop.id,
                "host_id": talents["host"].id,
                "room_ref": demo_data.ROOM_REF,
                "planned_start": now - relativedelta(hours=1),
                "planned_end": now + relativedelta(hours=3),
                "item_ids": self._items(links, demo_data.OFFERS, scale),
            }
        )
        session.action_open()
        return session.with_env(self.env)

    def _make_standing(self, shop, links, scale):
        """What the shop sells outside the evening's room."""
        session = self._as("operator", self.env["channel.session"]).create(
            {
                "name": "日常销售",
                "shop_id": shop.id,
                "item_ids": self._items(links, demo_data.STANDING_OFFERS, scale),
            }
        )
        session.action_open()
        return session.with_env(self.env)

    def _items(self, links, offers, scale):
        return [
            Command.create(
                {
                    "link_id": links[offer.number].id,
                    "price": str(from_fen(offer.price)),
                    "price_floor": str(from_fen(offer.price * 6 // 10)),
                    "quota": max(10, scale * offer.quota_share // 100),
                    "sequence": offer.number,
                }
            )
            for offer in offers
        ]
