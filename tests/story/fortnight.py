"""Two weeks of after-sales after the evening: who asks for what, and what is found in the parcels.

Time passes on the platform's clock, and the house looks at that clock. What is played here is kept
beside the books (``Case``), so that the checks compare with what was done and not with what was
stored.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone

from odoo import fields

from odoo.addons.channel_network import china
from odoo.addons.channel_suite.core import demo_data

DAYS = 14
CHINA = timezone(timedelta(hours=8))
DAY, HOUR = 86_400, 3_600
COHORTS = (3, 5, 8)  # days on which buyers who have their goods ask
ASKED, SENT, ARRIVED, SHIPPED_AGAIN, GOT = 0, 1, 3, 4, 6  # days after that
RELEASED_FROM = 8  # from this day on clean returns are paid back without a person


@dataclass(frozen=True)
class Plan:
    """What some buyers do, and how it ends.

    ``request`` and ``goods``: what is decided at that gate (grant, refuse, pay: the platform pays
    at once; empty: nobody decides). ``parcel``: what is found in it (empty: none comes). ``fate``
    of the parcel that is under way. ``part``: half of the money. ``closed``: the buyer withdraws,
    before or after sending. ``told``: the buyer told the waybill before the parcel was here.
    """

    name: str
    kind: str
    many: int
    end: str
    request: str = "grant"
    goods: str = ""
    parcel: str = ""
    fate: str = ""
    part: bool = False
    bundle: bool = False
    closed: str = ""
    told: bool = True


UNDER_WAY = (
    Plan("stopped", "refund_only", 8, "done", fate="stopped", parcel="good"),
    Plan("not taken", "refund_only", 4, "done", request="pay", fate="rejected", parcel="good"),
    Plan("not taken, spoilt", "refund_only", 2, "done", request="pay", fate="rejected",
         parcel="defect"),
    Plan("too late to stop", "refund_only", 2, "done", request="pay", fate="delivered"),
)  # fmt: skip
DELIVERED = (
    Plan("part of the money", "refund_only", 12, "done", part=True),
    Plan("money refused", "refund_only", 3, "refused", request="refuse"),
    Plan("asked again", "refund_only", 3, "done", request="again"),
    Plan("price", "price", 9, "done", part=True),
    Plan("clean", "return", 33, "done", parcel="good", goods="grant"),
    Plan("clean bundle", "return", 6, "done", parcel="good", goods="grant", bundle=True),
    Plan("spoilt", "return", 6, "done", parcel="defect", goods="grant"),
    Plan("wrong, refused", "return", 3, "refused", parcel="wrong", goods="refuse"),
    Plan("wrong, held", "return", 3, "goods", parcel="wrong"),
    Plan("missing, paid", "return", 3, "done", parcel="missing", goods="grant", bundle=True),
    Plan("missing, held", "return", 3, "goods", parcel="missing", bundle=True),
    Plan("withdrawn", "return", 3, "closed", closed="before"),
    Plan("withdrawn on the way", "return", 3, "closed", closed="after", parcel="good"),
    Plan("paid at once", "return", 3, "done", request="pay"),
    Plan("not answered", "return", 3, "request", request=""),
    Plan("never sent", "return", 3, "wait_goods"),
    Plan("on the desk", "return", 3, "inspect", parcel="uncounted"),
    Plan("without owner", "return", 6, "done", parcel="good", goods="grant", told=False),
    Plan("exchange", "exchange", 6, "done", parcel="good"),
    Plan("exchange of spoilt", "exchange", 3, "done", parcel="defect", goods="grant"),
    Plan("resend", "resend", 6, "done"),
)  # fmt: skip
GATES = {"grant": "", "refuse": "包裹内容不符，凭证不足"}


@dataclass
class Case:
    """One after-sale: ``units`` are those of its line by product code, ``found`` the units counted
    by (code, condition), ``fen`` what the buyer is to get."""

    plan: Plan
    day: int
    order_ref: str
    line_ref: str
    units: Counter
    paid: int
    warehouse: object
    aftersale_ref: str = ""
    waybill: str = ""
    parcel: object = None
    fen: int = 0
    found: Counter = field(default_factory=Counter)


class Fortnight:
    """Plays the two weeks on the database and the platform of an :class:`Evening`."""

    def __init__(self, evening, patch):
        self.evening = evening
        self.env = evening.env
        self.simulator = evening.simulator
        self.store = evening.simulator.store
        self.sales = evening.simulator.after_shipping
        self.story = evening.story
        self.shop = evening.shop
        self.cases: list[Case] = []
        self.foreign = None
        self.controls = {}
        self.notes_by_day = {}
        self.small = {}  # fen that were paid in small, by the platform's number
        now = datetime.fromtimestamp(self.simulator.clock.now(), CHINA)
        self.start = int(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp())
        clock = self.simulator.clock
        patch.setattr(type(self.shop), "_platform_now", lambda _self: clock.now())
        patch.setattr(
            china, "today", lambda _env: datetime.fromtimestamp(clock.now(), CHINA).date()
        )

    def play(self):
        """Day by day: buyers, clerk, returns desk, shelf, books."""
        self._choose()
        for day in range(1, DAYS + 1):
            self._play(day)
        return self

    def _play(self, day):
        self._hour(day, 8)
        self.env.company.channel_release_clean = day >= RELEASED_FROM
        self._books(day)
        self._deliver(day)
        self._buyers(day)
        self._hour(day, 11)
        self._clerk(day)
        self._hour(day, 14)
        self._carrier(day)
        self._desk(day)
        self._hour(day, 16)
        self._decide_goods()
        self._pay_small(day)
        self.story._send_replacements()
        self._sync()
        self.story._empty_trolleys()
        self.env.flush_all()
        self.env.cr.commit()
        if not day % 3 or day == DAYS:
            self.controls[day] = self.env["channel.control"]._run_all()
            self.env.cr.commit()

    # ------------------------------------------------------------------ time
    def _hour(self, day, hour):
        self.simulator.clock.set(self.start + day * DAY + hour * HOUR)

    def _sync(self):
        """What we owe the platform is told, what it says is read."""
        self.story._tell_platform()
        self.simulator.clock.advance(60)  # a new version is of a later second
        self.story._fetch(self.shop)

    # ------------------------------------------------------------------ who asks
    def _choose(self):
        """Orders for every plan: of one line, alone in their parcel, nothing asked before."""
        orders = self.env["channel.order"].search(
            [("shop_id", "=", self.shop.id), ("stage", "=", "shipped")], order="id"
        )
        asked = set(self.env["channel.aftersale"].search([]).mapped("order_ref"))
        lines = {}
        for row in self.store.all("SELECT * FROM lines"):
            lines.setdefault(row["order_id"], []).append(row)
        offers = {o.sku_ref: o for o in demo_data.OFFERS + demo_data.STANDING_OFFERS}
        single, bundles = [], []
        for order in orders:
            own = lines[order.order_ref]
            offer = offers.get(str(own[0]["sku_id"]))
            if len(own) == 1 and offer and order.order_ref not in asked and (
                len(order.parcel_id.order_ids) == 1 and own[0]["pay_fen"] > 100
            ):  # fmt: skip
                (bundles if len(offer.parts) > 1 else single).append((order, own[0], offer))
        # spread over the list, so that waves and warehouses are mixed
        picks = {
            False: iter(single[:: max(1, len(single) // 140)]),
            True: iter(bundles[:: max(1, len(bundles) // 20)]),
        }
        for plan in UNDER_WAY:
            self._add(plan, 1, picks[plan.bundle])
        for plan in DELIVERED:
            for day in COHORTS:
                self._add(plan, day, picks[plan.bundle], len(COHORTS))

    def _add(self, plan, day, orders, share=1):
        for _n in range(plan.many // share):
            order, line, offer = next(orders)
            units = Counter({code: n * line["item_num"] for code, n, _price in offer.parts})
            self.cases.append(
                Case(
                    plan, day, order.order_ref, line["line_id"], units, line["pay_fen"],
                    order.parcel_id.warehouse_id,
                )
            )  # fmt: skip

    def _on(self, day, offset, **wanted):
        """Cases whose buyers asked ``offset`` days ago."""
        return [
            case
            for case in self.cases
            if case.day == day - offset
            and all(getattr(case.plan, name) == value for name, value in wanted.items())
        ]

    def rows(self, cases):
        """Their after-sales here."""
        return self.env["channel.aftersale"].search(
            [("aftersale_ref", "in", [case.aftersale_ref for case in cases])]
        )

    # ------------------------------------------------------------------ buyers and platform
    def _deliver(self, day):
        """Everything is delivered on the second day, but what is stopped or not taken."""
        if day != 2:
            return
        apart = {case.order_ref for case in self.cases if case.plan in UNDER_WAY}
        with self.store.transaction():
            for ref in self.simulator.order_ids(status=3):
                if ref not in apart:
                    self.simulator.complete(ref)

    def _buyers(self, day):
        for case in self._on(day, ASKED):
            fen = case.paid // 2 if case.plan.part else 0
            case.aftersale_ref = self.sales.apply(case.line_ref, case.plan.kind, fen=fen)
            if case.plan.kind in ("refund_only", "return", "price") and case.plan.end == "done":
                case.fen = fen or case.paid
            if case.plan.request == "pay":
                self.sales.pay_at_once(case.aftersale_ref)
        for case in self._on(day, 1, request="again"):
            self.sales.ask_again(case.aftersale_ref)
        for case in self._on(day, 1, closed="before"):
            self.simulator.close_refund(case.aftersale_ref)
        for case in self._on(day, SENT):
            if case.plan.parcel and case.plan.kind != "refund_only":
                self._send_back(case)
        for case in self._on(day, 2, closed="after"):
            self.simulator.close_refund(case.aftersale_ref)
        for case in self._on(day, 4, told=False):  # at last he says under which number
            self.sales.send_back(case.aftersale_ref, "yunda", case.waybill)
        for kind in ("exchange", "resend"):
            for case in self._on(day, GOT, kind=kind):
                self.sales.got_replacement(case.aftersale_ref)
        self._sync()

    def _send_back(self, case):
        case.waybill = f"BK{case.aftersale_ref[-10:]}"
        if case.plan.told:
            self.sales.send_back(case.aftersale_ref, "yunda", case.waybill)

    # ------------------------------------------------------------------ clerk
    def _clerk(self, day):
        """The requests of today are decided; parcels under way are stopped by that alone."""
        cases = self._on(day, ASKED) + self._on(day, 1, request="again")
        by_answer = {"grant": [], "refuse": []}
        for case in cases:
            answer = case.plan.request
            if answer == "again":
                answer = "refuse" if case.day == day else "grant"
            if answer in by_answer:
                by_answer[answer].append(case)
        for answer, chosen in by_answer.items():
            self.story._decide(self.rows(chosen), answer, GATES[answer])
        self._sync()

    def _decide_goods(self):
        """What was counted and is not clean waits for a person; some of it is decided."""
        for answer, reason in (("grant", "已与买家核实"), ("refuse", GATES["refuse"])):
            cases = [case for case in self.cases if case.aftersale_ref]
            cases = [case for case in cases if case.plan.goods == answer]
            rows = self.rows(cases).filtered(lambda row: row.step == "goods")
            # the platform takes an answer about goods only once the buyer has said they are sent
            self.story._decide(rows.filtered("return_waybill"), answer, reason)

    # ------------------------------------------------------------------ carrier and desk
    def _carrier(self, day):
        for case in self._on(day, 1):
            if case.plan.fate:
                self.sales.parcel(case.aftersale_ref, case.plan.fate)
        self._sync()

    def _desk(self, day):
        """Parcels arrive; those whose number nobody told get the sender's phone noted."""
        for case in self._on(day, ARRIVED):
            if not case.plan.parcel:
                continue
            if case.plan.kind == "refund_only":
                case.waybill = self._sent_under(case)
            codes = self._scans(case)
            if not case.plan.told:
                codes = [self.simulator.receiver(case.order_ref)["phone"], *codes]
            case.parcel = self.story._count_parcel(case.warehouse, case.waybill, codes)
        for case in self._on(day, 4, told=False):
            self.story._find_owner(case.parcel)
        if day == DAYS - 1:
            warehouse = self.cases[0].warehouse
            codes = [self._bar_code("SL005"), "R-GOOD", "R-CONFIRM"]
            self.foreign = self.story._count_parcel(warehouse, "XX99887766", codes)

    def _sent_under(self, case):
        order = self.env["channel.order"].search([("order_ref", "=", case.order_ref)])
        return order.parcel_id.waybill

    def _bar_code(self, code):
        return self.evening.world["products"][code].barcode

    def _scans(self, case):
        """What is scanned of a parcel, noted in the case."""
        units, found = sorted(case.units.elements()), []
        what = case.plan.parcel
        if what == "uncounted":
            return []
        for place, code in enumerate(units):
            condition = what if place == 0 else "good"
            found.append(("SL007" if condition == "wrong" else code, condition))
            if condition == "wrong":
                found.append((code, "missing"))
        case.found = Counter(found)
        codes = []
        for code, condition in sorted(found, key=lambda one: one[1] == "missing"):
            codes += [self._bar_code(code), f"R-{condition.upper()}"]
        return [*codes, "R-CONFIRM"]

    # ------------------------------------------------------------------ small payments
    def _pay_small(self, day):
        """On some days a buyer who asked for nothing gets a little; one is taken back at once."""
        if day % 3 != 2:
            return
        asked = {case.order_ref for case in self.cases}
        orders = self.env["channel.order"].search(
            [("shop_id", "=", self.shop.id), ("stage", "in", ("shipped", "done")),
             ("amount_paid", ">", 5), ("order_ref", "not in", sorted(asked))], order="id"
        )  # fmt: skip
        order = random.Random(day).choice(orders)
        payments = self.story._as("operator", self.env["channel.small.payment"])
        fen = 100 + day
        payment = payments.create(
            {"order_id": order.id, "purpose": "compensation", "amount": fen / 100, "reason": "补偿"}
        )
        payment.action_submit()
        number = f"XE{day}"
        # the platform's clock runs ahead of ours, and a payment cannot
        payment._record_paid(number, fields.Datetime.now())
        if day == 5:
            self.story._as("finance", payment)._take_back("登记错误")
        else:
            self.small[number] = fen

    # ------------------------------------------------------------------ books
    def _books(self, day):
        """The nightly run: the notes of the days that are over."""
        before = self.env["account.move"].search([("move_type", "=", "out_refund")])
        self.env["channel.order.credit"]._cron_credit()
        self.env["channel.small.payment.posting"]._cron_post()
        self.env["settlement.event"]._split_waiting()
        self.env["settlement.posting"]._cron_post()
        after = self.env["account.move"].search([("move_type", "=", "out_refund")])
        self.notes_by_day[day] = after - before

    def refund_movements(self):
        """The simulator's own ledger of money given back after shipment:
        [(day in China, order number, after-sale number, fen)]."""
        refs = {case.aftersale_ref for case in self.cases}
        return [
            (_day(row["at"]), row["order_id"], row["note"], -row["amount_fen"])
            for row in self.store.all("SELECT * FROM owed WHERE event = 'refund' ORDER BY entry")
            if row["note"] in refs
        ]


def _day(seconds) -> date:
    return datetime.fromtimestamp(seconds, UTC).astimezone(CHINA).date()
