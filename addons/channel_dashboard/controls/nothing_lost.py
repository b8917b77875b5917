"""Control 2: every stored message is applied, waiting, or stopped where a person sees it.

What "applied" means is said once, where messages are processed (``channel.message._lost``).
"""

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from .base import Check

_lt = LazyTranslate(__name__)

# A message nobody took for this long is stuck: jobs run every minute.
STUCK_MINUTES = 60


def _lost_messages(env):
    """Neither done, nor waiting, nor stopped: channel_intake says what these words mean."""
    return SQL(
        """
        SELECT lost.id AS res_id, shop.company_id, jsonb_build_object('ref', lost.ref) AS data
          FROM (%s) AS lost LEFT JOIN channel_shop AS shop ON shop.id = lost.shop_id
        """,
        env["channel.message"]._lost(),
    )


def _stuck_messages(_env):
    return SQL(
        """
        SELECT m.id AS res_id, shop.company_id,
               jsonb_build_object('ref', m.ref, 'attempts', t.attempts) AS data
          FROM channel_message_todo AS t
          JOIN channel_message AS m ON m.id = t.message_id
          JOIN channel_shop AS shop ON shop.id = m.shop_id
         WHERE coalesce(t.next_attempt, m.received_at)
               < (now() AT TIME ZONE 'UTC') - make_interval(mins => %s)
        """,
        STUCK_MINUTES,
    )


def _orphan_todo(_env):
    return SQL(
        """
        SELECT t.message_id AS res_id, NULL::int AS company_id,
               jsonb_build_object('message', t.message_id) AS data
          FROM channel_message_todo AS t
         WHERE NOT EXISTS (SELECT 1 FROM channel_message AS m WHERE m.id = t.message_id)
        """
    )


def _lost_pushes(_env):
    """A push that does not wait any more must have led to a message of what it tells of."""
    return SQL(
        """
        SELECT p.id AS res_id, shop.company_id,
               jsonb_build_object('ref', coalesce(p.aftersale_ref, p.order_ref)) AS data
          FROM channel_push AS p JOIN channel_shop AS shop ON shop.id = p.shop_id
         WHERE coalesce(p.aftersale_ref, p.order_ref) IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM channel_push_todo AS t WHERE t.id = p.id)
           AND NOT EXISTS (SELECT 1 FROM channel_message AS m
                            WHERE m.shop_id = p.shop_id
                              AND m.ref = coalesce(p.aftersale_ref, p.order_ref))
        """
    )


def _no_reason(_env):
    return SQL(
        """
        SELECT e.id AS res_id, shop.company_id, '{}'::jsonb AS data
          FROM channel_exception AS e LEFT JOIN channel_shop AS shop ON shop.id = e.shop_id
         WHERE e.state = 'open' AND e.message_ref IS NOT NULL AND coalesce(e.detail, '') = ''
        """
    )


def _unseen_orders(_env):
    return SQL(
        """
        SELECT o.id AS res_id, o.company_id, jsonb_build_object('order', o.order_ref) AS data
          FROM channel_order AS o
         WHERE o.stage = 'exception'
           AND NOT EXISTS (SELECT 1 FROM channel_exception AS e
                            WHERE e.order_id = o.id AND e.state = 'open')
        """
    )


def _silent_outbox(_env):
    return SQL(
        """
        SELECT b.id AS res_id, shop.company_id,
               jsonb_build_object('order', o.order_ref, 'attempts', b.attempts) AS data
          FROM channel_outbox AS b
          JOIN channel_shop AS shop ON shop.id = b.shop_id
          LEFT JOIN channel_order AS o ON o.id = b.order_id
         WHERE b.state IN ('failed', 'stopped') AND coalesce(b.error, '') = ''
        """
    )


CHECKS = (
    Check(
        "message_lost",
        "channel.message",
        _lt("Message %(ref)s is neither applied, nor waiting, nor stopped with a reason."),
        query=_lost_messages,
    ),
    Check(
        "message_stuck",
        "channel.message",
        _lt("Message %(ref)s waits for more than an hour after %(attempts)s attempts."),
        query=_stuck_messages,
    ),
    Check(
        "todo_orphan",
        "channel.message",
        _lt("Message %(message)s is to be processed but its text is gone."),
        query=_orphan_todo,
    ),
    Check(
        "push_lost",
        "channel.push",
        _lt("A push told of %(ref)s, but nothing of it was fetched and nothing waits."),
        query=_lost_pushes,
    ),
    Check(
        "no_reason",
        "channel.exception",
        _lt("A message was stopped without a reason."),
        query=_no_reason,
    ),
    Check(
        "order_unseen",
        "channel.order",
        _lt("Order %(order)s is stopped, but no open exception shows it to anybody."),
        query=_unseen_orders,
    ),
    Check(
        "outbox_no_reason",
        "channel.outbox",
        _lt("The platform was not told about order %(order)s and no reason is kept."),
        query=_silent_outbox,
    ),
)
