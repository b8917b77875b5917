"""Rebates and credit notes of a dealer, and the daily jobs that end holds and rebates."""

from __future__ import annotations

from odoo.tools import SQL

from odoo.addons.channel_deposit.core.operations import Open, TopUp

from . import work_dealer
from .work_dealer import draft_order, make_member

DAY = 86400
MONEY, REBATE, LAPSING = 100_000, 50_000, 30_000  # fen
USED = 2000  # fen of rebate


def set_up(env, hold_days=0):
    """Books, goods, and a policy: half of an order may be paid with rebate."""
    work_dealer.set_up(env)
    env.company.write({"channel_rebate_percent": 50, "channel_hold_days": hold_days})


def dealer(env, name, orders=1):
    """A dealer with money, a rebate of which a part lapses in five days, and draft orders.

    The first order uses some of the rebate: it has two holds, the others one.
    """
    member = make_member(env, name)
    Account = env["channel.deposit.account"]
    goods, rebate = (Account._ensure(member, purpose) for purpose in ("goods", "rebate"))
    soon = Account._clock() + 5 * DAY
    Account._book_or_raise(
        [
            *(Open(key=f"open {each.id}", account=each.id) for each in (goods, rebate)),
            TopUp(key=f"money {goods.id}", account=goods.id, amount=MONEY),
            TopUp(key=f"bonus {rebate.id}", account=rebate.id, amount=REBATE - LAPSING),
            TopUp(
                key=f"lapsing {rebate.id}", account=rebate.id, amount=LAPSING, lapses_at=soon
            ),
        ]
    )  # fmt: skip
    drafts = [draft_order(env, member) for _n in range(orders)]
    drafts[0]._use_rebate(USED)
    return {"member": member.id, "orders": [order.id for order in drafts]}


def sell(env, member, orders):
    """Everything that is still to do of the orders."""
    for order in orders:
        work_dealer.sell(env, order)


def confirm(env, member, orders):
    env["sale.order"].browse(orders).action_confirm_dealer()


def credit(env, member, orders):
    """The invoice taken back as a whole, each step committed as a button's press is."""
    invoices = (
        env["sale.order"]
        .browse(orders)
        .invoice_ids.filtered(lambda move: move.move_type == "out_invoice")
    )
    note = invoices.reversal_move_ids
    if not note:
        wizard = (
            env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoices.ids)
            .create({"journal_id": invoices.journal_id.id})
        )
        wizard.reverse_moves()
        note = invoices.reversal_move_ids
        env.cr.commit()
    if note.state == "draft":
        note.action_post()
        env.cr.commit()
    env["channel.deposit.posting"]._cron_post()
    env.cr.commit()


def jobs(env, days=10):
    """The daily jobs, so many days later: each commits its steps itself."""
    Account = env["channel.deposit.account"]
    now = Account._clock() + days * DAY
    type(Account)._clock = lambda self: now
    env["channel.deposit.hold"]._cron_expire()
    Account._cron_lapse()


def stands(env, member, orders):
    """What finance and sales see of it; amounts in yuan."""
    found = env["sale.order"].browse(orders)
    moves = found.invoice_ids.filtered(lambda move: move.state == "posted")
    accounts = {
        account.purpose: account
        for account in env["channel.deposit.account"].search([("member_id", "=", member)])
    }
    entries = env["channel.deposit.entry"].search(
        [("account_id.member_id", "=", member), ("kind", "not in", ("open", "top_up"))]
    )
    return {
        "orders": found.mapped("state"),
        "reviews": found.mapped("review_state"),
        "documents": sorted(found.invoice_ids.mapped("move_type")),
        "open": sum(moves.mapped("amount_residual")),
        "amounts": {
            purpose: [round(account.posted, 2), round(account.held, 2)]
            for purpose, account in accounts.items()
        },
        "entries": sorted(
            f"{entry.account_id.purpose} {entry.kind} {entry.posted:.2f}" for entry in entries
        ),
        "unposted": len(env["channel.deposit.posting"]._waiting() & entries),
        "ledger": _ledger(env, accounts["goods"]),
        "to-dos": len(found.activity_ids),
    }


def _ledger(env, account):
    """By how much the general ledger differs from the deposit; what is not posted apart."""
    rows = env.execute_query(
        SQL(
            """SELECT COALESCE(sum(l.balance), 0) + %s FROM account_move_line l
                WHERE l.account_id = %s AND l.partner_id = %s AND l.parent_state = 'posted'""",
            account.posted,
            account.company_id._deposit_account_for("goods").id,
            account.member_id.partner_id.id,
        )
    )
    return float(rows[0][0])


def red(env):
    """Codes of the controls that find something."""
    return sorted(code for code, count in env["channel.control"]._run_all().items() if count)
