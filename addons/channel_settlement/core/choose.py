"""Which scheme a line of an order falls under, and who its parties are.

A scheme is a chain of versions; a version is published once and never changed. A line is settled by
the version that was in force when its order was released, so that new terms never move an old order
(decision 0015). Only where none was in force, the first version of a scheme that was published
later counts: it contradicts nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

Scope = frozenset[int]


@dataclass(frozen=True, slots=True)
class Terms:
    """A published version of a scheme, and what it is for; an empty scope is everything.

    :ivar published: unix time; ``ended``: since then it is not in force any more
    :ivar first: nothing was published before it under its name
    :ivar start: days of release, in China, that it is for; ``end`` is the last
    """

    id: int
    sequence: int
    published: int
    start: date
    ended: int | None = None
    end: date | None = None
    first: bool = True
    shops: Scope = frozenset()
    sessions: Scope = frozenset()
    talents: Scope = frozenset()
    categories: Scope = frozenset()
    grades: Scope = frozenset()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Sale:
    """What the choice for a line depends on; 0 where there is none.

    :ivar kind: ``live`` from a room, ``promoted`` by a talent elsewhere, else ``shop``
    """

    day: date
    shop: int
    session: int = 0
    talent: int = 0
    category: int = 0
    grade: int = 0
    kind: str = "shop"


class Chooser:
    """Chooses among versions; what was asked once is known."""

    def __init__(self, terms: Iterable[Terms]) -> None:
        self.terms = sorted(terms, key=lambda terms: (terms.sequence, terms.id))
        changes = {each.published for each in self.terms} | {each.ended for each in self.terms}
        self.changes = sorted(at for at in changes if at is not None)
        self._known: dict[tuple[int, Sale], int | None] = {}

    def choose(self, sale: Sale, at: int) -> int | None:
        """The id of the version for what was released at a unix time; None: no scheme is for it."""
        key = bisect_right(self.changes, at), sale
        if key not in self._known:
            self._known[key] = self._choose(sale, at)
        return self._known[key]

    def _choose(self, sale: Sale, at: int) -> int | None:
        later = None
        for terms in self.terms:
            if not _covers(terms, sale) or (terms.ended is not None and terms.ended <= at):
                continue
            if terms.published <= at:
                return terms.id
            if terms.first and later is None:
                later = terms.id
        return later


def _covers(terms: Terms, sale: Sale) -> bool:
    return (
        terms.start <= sale.day
        and (terms.end is None or sale.day <= terms.end)
        and (not terms.kind or terms.kind == sale.kind)
        and all(
            not scope or value in scope
            for scope, value in (
                (terms.shops, sale.shop),
                (terms.sessions, sale.session),
                (terms.talents, sale.talent),
                (terms.categories, sale.category),
                (terms.grades, sale.grade),
            )
        )
    )


@dataclass(frozen=True, slots=True)
class Claim:
    """Who gets the share of a rule.

    :ivar partner: contact's id; None: a party without one, which only a platform can pay
    :ivar settled_by: ``us``, ``platform``, ``channel``; ``kept``: it stays with the brand
    """

    rule: int
    role: str
    partner: int | None
    settled_by: str


@dataclass(frozen=True, slots=True)
class Role:
    """What a rule says about its party; ``partner`` only of a named one."""

    rule: int
    role: str
    settled_by: str
    partner: int | None = None


KEPT = "kept"


def claims(roles: Iterable[Role], there: Mapping[str, int | None]) -> dict[int, Claim]:
    """The parties of a scheme's rules, by rule.

    The share of a party that has no part in the order stays with the brand.

    :param there: contact of each role that has a part in the order, at least of ``brand``; None
        where we have no contact of it
    :raise LookupError: we are to pay a party without a contact; its argument is the role
    """
    found = []
    for each in roles:
        if each.role == "other":
            found.append(Claim(each.rule, each.role, each.partner, each.settled_by))
        elif each.role == "brand" or each.role not in there:
            found.append(Claim(each.rule, each.role, there["brand"], KEPT))
        elif there[each.role] is None and each.settled_by != "platform":
            raise LookupError(each.role)
        else:
            found.append(Claim(each.rule, each.role, there[each.role], each.settled_by))
    return {claim.rule: claim for claim in found}


@dataclass(frozen=True, slots=True)
class Agreed:
    """Basis points that a contract gives for a product category; 0: for all without their own.

    :ivar start: days, in China, that the contract is in force; ``end`` is the last
    """

    start: date
    end: date | None
    category: int
    points: int


def points(agreed: Iterable[Agreed], day: date, categories: Iterable[int]) -> int | None:
    """Basis points on a day for a product; None: no contract is in force.

    A contract in force that says nothing of the product gives 0.

    :param categories: of the product, from its own to the outermost
    """
    in_force = [
        each for each in agreed if each.start <= day and (each.end is None or day <= each.end)
    ]
    if not in_force:
        return None
    known = {each.category: each.points for each in in_force}
    return next((known[one] for one in (*categories, 0) if one in known), 0)
