"""What happens after a parcel has left: after-sales, the returns desk, replacements, credit notes.

Like ``work_channel``, whose scenes find these functions there.
"""

from __future__ import annotations

import time

from odoo import Command, fields
from odoo.exceptions import UserError

from odoo.addons.channel_network import china
from odoo.addons.channel_order.core.snapshot import (
    AfterSaleKind,
    AfterSaleSnapshot,
    AfterSaleStatus,
)

CLERKS = ("clerk1", "clerk2")


def _aftersales(env, refs):
    env.invalidate_all()
    return env["channel.aftersale"].search([("aftersale_ref", "in", [f"R-{ref}" for ref in refs])])


def _user(env, login):
    """A clerk who may decide, made when he is first needed."""
    users = env["res.users"]
    if not login:
        return env
    user = users.search([("login", "=", login)]) or users.with_context(
        no_reset_password=True
    ).create(
        {
            "name": login.title(),
            "login": login,
            "group_ids": [Command.link(env.ref("channel_network.group_livestream_operator").id)],
        }
    )
    return env(user=user)


def hire(env):
    """The clerks of the after-sale desk."""
    for login in CLERKS:
        _user(env, login)


def ask(env, refs, kind="return", status="returned", amount=0, line=True):
    """An after-sale ``R-<order>`` of each order, as the platform tells it; {order number: step}.

    A return comes under the waybill ``B<order number>``. Asked again, it is a newer version.
    """
    known = {row.order_ref: row.version for row in _aftersales(env, refs)}
    hour_ago = int(time.time()) - 3600
    snapshots = [
        AfterSaleSnapshot(
            platform="douyin",
            aftersale_ref=f"R-{ref}",
            order_ref=ref,
            line_ref=f"{ref}-1" if line else "",
            kind=AfterSaleKind(kind),
            status=AfterSaleStatus(status),
            amount=amount,
            applied_at=hour_ago,
            updated_at=known.get(ref, hour_ago) + 1,
            return_waybill=f"B{ref}" if kind in ("return", "exchange") else "",
        )
        for ref in refs
    ]
    shop = env["channel.shop"].search([("code", "=", "LIVE")])
    env["channel.order"]._ingest_aftersales(shop, snapshots)
    return steps(env, refs)


def steps(env, refs):
    """{order number: step of its after-sale}"""
    return {row.order_ref: row.step for row in _aftersales(env, refs)}


def decide(env, ref, gate="request", accept=True, login="", row=None):
    """A clerk decides about the after-sale of an order (``row``: which of several)."""
    env = _user(env, login)
    row = row or _aftersales(env, [ref])
    try:
        row._answer(gate, accept, row.version, "seen")
    except UserError as error:
        env.cr.rollback()
        env.invalidate_all(flush=False)
        return {"refused": str(error)}
    return {"step": row.step}


def desk(env, codes, login="packer1", station=None):
    """Scans at the returns desk, in one transaction; the last answer."""
    user = env["res.users"].search([("login", "=", login)])
    returns = env(user=user)["channel.return"]
    answer = {"station": station or {}}
    try:
        for code in codes:
            answer = returns.scan(code, answer["station"])
    except UserError as error:
        env.cr.rollback()
        env.invalidate_all(flush=False)
        return {"state": "stop", "message": str(error), "station": {}}
    return {key: answer[key] for key in ("state", "message", "station")}


def came_back(env, refs, good=1):
    """Parcels of the orders' returns are here and counted, each unit TEA and good."""
    for ref in refs:
        answer = desk(env, [f"B{ref}", *(["TEA", "R-GOOD"] * good), "R-CONFIRM"])
        assert answer["state"] == "ok", answer
    return steps(env, refs)


def counted(env, waybill):
    """(state, good units) of a return parcel; (None, 0) when it never came."""
    env.invalidate_all()
    row = env["channel.return"].search([("waybill", "=", waybill)])
    return [row.state or None, sum(row.line_ids.mapped("good"))]


def into_stock(env):
    """The open trolley is emptied."""
    return desk(env, ["R-STOCK"])


def send(env, ref, waybill, login="packer1"):
    """The replacement of an order's after-sale leaves under a waybill."""
    row = env["channel.replacement"].search([("aftersale_id.aftersale_ref", "=", f"R-{ref}")])
    return send_row(env, row, waybill, login)


def send_row(env, row, waybill, login="packer1"):
    """A replacement leaves under a waybill."""
    row = row.filtered(lambda one: one.state == "to_send") or row
    user = env["res.users"].search([("login", "=", login)])
    try:
        dialogue = row.with_user(user).action_send()
        wizard = env(user=user)[dialogue["res_model"]].with_context(**dialogue["context"])
        wizard.create({"waybill": waybill}).action_confirm()
    except UserError as error:
        env.cr.rollback()
        env.invalidate_all(flush=False)
        return {"refused": str(error)}
    return {"state": row.state}


