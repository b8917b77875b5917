import base64
import io
from unittest.mock import patch

from pypdf import PdfReader

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open

LAYOUT = """
<t t-name="channel_report.test_paper">
    <t t-call="web.html_container"><t t-foreach="docs" t-as="doc">
        <t t-call="web.external_layout"><div class="page">
            <h2>渠道商 <t t-out="doc.name"/></h2>
            <img t-att-src="'/report/barcode/QR/%s' % doc.id"/>
            <img src="/web/static/img/favicon.ico"/>
        </div></t>
    </t></t>
</t>"""


@tagged("post_install", "-at_install")
class TestReport(TransactionCase):
    """Odoo's own way from a report to its file, with our engine at the end of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.ui.view"].create(
            {
                "name": "test_paper",
                "type": "qweb",
                "arch": LAYOUT,
                "key": "channel_report.test_paper",
            }
        )
        cls.report = cls.env["ir.actions.report"].create(
            {
                "name": "Paper",
                "model": "res.partner",
                "report_type": "qweb-pdf",
                "report_name": "channel_report.test_paper",
            }
        )
        cls.partners = cls.env["res.partner"].create([{"name": "广州茶香"}, {"name": "杭州丝绸"}])

    def _pages(self, ids):
        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        content, kind = report._render_qweb_pdf(self.report, ids)
        self.assertEqual(kind, "pdf")
        return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]

    def test_records_in_chinese(self):
        self.assertEqual(self.report.get_wkhtmltopdf_state(), "ok")
        pages = self._pages(self.partners.ids)
        self.assertEqual(len(pages), 2)
        for page, name in zip(pages, self.partners.mapped("name"), strict=True):
            self.assertIn(name, page.replace(" ", ""))

    def test_what_is_kept_is_kept_document_by_document(self):
        self.report.attachment = "'paper-%s.pdf' % object.id"
        self.assertEqual(len(self._pages(self.partners.ids)), 2)
        kept = self.env["ir.attachment"].search(
            [("res_model", "=", "res.partner"), ("res_id", "in", self.partners.ids)]
        )
        self.assertEqual(
            sorted(kept.mapped("name")), sorted(f"paper-{n}.pdf" for n in self.partners.ids)
        )
        for attachment in kept:
            self.assertEqual(len(PdfReader(io.BytesIO(attachment.raw)).pages), 1)

    def test_only_what_odoo_serves_is_loaded(self):
        report = self.report
        for url in ("http://10.0.0.1/secret", "file:///etc/passwd", "/web/static/../../secret"):
            with self.subTest(url=url), self.assertRaises(ValueError):
                report._load(url)
        picture, _kind = report._load("/web/static/img/favicon.ico")
        with patch.object(type(report), "barcode", return_value=picture) as drawn:
            url = "http://erp/report/barcode/?barcode_type=QR&value=1&width=50&x=y"
            self.assertEqual(report._load(url), (picture, "image/png"))
        drawn.assert_called_once_with("QR", "1", width="50")
        image = self.env["ir.attachment"].create({"name": "x.ico", "raw": picture})
        self.assertEqual(report._load(f"/web/image/{image.id}-abc/x.ico")[0], picture)
        partner = self.env.user.partner_id
        partner.image_1920 = base64.b64encode(file_open("web/static/img/logo.png", "rb").read())
        url = f"/web/image/res.partner/{partner.id}/image_128"
        self.assertEqual(report._load(url)[1], "image/png")
