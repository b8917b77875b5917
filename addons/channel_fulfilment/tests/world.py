"""A small world for scenarios that really commit: nothing in it clashes with a second one."""

from uuid import uuid4

from odoo import Command

from .common import FulfilmentCommon


def create_world(env, orders=2):
    """A company with one product, one offer and allocated orders of one unit each.

    :return: dict of ids: company, warehouse, fulfiller, shop, carrier, product, orders
    """
    code = uuid4().hex[:5].upper()
    world = type("World", (FulfilmentCommon,), {"env": env})
    world.orders_seen = world.aftersales_seen = 0
    # what is committed here stays in the database of the run: its names must be its own
    currency = env.ref("base.CNY")
    currency.active = True
    world.company = env["res.company"].create(
        {"name": code, "country_id": env.ref("base.cn").id, "currency_id": currency.id}
    )
    env.user.company_ids |= world.company
    world.env = env(context={"allowed_company_ids": world.company.ids})
    env["account.chart.template"].try_loading("cn", company=world.company, install_demo=False)
    world.tax_13 = world.company.account_sale_tax_id
    product = world._create_product(code, world.tax_13)
    warehouse = world.env["stock.warehouse"].search(
        [("company_id", "=", world.company.id)], limit=1
    ) or world.env["stock.warehouse"].create(
        {"name": code, "code": code, "company_id": world.company.id}
    )
    world._set_stock(product, warehouse, 100)
    world.fulfiller_1 = world.env["channel.fulfiller"].create(
        {"name": code, "code": code, "warehouse_id": warehouse.id, "company_id": world.company.id}
    )
    world.shop = world.env["channel.shop"].create(
        {
            "name": code,
            "code": code,
            "company_id": world.company.id,
            "fulfiller_ids": [Command.set(world.fulfiller_1.ids)],
        }
    )
    world._offer(world._link("TEA", (product, 1, 1)), units=20)
    carrier = world.env["delivery.carrier"].create(
        {
            "name": code,
            "product_id": world.env["product.product"].create({"name": code, "type": "service"}).id,
        }
    )
    world.env["channel.wave.rule"].create(
        {
            "fulfiller_id": world.fulfiller_1.id,
            "carrier_id": carrier.id,
            "company_id": world.company.id,
        }
    )
    made = world.make_orders(orders)
    # the lock row exists before the race, as it does after the first opening ever
    world.env["channel.warehouse.lock"]._take(warehouse)
    return {
        "company": world.company.id,
        "warehouse": warehouse.id,
        "fulfiller": world.fulfiller_1.id,
        "shop": world.shop.id,
        "carrier": carrier.id,
        "product": product.id,
        "orders": made.ids,
    }
