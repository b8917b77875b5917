"""One sales manager approves 200 dealer orders that wait, beside deciding them one by one.

Both in the same database on orders of the same kind (3 lines, 20 dealers, all held by the price
rule), with the method behind the button. One by one is what is left when something stands against
confirming them together.
"""

import time

from odoo import Command

from odoo.addons.channel_sale.wizards.channel_review_decide import PER_JOB

from . import dealer_orders

ORDERS = 200
ONE_BY_ONE = 50
LINES = 3


def run(env, report):
    """Approve some one by one, then hundreds as the button does."""
    env = env(context=dict(env.context, tracking_disable=True, channel_one_transaction=True))
    products = dealer_orders._products(env)[:LINES]
    dealers = dealer_orders._dealers(env)
    env["channel.price.band"].create(
        [{"product_id": p.id, "price_floor": 20, "price_ceiling": 50} for p in products]
    )
    rules = env["channel.review.rule"].with_context(active_test=False)
    rules.search([("company_id", "=", env.company.id), ("kind", "=", "price")]).active = True
    rates = {}
    ways = (("one by one", _one_by_one, ONE_BY_ONE), ("together", _together, ORDERS))
    for name, way, number in ways:
        orders = dealer_orders._orders(env, dealers, products, number)
        orders.action_confirm()
        env.cr.commit()
        env.invalidate_all()
        assert set(orders.mapped("review_state")) == {"waiting"}
        begin = time.monotonic()
        way(env, orders)
        env.cr.commit()
        rates[name] = number / (time.monotonic() - begin)
        assert set(orders.mapped("state")) == {"sale"}, orders.mapped("review_text")
        report.rate(name, rates[name], f"orders; {number} in {number / rates[name]:.1f} s")
    report.ratio("together_vs_one_by_one", rates["together"], rates["one by one"])


def _wizard(env, orders):
    return env["channel.review.decide"].create(
        {"order_ids": [Command.set(orders.ids)], "decision": "approve", "reason": "bench"}
    )


def _one_by_one(env, orders):
    wizard = _wizard(env, orders)
    orders._wait_for_dealers()
    for order in orders:
        wizard._decide(order, "approve", "bench")


def _together(env, orders):
    """Job after job, as they run in the background."""
    wizard = _wizard(env, orders)
    todo = wizard.line_ids
    for start in range(0, len(todo), PER_JOB):
        wizard._apply(todo[start : start + PER_JOB])
        env.cr.commit()
