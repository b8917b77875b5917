"""Control 6, expected returns: what was accrued of the months that have ended.

Source: ``channel.return.accrual``, one for each shop and month; the daily job has three days for it.
"""

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from .base import Check

_lt = LazyTranslate(__name__)


def _missing(_env):
    """A shop shipped what could still be returned at the end of a month, and it is not accrued."""
    return SQL(
        """
        SELECT DISTINCT shop.id AS res_id, shop.company_id,
               jsonb_build_object('shop', shop.name, 'month', month.last::text) AS data
          FROM (SELECT (date_trunc('month', (now() - interval '3 days')
                       AT TIME ZONE 'Asia/Shanghai') - interval '1 day')::date AS last) AS month
          JOIN res_company AS company ON company.channel_return_accrual
          JOIN channel_shop AS shop ON shop.company_id = company.id
          JOIN channel_wave AS wave ON wave.shop_id = shop.id
          JOIN account_move AS invoice
            ON invoice.channel_wave_id = wave.id AND invoice.move_type = 'out_invoice'
           AND invoice.state = 'posted' AND invoice.invoice_date <= month.last
           AND invoice.invoice_date > month.last - company.channel_return_days
         WHERE NOT EXISTS (SELECT FROM channel_return_accrual AS accrual
                            WHERE accrual.shop_id = shop.id AND accrual.month = month.last
                              AND accrual.state = 'posted')
        """
    )


def _differs(_env):
    """Accrued, but the entry or its reversal does not have the amount."""
    return SQL(
        """
        SELECT accrual.id AS res_id, accrual.company_id,
               jsonb_build_object('shop', shop.name, 'month', accrual.month::text,
                   'expected', (accrual.expected + accrual.cost)::text,
                   'entry', booked.entry::text, 'reversal', booked.reversal::text) AS data
          FROM channel_return_accrual AS accrual
          JOIN channel_shop AS shop ON shop.id = accrual.shop_id
         CROSS JOIN LATERAL (
               SELECT coalesce(sum(line.balance) FILTER (
                          WHERE line.move_id = accrual.move_id), 0) AS entry,
                      coalesce(sum(line.balance) FILTER (
                          WHERE line.move_id = accrual.reversal_id), 0) AS reversal
                 FROM account_move_line AS line
                WHERE line.move_id IN (accrual.move_id, accrual.reversal_id)
                  AND line.parent_state = 'posted' AND line.balance > 0) AS booked
         WHERE accrual.state = 'posted'
           AND (booked.entry <> accrual.expected + accrual.cost OR booked.reversal <> booked.entry)
        """
    )


CHECKS = (
    Check(
        "expected_returns_missing",
        "channel.shop",
        _lt("The expected returns of %(shop)s at the end of %(month)s are not accrued."),
        query=_missing,
    ),
    Check(
        "expected_returns_differ",
        "channel.return.accrual",
        _lt(
            "The expected returns of %(shop)s at the end of %(month)s come to %(expected)s; their entry to"
            " %(entry)s, its reversal to %(reversal)s."
        ),
        query=_differs,
    ),
)
