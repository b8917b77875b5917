"""A dealer sends three of ten units back: asked for, approved, counted, credited."""

from __future__ import annotations

from functools import partial

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import UserError
from odoo.service.model import retrying

from odoo.addons.channel_deposit.core.operations import Open, TopUp

from . import work_dealer

PAID_IN = 1000
MANAGER = "return-checker"


def set_up(env):
    """Books, goods, and a sales manager who approves."""
    work_dealer.set_up(env)
    env["res.users"].with_context(no_reset_password=True).create(
        {
            "name": MANAGER,
            "login": MANAGER,
            "group_ids": [Command.set(env.ref("channel_network.group_sales_manager").ids)],
        }
    )


def scene(env, name):
    """A dealer who has received and paid for ten units."""
    member = work_dealer.make_member(env, name)
    account = env["channel.deposit.account"]._ensure(member)
    account._book_or_raise(
        [
            Open(key=f"open {name}", account=account.id),
            TopUp(key=f"slip {name}", account=account.id, amount=PAID_IN * 100),
        ]
    )
    order = work_dealer.draft_order(env, member)
    order.action_confirm()
    order.picking_ids.move_ids.write({"quantity": work_dealer.UNITS, "picked": True})
    order.picking_ids.button_validate()
    order._create_invoices().action_post()
    return {"order": order.id}


def come_back(env, order, units=3):
    """Everything that is still to do, each step committed as a button's press is."""
    request = _request(env, order)
    if not request:
        request = _asked(env, order, units)
        request.action_submit()
        env.cr.commit()
    if request.state == "submitted":
        manager = env["res.users"].search([("login", "=", MANAGER)])
        request.with_user(manager).action_approve()
        env.cr.commit()
    if request.state == "approved":
        request._receive({request.line_ids: (units, 0, 0)})
        env.cr.commit()


def stands(env, order):
    """What the dealer, the warehouse and finance see of it."""
    sale, request = env["sale.order"].browse(order), _request(env, order)
    notes = request.credit_ids
    account = env["channel.deposit.account"]._ensure(sale.member_id)
    invoices = sale.invoice_ids - notes
    return {
        "requests": request.mapped("state"),
        "receipts": request.picking_ids.mapped("state"),
        "delivered": sale.order_line.qty_delivered,
        "credits": [[note.state, note.invoice_line_ids.quantity] for note in notes],
        "given back": round(
            account.posted
            - PAID_IN
            + sum(invoices.mapped("amount_total"))
            - sum(notes.mapped("amount_total")),
            2,
        ),
        "held": account.held,
    }


def ask_twice(env, order):
    """Two requests of six of the ten units: the second has looked before the first committed.

    :return: which were accepted
    """
    ids = []
    for _one in range(2):
        ids.append(_asked(env, order, 6).id)
    env.cr.commit()
    env.cr.execute("SELECT count(*) FROM channel_dealer_return")  # its snapshot
    with env.registry.cursor() as cr:
        other = api.Environment(cr, SUPERUSER_ID, {})
        other["channel.dealer.return"].browse(ids[0]).action_submit()
    late = env["channel.dealer.return"].browse(ids[1])
    try:
        retrying(partial(late.action_submit), env)
    except UserError as refused:
        env.cr.rollback()
        return [env["channel.dealer.return"].browse(ids).mapped("state"), str(refused)]
    return [env["channel.dealer.return"].browse(ids).mapped("state"), ""]


def count_twice(env, order):
    """Two count one return: the second has looked before the first committed.

    :return: what the second was told
    """
    request = _asked(env, order, 3)
    request.action_submit()
    manager = env["res.users"].search([("login", "=", MANAGER)])
    request.with_user(manager).action_approve()
    env.cr.commit()
    env.cr.execute("SELECT count(*) FROM channel_dealer_return")
    with env.registry.cursor() as cr:
        other = api.Environment(cr, SUPERUSER_ID, {})["channel.dealer.return"].browse(request.id)
        other._receive({other.line_ids: (3, 0, 0)})
    try:
        retrying(lambda: request._receive({request.line_ids: (3, 0, 0)}), env)
    except UserError as refused:
        env.cr.rollback()
        return str(refused)
    return ""


def _request(env, order):
    return env["channel.dealer.return"].search([("line_ids.order_id", "=", order)])


def _asked(env, order, units):
    sale = env["sale.order"].browse(order)
    return env["channel.dealer.return"].create(
        {
            "member_id": sale.member_id.id,
            "line_ids": [
                Command.create(
                    {
                        "sale_line_id": sale.order_line.id,
                        "quantity": units,
                        "reason_id": env.ref("channel_sale_return.reason_unsold").id,
                    }
                )
            ],
        }
    )
