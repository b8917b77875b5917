from odoo import models
from odoo.exceptions import UserError

from ..core import demo_data

# Parcels of a wave that nobody has packed yet when the carrier comes.
LEFT_TO_PACK = 2


class ChannelDemoPlay(models.AbstractModel):
    """The evening: buyers order, some ask for their money back, the warehouse ships a part."""

    _inherit = "channel.demo.story"

    def _make_evening(self, world, market, simulator, scale):
        """Play it and return what there is afterwards, by name."""
        shop = market["shop"]
        self._buy(simulator, scale)
        self._fetch(shop)
        self._ask_refunds(simulator, self._order_refs(shop, "allocated")[: max(4, scale // 40)])
        self._fetch(shop)
        waves = self._build_waves(shop, world["fulfillers"])
        first = waves[:1]
        self._pick(waves[: max(1, len(waves) // 2)])
        self._pack(first, leave=LEFT_TO_PACK)
        refused = first.parcel_ids.filtered(lambda parcel: parcel.state == "waiting")[:1]
        self._ask_refunds(simulator, refused.order_ids.mapped("order_ref"))
        self._fetch(shop)
        manifest = self._hand_over(first)
        self._pack(waves[1:2], leave=LEFT_TO_PACK)
        self._buy_later(simulator, scale)
        self._fetch(shop)
        aftersales = self._make_afterwards(shop, first, world["products"], simulator)
        self.env["settlement.event"]._split_waiting()
        controls = self.env["channel.control"]._run_all()
        self._say("controls: %s", controls)
        return {
            "orders": self.env["channel.order"].search_count([("shop_id", "=", shop.id)]),
            "exceptions": self.env["channel.exception"].search_count([("state", "=", "open")]),
            "waves": len(waves),
            "parcels_handed_over": len(manifest.parcel_ids),
            "aftersales": len(aftersales),
            "controls": controls,
        }

    # ------------------------------------------------------------------ buyers
    def _live(self):
        """What tells the platform that an order came from the evening's room."""
        return {
            "room_id": int(demo_data.ROOM_REF),
            "author_id": int(demo_data.AUTHOR_REF),
            "author_name": "小鹿",
        }

    def _skus(self, offers):
        return [int(offer.sku_ref) for offer in offers]

    def _buy(self, simulator, scale):
        """A rush in the room, a trickle outside it, and three orders that need a person."""
        evening = max(6, scale * 8 // 10)
        simulator.tell(
            "burst",
            n=evening,
            sku_ids=self._skus(demo_data.OFFERS),
            many_items=0.05,
            over_seconds=3000,
            **self._live(),
        )
        simulator.tell(
            "burst",
            n=max(2, scale - evening - 3),
            sku_ids=self._skus(demo_data.STANDING_OFFERS),
            many_items=0.05,
            over_seconds=3000,
        )
        standard, food = demo_data.OFFERS[0], demo_data.OFFERS[4]
        simulator.tell(
            "buy",
            lines=[
                {"sku_id": int(standard.sku_ref), "num": 1, "shop_fen": 200, "platform_fen": 300},
                {"sku_id": int(food.sku_ref), "num": 2, "platform_fen": 150},
            ],
            freight_fen=600,
            buyer_words="麻烦轻拿轻放",
            **self._live(),
        )
        simulator.tell(
            "add_sku",
            sku_id=int(demo_data.FORGOTTEN_SKU),
            code="ZB099",
            title="【预热】新品口红试色装",
            price_fen=9900,
        )
        simulator.tell(
            "buy", lines=[{"sku_id": int(demo_data.FORGOTTEN_SKU), "num": 1}], **self._live()
        )
        simulator.tell(
            "buy",
            lines=[{"sku_id": int(standard.sku_ref), "num": 1, "price_fen": 590}],
            **self._live(),
        )
        self._say("%s orders bought on the platform", scale)

    def _buy_later(self, simulator, scale):
        """The session goes on: orders that no wave has taken yet."""
        simulator.tell(
            "burst",
            n=max(3, scale // 10),
            sku_ids=self._skus(demo_data.OFFERS),
            many_items=0.05,
            **self._live(),
        )

    def _ask_refunds(self, simulator, order_refs):
        """Every second buyer gets the money back at once, the others wait for an answer."""
        for index, order_ref in enumerate(order_refs):
            simulator.tell("refund_order", order_id=order_ref, fast=index % 2 == 0)
        self._say("%s refunds asked", len(order_refs))

    # ------------------------------------------------------------------ desk
    def _fetch(self, shop):
        """Pull what is new on the platform and process it, as the scheduled jobs do."""
        pulled = shop._pull()
        if pulled.error:
            raise UserError(pulled.error)
        while self.env["channel.message"]._process(500).total:
            pass
        orders = self.env["channel.order"]
        groups = orders._read_group([("shop_id", "=", shop.id)], ["stage"], ["__count"])
        self._say("orders by stage: %s", dict(groups))

    def _order_refs(self, shop, stage):
        orders = self.env["channel.order"].search(
            [("shop_id", "=", shop.id), ("stage", "=", stage)], order="id"
        )
        return orders.mapped("order_ref")

    # ------------------------------------------------------------------ warehouse
    def _build_waves(self, shop, fulfillers):
        """The waves of every warehouse."""
        waves = self.env["channel.wave"]
        for fulfiller in fulfillers.values():
            waves |= self._as("warehouse", waves)._build(shop, fulfiller).with_env(self.env)
        self._say("%s waves built", len(waves))
        return waves

    def _pick(self, waves):
        """A person takes the waves and brings the goods to the packing table."""
        taken = self._as("warehouse", waves)
        taken.action_start_picking()
        taken.action_picking_done()

    def _pack(self, waves, leave=0):
        """Scan the parcels of the waves at the station, all but the last ``leave`` of each."""
        packed = 0
        for wave in waves:
            parcels = wave.parcel_ids.sorted("seq")
            for parcel in parcels[: len(parcels) - leave] if leave else parcels:
                packed += self._scan(parcel)
        self._say("%s parcels packed", packed)

    def _scan(self, parcel):
        """Scan one parcel; 1 when it was packed.

        When the station stops it, the person takes the refunded units out and scans it again.
        """
        parcels = self._as("warehouse", self.env["channel.parcel"])
        answer = parcels.scan(parcel.name)
        if answer["state"] == "stop":
            answer = parcels.scan(parcel.name, answer["station"])
        return int(answer["state"] == "ok")

    def _hand_over(self, waves):
        """The carrier takes what is packed."""
        manifests = self._as("warehouse", self.env["channel.manifest"])
        manifest = manifests.create(
            {
                "carrier_id": waves.carrier_id[:1].id,
                "warehouse_id": waves.warehouse_id[:1].id,
            }
        )
        # at once also when a person's button would leave it to a job
        manifest._hand_over()
        manifest = manifest.with_env(self.env)
        self._say(
            "manifest %s handed over with %s parcels", manifest.name, len(manifest.parcel_ids)
        )
        return manifest
