"""Control 9: no channel order moves backwards; a refund accepted before hand-over never ships."""

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from odoo.addons.channel_order.core import stages

from .base import Check, Row, sql_tuple

_lt = LazyTranslate(__name__)

GUARDED = ("channel.order", "channel.order.event", "channel.aftersale", "channel.message")


def _moved_back(env):
    """Events of moves that no rule allows; the condition is that of the partial index."""
    pairs = SQL(", ").join(
        SQL("(%s, %s)", before, after) for before, after, _back in sorted(stages.trigger_moves())
    )
    return SQL(
        """
        SELECT e.order_id AS res_id, NULL::int AS company_id,
               jsonb_build_object('stage_from', e.stage_from, 'stage_to', e.stage_to,
                   'order', (SELECT order_ref FROM channel_order WHERE id = e.order_id)) AS data
          FROM channel_order_event AS e
         WHERE e.stage_from IS NOT NULL AND e.stage_to IS NOT NULL AND e.stage_from <> e.stage_to
           AND (e.stage_from, e.stage_to) NOT IN (%s)
        """,
        pairs,
    )


def _left_then_back(_env):
    return SQL(
        """
        SELECT o.id AS res_id, o.company_id,
               jsonb_build_object('order', o.order_ref, 'stage_to', o.stage) AS data
          FROM channel_order AS o
         WHERE o.stage NOT IN %s
           AND EXISTS (SELECT 1 FROM channel_order_event AS e
                        WHERE e.order_id = o.id AND e.stage_to = 'shipped'
                          AND e.stage_from IS DISTINCT FROM e.stage_to)
        """,
        sql_tuple(stages.LEFT),
    )


def _shipped_after_refund(_env):
    """An accepted refund that won before hand-over, and its goods left all the same."""
    return SQL(
        """
        SELECT o.id AS res_id, o.company_id,
               jsonb_build_object('order', o.order_ref, 'aftersale', a.aftersale_ref) AS data
          FROM channel_aftersale AS a
          JOIN channel_order AS o ON o.id = a.order_id
         WHERE a.winner = 'refund' AND a.status IN ('agreed', 'succeeded')
           AND o.stage IN %s
           AND EXISTS (SELECT 1 FROM channel_order_line AS line
                        WHERE line.order_id = o.id AND line.state = 'live'
                          AND (coalesce(a.line_ref, '') = '' OR line.line_ref = a.line_ref))
        """,
        sql_tuple(stages.LEFT),
    )


def _ended_in_handed_parcel(_env):
    """Refunded goods that left in a parcel of several orders.

    A parcel packed again after the refund held no goods of it any more; one that was packed before
    and never opened did.
    """
    return SQL(
        """
        SELECT o.id AS res_id, o.company_id,
               jsonb_build_object('order', o.order_ref, 'parcel', p.name) AS data
          FROM channel_order AS o
          JOIN channel_parcel AS p ON p.id = o.parcel_id
         WHERE o.stage IN %s AND p.state = 'handed'
           AND (p.repack OR EXISTS (
                SELECT 1 FROM channel_order_event AS e
                 WHERE e.order_id = o.id AND e.stage_to = o.stage
                   AND e.stage_from IS DISTINCT FROM e.stage_to AND e.at > p.packed_at))
        """,
        sql_tuple(stages.TERMINAL),
    )


def _behind_its_message(_env):
    return SQL(
        """
        SELECT o.id AS res_id, o.company_id, jsonb_build_object('order', o.order_ref) AS data
          FROM channel_message AS m
          JOIN channel_order AS o ON o.shop_id = m.shop_id AND o.order_ref = m.ref
         WHERE m.kind = 'order' AND o.updated_at < m.updated_at
           AND NOT EXISTS (SELECT 1 FROM channel_message_todo AS t WHERE t.message_id = m.id)
           AND NOT EXISTS (SELECT 1 FROM channel_exception AS e WHERE e.message_ref = m.id::text)
        """
    )


def _guards_missing(env, _limit):
    """The triggers that refuse such moves; without them the next wrong write is not stopped."""
    for model in GUARDED:
        found = env.execute_query(
            SQL(
                "SELECT 1 FROM pg_trigger WHERE tgrelid = to_regclass(%s)"
                " AND tgname = %s AND tgenabled <> 'D'",
                env[model]._table,
                f"{env[model]._table}_guard",
            )
        )
        if not found:
            yield Row(env["ir.model"]._get(model).id, None, {"model": model})


CHECKS = (
    Check(
        "moved_back",
        "channel.order",
        _lt("Order %(order)s went from %(stage_from)s to %(stage_to)s."),
        query=_moved_back,
    ),
    Check(
        "left_then_back",
        "channel.order",
        _lt("Order %(order)s had left and is now %(stage_to)s."),
        query=_left_then_back,
    ),
    Check(
        "refund_shipped",
        "channel.order",
        _lt("Order %(order)s was shipped although refund %(aftersale)s was accepted before."),
        query=_shipped_after_refund,
    ),
    Check(
        "ended_in_parcel",
        "channel.order",
        _lt("Order %(order)s is refunded or cancelled, but parcel %(parcel)s left with it."),
        query=_ended_in_handed_parcel,
    ),
    Check(
        "behind_message",
        "channel.order",
        _lt("Order %(order)s is older than a message already applied to it."),
        query=_behind_its_message,
    ),
    Check(
        "guard_missing",
        "ir.model",
        _lt("The database no longer refuses wrong changes of %(model)s. Upgrade the addon."),
        find=_guards_missing,
    ),
)
