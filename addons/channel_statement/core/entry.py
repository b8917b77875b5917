"""The journal items of a statement and of a payout. Whole fen; debit is above 0.

Source: ``accounting.md``, "share due, settled by us" and "payout".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SUPPLIERS = frozenset({"dealer", "retailer"})  # they delivered: their share is cost of supply


@dataclass(frozen=True, slots=True)
class Earned:
    """What stands on a statement.

    :ivar what: role of a share, or ``fee``
    """

    what: str
    fen: int


@dataclass(frozen=True, slots=True)
class Item:
    """A journal item.

    :ivar role: of the account: commission, supply, payable, tax, transit or deposit
    """

    role: str
    balance: int


def lines(earned: Iterable[Earned]) -> list[Item]:
    """What a confirmed statement posts: expenses by account against the party's payable."""
    sums: dict[str, int] = {}
    for each in earned:
        role = "supply" if each.what in SUPPLIERS else "commission"
        sums[role] = sums.get(role, 0) + each.fen
    items = [Item(role, fen) for role, fen in sorted(sums.items()) if fen]
    total = sum(sums.values())
    return items + ([Item("payable", -total)] if total else [])


def payout(amount: int, tax: int, to: str) -> list[Item]:
    """What a payout posts: the payable against the money, and the tax that is withheld.

    :param to: ``transit`` or ``deposit``
    """
    items = [Item("payable", amount), Item(to, tax - amount), Item("tax", -tax)]
    return [item for item in items if item.balance]
