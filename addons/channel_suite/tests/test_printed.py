import io

from pypdf import PdfReader

from odoo import fields
from odoo.tests import tagged

from odoo.addons.channel_deposit.tests.common import DepositCommon


@tagged("post_install", "-at_install")
class TestPrinted(DepositCommon):
    def test_a_statement_in_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.dealer_a.partner_id.name = "广州茶香贸易有限公司"
        today = fields.Date.context_today(self.account)
        content = self.account.with_context(
            lang="zh_CN", force_report_rendering=True
        )._statement_pdf(today.replace(day=1), today)
        pages = PdfReader(io.BytesIO(content)).pages
        text = "".join(page.extract_text() for page in pages).replace(" ", "")
        for words in ("广州茶香贸易有限公司", "预存款对账单", "期末余额", "10.00"):
            self.assertIn(words, text)
