from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.channel_order.core.snapshot import AfterSaleKind, AfterSaleStatus

from .common import TrackingCommon

READERS = {"warehouse", "finance", "sales_manager", "operator", "integration", "admin"}
HANDLERS = {"warehouse", "sales_manager", "operator", "admin"}
ROLES = READERS | {"sales_rep", "member"}


@tagged("post_install", "-at_install")
class TestAccess(TrackingCommon):
    """Who may do what, per role."""

    def setUp(self):
        super().setUp()
        self.row = self.trouble()
        self.aftersale(
            self.leave(),
            kind=AfterSaleKind.REFUND_ONLY,
            status=AfterSaleStatus.AGREED,
            amount=10000,
        )
        self.stop = self.env["channel.intercept"].search([], limit=1)
        self.service = self.env["channel.carrier.service"].create(
            {"name": "Simulated", "credential_ref": "TEST"}
        )

    def test_matrix(self):
        for role in ROLES:
            env = self.as_role(role)
            for model in ("channel.tracking", "channel.parcel.trace", "channel.intercept"):
                with self.subTest(role=role, model=model):
                    self.assertEqual(env[model].has_access("read"), role in READERS)
                    for mode in ("write", "create", "unlink"):
                        self.assertFalse(env[model].has_access(mode))
            service = env["channel.carrier.service"]
            self.assertEqual(service.has_access("read"), role in READERS - {"finance"} | {"admin"})
            self.assertEqual(service.has_access("write"), role in ("integration", "admin"))

    def test_only_those_who_look_after_parcels_press_buttons(self):
        for role in ROLES - HANDLERS:
            env = self.as_role(role)
            for call in (
                lambda env=env: self.row.with_env(env).action_record(),
                lambda env=env: self.row.with_env(env).action_care(),
                lambda env=env: self.row.with_env(env).action_ask(),
                lambda env=env: self.row.with_env(env)._care({self.row.id: "trouble"}, "x"),
                lambda env=env: self.stop.with_env(env).action_asked(),
                lambda env=env: self.stop.with_env(env).action_let_go(),
            ):
                with self.subTest(role=role), self.assertRaises(AccessError):
                    call()

    def test_rights_do_not_lead_past_the_buttons(self):
        for record in (self.row, self.stop):
            with self.assertRaises(UserError):
                record.with_user(self.users["warehouse"]).write({"waybill": "X"})
            with self.assertRaises(UserError):
                record.with_user(self.users["admin"]).write({"waybill": "X"})

    def test_credentials_are_for_the_integration_admin(self):
        with self.assertRaises(AccessError):
            self.service.with_user(self.users["warehouse"]).read(["credential_ref"])
        self.assertEqual(self.service.with_user(self.users["integration"]).credential_ref, "TEST")

    def test_screens_open_for_each_reading_role(self):
        for role in READERS:
            env = self.as_role(role)
            for model in ("channel.tracking", "channel.intercept", "channel.aftersale"):
                with self.subTest(role=role, model=model):
                    views = env[model].get_views([(False, "list"), (False, "form")])
                    names = set(views["models"][model]["fields"])
                    env[model].search([]).read(list(names))

    def test_other_company_sees_nothing(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        user = self._create_user("qudao_elsewhere", "group_warehouse")
        user.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        env = self.env(user=user, su=False, context={"allowed_company_ids": company.ids})
        for model in ("channel.tracking", "channel.parcel.trace", "channel.intercept"):
            self.assertFalse(env[model].search([]), model)
        with self.assertRaises(AccessError):
            self.row.with_env(env).action_care()
