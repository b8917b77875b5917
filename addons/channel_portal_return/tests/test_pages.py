from odoo.tests import tagged

from .common import ReturnCase, picture


@tagged("post_install", "-at_install")
class TestReturnPages(ReturnCase):
    """A dealer asks in the portal, and sees what became of it."""

    def test_from_the_order_to_the_request(self):
        self.assertIn(
            f"/my/returns/new?order={self.order.id}", self._page(f"/my/orders/{self.order.id}")
        )
        self.assertIn(f"order={self.order.id}", self._page("/my/returns/new"))
        form = self._page("/my/returns/new", order=self.order.id)
        self.assertIn(f'name="quantity_{self.line_tea.id}"', form)
        self.assertIn("at most 10", form)
        reply = self._ask(**self._line(self.line_tea, 3), note="Thank you")
        request = self._last()
        self.assertEqual(reply.headers["Location"].rpartition("/my/")[2], f"returns/{request.id}")
        self.assertEqual(
            (request.state, request.kind, request.note), ("submitted", "return", "Thank you")
        )
        self.assertEqual(request.create_uid, self.users["member"])
        self.assertEqual(request.line_ids.mapped("quantity"), [3])
        self.assertIn(request.name, self._page("/my/returns"))
        self.assertIn("You need do nothing", self._page(f"/my/returns/{request.id}"))

    def test_the_way_to_the_credit_is_told(self):
        self._ask(**self._line(self.line_tea, 3))
        request = self._last()
        manager = request.with_env(self.as_role("sales_manager"))
        manager.action_approve()
        page = self._page(f"/my/returns/{request.id}")
        self.assertIn("Send the goods now", page)
        request._receive({request.line_ids: (2, 0, 0)})
        page = self._page(f"/my/returns/{request.id}")
        for words in ("good 2", "missing 1", "Credited by", "226.00"):
            self.assertIn(words, page)

    def test_an_exchange_with_a_picture(self):
        name = f"pictures_{self.line_cup.id}"
        self._ask(
            files=[(name, ("a.png", picture(), "image/png"))],
            **self._line(self.line_cup, 1, self.defective),
            kind="exchange",
        )
        request = self._last()
        self.assertEqual(request.kind, "exchange")
        found = request.line_ids.picture_ids
        self.assertEqual(found.mimetype, "image/jpeg")
        self.assertEqual(
            (found.res_model, found.res_id), (request.line_ids._name, request.line_ids.id)
        )
        path = f"/my/returns/{request.id}/pictures/{found.id}"
        self.assertIn(path, self._page(f"/my/returns/{request.id}"))
        reply = self.url_open(path)
        self.assertEqual(reply.headers["Content-Type"], "image/jpeg")
        self.assertEqual(reply.content, found.raw)

    def test_what_is_wrong_is_said_and_the_form_keeps_what_was_typed(self):
        for values, words in (
            ({}, "Enter how many"),
            (self._line(self.line_tea, "1.5"), "no whole number"),
            (self._line(self.line_tea, 11), "only 10 can come back"),
            (self._line(self.line_tea, 1, self.defective), "wants a picture"),
            (self._line(self.line_tea, 1) | {f"reason_{self.line_tea.id}": ""}, "choose a reason"),
        ):
            with self.subTest(words=words):
                reply = self._ask(**values, note="my words")
                self.assertEqual(reply.status_code, 200)
                self.assertIn(words, reply.text)
                self.assertIn("my words", reply.text)
        self.assertFalse(self._last())

    def test_a_file_that_is_no_picture(self):
        name = f"pictures_{self.line_tea.id}"
        for data in (b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.4", b"GIF89a"):
            reply = self._ask(
                files=[(name, ("a.png", data, "image/png"))], **self._line(self.line_tea, 1)
            )
            self.assertIn("JPEG, PNG or WebP", reply.text)
        files = [(name, (f"{n}.png", picture(), "image/png")) for n in range(7)]
        reply = self._ask(files=files, **self._line(self.line_tea, 1))
        self.assertIn("At most 6 pictures", reply.text)
        self.assertFalse(self._last())

    def test_take_it_back(self):
        self._ask(**self._line(self.line_tea, 3))
        request = self._last()
        self._post(f"/my/returns/{request.id}/cancel")
        self.env.invalidate_all()
        self.assertEqual(request.state, "cancelled")
        self._post(f"/my/returns/{request.id}/cancel")
        self.assertIn("already", self._notices(f"/my/returns/{request.id}"))

    def test_nothing_is_left(self):
        self._ask(**self._line(self.line_tea, 10), **self._line(self.line_cup, 4))
        self.assertIn("can come back any more", self._page("/my/returns/new", order=self.order.id))
