from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError
from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import ChannelCommon


@tagged("post_install", "-at_install")
class TestMemberTree(ChannelCommon):
    def test_tiers_follow_the_tree(self):
        self.assertEqual(
            (self.dealer_a.tier, self.dealer_a1.tier, self.retailer_a11.tier), (1, 2, 3)
        )
        self.dealer_a1.parent_id = False
        self.assertEqual((self.dealer_a1.tier, self.retailer_a11.tier), (1, 2))

    def test_any_depth(self):
        parent = self.dealer_b
        for level in range(12):
            parent = self._create_member(f"Deep {level}", parent)
        self.assertEqual(parent.tier, 13)
        self.assertIn(
            parent, self.env["channel.member"].search([("id", "child_of", self.dealer_b.id)])
        )

    def test_no_cycles(self):
        for upper in (self.dealer_a, self.dealer_a1, self.retailer_a11):
            with (
                self.subTest(upper=upper.name),
                self.assertRaisesRegex(ValidationError, "choose a member from another branch"),
            ):
                self.dealer_a.write({"kind": "retailer", "parent_id": upper.id})

    def test_a_retailer_never_supplies_a_dealer(self):
        with self.assertRaisesRegex(ValidationError, "Retailer A1 is a retailer"):
            self.dealer_b.parent_id = self.retailer_a1
        with self.assertRaisesRegex(ValidationError, "Dealer A is a retailer"):
            self.dealer_a.kind = "retailer"

    def test_a_retailer_may_have_branches(self):
        branch = self._create_member("Branch", self.retailer_a1, kind="retailer")
        self.assertEqual(branch.tier, 3)

    def test_parent_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Other Brand"})
        with self.assertRaises(UserError):
            self._create_member("Foreign", self.dealer_a, company_id=other.id)

    # --- partner ------------------------------------------------------------------------

    def test_a_member_is_one_company_contact(self):
        person = self.env["res.partner"].create({"name": "Wang"})
        nested = self.env["res.partner"].create(
            {"name": "Nested", "is_company": True, "parent_id": self.dealer_a.partner_id.id}
        )
        for partner in (person, nested):
            with self.assertRaisesRegex(ValidationError, "Mark the contact as a company"):
                self.env["channel.member"].create({"partner_id": partner.id})

    def test_a_members_contact_stays_on_its_own(self):
        with self.assertRaisesRegex(ValidationError, "channel network instead"):
            self.dealer_a1.partner_id.parent_id = self.dealer_a.partner_id
        with self.assertRaisesRegex(ValidationError, "must stay a company"):
            self.dealer_a1.partner_id.is_company = False

    @mute_logger("odoo.sql_db")
    def test_one_member_a_contact_and_one_code_a_company(self):
        with self.assertRaises(UniqueViolation):
            self.env["channel.member"].create({"partner_id": self.dealer_a.partner_id.id})

    @mute_logger("odoo.sql_db")
    def test_codes_are_unique(self):
        with self.assertRaises(UniqueViolation):
            self.dealer_b.code = self.dealer_a.code
            self.env.flush_all()

    def test_name_follows_the_contact(self):
        self.dealer_a.partner_id.name = "Renamed"
        self.assertEqual(self.dealer_a.name, "Renamed")
        self.assertEqual(self.dealer_a.display_name, f"Renamed ({self.dealer_a.code})")
        self.assertIn(self.dealer_a.id, dict(self.env["channel.member"].name_search("Renamed")))

    def test_form_as_a_representative(self):
        partner = self.env["res.partner"].create({"name": "New Dealer", "is_company": True})
        with Form(self.as_role("sales_rep")["channel.member"]) as form:
            form.partner_id = partner
            form.parent_id = self.dealer_a1
        member = form.record
        self.assertTrue(member.code)
        self.assertEqual((member.state, member.tier), ("draft", 3))


@tagged("post_install", "-at_install")
class TestMemberPosition(ChannelCommon):
    """A moved subtree keeps its history."""

    def _history(self, member):
        return [
            (position.parent_id, position.date_from, position.date_to)
            for position in member.position_ids.sorted("date_from")
        ]

    def _new(self):
        with freeze_time("2026-03-01 04:00:00"):
            return self._create_member("Mover", self.dealer_a)

    def test_a_move_closes_one_place_and_opens_the_next(self):
        member = self._new()
        with freeze_time("2026-05-10 04:00:00"):
            member.parent_id = self.dealer_b
        self.assertEqual(
            self._history(member),
            [
                (self.dealer_a, date(2026, 3, 1), date(2026, 5, 9)),
                (self.dealer_b, date(2026, 5, 10), False),
            ],
        )
        self.assertEqual(member._parent_at(date(2026, 5, 9)), self.dealer_a)
        self.assertEqual(member._parent_at(date(2026, 5, 10)), self.dealer_b)
        self.assertFalse(member._parent_at(date(2026, 2, 28)))

    def test_a_place_held_for_less_than_a_day_leaves_no_trace(self):
        member = self._new()
        with freeze_time("2026-05-10 04:00:00"):
            member.parent_id = self.dealer_b
            member.parent_id = False
        self.assertEqual(
            self._history(member),
            [
                (self.dealer_a, date(2026, 3, 1), date(2026, 5, 9)),
                (self.env["channel.member"], date(2026, 5, 10), False),
            ],
        )

    def test_writing_the_same_parent_is_no_move(self):
        member = self._new()
        with freeze_time("2026-05-10 04:00:00"):
            member.write({"parent_id": self.dealer_a.id, "code": "MOVER"})
        self.assertEqual(self._history(member), [(self.dealer_a, date(2026, 3, 1), False)])

    def test_members_below_keep_their_own_place(self):
        history = self._history(self.retailer_a11)
        self.dealer_a1.parent_id = self.dealer_b
        self.assertEqual(self._history(self.retailer_a11), history)

    def test_the_day_is_the_users_day(self):
        """20:00 UTC on the first is the second in China."""
        self.env.user.tz = "Asia/Shanghai"
        with freeze_time("2026-03-01 20:00:00"):
            member = self._create_member("Night", self.dealer_a)
        self.assertEqual(member.position_ids.date_from, date(2026, 3, 2))

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_two_places_at_once(self):
        member = self._new()
        with self.assertRaises(IntegrityError):
            self.env["channel.member.position"].create(
                {
                    "member_id": member.id,
                    "date_from": "2026-04-01",
                    "date_to": "2026-04-30",
                }
            )


