import base64
import logging
from urllib.parse import parse_qsl, unquote, urlsplit

from odoo import api, models
from odoo.tools import file_open
from odoo.tools.mimetypes import guess_mimetype

_logger = logging.getLogger(__name__)
# It tells of each step, and of every rule that it does not know; Odoo's sheets are for browsers.
for _name in ("weasyprint", "weasyprint.progress"):
    logging.getLogger(_name).setLevel(logging.ERROR)

try:
    from ..core import pdf
except (ImportError, OSError) as error:  # OSError: Pango is missing
    _logger.warning("PDF files are left to wkhtmltopdf: %s", error)
    pdf = None

# width and height of the formats that WeasyPrint is told in millimetres
FORMATS = {"A3": (297, 420), "A4": (210, 297), "A5": (148, 210), "Letter": (216, 279)}
BARCODE = {"width", "height", "humanreadable", "quiet", "mask", "barLevel"}


class IrActionsReport(models.Model):
    """PDF files are made by WeasyPrint, in the process; wkhtmltopdf need not be installed."""

    _inherit = "ir.actions.report"

    @api.model
    def get_wkhtmltopdf_state(self):
        """Odoo's client asks this before it downloads a PDF."""
        return "ok" if pdf else super().get_wkhtmltopdf_state()

    @api.model
    def _run_wkhtmltopdf(
        self, bodies, report_ref=False, header=None, footer=None, landscape=False,
        specific_paperformat_args=None, set_viewport_size=False,
    ):  # fmt: skip
        """The report as one PDF file; parameters as in Odoo."""
        if pdf is None:
            return super()._run_wkhtmltopdf(
                bodies, report_ref, header, footer, landscape, specific_paperformat_args,
                set_viewport_size,
            )  # fmt: skip
        paper = self._paper(report_ref, landscape, specific_paperformat_args or {})
        return pdf.render([str(body) for body in bodies], header, footer, paper, self._load)

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """Documents that are kept as attachments are drawn one by one: Odoo would divide the
        file of all of them by bookmarks that only wkhtmltopdf makes.
        """
        report = self._get_report(report_ref)
        ids = list(dict.fromkeys(res_ids or ()))
        if pdf is None or len(ids) < 2 or not report.attachment:
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids)
        streams = {}
        for res_id in ids:
            streams |= super()._render_qweb_pdf_prepare_streams(
                report_ref, dict(data or {}), res_ids=[res_id]
            )
        return streams

    # -- the sheet -----------------------------------------------------------------------------

    def _paper(self, report_ref, landscape, wanted):
        """The paper of a report; its template may want other margins."""
        form = (self._get_report(report_ref) if report_ref else self).get_paperformat()
        size = FORMATS.get(form.format) or (form.page_width, form.page_height)
        width, height = size if all(size) else FORMATS["A4"]
        paper = pdf.Paper(
            width=width,
            height=height,
            top=float(wanted.get("data-report-margin-top", form.margin_top)),
            right=form.margin_right,
            bottom=float(wanted.get("data-report-margin-bottom", form.margin_bottom)),
            left=form.margin_left,
        )
        turned = landscape or wanted.get("data-report-landscape") or form.orientation == "Landscape"
        return paper.turned() if turned else paper

    # -- what a report loads -------------------------------------------------------------------

    @api.model
    def _load(self, url):
        """Style sheets, static files, images and barcodes of this Odoo, with the user's rights.

        :return: content, MIME type
        :raise ValueError: for any other address
        """
        parts = urlsplit(url)
        path = unquote(parts.path)
        if path.startswith("/web/assets/"):
            return self._load_asset(path)
        if path.startswith("/report/barcode"):
            return self._load_barcode(path, dict(parse_qsl(parts.query)))
        if path.startswith("/web/image/"):
            return self._load_image(path)
        if "/static/" in path and ".." not in path:
            with file_open(path.lstrip("/"), "rb") as file:
                content = file.read()
            return content, guess_mimetype(content)
        raise ValueError(f"reports do not load {parts.scheme}://{parts.netloc}{path}")

    def _load_asset(self, path):
        """The bundle that the name stands for, made now if nobody asked for it before."""
        name, rtl, kind, autoprefix = self.env["ir.asset"]._parse_bundle_name(
            path.rpartition("/")[2], False
        )
        if kind != "css":
            raise ValueError(f"{path} is no style sheet")
        bundle = (
            self.env["ir.qweb"]
            .sudo()
            ._get_asset_bundle(
                name, css=True, js=False, debug_assets=False, rtl=rtl, autoprefix=autoprefix
            )
        )
        return bundle.css().raw if bundle.stylesheets else b"", "text/css"

    def _load_barcode(self, path, values):
        named = path.removeprefix("/report/barcode").strip("/").split("/", 1)
        kind, value = named if len(named) == 2 else (values.get("barcode_type"), values["value"])
        options = {name: values[name] for name in BARCODE & values.keys()}
        return self.barcode(kind, value, **options), "image/png"

    def _load_image(self, path):
        """/web/image/<id>… or /web/image/<model>/<id>/<field>…"""
        words = path.removeprefix("/web/image/").split("/")
        number = words[0].partition("-")[0]
        if number.isdigit():
            content = self.env["ir.binary"]._find_record(res_id=int(number)).raw
        else:
            record = self.env["ir.binary"]._find_record(res_model=words[0], res_id=int(words[1]))
            content = base64.b64decode(record[words[2] if len(words) > 2 else "raw"] or b"")
        return content, guess_mimetype(content)
