import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..core.telling import SETTLE, measure

READS_AT_ONCE = 3  # calls; then what has sold out meanwhile is looked for again
READ_EVERY = timedelta(minutes=1)
READ_IDLE_EVERY = timedelta(minutes=15)  # nothing on offer


class PlatformStock(models.Model):
    """Reading the platform's numbers back, and comparing them in quiet."""

    _inherit = "channel.platform.stock"

    def _read_rows(self, shop, stock) -> int:
        """Compare what was read before, then ask for some numbers. Not while something is due."""
        if self.search_count([("shop_id", "=", shop.id), ("state", "=", "todo")], limit=1):
            return 0
        return self._compare(shop) + self._ask(shop, stock)

    def _ask(self, shop, stock) -> int:
        now = fields.Datetime.now()
        rows = self.search(
            [
                ("shop_id", "=", shop.id),
                ("state", "in", ("in_step", "waits", "differs")),
                ("has_reading", "=", False),
                ("next_read", "<=", now),
            ],
            order="next_read, id",
        )
        groups = rows.grouped(lambda row: row.link_id.product_ref or row.sku_ref)
        asked = 0
        for group in list(groups.values())[:READS_AT_ONCE]:
            books = group._books()
            self.env["channel.batch"]._commit()
            numbers = stock.numbers([row._sku() for row in group])
            for row in group:
                row._keep_reading(numbers.get(row.sku_ref), books[row.id])
            self.env["channel.batch"]._commit()
            asked += len(group)
        return asked

    def _keep_reading(self, found, books) -> None:
        now = fields.Datetime.now()
        pause = READ_EVERY if books.wanted or not self.is_confirmed else READ_IDLE_EVERY
        values = {"next_read": now + pause, "attempts": 0, "error": False}
        if found is None:
            values |= {
                "state": "stopped",
                "error": self.env._("The platform does not know this SKU of this product."),
            }
        else:
            values |= {
                "read_number": found.number,
                "read_held": found.held,
                "read_at": now,
                "has_reading": True,
                "reading_used": books.used,
                "reading_stamp": books.stamp,
                "wanted": books.wanted,
            }
        self.write(values)

    def _compare(self, shop) -> int:
        """Compare readings that are old enough to be compared. :return: how many"""
        rows = self.search(
            [
                ("shop_id", "=", shop.id),
                ("state", "in", ("in_step", "waits", "differs")),
                ("has_reading", "=", True),
            ]
        )
        if not rows:
            return 0
        horizon = self._horizon(shop)
        ready = rows.filtered(lambda row: horizon >= row._reading().at + SETTLE)
        if ready:
            books = ready._books()
            for row in ready:
                row._compare_one(books[row.id], horizon)
            self.env["channel.batch"]._commit()
        self._catch_up(shop, rows - ready)
        return len(ready)

    def _compare_one(self, books, horizon) -> None:
        known = measure(self._known(), books, horizon)
        values = self._known_values(known) | {"wanted": books.wanted}
        if known.base is None:  # orders came in meanwhile: look again
            values["next_read"] = fields.Datetime.now()
        elif self.state == "waits" or not self.is_confirmed:
            values["state"] = "todo"
        else:
            values["state"] = "differs" if known.difference else "in_step"
        self.write(values)

    def _catch_up(self, shop, rows) -> None:
        """Have the shop's orders read now when units wait to be told for them."""
        late = time.time() - SETTLE
        if any(row.state == "waits" and row._reading().at <= late for row in rows):
            shop._enqueue_pull(priority=5)
            self.env["channel.batch"]._commit()

    # -- for others ----------------------------------------------------------------------------

    @api.model
    def _differences(self, shops):
        """SKUs of which the platform shows another number than it should, and nobody knows why.

        Reads what is stored, asks no platform.

        :return: list of (pool id or None, platform SKU, our number, the platform's); a SKU that is
            on offer in several rooms has a row for each of its offers
        """
        self.flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT p.id, s.sku_ref, s.read_number - s.difference, s.read_number
                  FROM channel_platform_stock s
                  LEFT JOIN channel_link l ON l.shop_id = s.shop_id AND l.sku_ref = s.sku_ref
                  LEFT JOIN channel_pool p ON p.link_id = l.id AND p.state = 'open'
                 WHERE s.state = 'differs' AND s.shop_id = ANY(%s)
                   AND (p.id IS NOT NULL OR NOT EXISTS (
                        SELECT FROM channel_pool p2 JOIN channel_link l2 ON l2.id = p2.link_id
                         WHERE l2.shop_id = s.shop_id AND l2.sku_ref = s.sku_ref
                           AND p2.state = 'open'))
                 GROUP BY s.id, p.id ORDER BY s.id, p.id
                """,
                shops.ids,
            )
        )
