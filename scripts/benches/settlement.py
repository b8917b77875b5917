"""Shares of 100,000 orders for 5 parties each, computed and stored.

Ours: ``settlement.event._split``, 5,000 orders a transaction, from orders that left to committed shares.
References in the same database: one ORM ``create`` an order with its five shares (2,000 orders, one
commit), and COPY of the very rows that ours wrote into tables with the same indexes, which is the
limit. Then a refund of a tenth of the orders, and 1,000,000 more orders against the 100,000.
"""

import time
from io import BytesIO

from odoo import Command
from odoo.tools import SQL

from . import market

ORDERS = 100_000
MANY = 1_000_000
REFERENCE_ORDERS = 2_000
PARTIES = (("platform", 5), ("host", 20), ("mcn", 2), ("other", 0.6))
TABLES = ("settlement_event", "settlement_share")


def run(env, report):
    """Measure all and report rates and ratios."""
    place = market.build(env)
    _publish(env, place)
    _add(env, place, 0, ORDERS)
    ours = _timed(lambda: _split(env))
    _check(env, ORDERS)
    limit = _copy(env)
    theirs = _orm(env, place)
    report.rate("split_ours", ORDERS / ours, "orders split and stored, 5 shares each, orders/s")
    report.rate("orm_reference", theirs, "one create an order with its five shares, orders/s")
    report.rate("copy_limit", ORDERS / limit, "COPY of the same rows and indexes, orders/s")
    report.ratio("vs_orm", ORDERS / ours, theirs)
    report.ratio("vs_limit", limit, ours)
    refunded = _refund(env, place)
    back = _timed(lambda: _split(env))
    report.rate("refund", refunded / back, "orders refunded in part, shares taken back, orders/s")
    _add(env, place, ORDERS, ORDERS + MANY)
    many = _timed(lambda: _split(env))
    _check(env, ORDERS + MANY)
    report.rate("split_many", MANY / many, "orders split and stored, 1,000,000 more, orders/s")
    report.ratio("million_vs_hundred_thousand", many, ours)


def _publish(env, place):
    agent = env["res.partner"].create({"name": "Bench Agent"})
    talent = env["channel.talent"].create({"name": "Bench Host", "partner_id": agent.id})
    agency = env["channel.talent"].create(
        {"name": "Bench MCN", "kind": "mcn", "partner_id": agent.id}
    )
    talent.mcn_id = agency
    account = {"talent_id": talent.id, "platform": place.shop.platform, "author_ref": "A"}
    env["channel.talent.account"].create(account)
    rules = [
        {"role": role, "percent": percent, "partner_id": agent.id if role == "other" else False,
         "settled_by": "platform" if role == "platform" else "us", "sequence": place_}
        for place_, (role, percent) in enumerate(PARTIES)
    ]  # fmt: skip
    rules.append({"role": "brand", "basis": "remainder", "sequence": 9})
    scheme = env["settlement.scheme"].create(
        {"name": "Bench", "rule_ids": [Command.create(rule) for rule in rules]}
    )
    scheme.write({"state": "running", "published_at": "2020-01-01"})
    env.cr.commit()


def _add(env, place, first, last):
    """Orders of one line that left, with random amounts; as the intake and the hand-over leave them."""
    env.cr.execute(
        SQL(
            """
            INSERT INTO channel_order (shop_id, company_id, currency_id, order_ref, stage,
                platform_status, created_at, paid_at, updated_at, received_at, amount_paid,
                amount_owed, amount_freight, fulfiller_id)
            SELECT %(shop)s, %(company)s, %(currency)s, 'ST' || n, 'shipped', 'shipped', t.now, t.now,
                   t.now, t.now, 0, 0, 0, %(fulfiller)s
              FROM generate_series(%(first)s, %(last)s - 1) AS n,
                   (SELECT now() AT TIME ZONE 'UTC' AS now) AS t
            """,
            shop=place.shop.id,
            company=place.shop.company_id.id,
            currency=place.shop.company_id.currency_id.id,
            fulfiller=place.fulfiller.id,
            first=first,
            last=last,
        )
    )
    env.cr.execute(
        SQL(
            """
            INSERT INTO channel_order_line (order_id, line_ref, part, product_id, quantity,
                item_quantity, amount_list, amount_paid, amount_owed, discount_platform, author_ref,
                state)
            SELECT o.id, 'L', 0, %(product)s, 1, 1, 299, m.paid, m.paid + 3, 3, 'A', 'live'
              FROM channel_order o,
                   LATERAL (SELECT (1000 + (hashint4(o.id) & 32767))::numeric / 100 AS paid) AS m
             WHERE o.order_ref LIKE 'ST%%'
               AND NOT EXISTS (SELECT FROM channel_order_line l WHERE l.order_id = o.id)
            """,
            product=env["product.product"].search([("is_storable", "=", True)], limit=1).id,
        )
    )
    for stage in ("allocated", "shipped"):
        env.cr.execute(
            SQL(
                """
                INSERT INTO channel_order_event (order_id, at, kind, stage_to)
                SELECT o.id, now() AT TIME ZONE 'UTC', %(stage)s, %(stage)s FROM channel_order o
                 WHERE o.order_ref LIKE 'ST%%' AND NOT EXISTS (
                       SELECT FROM channel_order_event e
                        WHERE e.order_id = o.id AND e.stage_to = %(stage)s)
                """,
                stage=stage,
            )
        )
    env.cr.commit()
    _analyze(env)


