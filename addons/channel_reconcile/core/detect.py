"""Which reader a file is for: by what is in it, never by what it is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from . import abchina, alipay, camt, douyin, mapping, mt940, pos, unionpay, wechat
from .bill import Given, Reading, Reason, Refused, Rows
from .source import Part, head, parts
from .table import peek

NOTHING = Given()
Names = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Reader:
    """A format: what it looks like by its first rows of names, or its first bytes.

    :ivar several: whether the parts of an archive make one bill together
    """

    form: str
    read: Callable[[Sequence[Part], Given], Rows]
    by_names: Callable[[Names], bool] = lambda _names: False
    by_bytes: Callable[[bytes], bool] = lambda _beginning: False
    several: bool = False


READERS = (
    Reader(wechat.TRADE, wechat.read_trade, wechat.is_trade),
    Reader(wechat.FUNDS, wechat.read_funds, wechat.is_funds),
    Reader(
        alipay.TRADE,
        alipay.read_trade,
        lambda names: alipay.is_trade(names) or alipay.is_stores(names),
        several=True,
    ),
    Reader(alipay.ACCOUNT, alipay.read_account, alipay.is_account),
    Reader(unionpay.FORMAT, unionpay.read, by_bytes=unionpay.claims, several=True),
    Reader(pos.FORMAT, pos.read, pos.claims),
    Reader(abchina.FORMAT, abchina.read, abchina.claims),
    Reader(douyin.SETTLEMENT, douyin.read_settlement, douyin.is_settlement),
    Reader(douyin.FUNDS, douyin.read_funds, douyin.is_funds),
    Reader(camt.FORMAT, camt.read, by_bytes=camt.claims, several=True),
    Reader(mt940.FORMAT, mt940.read, by_bytes=mt940.claims, several=True),
)


def read(file: BinaryIO, given: Given = NOTHING) -> Reading:
    """The rows of a bill in any format that is known.

    :param file: binary, can be sought
    :raises Refused: ``unknown`` when no reader knows it: it can be mapped; ``mixed`` for an
        archive of several bills
    """
    found: list[tuple[Reader, Part]] = []
    ignored: list[str] = []
    for part in parts(file, given.name):
        reader = _reader(part)
        if reader:
            found.append((reader, part))
        else:
            ignored.append(part.name)
    if not found:
        raise Refused(Reason.UNKNOWN)
    first = found[0][0]
    if any(reader is not first for reader, _part in found):
        raise Refused(Reason.MIXED)
    if len(found) > 1 and not first.several:
        raise Refused(Reason.MIXED)
    rows = first.read([part for _reader, part in found], given)
    return Reading(first.form, rows, tuple(ignored))


def read_mapped(file: BinaryIO, how: mapping.Layout, given: Given = NOTHING) -> Reading:
    """The rows of a table as it is declared; :raises Refused: as ``read`` does"""
    found = parts(file, given.name)
    if len(found) != 1:
        raise Refused(Reason.MIXED)
    return Reading(how.form, mapping.read(found, given, how))


def _reader(part: Part) -> Reader | None:
    beginning = head(part)
    names: Names | None = None
    for reader in READERS:
        if reader.by_bytes(beginning):
            return reader
    names = peek(part)
    return next((reader for reader in READERS if reader.by_names(names)), None)
