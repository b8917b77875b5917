"""Two branches of one company and a branch of another company, with a factory for each."""

from odoo.tests import TransactionCase

from .common import role_users
from .factories import Factory


class WallsCase(TransactionCase):
    """``self.own``, ``self.below`` (a member under it), ``self.other`` and ``self.abroad``: factories."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company_abroad = cls.env["res.company"].create({"name": "Walls Abroad"})
        cls.partners = cls.env["res.partner"].create(
            [{"name": f"Walls {name}", "is_company": True} for name in "ABCD"]
        )
        own, other, below, abroad = cls.partners
        cls.member_own = cls._member(own)
        cls.member_other = cls._member(other)
        cls.member_below = cls._member(below, kind="retailer", parent_id=cls.member_own.id)
        cls.member_abroad = cls._member(abroad, company_id=cls.company_abroad.id)
        cls.users = role_users(cls.env, cls.company, {"member": cls._contact(own)})

    def setUp(self):
        super().setUp()
        # a test's records are rolled back with it: each test has factories of its own
        self.own = self._factory(self.member_own)
        self.below = self._factory(self.member_below)
        self.other = self._factory(self.member_other)
        self.abroad = self._factory(self.member_abroad)

    @classmethod
    def _member(cls, partner, **values):
        return cls.env["channel.member"].create(
            {"partner_id": partner.id, "kind": "dealer", "company_id": cls.company.id} | values
        )

    @classmethod
    def _contact(cls, partner):
        """A person at the member: the usual portal user is a contact of the company."""
        return cls.env["res.partner"].create({"name": "Walls person", "parent_id": partner.id})

    @classmethod
    def _factory(cls, member):
        return Factory(cls.env, {"channel.member": member, "res.company": member.company_id})
