from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SplitCommon

MODELS = {
    "channel.payment.merchant": ("finance", "integration", "admin"),
    "channel.payment.receiver": ("finance", "admin"),
    "channel.payment": ("finance", "sales_manager", "admin"),
    "channel.split.instruction": ("finance", "sales_manager", "admin"),
    "channel.split.return": ("finance", "sales_manager", "admin"),
    "channel.split.part": ("finance", "sales_manager", "admin"),
    "channel.split.share": ("finance", "admin"),
}


@tagged("post_install", "-at_install")
class TestAccess(SplitCommon):
    """Dividing payments is finance's; merchant numbers are kept by the integration admin."""

    def test_roles(self):
        for role in self.users:
            for name, sees in MODELS.items():
                with self.subTest(role=role, model=name):
                    self.assertEqual(self.as_role(role)[name].has_access("read"), role in sees)

    def test_others_do_not_act(self):
        payment = self.pay(self.orders[1], 90)
        instruction = payment._prepare(payment)
        for role in ("sales_manager", "warehouse"):
            user = self.users[role]
            with self.assertRaises(AccessError):
                payment.with_user(user).action_prepare()
            for action in ("action_talk", "action_cancel", "action_again", "action_give_up"):
                with self.subTest(role=role, action=action), self.assertRaises(AccessError):
                    getattr(instruction.with_user(user), action)()

    def test_those_who_see_it_open_its_screens(self):
        payment = self.pay(self.orders[1], 90)
        payment._prepare(payment)
        for name, sees in MODELS.items():
            for role in set(sees) & {"finance", "sales_manager"}:
                with self.subTest(role=role, model=name):
                    model = self.as_role(role)[name]
                    views = model.get_views([(False, "list"), (False, "form"), (False, "search")])
                    names = set(views["models"][name]["fields"])
                    model.search([]).read(
                        [n for n in names if not n.startswith(("message", "activity"))]
                    )

    def test_the_keys_name_is_for_the_integration_admin(self):
        with self.assertRaises(AccessError):
            self.merchant.with_user(self.users["finance"]).read(["credential_ref"])
