"""Control 6, platforms: the clearing receivable of a shop against the orders shipped.

Source: ``accounting.md``, event "wave shipped": the receivable of a wave's posted invoices is the sum
of what the platform owes for the wave's shipped orders, to the fen. A refund after shipment gets a
credit note of its own day, and belongs to no figure of the wave's shipment.
"""

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from odoo.addons.channel_order.core import stages

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
                   'owed', round(coalesce(owed.amount, 0), 2)::text,
                   'booked', round(coalesce(booked.amount, 0), 2)::text) AS data
          FROM channel_wave AS wave
          JOIN channel_shop AS shop ON shop.id = wave.shop_id
          LEFT JOIN owed ON owed.wave_id = wave.id
          LEFT JOIN booked ON booked.wave_id = wave.id
         WHERE round(coalesce(owed.amount, 0), 2) <> round(coalesce(booked.amount, 0), 2)
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


CHECKS = (
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
