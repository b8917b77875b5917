"""Confirming dealer orders with every review rule on, beside stock Odoo's confirming of the same.

Stock: orders of customers who are no members, confirmed by the same call in the same database. The
two take turns; medians count. Then people confirm orders of one dealer at once, each press in a
transaction of its own under Odoo's isolation, run again when it could not be serialised.
"""

import statistics
import threading
import time

from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying

from odoo.addons.channel_deposit.core.operations import Open, TopUp

ORDERS = 200
LINES = 10
PARTNERS = 20
ROUNDS = 2
HOT_ORDERS = 40
WORKERS = 4


def run(env, report):
    """Both kinds in turns, then one dealer's orders by one and by four."""
    env = env(context=dict(env.context, tracking_disable=True))
    products = _products(env)
    strangers, dealers = _partners(env), _dealers(env)
    _rules(env, products)
    rates = {"ours": [], "stock": []}
    for _round in range(ROUNDS):
        for name, partners in (("stock", strangers), ("ours", dealers)):
            orders = _orders(env, partners, products, ORDERS)
            begin = time.monotonic()
            orders.action_confirm()
            env.cr.commit()
            rates[name].append(ORDERS / (time.monotonic() - begin))
            assert set(orders.mapped("state")) == {"sale"}, orders.mapped("review_text")
    for name, found in rates.items():
        report.rate(
            f"{name}, {ORDERS} orders of {LINES} lines",
            statistics.median(found),
            "orders; rounds: " + ", ".join(f"{rate:.1f}" for rate in found),
        )
    report.ratio("vs_stock", statistics.median(rates["ours"]), statistics.median(rates["stock"]))
    one, _runs = _at_once(env, dealers[:1], products[:1], 1)
    four, runs = _at_once(env, dealers[:1], products[:1], WORKERS)
    report.rate("one dealer's orders, 1 worker", one, "presses")
    report.rate(f"one dealer's orders, {WORKERS} workers", four, "presses")
    report.ratio("hot_four_vs_one", four, one)
    report.note(f"{HOT_ORDERS} presses of {WORKERS} workers were run {runs} times in all")


def _products(env):
    products = env["product.product"].create(
        [
            {"name": f"Bench {n}", "is_storable": True, "list_price": 10, "taxes_id": False}
            for n in range(LINES)
        ]
    )
    warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    for product in products:
        quants = env["stock.quant"]
        quants._update_available_quantity(product, warehouse.lot_stock_id, 10**6)
    return products


def _partners(env):
    return env["res.partner"].create(
        [{"name": f"Bench {n}", "is_company": True} for n in range(PARTNERS)]
    )


def _dealers(env):
    """Partners of members with a contract and money."""
    partners = _partners(env)
    for partner in partners:
        member = env["channel.member"].create({"partner_id": partner.id, "state": "active"})
        env["channel.contract"].create(
            {"member_id": member.id, "date_start": "2020-01-01", "date_end": "2099-12-31"}
        ).action_activate()
        account = env["channel.deposit.account"]._ensure(member)
        account._book_or_raise(
            [
                Open(key=f"open {account.id}", account=account.id),
                TopUp(key=f"start {account.id}", account=account.id, amount=10**10),
            ]
        )
    return partners


def _rules(env, products):
    """Every rule on, with limits that these orders meet."""
    env["channel.price.band"].create(
        [{"product_id": p.id, "price_floor": 5, "price_ceiling": 50} for p in products]
    )
    rules = env["channel.review.rule"].with_context(active_test=False)
    rules = rules.search([("company_id", "=", env.company.id)])
    rules.write({"active": True, "count": 10**6})


def _orders(env, partners, products, number):
    lines = [Command.create({"product_id": p.id, "product_uom_qty": 1}) for p in products]
    orders = env["sale.order"].create(
        [{"partner_id": partners[n % len(partners)].id, "order_line": lines} for n in range(number)]
    )
    env.cr.commit()
    env.invalidate_all()
    return orders


def _at_once(env, partners, products, workers):
    """Presses a second, and how many runs they took."""
    ids = _orders(env, partners, products, HOT_ORDERS).ids
    registry, runs, errors = Registry(env.cr.dbname), [], []

    def press(order_id):
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            order = env["sale.order"].browse(order_id)
            env.user.has_group("base.group_user")  # every request reads before the method

            def once():
                runs.append(order_id)
                order.action_confirm_dealer()

            retrying(once, env)

    def work(worker):
        try:
            for order_id in ids[worker::workers]:
                press(order_id)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=[worker]) for worker in range(workers)]
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - begin
    assert not errors, errors
    return HOT_ORDERS / seconds, len(runs)