def _analyze(env):
    for table in ("channel_order", "channel_order_line", "channel_order_event", "settlement_todo",
                  *TABLES):  # fmt: skip
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    env.cr.commit()


def _split(env):
    while env["settlement.event"]._split():
        env.cr.commit()


def _timed(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _check(env, orders):
    env.cr.execute(
        "SELECT count(*), (SELECT count(*) FROM settlement_event WHERE aftersale_id IS NULL),"
        " (SELECT count(*) FROM settlement_todo),"
        " (SELECT sum(amount) FROM settlement_event) = sum(amount) FROM settlement_share"
    )
    shares, events, left, equal = env.cr.fetchone()
    if events != orders or left or not equal or shares < orders * 5:
        raise RuntimeError(f"{events} orders split into {shares} shares, {left} left")


def _copy(env):
    """Seconds to COPY what ours wrote into empty tables with the same columns and indexes."""
    seconds = 0.0
    for table in TABLES:
        env.cr.execute(
            f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING INDEXES INCLUDING CONSTRAINTS)"
        )
        rows = BytesIO()
        env.cr.copy_expert(f"COPY {table} TO STDOUT", rows)
        rows.seek(0)
        env.cr.commit()

        def load(table=table, rows=rows):
            env.cr.copy_expert(f"COPY bench_{table} FROM STDIN", rows)
            env.cr.commit()

        seconds += _timed(load)
        env.cr.execute(f"DROP TABLE bench_{table}")
        env.cr.commit()
    return seconds


def _orm(env, place):
    """Orders a second by one ``create`` each, with the amounts and parties of split orders."""
    rules = env["settlement.rule"].search([], limit=5)
    lines = env["channel.order.line"].search([("author_ref", "=", "A")], limit=REFERENCE_ORDERS)
    partner = env["res.partner"].search([], limit=1)
    day = "2026-11-11"
    events = env["settlement.event"]

    def create():
        for line in lines:
            parts = [round(line.amount_paid * percent / 100, 2) for _role, percent in PARTIES]
            parts.append(line.amount_paid - sum(parts))
            events.create(
                {
                    "company_id": place.shop.company_id.id,
                    "shop_id": place.shop.id,
                    "order_id": -line.order_id.id,  # a row of its own
                    "day": day,
                    "amount": line.amount_paid,
                    "share_ids": [
                        Command.create(
                            {
                                "company_id": place.shop.company_id.id,
                                "order_id": -line.order_id.id,
                                "line_id": line.id,
                                "rule_id": rule.id,
                                "role": rule.role,
                                "partner_id": partner.id,
                                "settled_by": "us",
                                "amount": part,
                            }
                        )
                        for rule, part in zip(rules, parts, strict=True)
                    ],
                }
            )
        env.flush_all()

    seconds = _timed(create)
    env.cr.rollback()
    return REFERENCE_ORDERS / seconds


def _refund(env, place):
    """A tenth of the orders gets a third of the money back; how many."""
    env.cr.execute(
        SQL(
            """
            INSERT INTO channel_order_credit (company_id, shop_id, wave_id, order_id, aftersale_id,
                line_id, units, amount, day)
            SELECT %(company)s, %(shop)s, 0, l.order_id, l.order_id, l.id, 0,
                   round(l.amount_owed / 3, 2), current_date
              FROM channel_order_line l WHERE l.author_ref = 'A' AND l.order_id %% 10 = 0
            """,
            company=place.shop.company_id.id,
            shop=place.shop.id,
        )
    )
    count = env.cr.rowcount
    env.cr.commit()
    return count
