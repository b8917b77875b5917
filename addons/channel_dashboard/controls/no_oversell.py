"""Control 3: allocated ≤ quota, quota covered by a reservation, reserved ≤ on hand."""

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from odoo.addons.channel_order.core import stages

from .base import Check, Row, sql_tuple

_lt = LazyTranslate(__name__)

TAKEN = stages.HOLDS_UNITS | stages.LEFT


def _over_quota(_env):
    return SQL(
        """
        SELECT pool.id AS res_id, shop.company_id,
               jsonb_build_object('fulfiller', f.name, 'quantity', q.quantity,
                                  'allocated', q.allocated, 'waved', q.waved) AS data
          FROM channel_pool_quota AS q
          JOIN channel_pool AS pool ON pool.id = q.pool_id
          JOIN channel_shop AS shop ON shop.id = pool.shop_id
          LEFT JOIN channel_fulfiller AS f ON f.id = q.fulfiller_id
         WHERE NOT (0 <= q.waved AND q.waved <= q.allocated AND q.allocated <= q.quantity)
        """
    )


def _not_what_orders_took(_env):
    """Units booked on a quota against the units of the orders that hold them."""
    return SQL(
        """
        WITH taken AS (
            SELECT line.pool_id, o.fulfiller_id, sum(line.item_quantity) AS units
              FROM channel_order_line AS line
              JOIN channel_order AS o ON o.id = line.order_id
             WHERE line.pool_id IS NOT NULL AND line.state <> 'refunded' AND o.stage IN %s
             GROUP BY line.pool_id, o.fulfiller_id)
        SELECT coalesce(q.pool_id, taken.pool_id) AS res_id, shop.company_id,
               jsonb_build_object('allocated', coalesce(q.allocated, 0), 'fulfiller', f.name,
                                  'units', coalesce(taken.units, 0)) AS data
          FROM channel_pool_quota AS q
          FULL JOIN taken ON taken.pool_id = q.pool_id AND taken.fulfiller_id = q.fulfiller_id
          LEFT JOIN channel_pool AS pool ON pool.id = coalesce(q.pool_id, taken.pool_id)
          LEFT JOIN channel_shop AS shop ON shop.id = pool.shop_id
          LEFT JOIN channel_fulfiller AS f ON f.id = coalesce(q.fulfiller_id, taken.fulfiller_id)
         WHERE coalesce(q.allocated, 0) <> coalesce(taken.units, 0)
        """,
        sql_tuple(TAKEN),
    )


def _uncovered(env, _limit):
    """What channel_order finds, with names."""
    for lack in env["channel.pool.quota"]._uncovered():
        quota = env["channel.pool.quota"].browse(lack["quota_id"])
        product = env["product.product"].browse(lack["product_id"] or [])
        yield Row(
            lack["pool_id"],
            quota.pool_id.company_id.id,
            {
                "fulfiller": quota.fulfiller_id.name,
                "product": product.display_name or quota.pool_id.name,
                "wanted": int(lack["wanted"]),
                "reserved": int(lack["reserved"]),
            },
        )


def _reserved_over_on_hand(_env):
    return SQL(
        """
        SELECT max(quant.id) AS res_id, min(quant.company_id) AS company_id,
               jsonb_build_object(
                   'product', (SELECT default_code FROM product_product
                                WHERE id = quant.product_id),
                   'location', (SELECT complete_name FROM stock_location
                                 WHERE id = quant.location_id),
                   'reserved', trim_scale(sum(quant.reserved_quantity)::numeric),
                   'on_hand', trim_scale(sum(quant.quantity)::numeric)) AS data
          FROM stock_quant AS quant
          JOIN stock_location AS location ON location.id = quant.location_id
         WHERE location.usage = 'internal'
           AND quant.product_id IN (SELECT product_id FROM channel_link_component)
         GROUP BY quant.product_id, quant.location_id, quant.lot_id, quant.package_id,
                  quant.owner_id
        HAVING sum(quant.reserved_quantity) > sum(quant.quantity)
        """
    )


CHECKS = (
    Check(
        "over_quota",
        "channel.pool",
        _lt(
            "%(fulfiller)s: %(allocated)s units allocated and %(waved)s in waves of a quota of "
            "%(quantity)s."
        ),
        query=_over_quota,
    ),
    Check(
        "quota_not_orders",
        "channel.pool",
        _lt("%(fulfiller)s: %(allocated)s units are booked as allocated, orders took %(units)s."),
        query=_not_what_orders_took,
    ),
    Check(
        "uncovered",
        "channel.pool",
        _lt("%(fulfiller)s: the quota needs %(wanted)s of %(product)s reserved, %(reserved)s are."),
        find=_uncovered,
    ),
    Check(
        "reserved_twice",
        "stock.quant",
        _lt("%(product)s in %(location)s: %(reserved)s reserved, %(on_hand)s on hand."),
        query=_reserved_over_on_hand,
    ),
)
