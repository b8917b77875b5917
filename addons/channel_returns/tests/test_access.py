from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import TEA, ReturnsCommon

# role → what it may do with parcels; units, tallies and trolleys are changed by the desk only
READS = {
    "warehouse": {"channel.return", "channel.return.line", "channel.return.tally",
                  "channel.return.batch"},
    "finance": {"channel.return", "channel.return.line", "channel.return.tally",
                "channel.return.batch"},
    "sales_manager": {"channel.return", "channel.return.line", "channel.return.batch"},
    "admin": {"channel.return", "channel.return.line", "channel.return.tally",
              "channel.return.batch"},
    "operator": set(),
    "integration": set(),
    "sales_rep": set(),
    "member": set(),
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestAccess(ReturnsCommon):
    """Who may do what, per role."""

    def test_matrix(self):
        for role, reads in READS.items():
            env = self.as_role(role)
            for model in READS["warehouse"]:
                with self.subTest(role=role, model=model):
                    self.assertEqual(env[model].has_access("read"), model in reads)
                    self.assertFalse(env[model].has_access("unlink"))
            writes = role in ("warehouse", "admin")
            self.assertEqual(env["channel.return"].has_access("write"), writes)
            self.assertEqual(env["channel.return.batch"].has_access("write"), writes)
            self.assertEqual(env["channel.return.match"].has_access("create"), writes)

    def test_nobody_but_the_warehouse_works_at_the_desk(self):
        self.scan("ZT10000001", "13800138000")
        parcel = self.parcel("ZT10000001")
        for role in ("finance", "sales_manager", "operator", "integration", "sales_rep", "member"):
            env = self.as_role(role)
            for call in (
                lambda env=env: env["channel.return"].scan("YT10000001", {}),
                lambda env=env: env["channel.return"].browse(parcel.id).action_match(),
                lambda env=env: env["channel.return"].action_print_codes(),
            ):
                with self.subTest(role=role), self.assertRaises(AccessError):
                    call()

    def test_the_sender_stays_private(self):
        self.scan("ZT10000001", "13800138000")
        parcel = self.parcel("ZT10000001")
        for role in ("finance", "sales_manager"):
            record = self.as_role(role)["channel.return"].browse(parcel.id)
            self.assertEqual(record.sender_phone_masked, "138****8000")
            with self.assertRaises(AccessError):
                record.read(["sender_phone_key"])
        with self.assertRaises(AccessError):
            self.as_role("warehouse")["channel.return"].browse(parcel.id).read(
                ["sender_phone_keys"]
            )

    def test_rights_do_not_lead_past_the_desk(self):
        [order] = self.ship(self.snapshot(self.line("TEA")))
        self.aftersale(order, "YT10000001")
        self.scan("YT10000001", TEA, "R-GOOD")
        parcel = self.parcel("YT10000001").with_user(self.users["warehouse"])
        for call in (
            lambda: parcel.write({"state": "inspected"}),
            lambda: parcel.create({"waybill": "X00000"}),
            lambda: parcel.copy(),
        ):
            with self.assertRaises(UserError):
                call()
        with self.assertRaises(UserError):
            parcel.line_ids.write({"good": 9})
        with self.assertRaises(AccessError):
            parcel.unlink()

    def test_screens_open_for_each_reading_role(self):
        [order] = self.ship(self.snapshot(self.line("TEA")))
        self.aftersale(order, "YT10000001")
        self.scan("YT10000001", TEA, "R-GOOD", "R-CONFIRM")
        for role in ("warehouse", "finance", "sales_manager", "admin"):
            env = self.as_role(role)
            for model in ("channel.return", "channel.return.batch"):
                with self.subTest(role=role, model=model):
                    views = env[model].get_views([(False, "list"), (False, "form")])
                    names = set(views["models"][model]["fields"])
                    env[model].search([]).read(
                        [n for n in names if not n.startswith(("message", "activity"))]
                    )

    def test_other_company_sees_nothing_and_scans_nothing(self):
        [order] = self.ship(self.snapshot(self.line("TEA")))
        self.aftersale(order, "YT10000001")
        self.scan("YT10000001", TEA, "R-GOOD", "R-CONFIRM")
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["stock.warehouse"].sudo().search([("company_id", "=", company.id)]) or self.env[
            "stock.warehouse"
        ].create({"name": "Elsewhere", "code": "ELSE", "company_id": company.id})
        user = self._create_user("qudao_elsewhere", "group_warehouse")
        user.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        env = self.env(user=user, su=False, context={"allowed_company_ids": company.ids})
        for model in READS["warehouse"]:
            self.assertFalse(env[model].search([]), model)
        answer = env["channel.return"].scan("YT10000001", {})
        self.assertEqual((answer["state"], answer["parcel"]["orders"]), ("already", ""))