def replacement_of(env, ref):
    """[state, waybill] of an order's replacement, and how often the platform is to be told."""
    env.invalidate_all()
    row = env["channel.replacement"].search([("aftersale_id.aftersale_ref", "=", f"R-{ref}")])
    told = env["channel.outbox"].search_count(
        [("action", "=", "aftersale"), ("payload", "like", f"R-{ref}")]
    )
    return [row.state, row.waybill or "", told]


def credit(env, at_once=2):
    """The nightly run: credits of what was refunded, and the notes of all days."""
    credits = env["channel.order.credit"]
    while credits._collect(at_once):
        env.cr.commit()
    notes = 0
    while made := credits._write_notes(limit=at_once):
        notes += len(made)
        env.cr.commit()
    return notes


def credited(env, refs):
    """[fen credited, fen on posted notes] of the orders."""
    env.invalidate_all()
    rows = env["channel.order.credit"].search([("order_id.order_ref", "in", list(refs))])
    posted = rows.filtered(lambda row: row.move_id.state == "posted")
    return [round(sum(rows.mapped("amount")) * 100), round(sum(posted.mapped("amount")) * 100)]


def post_small(env):
    """The nightly run: what was paid to buyers in small, onto journal entries."""
    posting, entries = env["channel.small.payment.posting"], 0
    while made := posting._post():
        entries += len(made)
        env.cr.commit()
    return entries


def small_posted(env, refs):
    """[fen paid to the buyers of the orders in small, fen of it on posted entries]."""
    env.invalidate_all()
    rows = env["channel.small.payment"].search([("order_id.order_ref", "in", list(refs))])
    posted = env["channel.small.payment.posting"].search([("payment_id", "in", rows.ids)])
    lines = posted.move_line_id.filtered(lambda line: line.parent_state == "posted")
    return [round(sum(rows.mapped("amount")) * 100), round(-sum(lines.mapped("balance")) * 100)]


def accrue(env):
    """Expected returns, as if a month ended today."""
    company = env["channel.shop"].search([("code", "=", "LIVE")]).company_id
    accruals = env["channel.return.accrual"].with_company(company)
    made = accruals._accrue(company, china.today(env))
    env.cr.commit()
    return len(made)


def accrued(env):
    """Of each accrual that stands: [fen expected, fen of its entry, fen of both entries]."""
    env.invalidate_all()
    found = []
    for row in env["channel.return.accrual"].search([("state", "=", "posted")]):
        account = row.company_id.channel_return_liability_account_id
        lines = (row.move_id | row.reversal_id).line_ids.filtered(
            lambda line, account=account: (
                line.account_id == account and line.parent_state == "posted"
            )
        )
        own = lines.filtered(lambda line, row=row: line.move_id == row.move_id)
        fen = [round(sum(each.mapped("balance")) * 100) for each in (own, lines)]
        found.append([round(row.expected * 100), *fen])
    return found


# --- scenes --------------------------------------------------------------------------------------


def shipped(env, refs, kind="", status="applied", amount=0):
    """Orders of one tea each that have left, each with an after-sale when a kind is named."""
    from . import work_channel

    work_channel.bring(env, refs, sku="TEA")
    work_channel.ship_all(env, refs)
    return ask(env, refs, kind, status, amount) if kind else {}


def fresh_trolley(env, refs):
    """Returns of orders lie on a trolley of their own."""
    while into_stock(env)["state"] == "ok":
        pass
    shipped(env, refs, "return", "returned", 700)
    return came_back(env, refs)


def refunded(env, refs):
    """Orders that have left and got a part of their money back."""
    return shipped(env, refs, "refund_only", "succeeded", 700)


def paid_small(env, refs):
    """Orders that have left and whose buyers got 3.00 in small."""
    shipped(env, refs)
    orders = env["channel.order"].search([("order_ref", "in", list(refs))])
    payments = env["channel.small.payment"].create(
        [
            {"order_id": order.id, "purpose": "compensation", "amount": 3, "reason": "late"}
            for order in orders
        ]
    )
    payments.action_submit()
    for payment in payments:
        payment._record_paid(f"P{payment.order_id.order_ref}", fields.Datetime.now())


def to_accrue(env, refs):
    """Orders that have left, in a month whose expected returns are taken back."""
    shipped(env, refs)
    credit(env)
    company = env["channel.shop"].search([("code", "=", "LIVE")]).company_id
    # all of it, so that what other scenes have credited never leaves nothing to expect
    company.write({"channel_return_accrual": True, "channel_return_percent": 100})
    env["channel.return.accrual"].search([("state", "=", "posted")]).action_take_back()
