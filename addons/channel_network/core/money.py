"""Exact money: whole fen inside, decimals at the edge, never float arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

FEN_PER_YUAN = 100


def to_fen(value: Decimal | str | int | float) -> int:
    """Return an amount in yuan as whole fen.

    A float is accepted because Odoo hands out Monetary values as floats: its shortest
    decimal form is taken (``repr``), so 0.1 is ten fen and no binary residue is carried on.

    :raises ValueError: for what is no finite number, or not a whole number of fen
    """
    if isinstance(value, bool):
        raise ValueError(f"not an amount: {value!r}")
    try:
        amount = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise ValueError(f"not an amount: {value!r}") from error
    if not amount.is_finite():
        raise ValueError(f"not an amount: {value!r}")
    fen = amount.scaleb(2)
    whole = int(fen)
    if fen != whole:
        raise ValueError(f"an amount is a whole number of fen, not {value!r}")
    return whole


def from_fen(fen: int) -> Decimal:
    """Return whole fen as yuan with two decimals."""
    if isinstance(fen, bool) or not isinstance(fen, int):
        raise ValueError(f"fen are a whole number, not {fen!r}")
    return Decimal(fen).scaleb(-2)


def allocate(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Split an amount in proportion to weights, to the fen.

    Largest remainder; equal remainders go to the earlier weight. A negative total mirrors
    the positive one, so that a refund takes back exactly what was given. A zero weight
    receives nothing, unless all weights are zero: then they count as equal.

    :raises ValueError: without weights (for a total other than 0), or with a negative one
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("weights must not be negative")
    if not weights:
        if total_fen:
            raise ValueError("an amount cannot be split over nobody")
        return []
    if total_fen < 0:
        return [-part for part in allocate(-total_fen, weights)]
    whole = sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    parts = [total_fen * weight // whole for weight in weights]
    remainders = [total_fen * weight % whole for weight in weights]
    missing = total_fen - sum(parts)
    for index in sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[:missing]:
        parts[index] += 1
    return parts
