"""Control 5, and the part of control 6 that concerns deposits.

Source: ``product.md``. Available is never below 0, entries add up to the balance, each hold is
resolved at most once; the general ledger agrees with what is posted, and the rest is posted soon.
"""

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from .base import Check, Row

_lt = LazyTranslate(__name__)

HOLDER = SQL("'member', (SELECT m.name FROM channel_member AS m WHERE m.id = a.member_id)")


def _sum_differs(_env):
    """The entries of an account add up to its amounts, and are numbered without gaps."""
    return SQL(
        """
        SELECT a.id AS res_id, a.company_id,
               jsonb_build_object(%s, 'balance', a.posted::text,
                                  'entries', coalesce(e.posted, 0)::text) AS data
          FROM channel_deposit_account AS a
          LEFT JOIN (SELECT account_id, sum(posted) AS posted, sum(held) AS held,
                            sum(credit_line) AS credit_line, count(*) AS number,
                            max(number) AS last
                       FROM channel_deposit_entry GROUP BY account_id) AS e ON e.account_id = a.id
         WHERE (a.posted, a.held, a.credit_line, a.number, a.number)
               IS DISTINCT FROM (coalesce(e.posted, 0), coalesce(e.held, 0),
                                 coalesce(e.credit_line, 0), coalesce(e.number, 0),
                                 coalesce(e.last, 0))
        """,
        HOLDER,
    )


def _overspent(_env):
    """Less than 0 available."""
    return SQL(
        """
        SELECT a.id AS res_id, a.company_id,
               jsonb_build_object(%s, 'available', (a.posted - a.held + a.credit_line)::text) AS data
          FROM channel_deposit_account AS a
         WHERE a.posted - a.held + a.credit_line < 0 OR a.held < 0 OR a.credit_line < 0
        """,
        HOLDER,
    )


def _holds_differ(_env):
    """The active holds of an account add up to what it holds."""
    return SQL(
        """
        SELECT a.id AS res_id, a.company_id,
               jsonb_build_object(%s, 'held', a.held::text,
                                  'holds', coalesce(h.amount, 0)::text) AS data
          FROM channel_deposit_account AS a
          LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM channel_deposit_hold
                      WHERE state = 'active' GROUP BY account_id) AS h ON h.account_id = a.id
         WHERE a.held <> coalesce(h.amount, 0)
        """,
        HOLDER,
    )


def _resolution_differs(_env):
    """A resolved hold has one entry that resolved it, an active one has none."""
    return SQL(
        """
        SELECT h.id AS res_id, h.company_id, jsonb_build_object('hold', h.key) AS data
          FROM channel_deposit_hold AS h
          LEFT JOIN (SELECT resolves, count(*) AS number FROM channel_deposit_entry
                      WHERE resolves IS NOT NULL GROUP BY resolves) AS e ON e.resolves = h.key
         WHERE coalesce(e.number, 0) <> CASE WHEN h.state = 'active' THEN 0 ELSE 1 END
        """
    )


def _ledger_differs(env, limit):
    """What the tie-out shows in red today, member by member."""
    rows = env["channel.deposit.tie.out"].sudo()._as_of(None)
    found = rows.search([("level", "=", "member"), ("difference", "!=", 0)], limit=limit)
    return [
        Row(
            row.id,
            row.company_id.id,
            {
                "member": row.partner_id.display_name or "",
                "posted": f"{row.entries - row.waiting:.2f}",
                "ledger": f"{row.ledger:.2f}",
            },
        )
        for row in found
    ]


def _not_posted(env):
    """An entry that has waited for its posting for two days; the job posts every five minutes."""
    return SQL(
        """
        SELECT e.id AS res_id, e.company_id,
               jsonb_build_object(%s, 'amount', e.posted::text, 'key', e.key) AS data
          FROM channel_deposit_entry AS e
          JOIN channel_deposit_account AS a ON a.id = e.account_id
         WHERE e.at < (now() AT TIME ZONE 'UTC') - interval '2 days' AND e.id = ANY(%s)
        """,
        HOLDER,
        env["channel.deposit.posting"]._waiting().ids,
    )


CHECKS = (
    Check(
        "deposit_sum_differs",
        "channel.deposit.account",
        _lt("%(member)s: the balance is %(balance)s, its entries say %(entries)s."),
        query=_sum_differs,
    ),
    Check(
        "deposit_overspent",
        "channel.deposit.account",
        _lt("%(member)s: %(available)s is available."),
        query=_overspent,
    ),
    Check(
        "deposit_holds_differ",
        "channel.deposit.account",
        _lt("%(member)s: %(held)s is on hold, its holds say %(holds)s."),
        query=_holds_differ,
    ),
    Check(
        "deposit_resolution_differs",
        "channel.deposit.hold",
        _lt("Hold %(hold)s is not resolved by exactly one entry."),
        query=_resolution_differs,
    ),
)
LEDGER_CHECKS = (
    Check(
        "deposit_ledger_differs",
        "channel.deposit.tie.out",
        _lt("Deposits of %(member)s: %(posted)s is posted, the ledger says %(ledger)s."),
        find=_ledger_differs,
    ),
    Check(
        "deposit_not_posted",
        "channel.deposit.entry",
        _lt("%(key)s of %(member)s over %(amount)s waits for its posting for two days."),
        query=_not_posted,
    ),
)
