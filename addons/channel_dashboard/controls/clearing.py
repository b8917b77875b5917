"""Control 6, platforms: the clearing receivable of a shop against the orders shipped.

Source: ``accounting.md``, event "wave shipped": the receivable of a wave's posted invoices is the sum
of what the platform owes for the wave's shipped orders, to the fen. A refund after shipment is
taken off by a credit note of its day; until then it waits, at most two days.
"""

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from odoo.addons.channel_order.core import stages
from odoo.addons.channel_order.core.aftersales import MONEY

from .base import Check, sql_tuple

_lt = LazyTranslate(__name__)


def _wave_differs(_env):
    """Wave by wave, so that two errors of a shop cannot cancel each other.

    A wave's documents are its invoices and what reverses them; only posted lines on the company's
    clearing account count.
    """
    return SQL(
        """
        WITH owed AS (
            SELECT o.wave_id, sum(o.amount_owed) AS amount
              FROM channel_order AS o
             WHERE o.wave_id IS NOT NULL AND o.stage IN %s
             GROUP BY o.wave_id),
        credited AS (
            SELECT credit.wave_id, sum(credit.amount) AS amount
              FROM channel_order_credit AS credit
              JOIN channel_order_credit_posting AS posting ON posting.credit_id = credit.id
             GROUP BY credit.wave_id),
        documents AS (
            SELECT move.id, coalesce(move.channel_wave_id, origin.channel_wave_id) AS wave_id
              FROM account_move AS move
              LEFT JOIN account_move AS origin ON origin.id = move.reversed_entry_id
             WHERE move.state = 'posted'
               AND (move.channel_wave_id IS NOT NULL OR origin.channel_wave_id IS NOT NULL)),
        booked AS (
            SELECT documents.wave_id, sum(line.balance) AS amount
              FROM documents
              JOIN account_move_line AS line ON line.move_id = documents.id
              JOIN res_company AS company ON company.id = line.company_id
             WHERE line.account_id = company.channel_clearing_account_id
             GROUP BY documents.wave_id)
        SELECT wave.id AS res_id, wave.company_id,
               jsonb_build_object('wave', wave.name, 'shop', shop.name,
                   'owed', round(coalesce(owed.amount, 0) - coalesce(credited.amount, 0), 2)::text,
                   'booked', round(coalesce(booked.amount, 0), 2)::text) AS data
          FROM channel_wave AS wave
          JOIN channel_shop AS shop ON shop.id = wave.shop_id
          LEFT JOIN owed ON owed.wave_id = wave.id
          LEFT JOIN credited ON credited.wave_id = wave.id
          LEFT JOIN booked ON booked.wave_id = wave.id
         WHERE round(coalesce(owed.amount, 0) - coalesce(credited.amount, 0), 2)
               <> round(coalesce(booked.amount, 0), 2)
        """,
        sql_tuple(stages.LEFT),
    )


def _foreign_invoice(_env):
    """An invoice to a shop's clearing partner that belongs to no wave."""
    return SQL(
        """
        SELECT move.id AS res_id, move.company_id,
               jsonb_build_object('move', move.name, 'shop', shop.name,
                                  'amount', round(sum(line.balance), 2)::text) AS data
          FROM channel_shop AS shop
          JOIN res_company AS company ON company.id = shop.company_id
          JOIN account_move_line AS line
            ON line.account_id = company.channel_clearing_account_id
           AND line.partner_id = shop.clearing_partner_id
          JOIN account_move AS move ON move.id = line.move_id
          LEFT JOIN account_move AS origin ON origin.id = move.reversed_entry_id
         WHERE move.state = 'posted' AND move.move_type IN ('out_invoice', 'out_refund')
           AND move.channel_wave_id IS NULL AND origin.channel_wave_id IS NULL
         GROUP BY move.id, shop.id
        """
    )


def _refund_not_credited(_env):
    """Money that went back after shipment more than two days ago and is on no credit note."""
    return SQL(
        """
        SELECT a.id AS res_id, a.company_id,
               jsonb_build_object('aftersale', a.aftersale_ref, 'amount', a.amount::text) AS data
          FROM channel_aftersale AS a JOIN channel_order AS o ON o.id = a.order_id
         WHERE a.status = 'succeeded' AND a.kind IN %s AND o.stage IN %s AND o.wave_id IS NOT NULL
           AND a.updated_at < (now() AT TIME ZONE 'UTC') - interval '2 days'
           AND (NOT EXISTS (SELECT FROM channel_order_credit AS c WHERE c.aftersale_id = a.id)
                OR EXISTS (SELECT FROM channel_order_credit AS c
                            WHERE c.aftersale_id = a.id AND c.amount > 0
                              AND NOT EXISTS (SELECT FROM channel_order_credit_posting AS p
                                               WHERE p.credit_id = c.id)))
        """,
        sql_tuple(kind.value for kind in MONEY),
        sql_tuple(stages.LEFT),
    )


def _refund_exceeds(_env):
    """A platform gave a buyer more than was paid: the difference is on no credit note."""
    return SQL(
        """
        SELECT a.id AS res_id, a.company_id,
               jsonb_build_object('aftersale', a.aftersale_ref, 'excess', c.excess::text) AS data
          FROM channel_order_credit AS c JOIN channel_aftersale AS a ON a.id = c.aftersale_id
         WHERE c.excess > 0
        """
    )


CHECKS = (
    Check(
        "refund_not_credited",
        "channel.aftersale",
        _lt("Refund %(aftersale)s over %(amount)s is on no credit note after two days."),
        query=_refund_not_credited,
    ),
    Check(
        "refund_exceeds",
        "channel.aftersale",
        _lt("Refund %(aftersale)s is %(excess)s more than the buyer had paid."),
        query=_refund_exceeds,
    ),
    Check(
        "wave_differs",
        "channel.wave",
        _lt("Wave %(wave)s of %(shop)s: orders shipped owe %(owed)s, its invoices say %(booked)s."),
        query=_wave_differs,
    ),
    Check(
        "invoice_without_wave",
        "account.move",
        _lt("Invoice %(move)s over %(amount)s stands on the clearing of %(shop)s without a wave."),
        query=_foreign_invoice,
    ),
)
