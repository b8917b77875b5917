"""Orders that left are split, and what was refunded is taken back: like ``work_channel``."""

from __future__ import annotations

from .work_returns import credit, refunded, shipped


def scheme_for_all(env):
    """A scheme for all orders: an agent, the platform, the brand."""
    schemes = env["settlement.scheme"]
    if not schemes.search([("state", "=", "running")]):
        agent = env["res.partner"].create({"name": "Agent"})
        scheme = schemes.create(
            {
                "name": "All orders",
                "rule_ids": [
                    (0, 0, {"role": "other", "partner_id": agent.id, "percent": 33.3333}),
                    (0, 0, {"role": "platform", "percent": 5, "settled_by": "platform"}),
                    (0, 0, {"role": "brand", "basis": "remainder"}),
                ],
            }
        )
        scheme.write({"state": "running", "published_at": "2020-01-01"})


def to_split(env, refs):
    """Orders that have left, the last two with a part of their money back; and a scheme for all."""
    scheme_for_all(env)
    shipped(env, refs[:-2])
    refunded(env, refs[-2:])
    split(env)
    credit(env)


def to_split_anew(env, refs):
    """Orders that have left and wait for their split; two of them with a refund beside it."""
    to_split(env, refs[:3])
    shipped(env, refs[3:])


def split(env, at_once=2):
    """The hourly run, a transaction for two orders."""
    looked_at = 0
    while found := env["settlement.event"]._split(at_once):
        looked_at += found
        env.cr.commit()
    return looked_at


def shares_of(env, refs):
    """Of each order: [sales, refunds, fen owed after refunds, fen of its shares]."""
    env.invalidate_all()
    found = []
    for order in env["channel.order"].search([("order_ref", "in", list(refs))], order="order_ref"):
        events = env["settlement.event"].search([("order_id", "=", order.id)])
        credits = env["channel.order.credit"].search([("order_id", "=", order.id)])
        shares = env["settlement.share"].search([("order_id", "=", order.id)])
        owed = sum(order.line_ids.mapped("amount_owed")) + order.amount_freight
        found.append(
            [
                len(events.filtered(lambda event: not event.aftersale_id)),
                len(events.filtered("aftersale_id")),
                round((owed - sum(credits.mapped("amount"))) * 100),
                round(sum(shares.mapped("amount")) * 100),
            ]
        )
    return found
