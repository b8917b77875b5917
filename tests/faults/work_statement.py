"""A period from its run to the payout: like ``work_channel``."""

from __future__ import annotations

from datetime import timedelta

from odoo.addons.channel_deposit.core.operations import Open
from odoo.addons.channel_network import china

from .work_returns import shipped
from .work_settlement import scheme_for_all, split


def to_earn(env, refs):
    """Orders that have left and are split; a scene takes one of them (``to_settle``)."""
    scheme_for_all(env)
    shipped(env, refs)
    split(env, at_once=len(refs))
    common = {"period": "week", "due_from": "sale", "due_days": 0, "sequence": 1}
    env["settlement.terms"].create(
        [
            {"name": "Agents", "role": "other", **common},
            {"name": "Dealers", "role": "dealer", "way": "deposit", **common},
        ]
    )
    agent = env["settlement.rule"].search([("partner_id", "!=", False)], limit=1).partner_id
    agent.bank_ids = [(0, 0, {"acc_number": "6222"})]


def to_settle(env, ref, week):
    """An order left so many weeks ago, with shares of the agent; a dealer has a pit fee.

    The agent is paid by the bank, the dealer into its goods deposit.
    """
    day = china.today(env) - timedelta(weeks=week)
    order = env["channel.order"].search([("order_ref", "=", ref)])
    env.flush_all()
    env.cr.execute("ALTER TABLE settlement_event DISABLE TRIGGER USER")
    env.cr.execute("UPDATE settlement_event SET day = %s WHERE order_id = %s", [day, order.id])
    env.cr.execute("ALTER TABLE settlement_event ENABLE TRIGGER USER")
    env.invalidate_all()
    env["settlement.posting"]._post_days(china.today(env))
    agent = env["settlement.rule"].search([("partner_id", "!=", False)], limit=1).partner_id
    partner = env["res.partner"].create({"name": f"Dealer {ref}", "is_company": True})
    member = env["channel.member"].create({"partner_id": partner.id, "state": "active"})
    account = env["channel.deposit.account"]._ensure(member)
    account._book_or_raise([Open(key=f"open,{account.id}", account=account.id)])
    env["settlement.fee"].create(
        {"name": "Evening", "kind": "pit_fee", "partner_id": partner.id, "amount": 33.33,
         "day": day}
    )  # fmt: skip
    end = day + timedelta(6 - day.weekday())
    return {"partners": [agent.id, partner.id], "end": end.isoformat()}


def settle(env, partners, end):
    """The clerk's way from the run to the last payout; each press a transaction."""
    from odoo import fields

    statements = env["settlement.statement"]
    parties = env["res.partner"].browse(partners)
    statements._run(env.company, fields.Date.to_date(end), parties)
    env.cr.commit()

    def at(state):
        return statements.search(
            [("partner_id", "in", partners), ("date_end", "=", end), ("state", "=", state)]
        )

    for state, action in (("draft", "action_send"), ("sent", "action_confirm")):
        for statement in at(state):
            getattr(statement, action)()
            env.cr.commit()
    mine = statements.search([("partner_id", "in", partners), ("date_end", "=", end)])
    for payout in mine.payout_ids.filtered(lambda each: each.state == "waiting"):
        pay = payout.action_bank_file if payout.way == "bank" else payout.action_pay_deposit
        pay()
        env.cr.commit()
    for file in mine.payout_ids.filtered(lambda each: each.state == "in_file").file_id:
        file.action_paid()
        env.cr.commit()
    return len(mine)


def settled(env, partners, end):
    """By party: [statements, their state, payouts, fen to pay, fen paid, fen in the deposit]."""
    env.invalidate_all()
    found = []
    for partner in env["res.partner"].browse(partners):
        statement = env["settlement.statement"].search(
            [("partner_id", "=", partner.id), ("date_end", "=", end)]
        )
        payouts = statement.payout_ids.filtered(lambda each: each.state == "paid")
        accounts = env["channel.deposit.account"].search(
            [("member_id.partner_id", "=", partner.id)]
        )
        found.append(
            [
                len(statement), statement.state, len(statement.payout_ids),
                round(sum(statement.mapped("amount_payable")) * 100),
                round(sum(payouts.mapped("amount")) * 100),
                round(sum(accounts.mapped("posted")) * 100),
            ]
        )  # fmt: skip
    return found


def owed(env):
    """Fen that the payable says we owe to all parties of statements."""
    account = env.company.settlement_payable_account_id
    lines = env["account.move.line"].search(
        [("account_id", "=", account.id), ("parent_state", "=", "posted")]
    )
    return round(-sum(lines.mapped("balance")) * 100)
