"""Control 1: one channel order per platform order, one effect per event.

Unique indexes already refuse a second row. These queries do not trust them: an index may be missing
after an upgrade on dirty data (it is only logged), so each is looked for by name as well.
"""

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from .base import Check, Row

_lt = LazyTranslate(__name__)

# model -> the columns that must be unique; the index is found by its columns, not by its name.
UNIQUE = {
    "channel.order": ("shop_id", "order_ref"),
    "channel.order.line": ("order_id", "line_ref", "part"),
    "channel.aftersale": ("shop_id", "aftersale_ref"),
    "channel.message": ("shop_id", "kind", "ref", "updated_at", "digest"),
    "channel.outbox": ("key",),
    "channel.pool.quota": ("pool_id", "fulfiller_id"),
    "channel.parcel": ("carrier_id", "waybill"),
}


def _missing_unique(env, _limit):
    for model, columns in UNIQUE.items():
        found = env.execute_query(
            SQL(
                """
                SELECT 1 FROM pg_index AS i
                 WHERE i.indrelid = to_regclass(%s) AND i.indisunique AND i.indisvalid
                   AND (SELECT array_agg(a.attname::text ORDER BY a.attname)
                          FROM pg_attribute AS a
                         WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)) = %s
                """,
                env[model]._table,
                sorted(columns),
            )
        )
        if not found:
            record = env["ir.model"]._get(model)
            yield Row(record.id, None, {"model": model, "columns": ", ".join(columns)})


def _duplicate_orders(_env):
    return SQL(
        """
        SELECT max(id) AS res_id, min(company_id) AS company_id,
               jsonb_build_object('order', order_ref, 'times', count(*)) AS data
          FROM channel_order GROUP BY shop_id, order_ref HAVING count(*) > 1
        """
    )


def _duplicate_lines(_env):
    return SQL(
        """
        SELECT max(line.order_id) AS res_id, NULL::int AS company_id,
               jsonb_build_object('line', line.line_ref, 'times', count(*)) AS data
          FROM channel_order_line AS line
         GROUP BY line.order_id, line.line_ref, line.part HAVING count(*) > 1
        """
    )


def _duplicate_shops(_env):
    return SQL(
        """
        SELECT max(id) AS res_id, min(company_id) AS company_id,
               jsonb_build_object('shop', min(name), 'ref', platform_shop_ref) AS data
          FROM channel_shop WHERE active AND coalesce(platform_shop_ref, '') <> ''
         GROUP BY platform, platform_shop_ref HAVING count(*) > 1
        """
    )


def _shipped_twice(_env):
    return SQL(
        """
        SELECT order_id AS res_id, NULL::int AS company_id,
               jsonb_build_object('order', (SELECT order_ref FROM channel_order
                                             WHERE id = order_id), 'times', count(*)) AS data
          FROM channel_order_event
         WHERE stage_to = 'shipped' AND stage_from IS DISTINCT FROM stage_to
         GROUP BY order_id HAVING count(*) > 1
        """
    )


def _told_twice(_env):
    return SQL(
        """
        SELECT max(id) AS res_id, NULL::int AS company_id,
               jsonb_build_object('order', (SELECT order_ref FROM channel_order
                                             WHERE id = order_id), 'times', count(*)) AS data
          FROM channel_outbox WHERE action = 'ship'
         GROUP BY order_id HAVING count(*) > 1
        """
    )


CHECKS = (
    Check(
        "unique_missing",
        "ir.model",
        _lt("The database no longer refuses two rows of %(model)s with the same %(columns)s."),
        find=_missing_unique,
    ),
    Check(
        "order_twice",
        "channel.order",
        _lt("Order %(order)s is here %(times)s times."),
        query=_duplicate_orders,
    ),
    Check(
        "line_twice",
        "channel.order",
        _lt("Line %(line)s of this order is here %(times)s times."),
        query=_duplicate_lines,
    ),
    Check(
        "shop_twice",
        "channel.shop",
        _lt("Platform shop %(ref)s is set up more than once, also as “%(shop)s”."),
        query=_duplicate_shops,
    ),
    Check(
        "shipped_twice",
        "channel.order",
        _lt("Order %(order)s was shipped %(times)s times."),
        query=_shipped_twice,
    ),
    Check(
        "told_twice",
        "channel.outbox",
        _lt("The platform is told %(times)s times that order %(order)s was shipped."),
        query=_told_twice,
    ),
)
