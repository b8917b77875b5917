"""PDF files of the HTML that Odoo's reports are, by WeasyPrint.

A report comes as bodies, one a document, and one HTML with the headers of all of them, one with
the footers; the n-th belongs to the n-th body. Lengths are millimetres.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache

import lxml.html
from lxml.html import HtmlElement
from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.urls import URLFetcher, URLFetcherResponse

HEADERS, FOOTERS = "minimal_layout_report_headers", "minimal_layout_report_footers"
PARSED = 8  # style sheets kept parsed; Odoo's address of one changes with its content

# What scripts and an older browser engine did for these reports, in CSS.
STYLE = """
html, body { height: auto !important; overflow: visible !important; font-size: 12px; }
body.container { max-width: none !important; width: auto !important; padding: 0; margin: 0; }
body, body :not(.fa) { font-family: "Noto Sans CJK SC", sans-serif !important; }
h1, h2, h3, h4, h5, h6 { bookmark-level: none; break-after: avoid; }
tr { break-inside: avoid; }
thead { display: table-header-group; }
#qudao-header { position: running(header); }
#qudao-footer { position: running(footer); }
#qudao-header, #qudao-footer { padding-left: inherit; padding-right: inherit; }
.page:empty::after { content: counter(page); }
.topage:empty::after { content: counter(pages); }
"""
PAGE = """
@page {
    size: %(width)smm %(height)smm;
    margin: %(top)smm %(right)smm %(bottom)smm %(left)smm;
    @top-left { content: element(header); width: 100%%; vertical-align: top; }
    @bottom-left { content: element(footer); width: 100%%; vertical-align: top; }
}
"""


@dataclass(frozen=True, slots=True)
class Paper:
    """The sheet: its size as it is held, and its margins."""

    width: float = 210
    height: float = 297
    top: float = 40
    right: float = 7
    bottom: float = 32
    left: float = 7

    def turned(self) -> Paper:
        """The sheet on its long side."""
        short, long = sorted((self.width, self.height))
        return replace(self, width=long, height=short)

    @property
    def rule(self) -> str:
        """The sheet as a CSS rule."""
        return PAGE % asdict(self)


# A URL's content and MIME type; ValueError for what a report may not load.
Fetch = Callable[[str], tuple[bytes, str]]


class Fetcher(URLFetcher):
    """Asks ``fetch`` for everything but data in the HTML itself; never the network or a file."""

    def __init__(self, fetch: Fetch) -> None:
        super().__init__(allowed_protocols=("data",))
        self._ours = fetch

    def fetch(self, url: str, headers: dict | None = None) -> URLFetcherResponse:
        """What WeasyPrint loads from ``url``; it leaves out what raises, and says so in its log."""
        if url.startswith("data:"):
            return super().fetch(url, headers)
        content, kind = self._ours(url)
        return URLFetcherResponse(url, content, {"Content-Type": kind})


def render(
    bodies: Sequence[str], header: str | None, footer: str | None, paper: Paper, fetch: Fetch
) -> bytes:
    """One PDF file of all bodies, each with its own header, footer and page numbers.

    :param bodies: whole HTML documents; at least one
    """
    headers, footers = _parts(header, HEADERS), _parts(footer, FOOTERS)
    documents = [
        _document(body, headers[index : index + 1], footers[index : index + 1], paper, fetch)
        for index, body in enumerate(bodies)
    ]
    return documents[0].copy([page for each in documents for page in each.pages]).write_pdf()


def _parts(html: str | None, name: str) -> list[HtmlElement]:
    """The headers, or footers, of the documents, in their order."""
    if not html:
        return []
    found = _parsed(html).xpath(f"//div[@id='{name}']")
    return list(found[0]) if found else []


def _parsed(html: str) -> HtmlElement:
    return lxml.html.document_fromstring(
        html.encode(), parser=lxml.html.HTMLParser(encoding="utf-8")
    )


def _document(
    body: str, header: list[HtmlElement], footer: list[HtmlElement], paper: Paper, fetch: Fetch
) -> Document:
    tree = _parsed(body)
    for name, part in (("qudao-footer", footer), ("qudao-header", header)):
        running = lxml.html.Element("div", id=name)
        running.extend(part)
        tree.body.insert(0, running)
    base = next(iter(tree.xpath("//base/@href")), "http://report/")
    sheets = []
    for link in tree.xpath("//link[@rel='stylesheet'][@href]"):
        sheets.append(_sheet(link.get("href"), base, fetch))
        link.drop_tree()
    for script in tree.xpath("//script"):
        script.drop_tree()
    html = lxml.html.tostring(tree, encoding="unicode", doctype="<!DOCTYPE html>")
    page = HTML(string=html, base_url=base, url_fetcher=Fetcher(fetch))
    return page.render(stylesheets=[*sheets, _own(), CSS(string=paper.rule)])


_cache: dict[str, CSS] = {}


def _sheet(href: str, base: str, fetch: Fetch) -> CSS:
    """A style sheet, parsed; parsing Odoo's takes longer than drawing a page."""
    if href not in _cache:
        while len(_cache) >= PARSED:
            _cache.pop(next(iter(_cache)))
        content, _kind = fetch(href)
        _cache[href] = CSS(string=content.decode(), base_url=base, url_fetcher=Fetcher(fetch))
    return _cache[href]


@lru_cache(maxsize=1)
def _own() -> CSS:
    return CSS(string=STYLE)
