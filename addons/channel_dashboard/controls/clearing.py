"""Control 6, the part in use: the clearing receivable of a shop against the orders shipped.

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
    return SQL(
        """
        WITH owed AS (
            SELECT o.wave_id, sum(o.amount_owed) AS amount
              FROM channel_order AS o
             WHERE o.wave_id IS NOT NULL AND o.stage IN %s
             GROUP BY o.wave_id),
        invoices AS (
            SELECT DISTINCT sale_line.order_id AS sale_id, aml.move_id
              FROM sale_order_line_invoice_rel AS rel
              JOIN sale_order_line AS sale_line ON sale_line.id = rel.order_line_id
              JOIN account_move_line AS aml ON aml.id = rel.invoice_line_id
             WHERE sale_line.order_id IN (SELECT sale_id FROM channel_wave)),
        booked AS (
            SELECT invoices.sale_id, sum(aml.balance) AS amount
              FROM invoices
              JOIN account_move AS move ON move.id = invoices.move_id
              JOIN account_move_line AS aml ON aml.move_id = move.id
              JOIN account_account AS account ON account.id = aml.account_id
             WHERE move.state = 'posted' AND account.account_type = 'asset_receivable'
             GROUP BY invoices.sale_id)
        SELECT wave.id AS res_id, wave.company_id,
               jsonb_build_object('wave', wave.name, 'shop', shop.name,
                   'owed', round(coalesce(owed.amount, 0), 2)::text,
                   'booked', round(coalesce(booked.amount, 0), 2)::text) AS data
          FROM channel_wave AS wave
          JOIN channel_shop AS shop ON shop.id = wave.shop_id
          LEFT JOIN owed ON owed.wave_id = wave.id
          LEFT JOIN booked ON booked.sale_id = wave.sale_id
         WHERE round(coalesce(owed.amount, 0), 2) <> round(coalesce(booked.amount, 0), 2)
        """,
        sql_tuple(stages.LEFT),
    )


CHECKS = (
    Check(
        "wave_differs",
        "channel.wave",
        _lt("Wave %(wave)s of %(shop)s: orders shipped owe %(owed)s, its invoices say %(booked)s."),
        query=_wave_differs,
    ),
)
