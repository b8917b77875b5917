"""The kinds of worker of which one process each runs beside the materialisers."""

from .worker import Worker

_beside: list[type[Worker]] = []


def beside(kind: type[Worker]) -> type[Worker]:
    """Decorator: one process of this kind runs wherever its addon is installed."""
    _beside.append(kind)
    return kind


def kinds_beside() -> tuple[type[Worker], ...]:
    """In the order in which the addons were loaded."""
    return tuple(_beside)
