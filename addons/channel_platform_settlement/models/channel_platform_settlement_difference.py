from psycopg2.extensions import TransactionRollbackError

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.channel_network.fields import LeanMany2one
from odoo.addons.channel_order.batch_sql import yuan

from ..core.compare import SHARED, UNSHARED, Bill, Books, by_cause, compare

CAUSE_SELECTION = [
    ("unknown", "Order Not Known Here"),
    ("income", "Income Differs"),
    ("refund", "Refunds Differ"),
    ("platform_fee", "Platform Fee"),
    ("commission", "Commission"),
    ("colonel_fee", "Colonel Fee"),
    ("channel_share", "Channel Share"),
    ("promotion", "Off-site Promotion"),
    ("other_sharing", "Other Sharing"),
    ("freight_insurance", "Freight Insurance"),
    ("small_payment", "Small Payments"),
    ("fine", "Fines"),
    ("rounding", "Rounding"),
]
FEES = [cause.value for cause in (*SHARED, *UNSHARED)]
ATTEMPTS = 5  # of a transaction that met another one
MATCH_AT_ONCE = 5000
CREDIT_DAYS = 31  # how far back a refund may still get its row


class ChannelPlatformSettlementDifference(models.Model):
    """Where a platform's settlement of an order and our books differ, by cause.

    Computed from the rows and the books, and written anew whenever either may have changed; nobody
    edits it. Above 0: more came than was expected; below 0: money is missing.
    """

    _name = "channel.platform.settlement.difference"
    _description = "Difference of a Platform's Settlement"
    _order = "day desc, shop_id, order_ref, cause"
    _rec_name = "order_ref"
    _log_access = False

    company_id = LeanMany2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    shop_id = LeanMany2one("channel.shop", required=True, readonly=True)
    order_ref = fields.Char("Order Number", required=True, readonly=True)
    order_id = LeanMany2one("channel.order", "Order", readonly=True)
    cause = fields.Selection(CAUSE_SELECTION, required=True, readonly=True)
    amount = fields.Monetary(
        required=True, readonly=True,
        help="Above 0: more came than was expected; below 0: money is missing.",
    )  # fmt: skip
    import_id = fields.Many2one(
        "channel.platform.settlement.import",
        compute="_compute_import_id", search="_search_import_id",
        help="Finds differences of the orders that an import brought rows of.",
    )  # fmt: skip
    day = fields.Date("Last Settled", required=True, readonly=True, help="In China.")

    _once = models.UniqueIndex("(order_ref, shop_id, cause)", "This difference is listed already.")
    _real = models.Constraint("CHECK (amount != 0)", "Nothing is no difference.")
    _cause_idx = models.Index("(cause, shop_id)")

    def _compute_import_id(self):
        """Rows of several imports may be about the order: only for searching."""
        self.import_id = False

    def _search_import_id(self, operator, value):
        rows = self.env["channel.platform.settlement"].sudo()
        found = rows._search([("import_id", operator, value)])
        shops = rows.env["channel.platform.settlement.import"]._search([("id", operator, value)])
        return [
            ("order_ref", "in", found.subselect("order_ref")),
            ("shop_id", "in", shops.subselect("shop_id")),
        ]

    # -- matching ----------------------------------------------------------------------------

    @api.model
    def _horizon(self, shop):
        """The last day (in China) of which the platform has told us its settlement, or None."""
        [(day,)] = self.env.execute_query(
            SQL(
                "SELECT (max(settled_at) + interval '8 hours')::date"
                "  FROM channel_platform_settlement WHERE shop_id = %s",
                shop.id,
            )
        )
        return day

    @api.model
    def _match_rest(self, shop) -> None:
        """Compare anew what may have changed without a row of its own: orders that differed, those
        with a refund after shipment in the last days that the settlement reaches, and those that
        were split since the last time.
        """
        until = self._horizon(shop)
        if until is None:
            return  # nothing was settled yet
        shop.flush_recordset(["settlement_event_seen"])
        [(seen,)] = self.env.execute_query(SQL("SELECT COALESCE(max(id), 0) FROM settlement_event"))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT order_ref FROM channel_platform_settlement_difference WHERE shop_id = %(shop)s
                UNION
                SELECT o.order_ref
                  FROM channel_order_credit c JOIN channel_order o ON o.id = c.order_id
                 WHERE c.shop_id = %(shop)s AND c.amount != 0
                   AND c.day BETWEEN %(until)s::date - %(days)s AND %(until)s
                   AND EXISTS (SELECT 1 FROM channel_platform_settlement s
                                WHERE s.order_ref = o.order_ref AND s.shop_id = c.shop_id)
                UNION
                SELECT o.order_ref
                  FROM settlement_event e JOIN channel_order o ON o.id = e.order_id
                 WHERE e.id > %(seen)s AND e.shop_id = %(shop)s
                   AND EXISTS (SELECT 1 FROM channel_platform_settlement s
                                WHERE s.order_ref = o.order_ref AND s.shop_id = e.shop_id)
                """,
                shop=shop.id,
                seen=shop.settlement_event_seen,
                until=until,
                days=CREDIT_DAYS,
            )
        )
        self._match(shop, {ref for (ref,) in rows})
        if shop.settlement_event_seen != seen:
            shop.settlement_event_seen = seen

    @api.model
    def _match(self, shop, order_refs) -> None:
        """Compare these orders anew: gathered in one query, written in one."""
        refs = sorted(order_refs)
        for start in range(0, len(refs), MATCH_AT_ONCE):
            self._match_chunk(shop, refs[start : start + MATCH_AT_ONCE])

    def _match_chunk(self, shop, refs) -> None:
        found = [
            (ref, order, day, cause.value, yuan(fen))
            for ref, order, day, bill, books in self._gather(shop, refs)
            for cause, fen in compare(bill, books)
        ]
        self.env.execute_query(
            SQL(
                """
                WITH found AS (
                    INSERT INTO channel_platform_settlement_difference AS d
                           (company_id, shop_id, order_ref, order_id, day, cause, amount)
                    SELECT %(company)s, %(shop)s, f.*
                      FROM unnest(%(refs)s::text[], %(orders)s::int[], %(days)s::date[],
                                  %(causes)s::text[], %(amounts)s::numeric[]) f
                    ON CONFLICT (order_ref, shop_id, cause) DO UPDATE
                       SET order_id = EXCLUDED.order_id, day = EXCLUDED.day,
                           amount = EXCLUDED.amount
                    RETURNING d.id
                ), gone AS (
                    DELETE FROM channel_platform_settlement_difference
                     WHERE shop_id = %(shop)s AND order_ref = ANY(%(all)s)
                       AND (order_ref, cause) NOT IN (
                           SELECT * FROM unnest(%(refs)s::text[], %(causes)s::text[]))
                    RETURNING id
                ) SELECT count(*) FROM found, gone
                """,
                company=shop.company_id.id,
                shop=shop.id,
                all=refs,
                refs=[row[0] for row in found],
                orders=[row[1] for row in found],
                days=[row[2] for row in found],
                causes=[row[3] for row in found],
                amounts=[row[4] for row in found],
            )
        )
        self.env.invalidate_all(flush=False)

    def _gather(self, shop, refs):
        """What the rows and the books say of orders: (number, order id, day, Bill, Books).

        Refunds count when the settlement reaches their day: those of today it cannot know yet.
        """
        self.env.flush_all()
        fees = SQL(", ").join(_fen(SQL("sum(%s)", SQL.identifier(name))) for name in FEES)
        rows = self.env.execute_query(
            SQL(
                """
                WITH bill AS (
                    SELECT order_ref, (max(settled_at) + interval '8 hours')::date AS day,
                           %(income)s AS income, %(refunded)s AS refunded, ARRAY[%(fees)s] AS fees,
                           count(*) AS rows,
                           array_agg(line_ref) FILTER (WHERE kind = 'settled') AS lines
                      FROM channel_platform_settlement
                     WHERE shop_id = %(shop)s AND order_ref = ANY(%(refs)s)
                     GROUP BY order_ref
                )
                SELECT b.order_ref, o.id, b.day, b.income, b.refunded, b.fees,
                       %(owed)s, %(credited)s, open.some IS NULL, b.rows,
                       EXISTS (SELECT 1 FROM settlement_event e
                                WHERE e.order_id = o.id AND e.aftersale_id IS NULL), split.shares
                  FROM bill b
                  LEFT JOIN channel_order o ON o.order_ref = b.order_ref AND o.shop_id = %(shop)s
                  LEFT JOIN LATERAL (
                       SELECT sum(c.amount) AS amount FROM channel_order_credit c
                        WHERE c.order_id = o.id AND c.day <= %(until)s) off ON TRUE
                  LEFT JOIN LATERAL (
                       SELECT jsonb_object_agg(r.role, r.fen) AS shares FROM (
                              SELECT s.role, %(shared)s AS fen
                                FROM settlement_share s JOIN settlement_event e ON e.id = s.event_id
                               WHERE s.order_id = o.id AND s.settled_by = 'platform'
                                 AND (e.aftersale_id IS NULL OR e.day <= %(until)s)
                               GROUP BY s.role) r) split ON TRUE
                  LEFT JOIN LATERAL (
                       SELECT TRUE AS some FROM channel_order_line l
                        WHERE l.order_id = o.id AND l.state != 'refunded'
                          AND l.line_ref != ALL(COALESCE(b.lines, '{}'))
                        GROUP BY l.line_ref
                       HAVING sum(l.amount_owed) > COALESCE((
                              SELECT sum(c.amount) FROM channel_order_credit c
                               WHERE c.order_id = o.id AND c.line_id = ANY(array_agg(l.id))), 0)
                        LIMIT 1) open ON TRUE
                """,
                fees=fees,
                income=_fen(SQL("sum(income)")),
                refunded=_fen(SQL("sum(refunded)")),
                owed=_fen(SQL("o.amount_owed")),
                credited=_fen(SQL("off.amount")),
                shared=_fen(SQL("sum(s.amount)")),
                shop=shop.id,
                refs=refs,
                until=self._horizon(shop),
            )
        )
        for ref, order, day, income, refunded, taken, owed, off, complete, count, *split in rows:
            bill = Bill(income, refunded, dict(zip(FEES, taken, strict=True)), count)
            shares = by_cause(split[1] or {}) if split[0] else None
            yield ref, order, day, bill, Books(owed, off, shares, complete) if order else None

    @api.model
    def _cron_match(self) -> None:
        """Each day: see :meth:`_match_rest`; our books may have caught up.

        The pull of orders writes the shop's row as well: whoever meets it there begins anew.
        """
        batch = self.env["channel.batch"]
        for shop in self.env["channel.shop"].search([]):
            for attempt in range(ATTEMPTS):
                try:
                    self._match_rest(shop)
                    batch._commit()
                    break
                except TransactionRollbackError:
                    if not batch._rollback() or attempt == ATTEMPTS - 1:
                        raise

    # -- buttons -----------------------------------------------------------------------------

    def action_match_again(self):
        """Compare the orders of these differences with the books as they are now."""
        for shop, rows in self.grouped("shop_id").items():
            self.sudo()._match(shop, set(rows.mapped("order_ref")))

    def action_open_order(self):
        """The order, or the rows that name it where we have no such order."""
        self.ensure_one()
        return self.env["channel.platform.settlement"]._open_order(self.shop_id, self.order_ref)

    def action_open_rows(self):
        """The platform's rows of the order."""
        self.ensure_one()
        return self.env["channel.platform.settlement"]._open_rows(self.shop_id, self.order_ref)


def _fen(yuan_of: SQL) -> SQL:
    """Whole fen of an amount: a numeric comes out of the database as a float otherwise."""
    return SQL("(COALESCE(%s, 0) * 100)::bigint", yuan_of)
