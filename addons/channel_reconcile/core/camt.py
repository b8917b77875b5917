"""CAMT.052, .053 and .054: a bank's statement in XML, read entry by entry.

The parser resolves no entity, fetches nothing and takes no document type. Source: ISO 20022.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import BinaryIO

from lxml import etree

from .bill import Given, Kind, Reason, Refused, Row, Rows, Told
from .source import BLOCK, Content, Part, within
from .values import fen, written

FORMAT = "camt"
_CHINA = timezone(timedelta(hours=8))
_STATEMENTS = ("Stmt", "Rpt", "Ntfctn")
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)
_SIGNS = {"CRDT": 1, "DBIT": -1}
BOOKED = "BOOK"


def claims(beginning: bytes) -> bool:
    """Whether a file begins as one of the three messages."""
    return b"urn:iso:std:iso:20022:tech:xsd:camt.05" in beginning or any(
        mark in beginning for mark in (b"<BkToCstmr", b":BkToCstmr")
    )


class _File:
    """What the parser reads from: counted and hashed."""

    def __init__(self, content: Content) -> None:
        self._blocks = content.blocks()

    def read(self, _size: int = BLOCK) -> bytes:  # pylint: disable=method-required-super  # no model
        return next(self._blocks, b"")


def parse(file: BinaryIO | _File) -> Iterator[tuple[str, etree._Element]]:
    """Events of a document from somebody else.

    :raises Refused: for a document type: entities could be made up there, or fetched
    """
    events = etree.iterparse(
        file, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
        dtd_validation=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    for event, element in events:
        is_root = event == "start" and element.getparent() is None
        if is_root and element.getroottree().docinfo.internalDTD is not None:
            raise Refused(Reason.DOCTYPE, 1)
        yield event, element


def read(parts: Sequence[Part], given: Given) -> Rows:
    """The entries of all statements of one account.

    Entries that are not booked yet have their status and do not count for the balance.
    """
    digests: list[str] = []
    told = Told("", account=given.account)
    for part in parts:
        content = Content(part)
        with within(part):
            try:
                told = yield from _statements(content, told)
            except etree.XMLSyntaxError as error:
                raise Refused(Reason.UNREADABLE, error.lineno or 0) from error
        digests.append(content.digest)
    return Told(
        "-".join(digests), "", told.account, told.currency, opening=told.opening,
        closing=told.closing,
    )  # fmt: skip


def _statements(content: Content, told: Told):
    statement = _Statement(told)
    depth_of_entry = 0
    for event, element in parse(_File(content)):
        name = _name(element)
        if event == "start":
            if name in _STATEMENTS:
                statement = _Statement(statement.told())
            depth_of_entry += name == "Ntry"
            continue
        if name == "Ntry":
            depth_of_entry -= 1
            yield statement.entry(element)
        elif depth_of_entry:
            continue
        elif name == "Acct":
            statement.of_account(element)
        elif name == "Bal":
            statement.balance(element)
        elif name in _STATEMENTS:
            statement.close(element)
        if name in ("Ntry", *_STATEMENTS):
            _forget(element)
    return statement.told()


class _Statement:
    """One statement while its entries go by, beginning with what those before it told."""

    def __init__(self, before: Told) -> None:
        self.account = ""
        self.before = before
        self.opening: int | None = None
        self.closing: int | None = None
        self.currency = ""
        self.sum = self.number = 0

    def of_account(self, element: etree._Element) -> None:
        self.account = _text(element, "Id/IBAN") or _text(element, "Id/Othr/Id")
        if self.before.account not in ("", self.account):
            raise Refused(
                Reason.ACCOUNT, element.sourceline or 0, "Acct", self.account, self.before.account
            )

    def balance(self, element: etree._Element) -> None:
        code, amount = _text(element, "Tp/CdOrPrtry/Cd"), self._amount(element)
        if code in _OPENING and self.opening is None:
            self.opening = amount
        elif code in _CLOSING:
            self.closing = amount

    def entry(self, element: etree._Element) -> Row:
        line = element.sourceline or 0
        self.number += 1
        amount = self._amount(element)
        status = _text(element, "Sts/Cd") or _text(element, "Sts") or BOOKED
        if status == BOOKED:
            self.sum += amount
        when = _when(element, "BookgDt") or _when(element, "ValDt")
        if when is None:
            raise Refused(Reason.TIME, line, "BookgDt")
        details = "NtryDtls/TxDtls/"
        ref = _text(element, "AcctSvcrRef") or _text(element, details + "Refs/AcctSvcrRef")
        side = "Dbtr" if amount >= 0 else "Cdtr"
        party = _text(element, f"{details}RltdPties/{side}/Nm") or _text(
            element, f"{details}RltdPties/{side}/Pty/Nm"
        )
        own = _text(element, details + "Refs/EndToEndId")
        memo = _text(element, details + "RmtInf/Ustrd") or _text(element, "AddtlNtryInf")
        key = ref or _text(element, "NtryRef")
        extra = {
            "NtryRef": _text(element, "NtryRef"),
            "BkTxCd": "/".join(
                filter(None, (code.text for code in element.iterfind("{*}BkTxCd//{*}*")))
            ).strip(),
            "RvslInd": _text(element, "RvslInd"),
        }
        return Row(
            line, Kind.INCOME if amount >= 0 else Kind.EXPENSE, when,
            self.account or self.before.account,
            key or f"{when:%Y%m%d%H%M%S}/{amount}/{own}/{self.number}", ref,
            "" if own == "NOTPROVIDED" else own, "", "", amount, amount, 0, None, status, party,
            memo, {name: text for name, text in extra.items() if text},
        )  # fmt: skip

    def close(self, element: etree._Element) -> None:
        """:raises Refused: when the balances differ by anything but the entries"""
        if None in (self.opening, self.closing):
            if _name(element) == "Stmt":
                raise Refused(Reason.CUT, element.sourceline or 0, "Bal")
        elif self.opening + self.sum != self.closing:
            raise Refused(
                Reason.BALANCE, element.sourceline or 0, "CLBD", written(self.closing),
                written(self.opening + self.sum),
            )  # fmt: skip

    def told(self) -> Told:
        """What is known of the account so far."""
        before = self.before
        return Told(
            "",
            "",
            self.account or before.account,
            self.currency or before.currency,
            opening=self.opening if before.opening is None else before.opening,
            closing=before.closing if self.closing is None else self.closing,
        )

    def _amount(self, element: etree._Element) -> int:
        line = element.sourceline or 0
        amount = element.find("{*}Amt")
        if amount is None or amount.text is None:
            raise Refused(Reason.MISSING, line, "Amt")
        sign = _SIGNS.get(_text(element, "CdtDbtInd"))
        if sign is None:
            raise Refused(Reason.WORD, line, "CdtDbtInd", _text(element, "CdtDbtInd"))
        currency = amount.get("Ccy", "")
        if self.currency not in ("", currency):
            raise Refused(Reason.CURRENCY, line, "Ccy", currency, self.currency)
        self.currency = currency
        try:
            return sign * fen(amount.text)
        except ValueError:
            raise Refused(Reason.AMOUNT, line, "Amt", amount.text) from None


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _forget(element: etree._Element) -> None:
    """Free what was read, and what stands before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _text(element: etree._Element, path: str) -> str:
    """The text below an element, in whichever version's namespace."""
    found = element.find("/".join(f"{{*}}{step}" for step in path.split("/")))
    return (found.text or "").strip() if found is not None else ""


def _when(element: etree._Element, name: str) -> datetime | None:
    text = _text(element, f"{name}/DtTm") or _text(element, f"{name}/Dt")
    if not text:
        return None
    try:
        when = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise Refused(Reason.TIME, element.sourceline or 0, name, text) from None
    return when if when.tzinfo is None else when.astimezone(_CHINA).replace(tzinfo=None)
