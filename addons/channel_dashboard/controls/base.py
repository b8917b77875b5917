"""How a check of a control is written, and the rows it returns.

A control is a tuple of checks. A check finds the records of one model that break one rule; its SQL
selects ``res_id``, ``company_id`` (NULL when the row belongs to no company) and ``data`` (jsonb:
the values its message needs, money as text). It must not order its rows and needs no LIMIT: the
runner adds one, so that a badly broken database does not make the board slow.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from odoo.api import Environment
from odoo.tools import SQL
from odoo.tools.translate import LazyGettext


@dataclass(frozen=True, slots=True)
class Row:
    """One offending record: ``data`` fills the placeholders of the check's message."""

    res_id: int
    company_id: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """One rule of a control.

    ``message`` has ``%(name)s`` placeholders and is shown in the reader's language. Exactly one of
    ``query`` (builds the SQL) and ``find`` (for what an addon already answers by a method) is set.
    """

    name: str
    model: str
    message: LazyGettext
    query: Callable[[Environment], SQL] | None = None
    find: Callable[[Environment, int], Iterable[Row]] | None = None

    def rows(self, env: Environment, limit: int) -> list[Row]:
        """At most ``limit`` offending records, found as superuser over all companies."""
        if self.find is not None:
            return list(self.find(env, limit))[:limit]
        found = env.execute_query(
            SQL(
                "SELECT res_id, company_id, data FROM (%s) AS offending LIMIT %s",
                self.query(env),
                limit,
            )
        )
        return [Row(res_id, company_id, data or {}) for res_id, company_id, data in found]


def sql_tuple(values: Iterable[str]) -> SQL:
    """``('a', 'b')`` as SQL, sorted so that the same set gives the same text."""
    return SQL("(%s)", SQL(", ").join(SQL("%s", value) for value in sorted(values)))
