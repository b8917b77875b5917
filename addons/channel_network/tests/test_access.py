from itertools import product

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ROLES, ChannelCommon

# Letters: read, write, create, unlink. A model that is missing here fails the test.
ALL = "rwcu"
MATRIX = {
    "channel.territory": dict.fromkeys(ROLES, "r") | {"admin": ALL},
    "channel.member.grade": dict.fromkeys(ROLES, "r")
    | {"sales_manager": "rwc", "admin": ALL, "member": ""},
    "channel.brand": dict.fromkeys(ROLES, "r")
    | {"sales_manager": "rwc", "admin": ALL, "member": ""},
    "channel.member": dict.fromkeys(ROLES, "r")
    | {"sales_rep": "rwc", "sales_manager": ALL, "admin": ALL},
    "channel.member.position": dict.fromkeys(ROLES, "r") | {"warehouse": "", "operator": ""},
    "channel.contract": dict.fromkeys(ROLES, "")
    | {
        "finance": "r",
        "sales_rep": "rwc",
        "sales_manager": ALL,
        "admin": ALL,
        "member": "r",
    },
    "channel.qualification": dict.fromkeys(ROLES, "")
    | {"finance": "r", "sales_rep": "rwc", "sales_manager": ALL, "admin": ALL},
    "channel.assortment": dict.fromkeys(ROLES, "r")
    | {"warehouse": "", "sales_manager": ALL, "admin": ALL},
    "channel.assortment.line": dict.fromkeys(ROLES, "r")
    | {"warehouse": "", "sales_manager": ALL, "admin": ALL},
    "channel.price.band": dict.fromkeys(ROLES, "r")
    | {"warehouse": "", "member": "", "sales_manager": ALL, "admin": ALL},
    "channel.fulfiller": dict.fromkeys(ROLES, "r")
    | {"member": "", "sales_manager": "rwc", "admin": ALL},
    "channel.member.suspend": dict.fromkeys(ROLES, "") | {"sales_manager": ALL, "admin": ALL},
    "channel.member.suspend.line": dict.fromkeys(ROLES, "") | {"sales_manager": ALL, "admin": ALL},
}
OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}


