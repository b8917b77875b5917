"""What an addon says to people, and what of it is in Chinese.

The terms come from Odoo's own export of an installed addon, so they are exactly what a
translator's screen would list.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from pathlib import Path

import polib

LANG = "zh_CN"
# Fields that every model or mail's mixins bring: Odoo's own Chinese serves.
_FROM_ODOO = re.compile(
    r"model:ir\.model\.fields,field_description:\w+\.field_\w+__"
    r"(id|display_name|create_uid|create_date|write_uid|write_date|rating_ids|website_message_ids"
    r"|message_\w+|has_message|activity_\w+|my_activity_\w+|access_\w+)$"
)
_MIXIN_HELP = re.compile(
    r"model:ir\.model\.fields,help:\w+\.field_\w+__(message|activity|my_activity|access)_\w+$"
)
_PLACEHOLDER = re.compile(r"%\(\w+\)[sdif]|%[sdif]|\{\w+\}")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LETTERS = re.compile(r"[A-Za-z]{2,}")


def export(env, addon: str) -> polib.POFile:
    """The terms of an addon as Odoo exports them, without translations."""
    from odoo.tools.translate import trans_export

    buffer = io.BytesIO()
    trans_export(None, [addon], buffer, "po", env)
    text = buffer.getvalue().decode()
    return polib.pofile(text) if text else polib.POFile()


def merge(terms: polib.POFile, path: Path, odoo_terms: dict[str, str]) -> polib.POFile:
    """The addon's translation file for these terms: known translations kept, order as exported."""
    known = {}
    header = None
    if path.exists():
        old = polib.pofile(str(path))
        known = {entry.msgid: entry for entry in old if not entry.obsolete}
        header = old.metadata
    merged = polib.POFile(wrapwidth=78)
    merged.header = terms.header
    merged.metadata = {**terms.metadata, **(header or {}), "Language": LANG}
    merged.metadata["Plural-Forms"] = "nplurals=1; plural=0;"
    for entry in terms:
        before = known.get(entry.msgid)
        if before is not None and before.msgstr:
            entry.msgstr, entry.flags = before.msgstr, before.flags
        elif _standard(entry):
            entry.msgstr = odoo_terms.get(entry.msgid, "")
        merged.append(entry)
    return merged


def _standard(entry: polib.POEntry) -> bool:
    """Whether every place that uses the term is a field that Odoo itself brings."""
    names = [f"{place}" for place, _line in entry.occurrences]
    return bool(names) and all(_FROM_ODOO.match(n) or _MIXIN_HELP.match(n) for n in names)


def odoo_terms(addons_paths: Iterable[Path]) -> dict[str, str]:
    """Odoo's own Chinese of common terms."""
    found: dict[str, str] = {}
    for addon in ("portal", "rating", "mail", "base"):
        for root in addons_paths:
            path = Path(root) / addon / "i18n" / f"{LANG}.po"
            if path.exists():
                found |= {e.msgid: e.msgstr for e in polib.pofile(str(path)) if e.translated()}
    return found


def untranslated(
    terms: polib.POFile, translations: polib.POFile, same: set[str]
) -> list[tuple[str, str]]:
    """(term, what is wrong) for each term that is not there in Chinese.

    ``same`` lists terms that are written the same in Chinese, such as "SKU".
    """
    known = {entry.msgid: entry for entry in translations if not entry.obsolete}
    wrong = []
    for entry in terms:
        problem = _problem(entry.msgid, known.get(entry.msgid), same)
        if problem:
            wrong.append((entry.msgid, problem))
    return wrong


def _problem(term: str, found: polib.POEntry | None, same: set[str]) -> str:
    if term in same or re.fullmatch(r"https?://\S+", term):
        return ""
    if found is None or not found.msgstr:
        return "missing"
    if "fuzzy" in found.flags:
        return "fuzzy"
    if sorted(_PLACEHOLDER.findall(term)) != sorted(_PLACEHOLDER.findall(found.msgstr)):
        return "placeholders differ"
    if _LETTERS.search(_PLACEHOLDER.sub("", term)) and not _CHINESE.search(found.msgstr):
        return "not Chinese (add it to the list of terms that stay as they are)"
    return ""


def same_in_chinese(path: Path) -> set[str]:
    """The allow-list, one term a line, ``#`` at the start of a line for remarks."""
    lines = path.read_text().splitlines()
    return {line for line in lines if line and not line.startswith("#")}
