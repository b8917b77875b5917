"""Writing thousands of rows with one statement: COPY for new ones, unnest for changed ones."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from io import BytesIO

from odoo.tools import SQL

NULL = "\\N"  # no value, in COPY's text
_EPOCH = datetime(1970, 1, 1)
# Control characters are no text: PostgreSQL refuses NUL, and XML exports refuse the others.
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])
_ESCAPES = {9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\"}
_COPY = _CONTROL | _ESCAPES
_SPECIAL = re.compile(r"[\x00-\x1f\x7f\\]")


def clean(text: str) -> str:
    """Text as it may be stored: no control characters but tab and line breaks, no half emoji."""
    if _SPECIAL.search(text):
        text = text.translate(_CONTROL)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


@lru_cache(maxsize=4096)
def yuan(fen: int) -> str:
    """Fen as the text of a numeric, exactly."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100}.{fen % 100:02d}"


@lru_cache(maxsize=4096)
def moment(unix: int | None) -> str | None:
    """A unix time as the text of a timestamp in UTC."""
    if unix is None:
        return None
    return (_EPOCH + timedelta(seconds=unix)).strftime("%Y-%m-%d %H:%M:%S")


def unix(value: datetime | None) -> int | None:
    """A naive UTC datetime as a unix time."""
    return None if value is None else int(value.replace(tzinfo=UTC).timestamp())


def _field(value) -> str:
    if isinstance(value, str):
        return value.translate(_COPY) if _SPECIAL.search(value) else value
    if value is None:
        return NULL
    if value is True or value is False:
        return "t" if value else "f"
    return str(value)


def copy_rows(cr, table: str, columns: Sequence[str], rows: Iterable[Sequence]) -> None:
    """COPY rows into a table. Values: None, bool, int, or text (also of numbers and times)."""
    # most texts need no change, and to see that is much faster than to translate them
    text = "".join(
        "\t".join(
            [
                value
                if type(value) is str and value.isprintable() and "\\" not in value
                else _field(value)
                for value in row
            ]
        )
        + "\n"
        for row in rows
    )
    _copy_text(cr, table, columns, text)


def copy_lines(cr, table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """COPY lines of COPY's own text, of numbers, codes and ``NULL``; several times as fast."""
    _copy_text(cr, table, columns, "".join(lines))


def _copy_text(cr, table, columns, text):
    if not text:
        return
    # "replace": half of an emoji (a lone surrogate) has no UTF-8 form
    data = BytesIO(text.encode("utf-8", "replace"))
    statement = SQL(
        "COPY %s (%s) FROM STDIN",
        SQL.identifier(table),
        SQL(", ").join(map(SQL.identifier, columns)),
    )
    cr.copy_expert(statement.code, data)


def update_rows(cr, table: str, types: dict[str, str], rows: Sequence[dict]) -> None:
    """UPDATE rows by id, each with values of its own, in one statement.

    :param types: column -> type in the database (int4, int8, text, bool, numeric, timestamp);
        every row has a value for each, and ``id``
    """
    if not rows or not types:
        return
    arrays = [SQL("%s::bigint[]", [row["id"] for row in rows])]
    for column, kind in types.items():
        values = [row[column] for row in rows]
        if kind == "text":
            values = [value if value is None else clean(value) for value in values]
        arrays.append(SQL("%s::%s[]", values, SQL.identifier(kind)))
    names = [SQL.identifier(column) for column in types]
    cr.execute(
        SQL(
            "UPDATE %s t SET %s FROM unnest(%s) AS v(id, %s) WHERE t.id = v.id",
            SQL.identifier(table),
            SQL(", ").join(SQL("%s = v.%s", name, name) for name in names),
            SQL(", ").join(arrays),
            SQL(", ").join(names),
        )
    )


def among(column: SQL, ids: Sequence[int]) -> SQL:
    """A join that keeps the rows whose column is one of the ids; each id once, at least one.

    For thousands of ids ``= ANY`` makes PostgreSQL read a large table whole. This lets it choose
    between the range in which the ids lie and one look at the index for each.
    """
    return SQL(
        "JOIN unnest(%s) AS chosen (id) ON chosen.id = %s AND %s BETWEEN %s AND %s",
        list(ids), column, column, min(ids), max(ids),
    )  # fmt: skip


def next_ids(cr, table: str, count: int) -> list[int]:
    """Take ids from a table's sequence, so that rows and their lines are written at once."""
    cr.execute(SQL("SELECT nextval(%s) FROM generate_series(1, %s)", f"{table}_id_seq", count))
    return [row[0] for row in cr.fetchall()]
