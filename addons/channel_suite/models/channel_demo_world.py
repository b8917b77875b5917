from dateutil.relativedelta import relativedelta

from odoo import Command, fields, models

from odoo.addons.channel_network.core.money import from_fen

from ..core import demo_data


class ChannelDemoWorld(models.AbstractModel):
    """The company, its goods, warehouses, network and people."""

    _inherit = "channel.demo.story"

    def _make_world(self):
        """Everything that is there before the session is planned, by name."""
        company = self._make_company()
        people = self._make_people()
        products = self._make_products()
        fulfillers = self._make_warehouses()
        self._make_stock(products, fulfillers)
        members = self._make_network(products, people)
        self._make_dealer_user(members)
        return {
            "company": company,
            "people": people,
            "products": products,
            "fulfillers": fulfillers,
            "members": members,
        }

    def _in_company(self):
        """The story in the main company with all its rights and in its language."""
        company = self.env.ref("base.main_company")
        return self.with_company(company).with_context(
            allowed_company_ids=company.ids, lang=self.env.user.lang or "en_US"
        )

    # ------------------------------------------------------------------ company
    def _make_company(self):
        company = self.env.company
        self.env["res.lang"]._activate_lang("zh_CN")
        company.partner_id.write(
            {
                "name": demo_data.BRAND,
                "country_id": self.env.ref("base.cn").id,
                "state_id": self._state("上海市").id,
                "city": "上海市",
                "street": "静安区示例路 100 号",
                "vat": False,
            }
        )
        company.account_fiscal_country_id = self.env.ref("base.cn")
        if not company.chart_template:
            self.env["account.chart.template"].try_loading("cn", company, install_demo=False)
        self._say("company %s with the Chinese chart of accounts", company.name)
        return company

    def _state(self, province):
        return self.env["channel.territory"]._match(province).state_id

    def _make_people(self):
        """A user for each role of the office, by login."""
        users = self.env["res.users"].with_context(no_reset_password=True)
        inside = [person for person in demo_data.PEOPLE if not (person.member or person.talent)]
        return {person.login: users.create(self._user_values(person)) for person in inside}

    def _user_values(self, person):
        return {
            "name": person.name,
            "login": person.login,
            "password": demo_data.PASSWORD,
            "email": f"{person.login}@example.com",
            "lang": self.env.lang,
            "tz": "Asia/Shanghai",
            "group_ids": [Command.set(self.env.ref(person.group).ids)],
            "company_id": self.env.company.id,
            "company_ids": [Command.set(self.env.company.ids)],
        }

    # ------------------------------------------------------------------ goods
    def _make_products(self):
        """Goods by code, with the sales tax of their rate and both names."""
        products = {}
        for spec in demo_data.PRODUCTS:
            product = self.env["product.product"].create(
                {
                    "name": spec.name_en,
                    "default_code": spec.code,
                    "barcode": spec.barcode,
                    "type": "consu",
                    "is_storable": True,
                    "list_price": str(from_fen(spec.price)),
                    "standard_price": str(from_fen(spec.cost)),
                    "weight": spec.weight,
                    "invoice_policy": "delivery",
                    "taxes_id": [Command.set(self._sales_tax(spec.vat).ids)],
                }
            )
            product.with_context(lang="zh_CN").name = spec.name
            products[spec.code] = product
            self.env["channel.price.band"].create(
                {
                    "product_id": product.id,
                    "price_floor": str(from_fen(spec.price // 2)),
                    "price_ceiling": str(from_fen(spec.price * 2)),
                }
            )
        self._say("%s products with price bands", len(products))
        return products

    def _sales_tax(self, rate):
        """The chart's own sales tax of that rate."""
        return self.env["account.tax"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("type_tax_use", "=", "sale"),
                ("amount_type", "=", "percent"),
                ("amount", "=", rate),
                ("price_include_override", "!=", "tax_included"),
            ],
            limit=1,
        )

    def _make_warehouses(self):
        """Fulfillers by warehouse code; the company's first warehouse becomes the first of ours."""
        warehouses = self.env["stock.warehouse"]
        first = warehouses.search([("company_id", "=", self.env.company.id)], limit=1)
        fulfillers = {}
        for index, spec in enumerate(demo_data.WAREHOUSES):
            values = {"name": spec.name, "code": spec.code, "delivery_steps": "ship_only"}
            if index == 0 and first:
                first.write(values)
                warehouse = first
            else:
                warehouse = warehouses.create(values | {"company_id": self.env.company.id})
            fulfillers[spec.code] = self.env["channel.fulfiller"].create(
                {
                    "name": spec.name,
                    "code": spec.code,
                    "kind": "warehouse",
                    "warehouse_id": warehouse.id,
                    "territory_ids": [Command.set(self._territories(spec.provinces).ids)],
                    "priority": spec.priority,
                    "weight": spec.weight,
                }
            )
        return fulfillers

    def _territories(self, provinces):
        territories = self.env["channel.territory"]
        for province in provinces:
            territories |= self.env["channel.territory"]._match(province)
        return territories

    def _make_stock(self, products, fulfillers, units=5000):
        """Count the goods in by an inventory adjustment, as a person would."""
        quants = self.env["stock.quant"].with_context(inventory_mode=True)
        counted = quants.create(
            [
                {
                    "product_id": product.id,
                    "location_id": fulfiller.warehouse_id.lot_stock_id.id,
                    "inventory_quantity": units,
                }
                for fulfiller in fulfillers.values()
                for product in products.values()
            ]
        )
        counted.action_apply_inventory()
        self._say("%s warehouses with stock", len(fulfillers))

    # ------------------------------------------------------------------ network
    def _make_network(self, products, people):
        """Members by code, active, the dealers with a contract in force."""
        grades = {
            code: self.env["channel.member.grade"].create({"code": f"demo-{code}", "name": name})
            for code, name in demo_data.GRADES
        }
        members = {}
        for spec in demo_data.MEMBERS:
            members[spec.code] = self._make_member(spec, members, grades, people)
        self.env["channel.assortment"].create(
            {
                "name": "全系列 Full Range",
                "line_ids": [
                    Command.create({"product_id": product.id}) for product in products.values()
                ],
            }
        )
        self._say("%s members in their tree", len(members))
        return members

    def _make_member(self, spec, members, grades, people):
        territories = demo_data.TERRITORIES.get(spec.code, (spec.province,))
        partner = self.env["res.partner"].create(
            {
                "name": spec.name,
                "is_company": True,
                "country_id": self.env.ref("base.cn").id,
                "state_id": self._state(spec.province).id,
                "city": spec.city,
                "email": f"{spec.code.lower()}@example.com",
            }
        )
        member = self.env["channel.member"].create(
            {
                "partner_id": partner.id,
                "code": spec.code,
                "kind": spec.kind,
                "parent_id": members[spec.parent].id if spec.parent else False,
                "grade_id": grades[spec.grade].id,
                "territory_ids": [Command.set(self._territories(territories).ids)],
                "user_id": people["sales"].id,
            }
        )
        member.action_activate()
        if spec.kind == "dealer":
            self._make_contract(member)
        return member

    def _make_contract(self, member):
        today = fields.Date.context_today(self)
        contract = self.env["channel.contract"].create(
            {
                "member_id": member.id,
                "date_start": today.replace(month=1, day=1),
                "date_end": today.replace(month=1, day=1) + relativedelta(years=1, days=-1),
                "grade_id": member.grade_id.id,
                "territory_ids": [Command.set(member.territory_ids.ids)],
                "min_deposit": 50_000,
                "credit_line": 100_000,
            }
        )
        contract.action_activate()

    def _make_dealer_user(self, members):
        """A person at a dealer who signs in to the portal."""
        users = self.env["res.users"].with_context(no_reset_password=True)
        for person in demo_data.PEOPLE:
            if not person.member:
                continue
            contact = self.env["res.partner"].create(
                {
                    "name": person.name,
                    "parent_id": members[person.member].partner_id.id,
                    "email": f"{person.login}@example.com",
                }
            )
            users.create(self._user_values(person) | {"partner_id": contact.id})
