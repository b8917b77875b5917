"""A small market for the benches: a company's shop, products in stock, offers, and orders.

Made once in the scratch database of a bench. Demand follows Zipf's law with exponent 0.8 over 100
SKUs, 1 to 3 lines an order, as in the figures the project compares itself with.
"""

import random
from dataclasses import dataclass
from itertools import accumulate

from odoo import Command

from odoo.addons.channel_order.core.snapshot import (
    LineSnapshot,
    OrderSnapshot,
    PlatformStatus,
    ReceiverSnapshot,
)

START = 1_780_000_000  # Unix seconds: the first order is paid


@dataclass
class Market:
    """What a bench works on: the shop, its fulfiller, a carrier and the products."""

    env: object
    company: object
    warehouse: object
    fulfiller: object
    carrier: object
    shop: object
    products: object


def build(env, skus: int = 100, stock: int = 1_000_000, quota: int = 100_000) -> Market:
    """Products with stock, a shop with one open offer a SKU, and a wave rule. Commits."""
    company = env.company
    warehouse = env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)
    fulfiller = env["channel.fulfiller"].search([("warehouse_id", "=", warehouse.id)], limit=1)
    fulfiller = fulfiller or env["channel.fulfiller"].create(
        {"name": "Bench", "code": "BENCH", "kind": "warehouse", "warehouse_id": warehouse.id}
    )
    products = env["product.product"].create(
        [
            {
                "name": f"SKU {n:03d}",
                "type": "consu",
                "is_storable": True,
                "invoice_policy": "delivery",
                "list_price": 10 + n,
                "taxes_id": [Command.set(company.account_sale_tax_id.ids)],
            }
            for n in range(skus)
        ]
    )
    env["stock.quant"].with_context(inventory_mode=True).create(
        [
            {
                "product_id": product.id,
                "location_id": warehouse.lot_stock_id.id,
                "inventory_quantity": stock,
            }
            for product in products
        ]
    ).action_apply_inventory()
    freight = env["product.product"].create({"name": "Delivery", "type": "service"})
    carrier = env["delivery.carrier"].create(
        {"name": "Bench Express", "product_id": freight.id, "channel_code": "bench"}
    )
    shop = env["channel.shop"].create(
        {
            "name": "Bench Live",
            "code": "BENCH",
            "platform": "manual",
            "company_id": company.id,
            "fulfiller_ids": [Command.set(fulfiller.ids)],
        }
    )
    env["channel.wave.rule"].create(
        {"fulfiller_id": fulfiller.id, "carrier_id": carrier.id, "company_id": company.id}
    )
    links = env["channel.link"].create(
        [
            {
                "shop_id": shop.id,
                "title": product.name,
                "sku_ref": f"S{n:03d}",
                "component_ids": [
                    Command.create({"product_id": product.id, "quantity": 1, "price_share": 1})
                ],
            }
            for n, product in enumerate(products)
        ]
    )
    pools = env["channel.pool"].create(
        [{"shop_id": shop.id, "link_id": link.id, "price": 1, "quota": quota} for link in links]
    )
    pools._open(fulfiller)
    env.cr.commit()
    return Market(env, company, warehouse, fulfiller, carrier, shop, products)


def orders(count: int, skus: int = 100, first: int = 0, seed: int = 7) -> list[OrderSnapshot]:
    """Paid orders as a platform shows them: 1.64 lines on average, one second apart."""
    dice = random.Random(f"{seed}:{first}")
    weights = list(accumulate(1 / (rank + 1) ** 0.8 for rank in range(skus)))
    return [_order(first + n, dice, weights) for n in range(count)]


def _order(number: int, dice: random.Random, weights: list[float]) -> OrderSnapshot:
    wanted = dice.choices((1, 2, 3), (50, 36, 14))[0]
    chosen = dict.fromkeys(dice.choices(range(len(weights)), cum_weights=weights, k=wanted))
    freight = dice.choice((0, 0, 0, 600))
    lines = tuple(_line(number, position, sku) for position, sku in enumerate(chosen))
    token = f"plain:{number}"
    return OrderSnapshot(
        platform="manual",
        order_ref=f"{6_900_000_000_000_000_000 + number}",
        status=PlatformStatus.READY,
        created_at=START + number,
        paid_at=START + number,
        updated_at=START + number,
        freight=freight,
        paid=sum(line.paid for line in lines) + freight,
        receiver=ReceiverSnapshot(
            name_masked="张*",
            phone_masked=f"138****{number % 10000:04d}",
            address_masked="深南大道****",
            province="广东省",
            city="深圳市",
            secret=f'{{"phone": "138{number:08d}"}}',
            phone_token=f"plain:138{number:08d}",
            name_token=token,
            address_token=token,
            merge_token=token,
        ),
        lines=lines,
    )


def _line(number: int, position: int, sku: int) -> LineSnapshot:
    listed = (10 + sku) * 100
    return LineSnapshot(
        line_id=f"{number}-{position}",
        product_ref=f"P{sku:03d}",
        sku_ref=f"S{sku:03d}",
        sku_code=f"S{sku:03d}",
        title=f"SKU {sku:03d}",
        quantity=1,
        list_amount=listed,
        paid=listed - 100,
        discount_platform=100,
    )