@tagged("post_install", "-at_install")
class TestAccess(ChannelCommon):
    """Every model × role × operation, and then the rows each role really gets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contracts = cls.env["channel.contract"]
        cls.papers = cls.env["channel.qualification"]
        for member in cls.dealer_a | cls.dealer_a1 | cls.dealer_b:
            cls.contracts |= cls.env["channel.contract"].create(
                {
                    "member_id": member.id,
                    "date_start": "2026-01-01",
                    "date_end": "2026-12-31",
                }
            )
            cls.papers |= cls.env["channel.qualification"].create(
                {"member_id": member.id, "number": member.code}
            )
        cls.branch_a = cls.dealer_a | cls.dealer_a1 | cls.retailer_a1 | cls.retailer_a11
        cls.branch_b = cls.dealer_b | cls.retailer_b1

    def test_every_model_of_the_addon_is_in_the_matrix(self):
        models = (
            self.env["ir.model"]
            .search([])
            .filtered(
                lambda m: (
                    "channel_network" in m.modules.split(", ") and not self.env[m.model]._abstract
                )
            )
        )
        own = {m.model for m in models if m.model.startswith("channel.")}
        own &= {name for name in own if self.env[name]._original_module == "channel_network"}
        self.assertEqual(own, set(MATRIX))

    def test_matrix(self):
        for (model, expected), role in product(MATRIX.items(), ROLES):
            Model = self.as_role(role)[model]
            got = "".join(k for k, op in OPERATIONS.items() if Model.has_access(op))
            with self.subTest(model=model, role=role):
                self.assertEqual(got, expected[role])

    def test_staff_without_a_role_sees_nothing(self):
        user = self._create_user("qudao_nobody", "group_channel_user")
        for model in ("channel.member", "channel.contract", "channel.price.band"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.as_user(user)[model].search([])

    def test_whoever_may_read_a_model_can_read_all_of_it(self):
        """No field of a record, and no screen, leads to a model the role may not read."""
        for (model, expected), role in product(MATRIX.items(), ROLES):
            if "r" not in expected[role] or ".suspend" in model:
                continue
            with self.subTest(model=model, role=role):
                records = self.as_role(role)[model].search([], limit=20)
                records.read()
                if role != "member":
                    for view in ("list", "form"):
                        records.read(self._fields_on_screen(records, view))

    def _fields_on_screen(self, records, view):
        """The fields of the model itself that a role's client asks for."""
        arch = etree.fromstring(records.get_view(view_type=view)["arch"])
        return [
            node.get("name")
            for node in arch.iter("field")
            if not any(parent.tag == "field" for parent in node.iterancestors())
        ]

    # --- rows ---------------------------------------------------------------------------

    def _seen(self, role, model="channel.member"):
        domain = [("company_id", "=", self.company.id)]
        return self.as_role(role)[model].search(domain).sudo()

    def test_members_seen_by_role(self):
        everyone = self.branch_a | self.branch_b
        for role in ("finance", "warehouse", "operator", "integration", "sales_manager", "admin"):
            with self.subTest(role=role):
                self.assertEqual(self._seen(role), everyone)
        self.assertEqual(self._seen("sales_rep"), self.branch_a)

    def test_contracts_and_papers_seen_by_role(self):
        for records in (self.contracts, self.papers):
            with self.subTest(model=records._name):
                self.assertEqual(self._seen("sales_manager", records._name), records)
                self.assertEqual(self._seen("finance", records._name), records)
                self.assertEqual(
                    self._seen("sales_rep", records._name).member_id,
                    self.dealer_a | self.dealer_a1,
                )

    def test_positions_seen_by_role(self):
        positions = self.env["channel.member.position"].search(
            [("member_id", "in", (self.branch_a | self.branch_b).ids)]
        )
        self.assertEqual(self._seen("finance", positions._name), positions)
        self.assertEqual(self._seen("sales_rep", positions._name).member_id, self.branch_a)

    def test_a_rep_edits_own_members_only(self):
        env = self.as_role("sales_rep")
        self.dealer_a.with_env(env).territory_ids = self.zhejiang.with_env(env)
        self.dealer_a1.with_env(env).code = "A1-NEW"
        with self.assertRaises(AccessError):
            self.dealer_b.with_env(env).code = "B-NEW"
        with self.assertRaises(AccessError):
            self.dealer_a.with_env(env).unlink()

    def test_a_rep_adds_drafts_below_own_members(self):
        env = self.as_role("sales_rep")
        partner = self.env["res.partner"].create({"name": "New", "is_company": True})
        member = env["channel.member"].create(
            {"partner_id": partner.id, "parent_id": self.dealer_a.id}
        )
        self.assertEqual((member.state, member.user_id), ("draft", env.user))

    def test_a_rep_cannot_add_a_member_for_another(self):
        env = self.as_role("sales_rep")
        partner = self.env["res.partner"].create({"name": "New", "is_company": True})
        with self.assertRaises(AccessError):
            env["channel.member"].create(
                {"partner_id": partner.id, "user_id": self.users["sales_manager"].id}
            )
        with self.assertRaises(AccessError):
            env["channel.member"].create({"partner_id": partner.id, "state": "active"})

    def test_a_rep_may_not_decide(self):
        env = self.as_role("sales_rep")
        for vals in (
            {"state": "closed"},
            {"parent_id": False},
            {"grade_id": self.grade_silver.id},
            {"user_id": self.users["sales_manager"].id},
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaisesRegex(AccessError, "Ask your sales manager"),
            ):
                self.dealer_a1.with_env(env).write(vals)

    def test_a_new_rep_sees_the_member_at_once(self):
        """Record rules are cached with ids in them; a change must be seen without a restart."""
        other = self._create_user("qudao_rep2", "group_sales_rep")
        Member = self.as_user(other)["channel.member"]
        self.assertFalse(Member.search([]))
        self.dealer_b.user_id = other
        self.assertEqual(Member.search([]).sudo(), self.branch_b)
        self.dealer_b.user_id = False
        self.assertFalse(Member.search([]))

    def test_another_company_is_out_of_reach(self):
        other = self.env["res.company"].create({"name": "Other Brand"})
        partner = self.env["res.partner"].create({"name": "Other", "is_company": True})
        member = self.env["channel.member"].create(
            {"partner_id": partner.id, "company_id": other.id, "user_id": False}
        )
        product_ = self._create_product("Shared", self.tax_13, company_id=False, taxes_id=False)
        band = self.env["channel.price.band"].create(
            {
                "product_id": product_.id,
                "price_floor": 1,
                "price_ceiling": 2,
                "company_id": other.id,
            }
        )
        contract = self.env["channel.contract"].create(
            {"member_id": member.id, "date_end": "2027-01-01", "date_start": "2026-01-01"}
        )
        for record in (member, band, contract):
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                record.with_env(self.as_role("admin")).read()
