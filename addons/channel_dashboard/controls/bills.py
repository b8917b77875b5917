"""Control 7: every row of a bill is there as it was told, and matched or listed as a difference."""

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from odoo.addons.channel_reconcile.models.reconcile_account_match import TRADE

from .base import Check

_lt = LazyTranslate(__name__)


def _rows_differ(_env):
    """A bill whose rows are not those it brought when it was read."""
    return SQL(
        """
        SELECT bill.id AS res_id, bill.company_id,
               jsonb_build_object('told', bill.new_amount::text, 'count', bill.new_count,
                                  'rows', coalesce(found.amount, 0)::text,
                                  'found', coalesce(found.count, 0)) AS data
          FROM reconcile_bill AS bill
          LEFT JOIN (SELECT bill_id, count(*) AS count, sum(amount) AS amount, sum(fee) AS fee
                       FROM reconcile_bill_row GROUP BY bill_id) AS found
            ON found.bill_id = bill.id
         WHERE bill.state = 'done'
           AND (bill.new_count, bill.new_amount, bill.new_fee) IS DISTINCT FROM
               (coalesce(found.count, 0), coalesce(found.amount, 0), coalesce(found.fee, 0))
        """
    )


def _balance_breaks(_env):
    """A bill whose opening balance is not the closing one of the bill before it."""
    return SQL(
        """
        SELECT bill.id AS res_id, bill.company_id,
               jsonb_build_object('opening', bill.opening::text, 'closing', bill.before::text) AS data
          FROM (SELECT id, company_id, first_at, opening,
                       lag(closing) OVER before AS before, lag(last_at) OVER before AS ended
                  FROM reconcile_bill WHERE state = 'done' AND has_balance
                WINDOW before AS (PARTITION BY account_id, form ORDER BY first_at, last_at, id)
               ) AS bill
         WHERE bill.ended < bill.first_at AND bill.before <> bill.opening
        """
    )


def _day_differs(_env):
    """A day of which the bills say another number or sum than when it was matched, or of which more
    or fewer rows stand as differences than were found."""
    return SQL(
        """
        SELECT day.id AS res_id, day.company_id,
               jsonb_build_object('counted', day.bill_count, 'rows', coalesce(told.count, 0),
                                  'differing', day.difference_count,
                                  'differences', coalesce(differing.count, 0)) AS data
          FROM reconcile_day AS day
          LEFT JOIN (SELECT account_id, day, count(*) AS count, sum(amount) AS amount
                       FROM reconcile_bill_row
                      WHERE form = ANY(%s) AND kind IN ('payment', 'refund')
                      GROUP BY account_id, day) AS told
            ON (told.account_id, told.day) = (day.account_id, day.day)
          LEFT JOIN (SELECT account_id, day, count(*) AS count FROM reconcile_difference
                      WHERE row_id IS NOT NULL AND state <> 'gone'
                      GROUP BY account_id, day) AS differing
            ON (differing.account_id, differing.day) = (day.account_id, day.day)
         WHERE (day.bill_count, day.bill_amount, day.difference_count) IS DISTINCT FROM
               (coalesce(told.count, 0), coalesce(told.amount, 0), coalesce(differing.count, 0))
           AND NOT EXISTS (  -- its matching is queued
               SELECT FROM reconcile_bill AS bill
                WHERE bill.account_id = day.account_id AND bill.write_date >= day.matched_at
                  AND bill.write_date > now() AT TIME ZONE 'UTC' - interval '1 hour')
        """,
        TRADE,
    )


CHECKS = (
    Check(
        "bill_rows",
        "reconcile.bill",
        _lt("The bill brought %(count)s rows of %(told)s; there are %(found)s of %(rows)s."),
        query=_rows_differ,
    ),
    Check(
        "bill_balance",
        "reconcile.bill",
        _lt("The bill begins with a balance of %(opening)s, the one before ends with %(closing)s."),
        query=_balance_breaks,
    ),
    Check(
        "bill_day",
        "reconcile.day",
        _lt(
            "%(counted)s rows of the bill were matched and %(differing)s of them differ; there are"
            " %(rows)s, and %(differences)s stand as differences."
        ),
        query=_day_differs,
    ),
)
