from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import ReturnCommon

RIGHTS = {
    "channel.dealer.return": {
        "finance": "r", "warehouse": "r", "sales_rep": "rwcd", "sales_manager": "rwcd",
        "admin": "rwcd", "member": "r",
    },
    "channel.dealer.return.line": {
        "finance": "r", "warehouse": "r", "sales_rep": "rwcd", "sales_manager": "rwcd",
        "admin": "rwcd", "member": "r",
    },
    "channel.return.policy": {
        "finance": "r", "sales_rep": "r", "sales_manager": "rwcd", "admin": "rwcd",
    },
    "channel.return.reason": {
        "finance": "r", "warehouse": "r", "sales_rep": "r", "sales_manager": "rwcd",
        "admin": "rwcd",
    },
    "channel.dealer.return.decide": {"sales_manager": "rwcd", "admin": "rwcd"},
    "channel.dealer.return.count": {"warehouse": "rwcd", "admin": "rwcd"},
    "channel.dealer.return.count.line": {"warehouse": "rwcd", "admin": "rwcd"},
}  # fmt: skip
LETTERS = {"r": "read", "w": "write", "c": "create", "d": "unlink"}


@tagged("post_install", "-at_install")
class TestAccess(ReturnCommon):
    """Who sees which returns: a dealer its own and no other's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._open(cls.dealer_b, 1000000)
        cls.of_b = cls._delivered(2, member=cls.dealer_b)
        cls.request_a = cls._request((cls.line_tea, 1))
        manager = cls.env(user=cls.users["sales_manager"], su=False)
        cls.request_b = cls._request((cls.of_b.order_line, 1), env=manager)
        cls.both = (cls.request_a | cls.request_b).sudo()

    def test_rights(self):
        for model, rights in RIGHTS.items():
            for role in self.users:
                records = self.as_role(role)[model]
                got = "".join(x for x, mode in LETTERS.items() if records.has_access(mode))
                with self.subTest(model=model, role=role):
                    self.assertEqual(got, rights.get(role, ""))

    def _seen(self, role):
        found = self.as_role(role)["channel.dealer.return"].search([("id", "in", self.both.ids)])
        return found.sudo()

    def test_who_sees_which(self):
        for role in ("finance", "warehouse", "sales_manager", "admin"):
            self.assertEqual(self._seen(role), self.both)
        for role in ("sales_rep", "member"):
            self.assertEqual(self._seen(role), self.request_a.sudo())
            other = self._as(self.request_b, role)
            with self.assertRaises(AccessError):
                other.read(["name"])
            with self.assertRaises(AccessError):
                self._as(self.request_b.line_ids, role).read(["quantity"])

    def test_a_dealer_changes_nothing_by_rpc(self):
        mine = self._as(self.request_a, "member")
        for step in (mine.action_submit, mine.action_cancel, mine.action_settle):
            with self.assertRaises(AccessError):
                step()

    def test_another_company_is_out_of_reach(self):
        company = self.env["res.company"].create(
            {"name": "Abroad", "currency_id": self.currency.id}
        )
        policy = self.env["channel.return.policy"].create({"name": "P", "company_id": company.id})
        for role in ("finance", "sales_rep", "sales_manager", "admin"):
            self.assertFalse(policy.with_env(self.as_role(role)).has_access("read"))

    def test_the_screens_open_for_their_roles(self):
        for role in ("finance", "warehouse", "sales_rep", "sales_manager"):
            Form(self._as(self.request_a, role))
            self.as_role(role)["channel.dealer.return"].get_views(
                [(False, "list"), (False, "search")]
            )
        Form(self.as_role("sales_manager")["channel.return.policy"])
