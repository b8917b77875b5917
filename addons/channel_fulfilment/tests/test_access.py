from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import FulfilmentCommon

MODELS = (
    "channel.wave",
    "channel.parcel",
    "channel.manifest",
    "channel.wave.rule",
    "channel.waybill.pool",
)
# role → models it reads; only the warehouse (and the admin) writes
READS = {
    "warehouse": set(MODELS),
    "admin": set(MODELS),
    "finance": {"channel.wave", "channel.parcel", "channel.manifest", "channel.wave.rule"},
    "sales_manager": set(MODELS),
    "operator": {"channel.wave", "channel.parcel"},
    "integration": {"channel.wave", "channel.parcel"},
    "sales_rep": set(),
    "member": set(),
}


@tagged("post_install", "-at_install")
class TestAccess(FulfilmentCommon):
    """Who may do what, per role."""

    def test_matrix(self):
        for role, reads in READS.items():
            env = self.as_role(role)
            for model in MODELS:
                with self.subTest(role=role, model=model):
                    self.assertEqual(env[model].has_access("read"), model in reads)
                    writes = role in ("warehouse", "admin")
                    self.assertEqual(env[model].has_access("write"), writes)
                    self.assertEqual(env[model].has_access("create"), writes)

    def test_nobody_but_the_warehouse_builds_scans_or_hands_over(self):
        self.make_orders(1)
        wave = self.build()
        manifest = self.env["channel.manifest"].create(
            {"carrier_id": self.carrier.id, "warehouse_id": self.warehouse_1.id,
             "company_id": self.company.id}
        )  # fmt: skip
        for role in ("finance", "sales_manager", "operator", "member", "sales_rep"):
            env = self.as_role(role)
            for call in (
                lambda env=env: env["channel.wave"]._build(self.shop, self.fulfiller_1),
                lambda env=env: env["channel.parcel"].scan(wave.parcel_ids.name, {}),
                lambda env=env: env["channel.wave"].browse(wave.id).action_undo(),
                lambda env=env: env["channel.wave"].browse(wave.id).action_picking_done(),
                lambda env=env: env["channel.manifest"].browse(manifest.id).action_hand_over(),
                lambda env=env: env["channel.parcel"].browse(wave.parcel_ids.id).action_unpack(),
            ):
                with self.subTest(role=role), self.assertRaises(AccessError):
                    call()

    def test_rights_do_not_lead_past_the_buttons(self):
        self.make_orders(1)
        wave = self.build()
        env = self.as_role("warehouse")
        parcel = env["channel.parcel"].browse(wave.parcel_ids.id)
        manifest = env["channel.manifest"].create(
            {"carrier_id": self.carrier.id, "warehouse_id": self.warehouse_1.id}
        )
        for call in (
            lambda: parcel.write({"state": "packed", "packed_at": "2026-01-01"}),
            lambda: parcel.write({"waybill": "SF00000001"}),
            lambda: parcel.copy(),
            lambda: env["channel.wave"].browse(wave.id).write({"state": "handed"}),
            lambda: manifest.write({"state": "handed", "handed_at": "2026-01-01"}),
        ):
            with self.assertRaises(UserError):
                call()
        env["channel.wave"].browse(wave.id).message_post(body="Ask the carrier.")

    def test_warehouse_does_the_whole_job_with_its_own_rights(self):
        orders = self.make_orders(2)
        self.pack_all(self.build())
        self.hand_over()
        self.assertEqual(set(orders.mapped("stage")), {"shipped"})

    def test_forms_open_for_each_reading_role(self):
        self.make_orders(1)
        wave = self.build()
        self.pack_all(wave)
        manifest = self.hand_over()
        for role in ("warehouse", "finance", "sales_manager", "operator", "integration", "admin"):
            with self.subTest(role=role):
                env = self.as_role(role)
                view = env["channel.wave"].get_view(view_type="form")
                names = set(view["models"]["channel.wave"]) - {
                    "message_ids",
                    "message_follower_ids",
                }
                record = env["channel.wave"].browse(wave.id)
                record.read(
                    [name for name in names if not name.startswith(("message", "activity"))]
                )
                record.parcel_ids.read(["order_refs", "waybill", "packed_by"])
        for role in ("warehouse", "finance", "sales_manager"):
            with self.subTest(role=role):
                record = self.as_role(role)["channel.manifest"].browse(manifest.id)
                self.assertEqual((record.order_count, record.invoice_count), (1, 1))
        invoice = self.as_role("finance")["account.move"].browse(manifest.invoice_ids.id)
        self.assertEqual(invoice.state, "posted")

    def test_other_company_sees_nothing(self):
        self.make_orders(1)
        wave = self.build()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        user = self._create_user("qudao_elsewhere", "group_warehouse")
        user.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        env = self.env(user=user, su=False, context={"allowed_company_ids": company.ids})
        self.assertFalse(env["channel.wave"].search([("id", "=", wave.id)]))
        self.assertFalse(env["channel.parcel"].search([("wave_id", "=", wave.id)]))
