"""Deposit accounts opened, filled and spent; each operation is a transaction of its own."""

from __future__ import annotations

from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED

from odoo.tools import SQL

from odoo.addons.channel_deposit.core.ledger import Done
from odoo.addons.channel_deposit.core.operations import (
    Capture,
    Open,
    PlaceHold,
    Release,
    TopUp,
    Transfer,
)

# Amounts that are not what the journal says, whatever was asked.
BROKEN = {
    "balance": """
        SELECT a.id, a.posted, a.held, a.credit_line, a.number, e.*
          FROM channel_deposit_account a
          LEFT JOIN (SELECT account_id, sum(posted) AS posted, sum(held) AS held,
                            sum(credit_line) AS credit_line, count(*) AS entries,
                            max(number) AS last
                       FROM channel_deposit_entry GROUP BY account_id) e ON e.account_id = a.id
         WHERE (a.posted, a.held, a.credit_line, a.number, a.number)
               IS DISTINCT FROM (coalesce(e.posted, 0), coalesce(e.held, 0),
                                 coalesce(e.credit_line, 0), coalesce(e.entries, 0),
                                 coalesce(e.last, 0))""",
    "available": """
        SELECT id FROM channel_deposit_account WHERE posted - held + credit_line < 0""",
    "holds": """
        SELECT a.id, a.held, sum(h.amount) FROM channel_deposit_account a
          LEFT JOIN channel_deposit_hold h ON h.account_id = a.id AND h.state = 'active'
         GROUP BY a.id HAVING a.held <> coalesce(sum(h.amount), 0)""",
    "resolved": """
        SELECT h.key, h.state, count(e.id) FROM channel_deposit_hold h
          LEFT JOIN channel_deposit_entry e ON e.resolves = h.key
         GROUP BY h.id HAVING count(e.id) <> (h.state <> 'active')::int""",
    "transfers": """
        SELECT key FROM channel_deposit_entry WHERE kind = 'transfer'
         GROUP BY key HAVING count(*) <> 2 OR sum(posted) <> 0""",
}


def broken(env):
    """Names of what does not agree."""
    return [name for name, query in BROKEN.items() if env.execute_query(SQL(query))]


def make_members(env):
    """Two members without accounts."""
    partners = env["res.partner"].create(
        [{"name": f"Deposits {n}", "is_company": True} for n in range(2)]
    )
    return (
        env["channel.member"]
        .create([{"partner_id": partner.id, "state": "active"} for partner in partners])
        .ids
    )


def spend(env, members, name, rounds=25, gate=0):
    """What a worker does; done again from the start, it adds only what is missing.

    :return: [key, fen that the operation posted on the accounts together] of what took effect
    """
    env.cr.commit()
    env.cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
    model = env["channel.deposit.account"]
    if gate:
        env.cr.execute("SELECT pg_advisory_lock_shared(%s)", [gate])
        env.cr.commit()
    hot, fresh = (model._ensure(member).id for member in env["channel.member"].browse(members))
    env.cr.commit()
    done = []
    for chain in _chains(hot, fresh, name, rounds):
        results = model._book([chain])
        env.cr.commit()
        if all(isinstance(result, Done) for result in results):
            done += [
                [result.entries[0].key, sum(entry.posted for entry in result.entries)]
                for result in results
            ]
    return done


def _chains(hot, fresh, name, rounds):
    yield (Open(key=f"open {hot}", account=hot),)
    yield (Open(key=f"open {fresh}", account=fresh),)
    for number in range(rounds):
        key = f"{name} {number}"
        account, other = (hot, fresh) if number % 3 else (fresh, hot)
        yield (TopUp(key=f"{key} t", account=account, amount=10),)
        yield (PlaceHold(key=f"{key} h", account=account, amount=9),)
        yield (Transfer(key=f"{key} m", account=account, target=other, amount=1),)
        if number % 4:
            yield (
                Capture(key=f"{key} c", hold=f"{key} h", amount=4, keep=3),
                Release(key=f"{key} r", hold=f"{key} c"),
            )
