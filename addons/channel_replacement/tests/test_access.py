from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.channel_order.core.snapshot import AfterSaleKind, AfterSaleStatus
from odoo.addons.channel_returns.tests.common import ReturnsCommon

READS = ("warehouse", "operator", "sales_manager", "finance", "admin")
NOTHING = ("integration", "sales_rep", "member")


@tagged("post_install", "-at_install")
class TestAccess(ReturnsCommon):
    """The warehouse sends, others look, the rest sees nothing."""

    def made(self):
        [order] = self.ship(self.snapshot(self.line("TEA")))
        aftersale = self.aftersale(
            order, kind=AfterSaleKind.RESEND, status=AfterSaleStatus.AGREED, amount=0
        )
        return aftersale.replacement_ids

    def test_roles(self):
        replacement = self.made()
        for role in READS:
            with self.subTest(role=role):
                one = self.as_role(role)["channel.replacement"].browse(replacement.id)
                views = one.get_views([(False, "list"), (False, "form")])
                names = set(views["models"][one._name]["fields"])
                one.read([n for n in names if not n.startswith(("message", "activity"))])
                self.assertEqual(one.has_access("write"), role in ("warehouse", "admin"))
                self.assertFalse(one.has_access("create") or one.has_access("unlink"))
        for role in NOTHING:
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.as_role(role)["channel.replacement"].browse(replacement.id).read(["name"])

    def test_only_the_warehouse_sends(self):
        replacement = self.made()
        for role in ("operator", "sales_manager", "finance", *NOTHING):
            one = self.as_role(role)["channel.replacement"].browse(replacement.id)
            for press in (one.action_send, one.action_reserve):
                with self.subTest(role=role), self.assertRaises(AccessError):
                    press()

    def test_rights_do_not_lead_past_the_buttons(self):
        replacement = self.made()
        one = self.as_role("warehouse")["channel.replacement"].browse(replacement.id)
        for call in (
            lambda: one.write({"state": "sent", "waybill": "SF90000001"}),
            lambda: one.line_ids.write({"units": 7}),
        ):
            with self.assertRaises(UserError):
                call()

    def test_other_company_sees_nothing(self):
        self.made()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        user = self._create_user("qudao_elsewhere", "group_warehouse")
        user.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        env = self.env(user=user, su=False, context={"allowed_company_ids": company.ids})
        for model in ("channel.replacement", "channel.replacement.line"):
            self.assertFalse(env[model].search([]), model)
