"""Writing thousands of rows with one statement: COPY for new ones, unnest for changed ones."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice

import psycopg2

from odoo.tools import SQL

NULL = "\\N"  # no value, in COPY's text
_EPOCH = datetime(1970, 1, 1)
# Control characters are no text: PostgreSQL refuses NUL, and XML exports refuse the others.
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])
_ESCAPES = {9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\"}
_COPY = _CONTROL | _ESCAPES
_BLOCK = 256 * 1024
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
    _copy(cr, table, columns, list(_lines(rows)))  # to make a row may need the cursor


def copy_lines(cr, table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """COPY lines of COPY's own text, of numbers, codes and ``NULL``; several times as fast."""
    _copy(cr, table, columns, list(lines))


def copy_stream(cr, table: str, columns: Sequence[str], rows: Iterable[Sequence]) -> None:
    """COPY millions of rows in constant memory: each is made when PostgreSQL takes it.

    :param rows: like those of ``copy_rows``; to make one must not need ``cr``. What it raises is
        raised here, and the transaction has failed.
    """
    _copy(cr, table, columns, _lines(rows))


def _lines(rows: Iterable[Sequence]) -> Iterator[str]:
    # most texts need no change, and to see that is much faster than to translate them
    for row in rows:
        yield (
            "\t".join(
                [
                    value
                    if type(value) is str and value.isprintable() and "\\" not in value
                    else _field(value)
                    for value in row
                ]
            )
            + "\n"
        )


def _copy(cr, table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    source = _Source(lines)
    if not source.fill():
        return
    statement = SQL(
        "COPY %s (%s) FROM STDIN",
        SQL.identifier(table),
        SQL(", ").join(map(SQL.identifier, columns)),
    )
    try:
        cr.copy_expert(statement.code, source, size=_BLOCK)
    except psycopg2.Error:
        if source.error is None:
            raise
        raise source.error from None


class _Source:
    """Lines as the file of bytes that PostgreSQL's driver reads."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.error: Exception | None = None  # the driver tells no more than its name
        self._lines = iter(lines)
        self._bytes = b""

    def fill(self, size: int = 1) -> bool:
        """Have ``size`` bytes ready, or all that are left; whether there are any."""
        while len(self._bytes) < size and (text := "".join(islice(self._lines, 500))):
            # "replace": half of an emoji (a lone surrogate) has no UTF-8 form
            self._bytes += text.encode("utf-8", "replace")
        return bool(self._bytes)

    def read(self, size: int) -> bytes:  # pylint: disable=method-required-super  # no model
        """At most ``size`` bytes; none at the end."""
        try:
            self.fill(size)
        except Exception as error:
            self.error = error
            raise
        data, self._bytes = self._bytes[:size], self._bytes[size:]
        return data


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
