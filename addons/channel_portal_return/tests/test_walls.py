from odoo.tests import tagged

from odoo.addons.channel_portal.tests.common import NOT_FOUND

from .common import ReturnCase, picture


@tagged("post_install", "-at_install")
class TestReturnWalls(ReturnCase):
    """Another dealer's return is not there, whatever is guessed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = cls._request(cls.order_b)
        cls.photo = cls.env["ir.attachment"].create(
            {
                "name": "secret.png", "raw": picture(), "res_model": cls.foreign.line_ids._name,
                "res_id": cls.foreign.line_ids.id,
            }
        )  # fmt: skip
        cls.foreign.line_ids.picture_ids = cls.photo

    def test_no_page(self):
        for path in (f"/my/returns/{self.foreign.id}", "/my/returns/999999999",
                     f"/my/returns/new?order={self.order_b.id}"):  # fmt: skip
            self.assertEqual(self.url_open(path).status_code, NOT_FOUND)
        self.assertNotIn(self.foreign.name, self._page("/my/returns"))
        self.assertNotIn(f"order={self.order_b.id}", self._page("/my/returns/new"))

    def test_no_button(self):
        reply = self._post(f"/my/returns/{self.foreign.id}/cancel")
        self.assertEqual(reply.status_code, NOT_FOUND)
        line = self.order_b.order_line
        reply = self._ask(self.order_b, **self._line(line, 1))
        self.assertEqual(reply.status_code, NOT_FOUND)
        self.assertIn("Enter how many", self._ask(**self._line(line, 1)).text)
        self.assertEqual(self.foreign.state, "submitted")

    def test_no_picture(self):
        mine = self._request(self.order)
        for path in (
            f"/web/image/{self.photo.id}",
            f"/my/returns/{self.foreign.id}/pictures/{self.photo.id}",
            f"/my/returns/{mine.id}/pictures/{self.photo.id}",
        ):
            with self.subTest(path=path):
                self.assertNotEqual(self.url_open(path).content, self.photo.raw)

    def test_no_rpc(self):
        for record in (self.foreign, self.foreign.line_ids):
            for method, args in (("read", [record.ids]), ("write", [record.ids, {"note": "x"}])):
                reply = self.url_open(
                    f"/web/dataset/call_kw/{record._name}/{method}",
                    json={"jsonrpc": "2.0", "method": "call", "params": {
                        "model": record._name, "method": method, "args": args, "kwargs": {}}},
                ).json()  # fmt: skip
                self.assertFalse(reply.get("result"))
                self.assertIn("error", reply)

    def test_who_is_no_dealer_finds_nothing(self):
        self.authenticate("qudao_sales_rep", "qudao_sales_rep")
        for path in ("/my/returns", "/my/returns/new"):
            self.assertEqual(self.url_open(path).status_code, NOT_FOUND)
