"""Control 6, settlements: statements against their shares, and what is owed against the ledger.

Source: ``accounting.md``: a confirmed statement posts what its party earned to the payable, a payout
takes it off. A reserve is a blocked part of the payable, what is carried on is owed by the party.
"""

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from .base import Check

_lt = LazyTranslate(__name__)


def _statement_differs(_env):
    """A statement whose sums are not those of its shares and fees."""
    return SQL(
        """
        SELECT statement.id AS res_id, statement.company_id,
               jsonb_build_object('statement', statement.name,
                   'told', (statement.amount_share + statement.amount_fee)::text,
                   'found', round(coalesce(share.amount, 0) + coalesce(fee.amount, 0), 2)::text
               ) AS data
          FROM settlement_statement AS statement
          LEFT JOIN (SELECT line.statement_id, sum(share.amount) AS amount
                       FROM settlement_statement_line AS line
                       JOIN settlement_share AS share ON share.id = line.share_id
                      GROUP BY line.statement_id) AS share ON share.statement_id = statement.id
          LEFT JOIN (SELECT statement_id, sum(amount) AS amount FROM settlement_fee
                      GROUP BY statement_id) AS fee ON fee.statement_id = statement.id
         WHERE statement.amount_share <> round(coalesce(share.amount, 0), 2)
            OR statement.amount_fee <> round(coalesce(fee.amount, 0), 2)
        """
    )


def _reserve_exceeded(_env):
    """More was released than kept, or another amount than the releasing statement says."""
    return SQL(
        """
        SELECT statement.id AS res_id, statement.company_id,
               jsonb_build_object('statement', statement.name,
                                  'kept', statement.amount_kept::text,
                                  'released', out_.amount::text) AS data
          FROM settlement_statement AS statement
          LEFT JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS amount FROM settlement_reserve
                              WHERE statement_id = statement.id) AS out_ ON true
          LEFT JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS amount FROM settlement_reserve
                              WHERE released_id = statement.id) AS in_ ON true
         WHERE out_.amount > statement.amount_kept OR in_.amount <> statement.amount_freed
        """
    )


def _chain_broken(_env):
    """What a statement brought on is not what the one before carried on."""
    return SQL(
        """
        SELECT statement.id AS res_id, statement.company_id,
               jsonb_build_object('statement', statement.name,
                   'brought', statement.amount_brought::text,
                   'carried', coalesce(before.amount_carried, 0)::text) AS data
          FROM settlement_statement AS statement
          LEFT JOIN settlement_statement AS before ON before.id = statement.previous_id
         WHERE statement.amount_brought <> coalesce(before.amount_carried, 0)
        """
    )


def _ledger_differs(_env):
    """A party whose payable is not what its confirmed statements owe, less what was paid."""
    return SQL(
        """
        SELECT party.partner_id AS res_id, party.company_id,
               jsonb_build_object('owed', round(party.owed, 2)::text,
                                  'booked', round(party.booked, 2)::text) AS data
          FROM (SELECT company_id, partner_id, sum(owed) AS owed, sum(booked) AS booked FROM (
                    SELECT company_id, partner_id, amount_share + amount_fee AS owed, 0 AS booked
                      FROM settlement_statement WHERE state IN ('confirmed', 'paid')
                     UNION ALL
                    SELECT company_id, partner_id, -amount, 0
                      FROM settlement_payout WHERE state = 'paid'
                     UNION ALL
                    SELECT line.company_id, line.partner_id, 0, -line.balance
                      FROM account_move_line AS line
                      JOIN res_company AS company
                        ON company.settlement_payable_account_id = line.account_id
                       AND company.id = line.company_id
                     WHERE line.parent_state = 'posted') AS fact
                 GROUP BY company_id, partner_id) AS party
         WHERE round(party.owed, 2) <> round(party.booked, 2)
        """
    )


CHECKS = (
    Check(
        "statement_differs",
        "settlement.statement",
        _lt("%(statement)s says %(told)s, but its shares and fees come to %(found)s."),
        query=_statement_differs,
    ),
    Check(
        "statement_reserve",
        "settlement.statement",
        _lt("%(statement)s keeps %(kept)s in reserve, of which %(released)s was released."),
        query=_reserve_exceeded,
    ),
    Check(
        "statement_chain",
        "settlement.statement",
        _lt("%(statement)s brings on %(brought)s, but %(carried)s was carried on before."),
        query=_chain_broken,
    ),
    Check(
        "statement_ledger",
        "res.partner",
        _lt("Statements owe %(owed)s, but %(booked)s stands on the payable."),
        query=_ledger_differs,
    ),
)
