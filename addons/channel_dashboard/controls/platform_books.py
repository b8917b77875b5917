"""Control 6, platforms' settlement: what they take off and pay out, against the ledger.

Source: ``accounting.md``: a share that the platform settles is posted when it is due, the platform's
settlement closes it. Both jobs have a day for it.
"""

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from .base import Check

_lt = LazyTranslate(__name__)


def _share_not_posted(_env):
    """Shares of an order in no entry two days after their day."""
    return SQL(
        """
        SELECT event.order_id AS res_id, event.company_id,
               jsonb_build_object('day', event.day::text) AS data
          FROM settlement_event AS event
         WHERE event.day < (now() AT TIME ZONE 'Asia/Shanghai')::date - 2
           AND EXISTS (SELECT FROM settlement_share AS share
                        WHERE share.event_id = event.id AND share.settled_by = 'platform')
           AND NOT EXISTS (SELECT FROM settlement_posting AS done WHERE done.event_id = event.id)
        """
    )


def _deductions_differ(_env):
    """A shop whose deductions are not what its posted settlement took off, less its shares."""
    return SQL(
        """
        SELECT fact.shop_id AS res_id, shop.company_id,
               jsonb_build_object('facts', round(sum(fact.amount), 2)::text,
                                  'booked', round(sum(fact.booked), 2)::text) AS data
          FROM (SELECT event.shop_id, -share.amount AS amount, 0 AS booked
                  FROM settlement_posting AS done
                  JOIN settlement_event AS event ON event.id = done.event_id
                  JOIN settlement_share AS share
                    ON share.event_id = event.id AND share.settled_by = 'platform'
                 UNION ALL
                SELECT row.shop_id, row.platform_fee + row.commission + row.colonel_fee
                       + row.channel_share + row.other_sharing, 0
                  FROM channel_platform_settlement_posting AS done
                  JOIN channel_platform_settlement AS row ON row.id = done.settlement_id
                 UNION ALL
                SELECT shop.id, 0, line.balance
                  FROM account_move_line AS line
                  JOIN res_company AS company
                    ON company.platform_deductions_account_id = line.account_id
                   AND company.id = line.company_id
                  JOIN channel_shop AS shop
                    ON shop.clearing_partner_id = line.partner_id
                   AND shop.company_id = line.company_id
                 WHERE line.parent_state = 'posted') AS fact
          JOIN channel_shop AS shop ON shop.id = fact.shop_id
         GROUP BY fact.shop_id, shop.company_id
        HAVING round(sum(fact.amount), 2) <> round(sum(fact.booked), 2)
        """
    )


CHECKS = (
    Check(
        "platform_share_not_posted",
        "channel.order",
        _lt("Shares of %(day)s that the platform settles are in no journal entry."),
        query=_share_not_posted,
    ),
    Check(
        "platform_deductions",
        "channel.shop",
        _lt(
            "The platform's deductions are %(facts)s by shares and bills, but %(booked)s is booked."
        ),
        query=_deductions_differ,
    ),
)
