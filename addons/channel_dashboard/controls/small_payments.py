"""Control 6, small payments: what was paid to buyers outside refunds against the shop's clearing.

Source: ``channel.small.payment.posting``: a payment lowers the clearing receivable of its shop by its
amount, once its day is over; the job has six hours for it. What is taken back is reversed in the same way.
"""

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from .base import Check

_lt = LazyTranslate(__name__)

# each payment, and each that was taken back, with the moment
FACTS = SQL(
    """
    SELECT p.id, p.company_id, p.shop_id, p.name, p.amount, moment.back, moment.at
      FROM channel_small_payment AS p,
           LATERAL (VALUES (false, p.paid_at), (true, p.back_at)) AS moment(back, at)
     WHERE p.state IN ('paid', 'taken_back') AND moment.at IS NOT NULL
    """
)


def _not_posted(_env):
    """In no journal entry six hours after the end of its day in China."""
    return SQL(
        """
        SELECT fact.id AS res_id, fact.company_id,
               jsonb_build_object('payment', fact.name, 'amount', fact.amount::text) AS data
          FROM (%s) AS fact
         WHERE (fact.at AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Shanghai')::date
               < ((now() - interval '6 hours') AT TIME ZONE 'Asia/Shanghai')::date
           AND NOT EXISTS (SELECT FROM channel_small_payment_posting AS posting
                            WHERE posting.payment_id = fact.id AND posting.back = fact.back)
        """,
        FACTS,
    )


def _differs(_env):
    """Posted, but not with its amount on the clearing of its shop."""
    return SQL(
        """
        SELECT fact.id AS res_id, fact.company_id,
               jsonb_build_object('payment', fact.name, 'amount', fact.amount::text,
                   'booked', round(coalesce(sum(line.balance), 0), 2)::text) AS data
          FROM (%s) AS fact
          JOIN channel_shop AS shop ON shop.id = fact.shop_id
          JOIN res_company AS company ON company.id = fact.company_id
          JOIN channel_small_payment_posting AS posting
            ON posting.payment_id = fact.id AND posting.back = fact.back
          LEFT JOIN account_move_line AS line
            ON line.id = posting.move_line_id AND line.parent_state = 'posted'
           AND line.account_id = company.channel_clearing_account_id
           AND line.partner_id = shop.clearing_partner_id
         GROUP BY fact.id, fact.company_id, fact.name, fact.amount, fact.back
        HAVING round(coalesce(sum(line.balance), 0), 2)
               <> CASE WHEN fact.back THEN fact.amount ELSE -fact.amount END
        """,
        FACTS,
    )


CHECKS = (
    Check(
        "small_payment_not_posted",
        "channel.small.payment",
        _lt("Small payment %(payment)s over %(amount)s is in no journal entry after its day."),
        query=_not_posted,
    ),
    Check(
        "small_payment_differs",
        "channel.small.payment",
        _lt("Small payment %(payment)s over %(amount)s stands with %(booked)s on the clearing."),
        query=_differs,
    ),
)
