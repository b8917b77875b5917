from odoo import api, models
from odoo.tools import SQL

from odoo.addons.channel_intake.models.message_store import seconds
from odoo.addons.channel_order.core import stages

from ..core.telling import Books, shown_free

# Paid orders that have no units yet: the platform has counted them already.
WAITING = (stages.HELD, stages.EXCEPTION, stages.QUEUED)


class PlatformStock(models.Model):
    """What our books say: offers, orders that wait, free stock, how far the orders were read."""

    _inherit = "channel.platform.stock"

    def _books(self, with_waiting=True) -> dict[int, Books]:
        """{row id: what our books say}, for rows of one shop.

        :param with_waiting: count the orders that have no units yet too, which takes longer
        """
        shop, refs = self.shop_id, self.mapped("sku_ref")
        supply = self._gather_supply(shop, refs)
        waiting = self._gather_waiting(shop, refs) if with_waiting else {}
        free = self._gather_free()
        return {
            row.id: Books(
                supply=supply.get(row.sku_ref, (0, 0, ""))[0],
                taken=supply.get(row.sku_ref, (0, 0, ""))[1],
                waiting=waiting.get(row.sku_ref, 0),
                free=free.get(row.id, 0),
                stamp=supply.get(row.sku_ref, (0, 0, ""))[2],
            )
            for row in self
        }

    @api.model
    def _gather_supply(self, shop, refs) -> dict[str, tuple[int, int, str]]:
        """{SKU: (supply, taken, stamp)} of its offers; see ``core.telling.Books``.

        PostgreSQL marks every version of a row, so the stamp tells a quota that was changed and
        changed back from one that was left alone.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT l.sku_ref,
                       sum(CASE WHEN p.state = 'open' AND p.on_hold IS NOT TRUE
                                THEN q.quantity ELSE q.allocated END)::int,
                       sum(q.allocated)::int,
                       md5(string_agg(q.id || ':' || q.xmin, ',' ORDER BY q.id))
                  FROM channel_link l
                  JOIN channel_pool p ON p.link_id = l.id
                  JOIN channel_pool_quota q ON q.pool_id = p.id
                 WHERE l.shop_id = %s AND l.sku_ref = ANY(%s)
                 GROUP BY l.sku_ref
                """,
                shop.id,
                refs,
            )
        )
        return {ref: tuple(values) for ref, *values in rows}

    @api.model
    def _gather_waiting(self, shop, refs) -> dict[str, int]:
        """{SKU: units of paid orders that have none yet}."""
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT l.sku_ref, sum(l.item_quantity)::int
                      FROM channel_order o JOIN channel_order_line l ON l.order_id = o.id
                     WHERE o.shop_id = %s AND o.stage = ANY(%s) AND o.paid_at IS NOT NULL
                       AND l.state <> 'refunded' AND l.sku_ref = ANY(%s)
                     GROUP BY l.sku_ref
                    """,
                    shop.id,
                    list(WAITING),
                    refs,
                )
            )
        )

    def _gather_free(self) -> dict[int, int]:
        """{row id: units of the free stock that are shown besides the offers}."""
        shown = {}
        for row in self.filtered(lambda row: row._rules()[0] == "quota_and_free"):
            need = {}
            for component in row.link_id.component_ids:
                if component.product_id.is_storable:
                    product = component.product_id.id
                    need[product] = need.get(product, 0) + component.quantity
            _source, share, safety = row._rules()
            shown[row.id] = shown_free(row._free_units(need), need, share, safety)
        return shown

    def _free_units(self, need) -> dict[int, dict[int, int]]:
        """{warehouse: {product: free units}} where the shop's offers would be locked."""
        products = self.env["product.product"].browse(need)
        holders = self.shop_id._allowed_fulfillers().filtered("warehouse_id")
        free = self.env["channel.pool"]._free
        return {holder.warehouse_id.id: free(holder, products) for holder in holders}

    def _rules(self):
        """(source, share in basis points, safety stock) that hold for this SKU now."""
        if not self.link_id:  # its link has another number now: nothing is left of this one
            return self.shop_id.stock_source, 0, 0
        return self.link_id._stock_rules()

    @api.model
    def _horizon(self, shop) -> float:
        """Unix seconds: all that the platform did before is in our books.

        Both lists have been read until then, and no message from before waits.
        """
        self.env["channel.message.todo"].flush_model()
        shop.flush_recordset(["pull_orders_cursor", "pull_aftersales_cursor"])
        [(read, oldest)] = self.env.execute_query(
            SQL(
                """
                SELECT CASE WHEN s.pull_orders_cursor IS NOT NULL
                       THEN LEAST(s.pull_orders_cursor, s.pull_aftersales_cursor) END,
                       (SELECT min(m.updated_at) FROM channel_message_todo t
                          JOIN channel_message m ON m.id = t.message_id AND m.shop_id = s.id)
                  FROM channel_shop s WHERE s.id = %s
                """,
                shop.id,
            )
        )
        if read is None:
            return 0.0
        return min(seconds(read), seconds(oldest) - 1 if oldest else seconds(read))
