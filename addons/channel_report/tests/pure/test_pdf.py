import io

import pypdf
import pytest
from channel_report.core.pdf import Paper, render

BODY = """<!DOCTYPE html><html><head><base href="http://erp/"/>
<link rel="stylesheet" href="/web/assets/1/report.css"/><script>location = 'x'</script></head>
<body class="o_body_pdf container">{}</body></html>"""
PART = """<html><body><div id="minimal_layout_report_{}s">{}</div></body></html>"""


class Loads:
    """What a report asked for; a style sheet is all it gets."""

    def __init__(self):
        self.asked = []

    def __call__(self, url):
        self.asked.append(url)
        if url.endswith(".css"):
            return b"p.far { break-after: page }", "text/css"
        raise ValueError(url)


def text(content):
    """The text of each page."""
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def test_each_document_has_its_own_header_footer_and_page_numbers():
    headers = "".join(f"<div class='header'>Head {n}</div>" for n in (1, 2))
    footers = "".join(
        f"<div class='footer'>Foot {n} <span class='page'/>of <span class='topage'/></div>"
        for n in (1, 2)
    )
    pages = text(
        render(
            [BODY.format("<p class='far'>对账单</p><p>next</p>"), BODY.format("<p>发票</p>")],
            PART.format("header", headers),
            PART.format("footer", footers),
            Paper(),
            Loads(),
        )
    )
    assert len(pages) == 3
    for page, words in zip(
        pages,
        (["Head 1", "对账单", "Foot 1", "1", "2"], ["Head 1", "next", "2"], ["Head 2", "发票"]),
        strict=True,
    ):
        assert all(word in page for word in words), (page, words)
    assert "Head 2" not in pages[0] and "Head 1" not in pages[2]


@pytest.mark.parametrize(
    "address", ["http://10.0.0.1/x.png", "file:///etc/passwd", "https://example.com/x.png"]
)
def test_nothing_is_loaded_but_through_us(address):
    loads = Loads()
    content = render([BODY.format(f"<img src='{address}'/>here")], None, None, Paper(), loads)
    assert address in loads.asked
    assert "here" in text(content)[0]


def test_a_style_sheet_is_parsed_once():
    loads = Loads()
    for _time in range(2):
        page = BODY.replace("report.css", "once.css").format("<p>x</p>")
        render([page], None, None, Paper(), loads)
    assert loads.asked == ["/web/assets/1/once.css"]


def test_the_sheet_may_be_turned():
    [page] = pypdf.PdfReader(
        io.BytesIO(render([BODY.format("x")], "", "", Paper().turned(), Loads()))
    ).pages
    assert page.mediabox.width > page.mediabox.height
