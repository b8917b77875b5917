"""Control 4: the shares of every order add up to what the platform owes for it, to the fen.

What is split is what comes in: paid by the buyer and the discounts that others bear (decision 0015),
without what refunds took off (``channel.order.credit``). A scheme in which a party bears a discount of
the platform, the talent or the payment channel splits less; of its orders only the sums of each event
and the full refund are checked.
"""

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from .base import Check

_lt = LazyTranslate(__name__)


def _event_differs(_env):
    """An event whose shares do not add up to its amount."""
    return SQL(
        """
        SELECT event.id AS res_id, event.company_id,
               jsonb_build_object('order', event.order_id, 'amount', event.amount::text,
                                  'shares', coalesce(found.amount, 0)::text) AS data
          FROM settlement_event AS event
          LEFT JOIN (SELECT event_id, sum(amount) AS amount FROM settlement_share
                      GROUP BY event_id) AS found ON found.event_id = event.id
         WHERE event.amount <> coalesce(found.amount, 0)
        """
    )


# orders that were split: what is owed now, and what was split
STANDS = SQL(
    """
    SELECT sale.order_id, sale.company_id, sale.terms,
           owed.amount + coalesce(o.amount_freight, 0) - coalesce(credit.amount, 0) AS owed,
           split.amount AS split
      FROM settlement_event AS sale
      JOIN channel_order AS o ON o.id = sale.order_id
      JOIN (SELECT order_id, sum(amount_owed) AS amount FROM channel_order_line
             WHERE state = 'live' GROUP BY order_id) AS owed ON owed.order_id = sale.order_id
      JOIN (SELECT order_id, sum(amount) AS amount FROM settlement_event GROUP BY order_id)
           AS split ON split.order_id = sale.order_id
      LEFT JOIN (SELECT taken.order_id, sum(taken.amount) AS amount
                   FROM channel_order_credit AS taken
                   JOIN settlement_event AS event ON event.order_id = taken.order_id
                    AND event.aftersale_id = taken.aftersale_id
                  GROUP BY taken.order_id) AS credit ON credit.order_id = sale.order_id
     WHERE sale.aftersale_id IS NULL
    """
)


def _order_differs(_env):
    """An order of which more or less is split than is owed."""
    return SQL(
        """
        SELECT stands.order_id AS res_id, stands.company_id,
               jsonb_build_object('owed', stands.owed::text, 'split', stands.split::text) AS data
          FROM (%s) AS stands
         WHERE stands.owed <> stands.split
           AND NOT EXISTS (
               SELECT FROM jsonb_array_elements(stands.terms) AS part
                 JOIN settlement_rule AS rule ON rule.scheme_id = (part->>'scheme')::int
                WHERE rule.bears_platform OR rule.bears_talent OR rule.bears_payment)
        """,
        STANDS,
    )


def _not_taken_back(_env):
    """An order that was given back in full, but a party keeps something of a line."""
    return SQL(
        """
        SELECT DISTINCT stands.order_id AS res_id, stands.company_id,
               '{}'::jsonb AS data
          FROM (%s) AS stands
          JOIN (SELECT order_id FROM settlement_share
                 GROUP BY order_id, line_id, rule_id HAVING sum(amount) <> 0) AS cell
            ON cell.order_id = stands.order_id
         WHERE stands.owed = 0
        """,
        STANDS,
    )


def _not_split(_env):
    """An order that left, or a refund of it, that is neither split nor waiting for it."""
    return SQL(
        """
        SELECT o.id AS res_id, o.company_id, '{}'::jsonb AS data
          FROM channel_order AS o
         WHERE o.stage IN ('shipped', 'done')
           AND NOT EXISTS (SELECT FROM settlement_todo AS todo WHERE todo.order_id = o.id)
           AND (NOT EXISTS (SELECT FROM settlement_event AS event
                             WHERE event.order_id = o.id AND event.aftersale_id IS NULL)
                OR EXISTS (SELECT FROM channel_order_credit AS credit
                            WHERE credit.order_id = o.id AND NOT EXISTS (
                                  SELECT FROM settlement_event AS event
                                   WHERE event.order_id = o.id
                                     AND event.aftersale_id = credit.aftersale_id)))
        """
    )


CHECKS = (
    Check(
        "share_event_differs",
        "settlement.event",
        _lt("The shares add up to %(shares)s, but %(amount)s was split."),
        query=_event_differs,
    ),
    Check(
        "share_order_differs",
        "channel.order",
        _lt("%(split)s was split, but %(owed)s is owed after all refunds."),
        query=_order_differs,
    ),
    Check(
        "share_not_taken_back",
        "channel.order",
        _lt("It was given back in full, but a party keeps a share of it."),
        query=_not_taken_back,
    ),
    Check(
        "share_missing",
        "channel.order",
        _lt("It left, or was refunded, and is neither split nor waiting for it."),
        query=_not_split,
    ),
)
