"""Which bonus a top-up earns. Amounts are whole fen; percentages are hundredths of a percent.

A top-up earns one bonus: that of the rule which gives most. So a dealer never gets less for
paying in more, in whatever order the rules are listed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

WHOLE = 100_00  # 100 %


@dataclass(frozen=True, slots=True)
class Rule:
    """An offer: who pays in at least ``minimum`` between two days gets a bonus.

    :ivar fixed: fen; ``percent``: hundredths of a percent of the top-up. One of them is 0
    :ivar first: the first day; ``last``: the last one; None: no limit
    :ivar grades: ids of the grades that it is for; empty: everybody
    """

    id: int
    minimum: int = 0
    fixed: int = 0
    percent: int = 0
    first: date | None = None
    last: date | None = None
    grades: frozenset[int] = field(default_factory=frozenset)

    def applies(self, amount: int, grade: int | None, day: date) -> bool:
        """Whether a top-up of that day by a member of that grade earns this bonus."""
        return (
            amount >= self.minimum
            and (self.first is None or self.first <= day)
            and (self.last is None or day <= self.last)
            and (not self.grades or grade in self.grades)
        )

    def bonus(self, amount: int) -> int:
        """The bonus for a top-up; parts of a fen are left out."""
        return self.fixed + amount * self.percent // WHOLE


def best(
    rules: Iterable[Rule], amount: int, grade: int | None, day: date
) -> tuple[Rule, int] | None:
    """The rule that gives most and what it gives, or None when none gives anything.

    Of rules that give the same the first one counts.
    """
    offers = [(rule, rule.bonus(amount)) for rule in rules if rule.applies(amount, grade, day)]
    offer = max(offers, key=lambda each: each[1], default=None)  # max keeps the first of equals
    return offer if offer and offer[1] > 0 else None