@tagged("post_install", "-at_install")
class TestMemberState(ChannelCommon):
    def _wizard(self, member, **values):
        action = member.action_suspend()
        return self.env[action["res_model"]].with_context(**action["context"]).create(values)

    def _order(self, member):
        return self.env["sale.order"].create(
            {
                "partner_id": member.partner_id.id,
                "order_line": [(0, 0, {"product_id": self.product_13.id})],
            }
        )

    def test_suspension_asks_why_and_shows_what_is_open(self):
        self._order(self.dealer_a)
        wizard = self._wizard(self.dealer_a, reason="Overdue invoices")
        shown = {line.name: line.count for line in wizard.line_ids}
        self.assertEqual(shown, {"Members below that are not closed": 2, "Quotations": 1})
        wizard.action_confirm()
        self.assertEqual(self.dealer_a.state, "suspended")
        self.assertEqual(self.dealer_a.suspend_reason, "Overdue invoices")
        self.assertIn("Quotations 1", self.dealer_a.message_ids[:1].body)

    def test_a_line_opens_its_documents(self):
        order = self._order(self.dealer_a)
        wizard = self._wizard(self.dealer_a, reason="x")
        line = wizard.line_ids.filtered(lambda row: row.name == "Quotations")
        action = line.action_open()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), order)

    def test_orders_deliveries_and_invoices_are_seen_as_open(self):
        order = self._order(self.dealer_b)
        if "member_id" in order._fields:  # where dealer orders ask for a deposit: not here
            order.member_id = False
        order.action_confirm()
        open_rows = {row["label"]: row["count"] for row in self.dealer_b._open_documents()}
        self.assertEqual(open_rows["Orders not fully delivered or invoiced"], 1)
        self.assertEqual(open_rows["Deliveries under way"], 1)
        picking = order.picking_ids
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking.button_validate()
        order._create_invoices().action_post()
        open_rows = {row["label"]: row["count"] for row in self.dealer_b._open_documents()}
        self.assertNotIn("Deliveries under way", open_rows)
        self.assertNotIn("Orders not fully delivered or invoiced", open_rows)
        self.assertEqual(open_rows["Invoices not paid"], 1)

    def test_a_blank_reason_is_refused(self):
        with self.assertRaisesRegex(UserError, "Say why"):
            self._wizard(self.dealer_a, reason="  ").action_confirm()

    @mute_logger("odoo.sql_db")
    def test_the_database_wants_a_reason_too(self):
        with self.assertRaises(CheckViolation):
            self.dealer_a.state = "suspended"
            self.env.flush_all()

    def test_activating_again_clears_the_reason(self):
        self.dealer_a.write({"state": "suspended", "suspend_reason": "x"})
        self.dealer_a.action_activate()
        self.assertFalse(self.dealer_a.suspend_reason)
        self.env.flush_all()

    def test_close_only_when_nothing_is_open(self):
        with self.assertRaisesRegex(UserError, "Members below that are not closed: 1"):
            self.dealer_b.action_close()
        self.retailer_b1.action_close()
        self.dealer_b.action_close()
        self.assertEqual(self.dealer_b.state, "closed")

    def test_moves_that_do_not_exist(self):
        self.retailer_b1.action_close()
        for target in ("active", "draft", "suspended"):
            with (
                self.subTest(target=target),
                self.assertRaisesRegex(UserError, "is Closed and cannot become"),
            ):
                self.retailer_b1.write({"state": target, "suspend_reason": "x"})

    def test_only_drafts_are_deleted(self):
        with self.assertRaisesRegex(UserError, "Only draft members"):
            self.retailer_b1.unlink()
        draft = self._create_member("Draft", state="draft")
        draft.unlink()
        self.assertFalse(draft.exists())

    def test_a_manager_suspends_and_a_rep_does_not(self):
        env = self.as_role("sales_manager")
        action = self.dealer_a.with_env(env).action_suspend()
        wizard = env[action["res_model"]].create({"member_id": self.dealer_a.id, "reason": "x"})
        wizard.action_confirm()
        self.assertEqual(self.dealer_a.state, "suspended")
        with self.assertRaisesRegex(UserError, "Ask your sales manager"):
            self.dealer_a1.with_env(self.as_role("sales_rep")).action_suspend()

    def test_portal_access_opens_for_company_and_contacts(self):
        action = self.dealer_a.action_portal_access()
        self.assertEqual(action["res_model"], "portal.wizard")
        self.assertEqual(
            set(action["context"]["active_ids"]),
            set((self.dealer_a.partner_id | self.dealer_a.partner_id.child_ids).ids),
        )
