"""Decides the events of orders with what they have in common: schemes, parties, contacts.

Between the queries of ``settlement.event._split`` and the pure ``core``; it reads, and writes nothing.
"""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache

from .core.choose import Agreed, Chooser, Claim, Sale, claims, points
from .core.clawback import Refund
from .core.events import Back, Group, refunds, sale
from .core.scheme import with_rates
from .core.split import Line, Order


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of an order, and what its scheme depends on; ids, 0 where there is none."""

    line: Line
    talent: int
    category: int
    live: bool


@dataclass(slots=True)
class Sold:
    """An order that left, as it is in the database, with what is written of it."""

    id: int
    company: int
    shop: int
    session: int
    member: int
    shipper: int
    freight: int
    released: int
    day: date
    pieces: list[Piece] = field(default_factory=list)
    backs: dict[int, tuple[date, list[Refund]]] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    terms: list | None = None
    written: Counter = field(default_factory=Counter)


class Waits(Exception):
    """An order cannot be split now: reason, and the role that has no contact."""


class Book:
    """What the orders of a batch have in common."""

    def __init__(self, env, orders):
        self.env = env
        schemes = env["settlement.scheme"].search([("state", "!=", "draft")])
        self.schemes = {}
        self.roles = {}
        self.contracted = {}
        chains = defaultdict(list)
        for scheme in schemes:
            chains[scheme.company_id.id].append(scheme._terms())
            self.schemes[scheme.id] = scheme._scheme()
            self.roles[scheme.id] = tuple(rule._role() for rule in scheme.rule_ids)
            self.contracted[scheme.id] = [
                (rule.id, rule.role) for rule in scheme.rule_ids if rule.by_contract
            ]
        self.rank = {scheme: place for place, scheme in enumerate(self.schemes)}
        self.choosers = {company: Chooser(terms) for company, terms in chains.items()}
        self._load_parties(orders)
        if any(self.contracted.values()):
            self._load_contracts()
        self._claims = {}
        self._rates = {}

    def _load_parties(self, orders):
        env = self.env
        self.talents = {
            talent.id: talent
            for talent in env["channel.talent"].with_context(active_test=False).search([])
        }
        self.shops = {
            shop.id: shop
            for shop in env["channel.shop"].browse({order.shop for order in orders}).exists()
        }
        self.grades = {id: shop.member_id.grade_id.id or 0 for id, shop in self.shops.items()}
        sessions = env["channel.session"].browse({order.session for order in orders} - {0})
        self.hosts = {session.id: session.host_id.id for session in sessions.exists()}
        members = {order.member for order in orders} | {order.shipper for order in orders}
        self.members = {
            member.id: member for member in env["channel.member"].browse(members - {0}).exists()
        }

    def _load_contracts(self):
        """What was agreed with each talent, and the categories around each category."""
        self.agreed = defaultdict(list)
        for term in self.env["channel.talent.term"].search(
            [("contract_id.state", "in", ("active", "ended"))]
        ):
            contract = term.contract_id
            self.agreed[contract.talent_id.id].append(
                Agreed(
                    contract.date_start, contract.date_end or None, term.categ_id.id or 0,
                    term.percent_bp,
                )
            )  # fmt: skip
        self.around = {
            category.id: tuple(int(id) for id in category.parent_path.split("/")[-2::-1])
            for category in self.env["product.category"].search([])
        }

    def events(self, order):
        """The events that an order lacks, each with the terms to keep: (event, JSON or None)."""
        if not order.pieces:
            raise Waits("no_line", None)
        begun = order.terms is not None
        groups = self._groups_of(order) if begun else self._choose(order)
        found = [] if begun else [(sale(groups, order.day), _terms_of(groups))]
        if order.backs:
            written = Counter(order.written)
            for event, _terms in found:
                for share, _claim in event.shares:
                    written[share.line, share.rule] += share.fen
            backs = [Back(id, day, tuple(rows)) for id, (day, rows) in order.backs.items()]
            before = [back for back in backs if back.aftersale in order.done]
            news = [back for back in backs if back.aftersale not in order.done]
            found += [(event, None) for event in refunds(groups, written, before, news)]
        return found

    def _choose(self, order):
        """The groups of an order that is split now, the one with the freight first."""
        chooser = self.choosers.get(order.company)
        lines = {}
        for piece in order.pieces:
            talent = piece.talent or self.hosts.get(order.session) or 0
            scheme = chooser and chooser.choose(self._sale(order, piece, talent), order.released)
            if not scheme:
                raise Waits("no_scheme", None)
            rates = self._rates_of(order, scheme, talent, piece.category)
            lines.setdefault((scheme, talent, rates), []).append(piece.line)
        keys = sorted(lines, key=lambda key: (self.rank[key[0]], lines[key][0].id))
        return [
            Group(
                scheme, self._scheme(scheme, rates),
                Order(tuple(lines[scheme, talent, rates]), 0 if place else order.freight),
                self._claims_of(order, scheme, talent),
                rates,
            )
            for place, (scheme, talent, rates) in enumerate(keys)
        ]  # fmt: skip

    def _scheme(self, scheme, rates):
        if not rates:
            return self.schemes[scheme]
        key = scheme, rates
        if key not in self._rates:
            parts = {rule: Fraction(points, 10_000) for rule, points in rates}
            self._rates[key] = with_rates(self.schemes[scheme], parts)
        return self._rates[key]

    def _rates_of(self, order, scheme, talent, category):
        """Basis points of the rules that contracts decide: ((rule, points), …)."""
        found = []
        for rule, role in self.contracted[scheme]:
            one = self._talents_of(order, talent).get(role)
            given = 0
            if one:
                day, around = _day(order.released), self.around.get(category, ())
                given = points(self.agreed[one.id], day, around)
                if given is None:
                    raise Waits("no_contract", role)
            found.append((rule, given))
        return tuple(found)

    def _groups_of(self, order):
        """The groups of an order as it was split before."""
        lines = {piece.line.id: piece.line for piece in order.pieces}
        if any(id not in lines for kept in order.terms for id in kept["lines"]):
            raise Waits("no_line", None)
        groups = []
        for place, kept in enumerate(order.terms):
            roles = {role.rule: role for role in self.roles[kept["scheme"]]}
            rates = tuple((rule, given) for rule, given in kept.get("rates", ()))
            groups.append(
                Group(
                    kept["scheme"], self._scheme(kept["scheme"], rates),
                    Order(
                        tuple(lines[id] for id in kept["lines"]), 0 if place else order.freight
                    ),
                    {
                        rule: Claim(rule, roles[rule].role, partner, settled_by)
                        for rule, partner, settled_by in kept["claims"]
                    },
                )
            )  # fmt: skip
        return groups

    def _sale(self, order, piece, talent):
        kind = "live" if piece.live else "promoted" if piece.talent else "shop"
        return Sale(
            _day(order.released), order.shop, order.session, talent, piece.category,
            self.grades[order.shop], kind,
        )  # fmt: skip

    def _claims_of(self, order, scheme, talent):
        key = scheme, talent, order.shop, order.session, order.member, order.shipper
        if key not in self._claims:
            try:
                self._claims[key] = claims(self.roles[scheme], self._there(order, talent))
            except LookupError as error:
                self._claims[key] = error.args[0]
        found = self._claims[key]
        if isinstance(found, str):
            raise Waits("no_contact", found)
        return found

    def _there(self, order, talent):
        """Contact of each role that has a part in an order."""
        shop = self.shops[order.shop]
        there = {
            "brand": shop.company_id.partner_id.id,
            "platform": shop.clearing_partner_id.id or None,
        }
        for role, one in self._talents_of(order, talent).items():
            there[role] = one.partner_id.id or None
        for member in filter(None, map(self.members.get, (order.member, order.shipper))):
            while member:
                there.setdefault(member.kind, member.partner_id.id)
                member = member.parent_id
        return there

    def _talents_of(self, order, talent):
        """Who sold a line, by role: the session's host, the line's own talent, those behind them."""
        found = {}
        host = self.hosts.get(order.session)
        for one in filter(None, (self.talents.get(host), self.talents.get(talent))):
            found[one.kind] = one
            found |= {"colonel": one.colonel_id} if one.colonel_id else {}
            found |= {"mcn": one.mcn_id} if one.mcn_id else {}
        return found


@lru_cache(maxsize=4096)
def _day_of_hour(hour):
    return (datetime.fromtimestamp(hour * 3600, UTC) + timedelta(hours=8)).date()


def _day(at):
    """The day in China of a unix time."""
    return _day_of_hour(at // 3600)


def _terms_of(groups):
    """What a sale keeps of its groups, as JSON: they are read back by ``Book._groups_of``."""
    parts = (
        f'{{"scheme": {group.terms}, "lines": {[line.id for line in group.order.lines]},'
        f" {_kept_json(tuple(group.claims.values()), group.rates)}}}"
        for group in groups
    )
    return f"[{', '.join(parts)}]"


@lru_cache(maxsize=4096)
def _kept_json(claims, rates):
    """The same for thousands of orders: the inside of an object."""
    found = [[claim.rule, claim.partner, claim.settled_by] for claim in claims]
    return json.dumps({"claims": found, "rates": rates})[1:-1]
