"""The evening of 2,000 orders, step by step, and what is remembered of it for the checks."""

from dataclasses import dataclass, field

from odoo.addons.channel_suite.core import demo_data
from odoo.addons.channel_suite.core.simulator import Simulator

SCALE = 2000

# orders refunded while they stand at this stage: [refunded at once, agreed later, withdrawn]
REFUNDS = {
    "queued": (2, 1, 0),
    "allocated": (12, 4, 4),
    "waved": (8, 3, 3),
    "picked": (6, 2, 2),
    "packed": (5, 2, 1),
}


@dataclass
class Evening:
    """Plays the story's steps on a real database, committing after each as the jobs do."""

    env: object
    simulator: object
    scale: int = SCALE
    refunded: dict = field(default_factory=dict)  # stage -> order references refunded there
    at_once: dict = field(default_factory=dict)  # … those of them that were paid back at once
    withdrawn: list = field(default_factory=list)
    left_parcels: list = field(default_factory=list)
    mixed_order: str = ""
    controls: dict = field(default_factory=dict)  # step -> what the controls said

    def __post_init__(self):
        story = self.env["channel.demo.story"].sudo()
        self.story = story.with_context(
            channel_one_transaction=True, tracking_disable=True
        )._in_company()
        self.env = self.story.env
        self.remote = Simulator(self.simulator.url)

    def play(self):
        """Everything, from the empty company to the last manifest."""
        self.world = self.story._make_world()
        self.market = self.story._make_shop(self.world, self.remote, self.scale)
        self.shop = self.market["shop"]
        self._step("set up")
        self._sell()
        self._refund("queued")
        self._refund("allocated")
        self.waves = self.story._build_waves(self.shop, self.world["fulfillers"])
        self._step("waves built")
        self._refund("waved")
        self.story._pick(self.waves)
        self._step("picked")
        self._refund("picked")
        self._pack_but_one()
        self._refund("packed")
        self._decide()
        self.manifests = [self._hand_over()]
        self._step("first hand-over")
        self._finish()
        return self

    # ------------------------------------------------------------------ steps
    def _step(self, name):
        """End of a step: committed, and every control asked."""
        self.env.flush_all()
        self.env.cr.commit()
        self.controls[name] = self.env["channel.control"]._run_all()
        self.env.cr.commit()

    def _sell(self):
        self.story._buy(self.remote, self.scale)
        self.mixed_order = self._order_of_two_rates()
        for order_ref in self.simulator.order_ids(status=1):
            self.simulator.cancel(order_ref)  # who has not paid by now never will
        self.story._fetch(self.shop)
        self.simulator.release_risk()
        self.story._fetch(self.shop)
        self._step("sold")

    def _order_of_two_rates(self):
        """The order with goods of 13 % and food of 9 %, bought for the purpose by the story."""
        wanted = {demo_data.OFFERS[0].sku_ref, demo_data.OFFERS[4].sku_ref}
        for order_id in reversed(self.simulator.order_ids()):
            order = self.simulator.order(order_id)
            lines = order["sku_order_list"]
            if {str(line["sku_id"]) for line in lines} == wanted and order[
                "buyer_words"
            ] == "麻烦轻拿轻放":
                return order_id
        raise AssertionError("the story bought no order of two VAT rates")

    def _at(self, stage):
        """References of orders at a stage that nobody has touched, oldest first."""
        taken = {ref for refs in self.refunded.values() for ref in refs} | set(self.withdrawn)
        orders = self.env["channel.order"].search(
            [
                ("shop_id", "=", self.shop.id),
                ("stage", "=", stage),
                ("refund_open", "=", False),
            ],
            order="id",
        )
        return [
            order.order_ref
            for order in orders
            if order.order_ref not in taken and order.order_ref != self.mixed_order
        ]

    def _refund(self, stage):
        """Some buyers of this stage ask: paid back at once, agreed later, or think again."""
        fast, agreed, withdrawn = REFUNDS[stage]
        # spread over the list, so that several waves and warehouses are hit
        refs = self._at(stage)[:: max(1, len(self._at(stage)) // (fast + agreed + withdrawn))]
        self.refunded[stage] = refs[: fast + agreed]
        self.at_once[stage] = refs[:fast]
        for ref in refs[:fast]:
            self.simulator.refund_order(ref, fast=True)
        self.pending = getattr(self, "pending", [])
        for ref in refs[fast : fast + agreed]:
            self.pending += [(True, aftersale) for aftersale in self.simulator.refund_order(ref)]
        for ref in refs[fast + agreed : fast + agreed + withdrawn]:
            self.withdrawn.append(ref)
            self.pending += [(False, aftersale) for aftersale in self.simulator.refund_order(ref)]
        self.story._fetch(self.shop)
        self._step(f"refunds when {stage}")

    def _pack_but_one(self):
        """Scan every parcel; one of the largest wave stays on the table when the carrier comes."""
        largest = max(self.waves, key=lambda wave: len(wave.parcel_ids))
        quiet = largest.parcel_ids.filtered(
            lambda parcel: (
                set(parcel.order_ids.mapped("stage")) == {"picked"}
                and not any(parcel.order_ids.mapped("refund_open"))
            )
        )
        self.left_parcels = quiet.sorted("seq")[-1:]
        for parcel in self.waves.parcel_ids - self.left_parcels:
            self.story._scan(parcel)
        self._step("packed")

    def _decide(self):
        """The shop agrees to what is to be refunded; the other buyers withdraw."""
        for agree, aftersale in self.pending:
            if agree:
                self.simulator.agree_refund(aftersale)
            else:
                self.simulator.close_refund(aftersale)
        self.pending = []
        self.story._fetch(self.shop)
        self._step("refunds decided")

    def _hand_over(self):
        manifests = self.env["channel.manifest"]
        for waves in self.waves.grouped("carrier_id").values():
            if waves.parcel_ids.filtered(lambda parcel: parcel.state == "packed"):
                manifests |= self.story._hand_over(waves)
        return manifests

    def _finish(self):
        """Pack and hand over what stayed behind, wave what became free, tell the platform."""
        for _round in range(4):
            self.story._fetch(self.shop)
            fresh = self.story._build_waves(self.shop, self.world["fulfillers"])
            if fresh:
                self.story._pick(fresh)
                self.waves |= fresh
            todo = self.waves.parcel_ids.filtered(
                lambda parcel: parcel.state in ("waiting", "left", "stopped")
            )
            for parcel in todo:
                self.story._scan(parcel)
            manifest = self._hand_over()
            if manifest:
                self.manifests.append(manifest)
            self._step(f"round {_round}")
            if not (fresh or manifest):
                break
        while self.env["channel.outbox"]._drain(500).done:
            self.env.cr.commit()
        self.story._fetch(self.shop)
        self._step("platform told")
