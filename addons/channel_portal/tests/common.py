import re

from odoo import Command
from odoo.tests import HttpCase

from odoo.addons.channel_sale.tests.common import SaleCommon

NOT_FOUND = 404


class DealerCase(SaleCommon, HttpCase):
    """The user of Dealer A, who may order Tea and Cup at 100.00 and 13 %, not Rice, and has
    10,000.00. Dealer B may order all three.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tea, cls.cup, cls.rice = cls.products
        cls._assortment(cls.dealer_a, cls.tea | cls.cup)
        cls._assortment(cls.dealer_b, cls.products)
        cls._open(cls.dealer_b, 1000000)
        cls.other_user = cls._create_member_user(cls.dealer_b, "qudao_other")
        cls.other_user.password = "qudao_other"
        cls.users["member"].password = "qudao_member"

    def setUp(self):
        super().setUp()
        self._sign_in()

    @classmethod
    def _assortment(cls, member, products):
        return cls.env["channel.assortment"].create(
            {
                "name": member.name,
                "company_id": cls.company.id,
                "member_ids": [Command.set(member.ids)],
                "line_ids": [Command.create({"product_id": product.id}) for product in products],
            }
        )

    def _sign_in(self, user=None):
        user = user or self.users["member"]
        self.authenticate(user.login, user.password or user.login)

    def _page(self, path, **params):
        reply = self.url_open(path, params=params, allow_redirects=False)
        self.assertEqual(reply.status_code, 200, reply.text[:500])
        return reply.text

    def _post(self, path, json=False, files=None, **values):
        """Press a button: the reply, whose page is not followed."""
        token = re.search(r'csrf_token: "([^"]+)"', self._page("/my/deposits"))[1]
        return self.url_open(
            path,
            data={"csrf_token": token, **values},
            files=files,
            headers={"Accept": "application/json"} if json else {"Accept": "text/html"},
            allow_redirects=False,
        )

    def _put(self, product, quantity, **values):
        return self._post(
            "/my/order/line", True, product_id=product.id, quantity=quantity, **values
        )

    def _cart(self, member=None):
        self.env.invalidate_all()
        return self.env["sale.order"]._cart(member or self.dealer_a)

    def _submit(self, order=None, **values):
        order = order or self._cart()
        values = {"total_fen": round(order.amount_total * 100), **values}
        reply = self._post("/my/order/submit", order_id=order.id, **values)
        self.env.invalidate_all()
        return reply

    def _notices(self, path):
        """What the page says on top."""
        found = re.findall(r"o_order_notice[^>]*>(.*?)</div>", self._page(path), re.S)
        return " ".join(re.sub(r"<[^>]+>", "", text).strip() for text in found)
