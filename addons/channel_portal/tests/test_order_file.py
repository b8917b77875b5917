import io
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.channel_network.core import table
from odoo.addons.channel_network.core.table import read_table, write_xlsx

from .common import NOT_FOUND, DealerCase

HEADER = ["Product Code", "Quantity"]


@tagged("post_install", "-at_install")
class TestOrderFile(DealerCase):
    """A dealer orders with a file."""

    def _upload(self, *rows, data=None, name="order.xlsx"):
        data = write_xlsx([HEADER, *rows]) if data is None else data
        return self._post("/my/order/file/check", files={"file": (name, io.BytesIO(data))})

    def _lines(self):
        return {line.product_id: line.product_uom_qty for line in self._cart().order_line}

    def test_a_right_file_is_in_the_cart(self):
        reply = self._upload(["T-TEA", "2"], ["6900000000020", "1,200"])
        self.assertTrue(reply.headers["Location"].endswith("/my/order/cart"))
        self.assertEqual(self._lines(), {self.tea: 2, self.cup: 1200})
        self.assertEqual(self._cart().order_line[0].price_unit, 100)
        self.assertIn("2 products of the file", self._notices("/my/order/cart"))
        self._upload(["T-TEA", "5"])
        self.assertEqual(self._lines(), {self.tea: 5, self.cup: 1200}, "the others stay")

    def test_one_bad_row_orders_nothing_until_the_right_ones_are_wanted(self):
        text = self._upload(["T-TEA", "2"], ["T-RICE", "1"], ["nothing", "1"], ["T-CUP", "-1"]).text
        self.assertFalse(self._lines())
        for words in ("Row 3", "not on offer", "Row 4", "No product has this code", "below 0"):
            self.assertIn(words, text)
        upload = self.env["channel.order.file"].search([], order="id desc", limit=1)
        self.assertEqual((upload.line_count, upload.error_count), (1, 3))
        report = read_table(self.url_open(f"/my/order/file/{upload.id}/report.xlsx").content)
        self.assertEqual(
            [row[:2] for row in report[1:]], [["3", "t-rice"], ["4", "nothing"], ["5", "T-CUP"]]
        )
        self._post(f"/my/order/file/{upload.id}/apply")
        self.assertEqual(self._lines(), {self.tea: 2})

    def test_another_dealers_file_does_not_exist(self):
        self._upload(["T-TEA", "2"], ["nothing", "1"])
        upload = self.env["channel.order.file"].search([], order="id desc", limit=1)
        self._sign_in(self.other_user)
        self.assertEqual(self._post(f"/my/order/file/{upload.id}/apply").status_code, NOT_FOUND)
        path = f"/my/order/file/{upload.id}/report.xlsx"
        self.assertEqual(self.url_open(path).status_code, NOT_FOUND)
        self.assertFalse(self._lines())

    def test_what_is_no_table_is_told_so(self):
        for data, words in (
            (b"", "Choose a file"), (b"\x89PNG\r\n\x1a\n\x00\x00", "This is no table"),
            (b"PK\x03\x04broken", "This is no table"), (b"Name;Price\nTea;1", "column of product codes"),
        ):  # fmt: skip
            self.assertIn(words, self._upload(data=data).text)
        with patch.object(table, "MAX_BYTES", 10):
            self.assertIn("larger than 10 MB", self._upload(["T-TEA", "1"]).text)
        self.assertFalse(self._lines())

    def test_files_of_chinese_offices(self):
        for encoding in ("utf-8-sig", "gb18030", "utf-16"):
            self._upload(data="商品编码,数量\nT-TEA,１２\n".encode(encoding), name="订单.csv")
            self.assertEqual(self._lines(), {self.tea: 12}, encoding)
            self._put(self.tea, 0)

    def test_the_list_to_fill_in_is_what_is_on_offer(self):
        rows = read_table(self.url_open("/my/order/file/template.xlsx").content)
        self.assertEqual([row[0] for row in rows], ["Product Code", "T-CUP", "T-TEA"])
        filled = [rows[0], *([*row[:3], "3"] for row in rows[1:])]
        self._upload(data=write_xlsx(filled))
        self.assertEqual(self._lines(), {self.tea: 3, self.cup: 3})
