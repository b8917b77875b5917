"""Agricultural Bank of China, corporate statements: simple and detailed, XLS or CSV.

Two rows stand above the list and two below it. Source: reference facts §7 (secondary); what the
two below say is not published, so of them only what can be recognised is compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from .bill import Given, Kind, Reason, Refused, Row, Rows, Told
from .columns import Chain, Columns, agree, has
from .source import Part
from .table import Table, header_at
from .values import count, fen, moment, moment_of

FORMAT = "abchina"
FOOT_ROWS = 2
_NAMES = {
    "at": ("交易时间",), "day": ("交易日期",), "stamp": ("交易时间戳",), "income": ("收入金额",),
    "outcome": ("支出金额",), "balance": ("账户余额", "本次余额"), "fee": ("手续费总额",),
    "number": ("交易日志号", "交易流水号"), "party": ("对方户名",), "party_account": ("对方账号",),
    "memo": ("交易用途", "交易附言"), "summary": ("交易摘要",),
}  # fmt: skip
_NEEDED = ("income", "outcome", "balance")
_ACCOUNT = re.compile(r"(?:查询账号|账号)[^0-9]*([0-9][0-9 -]{7,38}[0-9])")
_TOTAL = re.compile(r"(收入|支出)[^0-9收支]*?(笔数|金额)[^0-9收支-]*(-?[0-9][0-9,]*(?:\.[0-9]+)?)")


def claims(rows: Sequence[Sequence[str]]) -> bool:
    """Whether one of the first rows is its header; names are plain ones."""
    return any(_is_header(names) for names in rows)


def _is_header(names: Sequence[str]) -> bool:
    return (
        has(names, "收入金额", "支出金额")
        and ("账户余额" in names or "本次余额" in names)
        and ("交易时间" in names or "交易日期" in names)
        and "账务流水号" not in names
    )


def read(parts: Sequence[Part], given: Given) -> Rows:
    """The movements, oldest or newest first; each balance must follow from the one before."""
    table = Table(parts[0])
    rows = iter(table)
    line, header, above = header_at(rows, _is_header)
    columns = Columns(header, line, _NAMES, _NEEDED)
    pick = columns.pick(*_NAMES)
    account = _account(above) or given.account
    detailed, chain = "stamp" in columns, Chain()
    counts, sums = {1: 0, -1: 0}, {1: 0, -1: 0}
    foot: list[tuple[int, list[str]]] = []
    for line, cells in _without_foot(rows, foot):
        if len(cells) > columns.width and not any(cells[columns.width :]):
            cells = cells[: columns.width]
        if len(cells) != columns.width:
            raise Refused(Reason.COLUMNS, line, value=len(cells), expected=columns.width)
        cells.append("")
        (at, day, stamp, income, outcome, balance, fee, number, party, party_account, memo,
         summary) = pick(cells)  # fmt: skip
        try:
            when = moment_of(day, at) if day and ":" in at[:3] else moment(at or day)
            came, went, left = _fen(income), _fen(outcome), fen(balance)
        except ValueError:
            readers = {"income": _fen, "outcome": _fen, "balance": fen}
            if (found := columns.blame(line, cells, readers)).column:
                raise found from None
            raise columns.wrong(Reason.TIME, line, "at" if at else "day", cells) from None
        if came and went:
            raise columns.wrong(Reason.DIRECTION, line, "outcome", cells)
        amount = came - went
        sign = -1 if went else 1
        counts[sign] += 1
        sums[sign] += abs(amount)
        chain.add(line, when, amount, left)
        key = number or "/".join((stamp or f"{when:%Y%m%d%H%M%S}", str(amount), str(left),
                                  party_account))  # fmt: skip
        yield Row(
            line, Kind.INCOME if amount >= 0 else Kind.EXPENSE, when, account, key, number, "", "",
            "", amount, amount, 0, left, summary, " ".join(filter(None, (party, party_account))),
            memo, columns.extra(cells) | ({"手续费总额": fee} if fee else {}),
        )  # fmt: skip
    if len(foot) < FOOT_ROWS or any(_is_row(columns, cells) for _line, cells in foot):
        raise Refused(Reason.CUT, line)
    totals = _compare(foot, counts, sums)
    return Told(
        table.digest, "detailed" if detailed else "simple", account, opening=chain.opening,
        closing=chain.closing, totals=totals,
    )  # fmt: skip


def _without_foot(
    rows: Iterator[tuple[int, list[str]]], foot: list[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    """All rows but the last two, which are put into ``foot``; empty ones do not count."""
    for line, cells in rows:
        if not any(cells):
            continue
        foot.append((line, cells))
        if len(foot) > FOOT_ROWS:
            yield foot.pop(0)


def _is_row(columns: Columns, cells: Sequence[str]) -> bool:
    """Whether what should be a total is a movement: then the totals were cut off."""
    try:
        moment(cells[columns.at["day" if "day" in columns else "at"]])
    except (ValueError, IndexError):
        return False
    return True


def _compare(foot, counts: dict[int, int], sums: dict[int, int]) -> dict[str, int]:
    """The totals that can be recognised; :raises Refused: for one that is not what rows sum to"""
    totals = {}
    for line, cells in foot:
        words = unicodedata.normalize("NFKC", " ".join(cells))
        for side, what, number in _TOTAL.findall(words):
            sign = 1 if side == "收入" else -1
            told = count(number) if what == "笔数" else abs(fen(number))
            found = counts[sign] if what == "笔数" else sums[sign]
            agree(line, {side + what: told}, {side + what: found})
            totals[side + what] = told
    return totals


def _account(above: Sequence[tuple[int, Sequence[str]]]) -> str:
    words = " ".join(cell for _line, cells in above for cell in cells)
    found = _ACCOUNT.search(unicodedata.normalize("NFKC", words))
    return re.sub(r"[ -]", "", found[1]) if found else ""


def _fen(text: str) -> int:
    return fen(text) if text and text != "-" else 0
