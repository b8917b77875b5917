"""Payments divided by the simulated payment channel: like ``work_channel``."""

from __future__ import annotations

import os

import requests

from odoo import fields

from .work_returns import ask, credit, shipped
from .work_settlement import split


def to_share(env, refs):
    """Orders that have left; our payment channel settles a fifth of each for an agent."""
    agent = env["res.partner"].create({"name": "Agent"})
    scheme = env["settlement.scheme"].create(
        {
            "name": "Our payments",
            "rule_ids": [
                (0, 0, {"role": "other", "partner_id": agent.id, "percent": 20,
                        "settled_by": "channel"}),
                (0, 0, {"role": "brand", "basis": "remainder"}),
            ],
        }
    )  # fmt: skip
    scheme.write({"state": "running", "published_at": "2020-01-01"})
    shipped(env, refs)
    split(env, at_once=len(refs))


def merchant(env, url, number, secrets):
    """Our merchant number at the channel, with the agent as its registered receiver."""
    os.environ.update(secrets)
    found = env["channel.payment.merchant"].create(
        {"name": "Shop", "number": number, "app_ref": "wx1", "credential_ref": "FAULTS",
         "base_url": url}
    )  # fmt: skip
    agent = env["settlement.rule"].search([("partner_id", "!=", False)], limit=1).partner_id
    env["channel.payment.receiver"].create(
        {"merchant_id": found.id, "partner_id": agent.id, "account": "19001"}
    ).action_register()


def paid_to_us(env, ref):
    """The order was paid to our merchant number; [transaction, fen]."""
    order = env["channel.order"].search([("order_ref", "=", ref)])
    payment = env["channel.payment"].create(
        {
            "merchant_id": env["channel.payment.merchant"].search([]).id,
            "transaction_ref": f"T{ref}",
            "order_id": order.id,
            "amount": order.amount_owed,
            "paid_at": fields.Datetime.subtract(fields.Datetime.now(), minutes=5),
        }
    )
    return [payment.transaction_ref, round(payment.amount * 100)]


def divide(env, transaction, secrets):
    """Prepare, send, and ask until it has ended; the channel settles in between."""
    os.environ.update(secrets)
    payment = env["channel.payment"].search([("transaction_ref", "=", transaction)])
    payment._prepare(payment)
    env.cr.commit()
    return _until_ended(payment, "channel.split.instruction")


def refunded_later(env, ref):
    """The buyer of a divided payment got 7.00 back, and the shares say so."""
    ask(env, [ref], "refund_only", "succeeded", 700)
    credit(env)
    split(env)


def take_back(env, transaction, secrets):
    """Prepare what is to come back, send, and ask until it has ended."""
    os.environ.update(secrets)
    payment = env["channel.payment"].search([("transaction_ref", "=", transaction)])
    payment._prepare_returns(payment)
    env.cr.commit()
    return _until_ended(payment, "channel.split.return")


def _until_ended(payment, model):
    """[state, fen] of the payment's messages; the channel settles in between."""
    messages = payment.env[model].search([("payment_id", "=", payment.id)])
    for _turn in range(8):
        open_ones = messages.filtered(lambda each: each.state in ("new", "sending", "unknown"))
        if not open_ones:
            break
        for message in open_ones:
            message._talk()
        requests.post(f"{payment.merchant_id.base_url}/_sim/settle", json={}, timeout=20)
    return [[each.state, round(each.amount * 100)] for each in messages]
