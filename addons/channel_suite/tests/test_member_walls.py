"""A member's user sees its own branch and nothing of another, for every model it may read."""

from odoo.tests import tagged

from .access_matrix import MATRIX
from .walls_common import WallsCase

# Models without an owner that every member reads alike, with the reason.
SHARED = {"channel.territory": "the regions of China are nobody's"}

# Models that also the member above does not see, with the reason.
MONEY = "a deposit concerns its holder and its keeper"
EARNED = "what a party earned is told to itself"
BUYER = "a return is between the dealer who bought and the brand, as its order is"
HOLDERS_OWN = {
    "channel.dealer.return": BUYER,
    "channel.dealer.return.line": BUYER,
    "channel.deposit.account": MONEY,
    "channel.deposit.confirmation": MONEY,
    "channel.deposit.entry": MONEY,
    "channel.deposit.hold": MONEY,
    "settlement.statement": EARNED,
}


@tagged("post_install", "-at_install")
class TestMemberWalls(WallsCase):
    def _readable(self):
        return [
            model
            for model, rights in MATRIX.items()
            if "r" in rights["member"] and not self.env[model]._transient
        ]

    def test_member_reads_something(self):
        self.assertIn("channel.order", self._readable())
        self.assertIn("channel.member", self._readable())

    def test_member_user_sees_its_branch_only(self):
        user = self.users["member"]
        for model in self._readable():
            with self.subTest(model=model):
                own, below, other, abroad = (
                    factory.get(model)
                    for factory in (self.own, self.below, self.other, self.abroad)
                )
                seen = self.env[model].with_user(user).search([])
                self.assertIn(own, seen.sudo(), "its own record")
                look = self.assertNotIn if model in HOLDERS_OWN else self.assertIn
                look(below, seen.sudo(), "a record of the member below")
                if model not in SHARED:
                    self.assertNotIn(other, seen.sudo(), "another member's record")
                    self.assertNotIn(abroad, seen.sudo(), "another company's record")
                    self.assertFalse(other.with_user(user).sudo(False).has_access("read"))
                    self.assertFalse(abroad.with_user(user).sudo(False).has_access("read"))

    def test_user_of_the_member_below_does_not_look_up(self):
        user = self.env["res.users"].create(
            {
                "name": "Below",
                "login": "role-member-below",
                "partner_id": self._contact(self.member_below.partner_id).id,
                "group_ids": [(6, 0, self.users["member"].group_ids.ids)],
                "company_id": self.company.id,
                "company_ids": [(6, 0, self.company.ids)],
            }
        )
        for model in self._readable():
            with self.subTest(model=model):
                below, own = self.below.get(model), self.own.get(model)
                seen = self.env[model].with_user(user).search([])
                self.assertIn(below, seen.sudo())
                if model not in SHARED:
                    self.assertNotIn(own, seen.sudo(), "the member above")

    def test_users_without_a_role_see_nothing(self):
        """Portal and public users, and staff without a job in the channel, read no member's row."""
        for role in ("portal", "public", "employee"):
            for model in self._readable():
                if model in SHARED:
                    continue
                with self.subTest(model=model, role=role):
                    record = self.own.get(model)
                    self.assertTrue(record.exists())
                    self.assertFalse(
                        record.with_user(self.users[role]).sudo(False).has_access("read")
                    )
