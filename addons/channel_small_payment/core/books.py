"""Which journal entries the small payments of a day make. Amounts are whole fen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Fact:
    """A payment that was made, or (``back``) that turned out not to have been; ``day`` in China."""

    payment: int
    back: bool
    company: int
    shop: int
    fen: int
    day: date

    @property
    def clearing(self) -> int:
        """Balance on the shop's clearing receivable: less is owed to us when it was paid."""
        return self.fen if self.back else -self.fen


@dataclass(frozen=True, slots=True)
class Entry:
    """One journal entry: an item on the clearing for each fact, and their sum as the expense."""

    company: int
    shop: int
    day: date
    back: bool
    facts: tuple[Fact, ...]

    @property
    def expense(self) -> int:
        """Balance on the expense account: the entry comes to 0."""
        return -sum(fact.clearing for fact in self.facts)


def entries(facts: Iterable[Fact]) -> tuple[Entry, ...]:
    """One for each shop and day, and apart what is taken back: never before what it reverses."""
    groups: dict[tuple, list[Fact]] = {}
    for fact in sorted(facts, key=lambda fact: (fact.day, fact.back, fact.shop, fact.payment)):
        groups.setdefault((fact.company, fact.shop, fact.day, fact.back), []).append(fact)
    return tuple(Entry(*key, tuple(found)) for key, found in groups.items())
