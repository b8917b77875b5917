from collections import defaultdict
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Date, Domain
from odoo.tests import tagged

from .common import DealerCase

SECRET = "only for Dealer B"
LOG_FIELDS = ("create_uid", "write_uid")


@tagged("post_install", "-at_install")
class TestEveryWall(DealerCase):
    """Whatever hangs on Dealer B, found by following the models' own fields: the user of Dealer A
    reaches none of it by rule, by RPC, by page or by guessing numbers.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._order(2, 1, member=cls.dealer_b)
        cls.order.action_confirm()
        cls.waiting = cls._order(500, member=cls.dealer_b)
        cls.waiting.action_confirm()
        cls.account_b = cls.accounts._ensure(cls.dealer_b)
        cls.voucher = cls.env["channel.deposit.voucher"].create(
            {"account_id": cls.account_b.id, "amount": 5, "date": "2026-03-15"}
        )
        cls.refund = cls.env["channel.deposit.request"].create(
            {"account_id": cls.account_b.id, "amount": 5, "reason": SECRET}
        )
        tomorrow = Date.today() + timedelta(days=1)
        cls.env["channel.deposit.confirmation"]._make(tomorrow)

    def setUp(self):
        super().setUp()
        picking = self._deliver(self.order, 2, 1)
        invoice = self._invoice(self.order)
        self.documents = (
            self.order, self.waiting, picking, invoice, self.account_b, self.voucher, self.refund,
            self.dealer_b, self.dealer_b.partner_id,
        )  # fmt: skip
        self.files = self.env["ir.attachment"].create(
            [
                {
                    "name": "secret.txt",
                    "raw": SECRET.encode(),
                    "res_model": doc._name,
                    "res_id": doc.id,
                }
                for doc in self.documents
            ]
        )
        for document in self.documents:
            if "message_ids" in document:
                document.message_post(body=SECRET, subtype_xmlid="mail.mt_comment")
        self.found = self._hanging(self.dealer_b, self.dealer_b.partner_id, self.other_user)
        self.env.flush_all()
        self._sign_in()

    def _hanging(self, *roots):
        """{model: ids} of the roots and of everything that points to them, and so on."""
        found, news = defaultdict(set), {root._name: set(root.ids) for root in roots}
        fields = [
            (model, field)
            for model in self.env.registry.values()
            if model._auto and not model._abstract and not model._transient
            for field in model._fields.values()
            if field.type == "many2one" and field.store and field.name not in LOG_FIELDS
        ]
        while news:
            for name, ids in news.items():
                found[name] |= ids
            found_now, news = news, defaultdict(set)
            for model, field in fields:
                ids = found_now.get(field.comodel_name)
                if ids:
                    records = self._search(model._name, Domain(field.name, "in", ids))
                    news[model._name] |= set(records) - found[model._name]
            for name in ("ir.attachment", "mail.message"):
                key = "res_model" if name == "ir.attachment" else "model"
                for model, ids in found_now.items():
                    about = Domain(key, "=", model) & Domain("res_id", "in", ids)
                    news[name] |= set(self._search(name, about)) - found[name]
            news = {name: ids for name, ids in news.items() if ids}
        return {name: ids for name, ids in found.items() if ids}

    def _search(self, model, domain):
        every = self.env[model].sudo().with_context(active_test=False, skip_res_field_check=True)
        return every.search(domain).ids

    def test_the_net_is_wide(self):
        """What the other tests go through, so that they cannot pass for want of records."""
        for model in (
            "channel.deposit.account", "channel.deposit.entry", "channel.deposit.hold",
            "channel.deposit.voucher", "channel.deposit.request", "channel.deposit.confirmation",
            "channel.review.decision", "channel.contract", "sale.order", "sale.order.line",
            "stock.picking", "stock.move", "account.move", "account.move.line", "ir.attachment",
            "mail.message",
        ):  # fmt: skip
            self.assertIn(model, self.found)

    def test_no_rule_lets_anything_through(self):
        user = self.users["member"]
        for model, ids in self.found.items():
            records = self.env[model].with_user(user).browse(ids)
            for mode in ("read", "write", "unlink"):
                with self.subTest(model=model, mode=mode):
                    self.assertFalse(records._filtered_access(mode))
            with self.subTest(model=model, mode="search"):
                every = self.env[model].with_user(user).with_context(active_test=False)
                try:
                    self.assertFalse(every.search([("id", "in", list(ids))]))
                except AccessError:
                    continue

    def test_nothing_by_rpc(self):
        for model, ids in self.found.items():
            some = sorted(ids)[:2]
            by_id = [["id", "in", some]]
            for method, args in (
                ("read", [some]),
                ("web_read", [some, {"display_name": {}}]),
                ("search_read", [by_id]),
                ("web_search_read", [by_id, {"display_name": {}}]),
                ("name_search", ["", by_id]),
                ("export_data", [some, ["id", "display_name"]]),
                ("search_count", [by_id]),
                ("write", [some, self._change(model)]),
                ("unlink", [some]),
                ("copy", [some]),
                ("message_post", [some[:1]]),
            ):
                with self.subTest(model=model, method=method):
                    reply = self._rpc(f"/web/dataset/call_kw/{model}/{method}", model=model,
                                      method=method, args=args, kwargs={})  # fmt: skip
                    result = reply.get("result")
                    if isinstance(result, dict):
                        result = result.get("records") or result.get("datas")
                    self.assertFalse(result, reply)

    def _change(self, model):
        """Values that would change a record of the model."""
        fields = self.env[model]._fields.values()
        kinds = {"char", "text", "html", "integer", "float", "boolean"}
        names = (f.name for f in fields if f.store and f.type in kinds and f.name != "id")
        return {next(names, "active"): False}

    def test_nothing_in_the_chatter(self):
        for document in self.documents:
            if "message_ids" not in document:
                continue
            thread = {"thread_model": document._name, "thread_id": document.id}
            with self.subTest(document=document):
                for path in ("/mail/thread/messages", "/mail/chatter_fetch"):
                    self.assertNotIn(SECRET, str(self._rpc(path, **thread)))
                count = len(document.message_ids)
                reply = self._rpc("/mail/message/post", post_data={"body": "hello"}, **thread)
                self.assertFalse(reply.get("result"))
                self.env.invalidate_all()
                self.assertEqual(len(document.message_ids), count)

    def test_no_file(self):
        for file in self.files:
            for path in (f"/web/content/{file.id}", f"/web/content/{file.id}?download=true",
                         f"/web/image/{file.id}", f"/mail/attachment/{file.id}"):  # fmt: skip
                with self.subTest(document=file.res_model, path=path):
                    reply = self.url_open(path, allow_redirects=False)
                    self.assertNotIn(SECRET.encode(), reply.content)
        reply = self._rpc("/mail/attachment/delete", attachment_id=self.files[0].id)
        self.assertTrue(self.files[0].exists(), reply)

    def test_no_page(self):
        picking, invoice = self.documents[2:4]
        confirmation = next(iter(self.found["channel.deposit.confirmation"]))
        period = "first=2020-01-01&last=2099-12-31"
        for path in (
            f"/my/orders/{self.order.id}", f"/my/orders/{self.order.id}?report_type=pdf",
            f"/my/invoices/{invoice.id}", f"/my/invoices/{invoice.id}?report_type=pdf",
            f"/my/picking/pdf/{picking.id}", f"/my/deposits/{self.account_b.id}",
            f"/channel_deposit/statement/{self.account_b.id}.xlsx?{period}",
            f"/channel_deposit/statement/{self.account_b.id}.pdf?{period}",
            f"/my/deposits/confirmations/{confirmation}",
            f"/report/html/sale.report_saleorder/{self.order.id}",
            f"/report/html/account.report_invoice/{invoice.id}",
            f"/report/html/stock.report_deliveryslip/{picking.id}",
        ):  # fmt: skip
            with self.subTest(path=path):
                reply = self.url_open(path, allow_redirects=False)
                self.assertNotIn("Dealer B", reply.text)
                self.assertNotEqual((reply.status_code, bool(reply.text)), (200, True))
        for path in ("/my", "/my/orders", "/my/invoices", "/my/deposits", "/my/order/cart"):
            self.assertNotIn("Dealer B", self._page(path))

    def _rpc(self, path, **params):
        return self.url_open(
            path, json={"jsonrpc": "2.0", "method": "call", "params": params}
        ).json()
