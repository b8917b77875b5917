"""The world that the addons of the suite test in.

``from odoo.addons.channel_network.tests.common import ChannelCommon``

A company of its own (CNY, the Chinese chart of accounts), so nothing depends on what the
database holds::

    brand ─┬─ dealer_a ─┬─ dealer_a1 ── retailer_a11
           │            └─ retailer_a1
           └─ dealer_b ─── retailer_b1

one user for each role, portal users of some members, products with 13 % and 9 % VAT, and two
warehouses with a fulfiller and stock each.
"""

from odoo import Command
from odoo.tests import TransactionCase

from .brand import STAFF, brand_company, create_user

ROLES = {**STAFF, "member": "group_member_user"}
STOCK_PER_WAREHOUSE = 1000


class ChannelCommon(TransactionCase):
    """Base class with the world above as class attributes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context=dict(cls.env.context, tracking_disable=True, no_reset_password=True)
        )
        cls._create_company()
        cls._create_users()
        cls._create_members()
        cls._create_products()
        cls._create_fulfillers()
        cls.env.flush_all()

    # --- company and users --------------------------------------------------------------

    @classmethod
    def _create_company(cls):
        cls.company = brand_company(cls.env)
        cls.currency = cls.company.currency_id
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=cls.company.ids))
        taxes = cls.env["account.tax"].search(
            [("company_id", "=", cls.company.id), ("type_tax_use", "=", "sale")]
        )
        cls.tax_13 = taxes.filtered(lambda t: t.amount == 13 and not t.price_include)[:1]
        cls.tax_9 = taxes.filtered(lambda t: t.amount == 9 and not t.price_include)[:1]

    @classmethod
    def _create_users(cls):
        users = cls.env["res.users"].search([("company_id", "=", cls.company.id)])
        by_login = {user.login: user for user in users}
        cls.users = {role: by_login[f"qudao_{role}"] for role in STAFF}

    @classmethod
    def _create_user(cls, login, group, **values):
        """Return a new user with one group of channel_network, in the test company."""
        return create_user(cls.env, cls.company, login, group, **values)

    @classmethod
    def _create_member_user(cls, member, login):
        """Return a portal user of a member: a contact of its company."""
        contact = cls.env["res.partner"].create(
            {"name": login, "parent_id": member.partner_id.id, "email": f"{login}@example.com"}
        )
        return cls._create_user(login, "group_member_user", partner_id=contact.id)

    def as_role(self, role):
        """Return an environment of the user of a role: ``self.as_role("warehouse")[model]``."""
        return self.as_user(self.users[role])

    def as_user(self, user):
        """Return an environment of a user, in the test company, with that user's rights."""
        return self.env(user=user, su=False)

    # --- network ------------------------------------------------------------------------

    @classmethod
    def _create_members(cls):
        cls.grade_gold, cls.grade_silver = cls.env["channel.member.grade"].create(
            [{"name": "Gold", "code": "T-GOLD"}, {"name": "Silver", "code": "T-SILVER"}]
        )
        Territory = cls.env["channel.territory"]
        cls.guangdong = Territory._match("广东省")
        cls.shenzhen = Territory._match("广东省", "深圳市")
        cls.guangzhou = Territory._match("广东省", "广州市")
        cls.zhejiang = Territory._match("浙江省")
        cls.hangzhou = Territory._match("浙江省", "杭州市")
        rep = cls.users["sales_rep"]
        manager = cls.users["sales_manager"]
        cls.dealer_a = cls._create_member(
            "Dealer A", user_id=rep.id, grade_id=cls.grade_gold.id, territories=cls.guangdong
        )
        cls.dealer_a1 = cls._create_member(
            "Dealer A1", cls.dealer_a, user_id=manager.id, territories=cls.shenzhen
        )
        cls.retailer_a1 = cls._create_member("Retailer A1", cls.dealer_a, kind="retailer")
        cls.retailer_a11 = cls._create_member("Retailer A11", cls.dealer_a1, kind="retailer")
        cls.dealer_b = cls._create_member(
            "Dealer B", grade_id=cls.grade_silver.id, territories=cls.zhejiang
        )
        cls.retailer_b1 = cls._create_member("Retailer B1", cls.dealer_b, kind="retailer")
        cls.users["member"] = cls._create_member_user(cls.dealer_a, "qudao_member")

    @classmethod
    def _create_member(cls, name, parent=None, kind="dealer", territories=None, **values):
        """Return an active member with a company contact of its own."""
        partner = cls.env["res.partner"].create(
            {"name": name, "is_company": True, "country_id": cls.env.ref("base.cn").id}
        )
        return cls.env["channel.member"].create(
            {
                "partner_id": partner.id,
                "kind": kind,
                "parent_id": parent.id if parent else False,
                "territory_ids": [Command.set(territories.ids if territories else [])],
                "company_id": cls.company.id,
                "user_id": False,
                "state": "active",
                **values,
            }
        )

    # --- products and stock -------------------------------------------------------------

    @classmethod
    def _create_products(cls):
        cls.product_13 = cls._create_product("Tea", cls.tax_13, barcode="6900000000013")
        cls.product_13b = cls._create_product("Cup", cls.tax_13, barcode="6900000000020")
        cls.product_9 = cls._create_product("Rice", cls.tax_9, barcode="6900000000099")
        cls.products = cls.product_13 | cls.product_13b | cls.product_9

    @classmethod
    def _create_product(cls, name, tax, **values):
        """Return a storable product whose price is without the given tax."""
        return cls.env["product.product"].create(
            {
                "name": name,
                "default_code": f"T-{name.upper()}",
                "is_storable": True,
                "list_price": 100.0,
                "standard_price": 40.0,
                "taxes_id": [Command.set(tax.ids)],
                "company_id": cls.company.id,
                **values,
            }
        )

    @classmethod
    def _create_fulfillers(cls):
        warehouses = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)])
        by_code = {warehouse.code: warehouse for warehouse in warehouses}
        cls.warehouse_1, cls.warehouse_2 = by_code["QTS"], by_code["QTE"]
        cls.fulfiller_1, cls.fulfiller_2 = cls.env["channel.fulfiller"].create(
            [
                {
                    "name": "South",
                    "code": "T-SOUTH",
                    "warehouse_id": cls.warehouse_1.id,
                    "territory_ids": [Command.set(cls.guangdong.ids)],
                    "company_id": cls.company.id,
                },
                {
                    "name": "East",
                    "code": "T-EAST",
                    "warehouse_id": cls.warehouse_2.id,
                    "territory_ids": [Command.set(cls.zhejiang.ids)],
                    "company_id": cls.company.id,
                },
            ]
        )
        for warehouse in (cls.warehouse_1, cls.warehouse_2):
            for product in cls.products:
                cls._set_stock(product, warehouse, STOCK_PER_WAREHOUSE)

    @classmethod
    def _set_stock(cls, product, warehouse, quantity):
        """Add units of a product to a warehouse's stock location."""
        cls.env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, quantity)
