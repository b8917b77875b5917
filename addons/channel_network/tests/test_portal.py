from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ChannelCommon


@tagged("post_install", "-at_install")
class TestMemberUser(ChannelCommon):
    """Control 10, walls: a member's user sees its own subtree and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_a = cls.users["member"]
        cls.user_a1 = cls._create_member_user(cls.dealer_a1, "qudao_a1")
        cls.user_b = cls._create_member_user(cls.dealer_b, "qudao_b")
        cls.user_leaf = cls._create_member_user(cls.retailer_a11, "qudao_a11")
        cls.user_none = cls._create_user("qudao_none", "group_member_user")
        cls.branch_a1 = cls.dealer_a1 | cls.retailer_a11
        cls.branch_a = cls.dealer_a | cls.retailer_a1 | cls.branch_a1
        cls.branch_b = cls.dealer_b | cls.retailer_b1
        for member in cls.branch_a | cls.branch_b:
            cls.env["channel.contract"].create(
                {"member_id": member.id, "date_start": "2026-01-01", "date_end": "2026-12-31"}
            )

    def _seen(self, user, model="channel.member"):
        return self.as_user(user)[model].search([]).sudo()

    def test_each_sees_its_own_subtree(self):
        self.assertEqual(self._seen(self.user_a), self.branch_a)
        self.assertEqual(self._seen(self.user_b), self.branch_b)
        self.assertEqual(self._seen(self.user_a1), self.branch_a1)
        self.assertEqual(self._seen(self.user_leaf), self.retailer_a11)

    def test_cousins_and_parents_are_out_of_reach(self):
        for user, member in (
            (self.user_a, self.dealer_b),
            (self.user_a, self.retailer_b1),
            (self.user_b, self.retailer_a11),
            (self.user_a1, self.dealer_a),
            (self.user_a1, self.retailer_a1),
        ):
            with (
                self.subTest(user=user.login, member=member.name),
                self.assertRaises(AccessError),
            ):
                member.with_env(self.as_user(user)).read(["name"])

    def test_a_parent_sees_both_of_its_branches(self):
        seen = self._seen(self.user_a)
        self.assertIn(self.retailer_a1, seen)
        self.assertIn(self.retailer_a11, seen)

    def test_a_user_without_a_member_sees_nothing(self):
        for model in (
            "channel.member",
            "channel.member.position",
            "channel.contract",
            "channel.assortment",
            "channel.assortment.line",
        ):
            with self.subTest(model=model):
                self.assertFalse(self._seen(self.user_none, model))

    def test_contracts_and_positions_follow(self):
        for model in ("channel.contract", "channel.member.position"):
            with self.subTest(model=model):
                self.assertEqual(self._seen(self.user_a1, model).member_id, self.branch_a1)
                self.assertEqual(self._seen(self.user_b, model).member_id, self.branch_b)

    def test_a_newcomers_former_suppliers_stay_hidden(self):
        self.env.user.tz = "Asia/Shanghai"
        with freeze_time("2026-01-10 04:00:00"):
            mover = self._create_member("Mover", self.dealer_a, kind="retailer")
        with freeze_time("2026-02-10 04:00:00"):
            mover.parent_id = self.dealer_b
        own = mover.position_ids & self._seen(self.user_b, "channel.member.position")
        self.assertEqual(own.parent_id, self.dealer_b)
        self.assertFalse(mover.position_ids & self._seen(self.user_a, mover.position_ids._name))

    def test_moving_a_subtree_moves_its_visibility(self):
        self._seen(self.user_a)  # the rule's domain is cached now
        self.dealer_a1.parent_id = self.dealer_b
        self.assertEqual(self._seen(self.user_a), self.branch_a - self.branch_a1)
        self.assertEqual(self._seen(self.user_b), self.branch_b | self.branch_a1)
        self.assertEqual(self._seen(self.user_a1), self.branch_a1)

    def test_a_closed_member_is_seen_from_above_only(self):
        self._seen(self.user_leaf)
        self.retailer_a11.state = "closed"
        self.assertFalse(self._seen(self.user_leaf))
        self.assertIn(self.retailer_a11, self._seen(self.user_a))

    def test_a_contact_that_changes_company_changes_its_view(self):
        self._seen(self.user_leaf)
        self.user_leaf.partner_id.parent_id = self.dealer_b.partner_id
        self.assertEqual(self._seen(self.user_leaf), self.branch_b)

    def test_nothing_can_be_written(self):
        env = self.as_user(self.user_a)
        with self.assertRaises(AccessError):
            self.dealer_a.with_env(env).code = "X"
        with self.assertRaises(AccessError):
            env["channel.contract"].create({"member_id": self.dealer_a.id})

    def test_assortments_that_apply_below_are_seen(self):
        Assortment = self.env["channel.assortment"]
        line = [Command.create({"product_id": self.product_13.id})]
        gold = Assortment.create(
            {"name": "Gold", "grade_ids": self.grade_gold.ids, "line_ids": line}
        )
        b_only = Assortment.create({"name": "B", "member_ids": self.dealer_b.ids, "line_ids": line})
        leaf = Assortment.create(
            {"name": "Leaf", "member_ids": self.retailer_a11.ids, "line_ids": line}
        )
        for user, seen in (
            (self.user_a, gold | leaf),
            (self.user_a1, leaf),
            (self.user_b, b_only),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(self._seen(user, "channel.assortment"), seen)
                self.assertEqual(self._seen(user, "channel.assortment.line").assortment_id, seen)

    def test_portal_wizard_makes_a_member_user(self):
        contact = self.env["res.partner"].create(
            {
                "name": "Shop keeper",
                "parent_id": self.retailer_b1.partner_id.id,
                "email": "keeper@example.com",
            }
        )
        stranger = self.env["res.partner"].create(
            {"name": "Stranger", "email": "stranger@example.com"}
        )
        wizard = (
            self.env["portal.wizard"].with_context(active_ids=(contact | stranger).ids).create({})
        )
        for row in wizard.user_ids:
            row.action_grant_access()
        self.assertTrue(contact.user_ids.has_group("channel_network.group_member_user"))
        self.assertTrue(stranger.user_ids.has_group("base.group_portal"))
        self.assertFalse(stranger.user_ids.has_group("channel_network.group_member_user"))
        self.assertEqual(self._seen(contact.user_ids), self.retailer_b1)
