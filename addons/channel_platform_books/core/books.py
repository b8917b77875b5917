"""The journal items of a shop's day at its platform. Whole fen; debit is above 0.

Source: ``accounting.md``, "share due, settled by the platform" and "platform settles". What the platform
takes off for parties of our schemes stands on one clearing account from the order until the platform has
settled it; the account ends at 0 when it took off what was agreed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SUPPLIERS = frozenset({"dealer", "retailer"})


@dataclass(frozen=True, slots=True)
class Item:
    """A journal item.

    :ivar use: of the account: fee, commission, supply, deductions, balance, cost or clearing
    :ivar wave: whose invoices a clearing item meets, or 0
    """

    use: str
    balance: int
    wave: int = 0


@dataclass(frozen=True, slots=True)
class Settled:
    """What a platform settled for a shop on a day.

    :ivar amount: paid out
    :ivar shared: taken off for parties that schemes know
    :ivar cost: taken off for other things: promotion, freight insurance, fines
    :ivar income: by wave (0: none known), what it owed after refunds, less small payments: these
        were taken off the clearing when they were made
    """

    amount: int
    shared: int
    cost: int
    income: Mapping[int, int]


def due(shares: Mapping[str, int]) -> list[Item]:
    """Shares that the platform settles, by role of the party: expenses against the deductions."""
    sums: dict[str, int] = {}
    for role, fen in sorted(shares.items()):
        use = "fee" if role == "platform" else "supply" if role in SUPPLIERS else "commission"
        sums[use] = sums.get(use, 0) + fen
    items = [Item(use, fen) for use, fen in sums.items() if fen]
    total = sum(sums.values())
    return items + ([Item("deductions", -total)] if total else [])


def settled(day: Settled) -> list[Item]:
    """What the platform paid out and took off, against the clearing of each wave.

    :raise ValueError: its parts do not add up
    """
    if day.amount + day.shared + day.cost != sum(day.income.values()):
        raise ValueError("paid out and taken off is not what was owed")
    items = [
        Item("balance", day.amount), Item("deductions", day.shared), Item("cost", day.cost),
        *(Item("clearing", -fen, wave) for wave, fen in sorted(day.income.items())),
    ]  # fmt: skip
    return [item for item in items if item.balance]
