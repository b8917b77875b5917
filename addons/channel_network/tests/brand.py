"""The company that tests work in, with its staff and warehouses.

It is made once, with the database, because its chart of accounts, its users and its warehouses
take seconds, and a hundred test classes want them.
"""

from odoo import Command
from odoo.tests import new_test_user

NAME = "Qudao Test Brand"
STAFF = {
    "finance": "group_finance_clerk",
    "warehouse": "group_warehouse",
    "sales_rep": "group_sales_rep",
    "sales_manager": "group_sales_manager",
    "operator": "group_livestream_operator",
    "integration": "group_integration_admin",
    "admin": "group_channel_admin",
}


def brand_company(env):
    """The company of the tests: Chinese, with its chart of accounts; made when it is missing."""
    env = env(context=dict(env.context, tracking_disable=True, no_reset_password=True))
    Company = env["res.company"]
    if company := Company.search([("name", "=", NAME)]):
        return company
    currency = env.ref("base.CNY")
    currency.active = True
    company = Company.create(
        {"name": NAME, "country_id": env.ref("base.cn").id, "currency_id": currency.id}
    )
    env["account.chart.template"].try_loading("cn", company=company, install_demo=False)
    for role, group in STAFF.items():
        create_user(env, company, f"qudao_{role}", group)
    Warehouse = env["stock.warehouse"]
    first = Warehouse.search([("company_id", "=", company.id)], limit=1)
    first = first or Warehouse.create({"name": "South", "company_id": company.id})
    first.code = "QTS"
    Warehouse.create({"name": "East", "code": "QTE", "company_id": company.id})
    return company


def create_user(env, company, login, group, **values):
    """A new user with one group of channel_network, in the company of the tests."""
    return new_test_user(
        env,
        login=login,
        groups=f"channel_network.{group}",
        company_id=company.id,
        company_ids=[Command.set(company.ids)],
        **values,
    )
