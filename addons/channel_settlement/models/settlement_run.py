from odoo import api, models
from odoo.tools import SQL

from odoo.addons.channel_order.batch_sql import (
    NULL,
    among,
    copy_lines,
    copy_rows,
    moment,
    next_ids,
    yuan,
)
from odoo.addons.channel_order.core import stages

from ..book import Book, Piece, Sold, Waits
from ..core.clawback import Refund
from ..core.events import SALE
from ..core.split import Line

AT_ONCE = 5000  # orders a transaction
EVENT_COLUMNS = (
    "id", "company_id", "shop_id", "order_id", "aftersale_id", "day", "amount", "released_at",
    "terms",
)  # fmt: skip
LINE_AMOUNTS = (  # as ``Line`` has them, after its units
    "amount_list", "amount_paid", "discount_shop", "discount_platform", "discount_talent",
    "discount_payment",
)  # fmt: skip
SHARE_COLUMNS = (
    "event_id", "company_id", "order_id", "line_id", "rule_id", "role", "partner_id", "settled_by",
    "amount",
)  # fmt: skip


class SettlementEvent(models.Model):
    """From orders that left to shares, in sets."""

    _inherit = "settlement.event"

    @api.model
    def _cron_split(self):
        """Split what waits, a transaction a batch, until nothing more is there."""
        cron = self.env["ir.cron"]
        while True:
            looked_at = self._split(AT_ONCE)
            left = self.env["settlement.todo"].search_count([("reason", "=", False)])
            if not looked_at or not cron._commit_progress(looked_at, remaining=left) or not left:
                return

    @api.model
    def _split_waiting(self):
        """Split all that waits in this transaction; how many orders were looked at."""
        total = 0
        while looked_at := self._split(AT_ONCE):
            total += looked_at
        return total

    @api.model
    def _split(self, limit=AT_ONCE):
        """Write the events and shares that waiting orders lack; each once.

        :return: how many orders were looked at; 0 also while somebody else does it
        """
        if not self._take_turn():
            return 0
        self.env.flush_all()
        todo = self.env.execute_query(
            SQL(
                """
                SELECT id, order_id FROM settlement_todo WHERE order_id IN (
                    SELECT order_id FROM settlement_todo WHERE reason IS NULL
                     ORDER BY id LIMIT %s)
                """,
                limit,
            )
        )
        if not todo:
            return 0
        orders = self._gather(sorted({order for _id, order in todo}))
        waits = self._write_events(orders)
        for order in orders.keys() - waits.keys():
            waits[order] = None
        self._tick_off(todo, waits)
        self.env["settlement.share"].invalidate_model(flush=False)
        self.invalidate_model(flush=False)
        return len({order for _id, order in todo})

    def _take_turn(self):
        """Whether nobody else splits; held until the transaction ends."""
        query = SQL("SELECT pg_try_advisory_xact_lock(hashtext('settlement_split'))")
        return self.env.execute_query(query)[0][0]

    def _tick_off(self, todo, waits):
        """Take away what is done; what still waits keeps one row with its reason."""
        first = {}
        for id, order in todo:
            if waits.get(order) is not None:
                first.setdefault(order, id)
        gone = {id for id, _order in todo} - set(first.values())
        self.env.cr.execute(SQL("DELETE FROM settlement_todo WHERE id = ANY(%s)", list(gone)))
        if first:
            self.env.cr.execute(
                SQL(
                    "UPDATE settlement_todo t SET reason = v.reason, role = v.role"
                    " FROM unnest(%s, %s::text[], %s::text[]) AS v(id, reason, role) WHERE t.id = v.id",
                    list(first.values()),
                    [waits[order][0] for order in first],
                    [waits[order][1] for order in first],
                )
            )
        self.env["settlement.todo"].invalidate_model(flush=False)

    # -- gather --------------------------------------------------------------------------------

    def _gather(self, order_ids):
        """{order id: ``Sold``} of orders that left, with lines, refunds and what is written."""
        self.env.cr.execute(
            SQL(
                """
                SELECT o.id, o.company_id, o.shop_id, coalesce(o.session_id, 0),
                       coalesce(o.member_id, 0), coalesce(f.member_id, 0),
                       coalesce(o.amount_freight * 100, 0)::bigint,
                       extract(epoch FROM coalesce(e.released, o.paid_at, o.created_at))::bigint,
                       (coalesce(e.shipped, o.updated_at)
                        AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Shanghai')::date
                  FROM channel_order o %(orders)s
                  LEFT JOIN channel_fulfiller f ON f.id = o.fulfiller_id
                  LEFT JOIN (
                       SELECT order_id, min(at) FILTER (WHERE stage_to = 'allocated') AS released,
                              max(at) FILTER (WHERE stage_to = 'shipped') AS shipped
                         FROM channel_order_event %(events)s
                        WHERE stage_to IN ('allocated', 'shipped')
                        GROUP BY order_id) e ON e.order_id = o.id
                 WHERE o.stage = ANY(%(left)s) ORDER BY o.id
                """,
                orders=among(SQL("o.id"), order_ids),
                events=among(SQL("order_id"), order_ids),
                left=sorted(stages.LEFT),
            )
        )
        orders = {row[0]: Sold(*row) for row in self.env.cr.fetchall()}
        if orders:
            self._gather_lines(orders)
            self._gather_refunds(orders)
            self._gather_written(orders)
        return orders

    def _gather_lines(self, orders):
        talents = self._talents()
        shops = self.env["channel.shop"].browse({order.shop for order in orders.values()})
        platforms = {shop.id: shop.platform for shop in shops}
        self.env.cr.execute(
            SQL(
                """
                SELECT l.order_id, coalesce(l.author_ref, ''), coalesce(l.room_ref, '') <> '',
                       coalesce(t.categ_id, 0), l.id, l.quantity, %s
                  FROM channel_order_line l %s
                  LEFT JOIN product_product p ON p.id = l.product_id
                  LEFT JOIN product_template t ON t.id = p.product_tmpl_id
                 WHERE l.state = 'live' ORDER BY l.id
                """,
                SQL(", ").join(
                    SQL("(coalesce(l.%s, 0) * 100)::bigint", SQL.identifier(column))
                    for column in LINE_AMOUNTS
                ),
                among(SQL("l.order_id"), list(orders)),
            )
        )
        for order_id, author, live, category, *line in self.env.cr.fetchall():
            order = orders[order_id]
            account = order.company, platforms[order.shop], author
            talent = talents.get(account, 0) if author else 0
            order.pieces.append(Piece(Line(*line), talent, category, live))

    def _talents(self):
        """{(company, platform, author): talent}."""
        return {
            (company, platform, author): talent
            for company, platform, author, talent in self.env.execute_query(
                SQL(
                    "SELECT company_id, platform, author_ref, talent_id FROM channel_talent_account"
                )
            )
        }

    def _gather_refunds(self, orders):
        self.env.cr.execute(
            SQL(
                """
                SELECT c.order_id, c.aftersale_id, c.day, coalesce(c.line_id, 0),
                       (c.amount * 100)::bigint, c.units
                  FROM channel_order_credit c %s ORDER BY c.id
                """,
                among(SQL("c.order_id"), list(orders)),
            )
        )
        for order, aftersale, day, line, fen, units in self.env.cr.fetchall():
            _day, found = orders[order].backs.setdefault(aftersale, (day, []))
            if line or fen:  # a refund that takes nothing off stands as freight of 0
                found.append(Refund(line, fen, units))

    def _gather_written(self, orders):
        self.env.cr.execute(
            SQL(
                "SELECT order_id, coalesce(aftersale_id, 0), terms FROM settlement_event"
                " WHERE order_id = ANY(%s)",
                list(orders),
            )
        )
        begun = set()
        for order, aftersale, terms in self.env.cr.fetchall():
            orders[order].done.add(aftersale)
            if aftersale == SALE:
                orders[order].terms = terms
                begun.add(order)
        if begun:
            self.env.cr.execute(
                SQL(
                    """
                    SELECT order_id, coalesce(line_id, 0), rule_id, (sum(amount) * 100)::bigint
                      FROM settlement_share WHERE order_id = ANY(%s) GROUP BY 1, 2, 3
                    """,
                    list(begun),
                )
            )
            for order, line, rule, fen in self.env.cr.fetchall():
                orders[order].written[line, rule] = fen

    # -- decide and write ----------------------------------------------------------------------

    def _write_events(self, orders):
        """Write what the orders lack; {order id: (reason, role)} of those that must wait."""
        book = Book(self.env, orders.values())
        waits, found = {}, []
        for order in orders.values():
            try:
                found += [(order, event, terms) for event, terms in book.events(order)]
            except Waits as wait:
                waits[order.id] = wait.args
            except ValueError:  # an order that cannot be split must not keep the others waiting
                waits[order.id] = "amounts", None
        ids = next_ids(self.env.cr, self._table, len(found))
        copy_rows(
            self.env.cr,
            self._table,
            EVENT_COLUMNS,
            (
                (
                    id, order.company, order.shop, order.id, event.aftersale or None,
                    event.day.isoformat(), yuan(event.amount), moment(order.released),
                    terms,
                )
                for id, (order, event, terms) in zip(ids, found, strict=True)
            ),
        )  # fmt: skip
        copy_lines(
            self.env.cr,
            "settlement_share",
            SHARE_COLUMNS,
            (
                f"{id}\t{order.company}\t{order.id}\t{share.line or NULL}\t{share.rule}"
                f"\t{claim.role}\t{claim.partner or NULL}\t{claim.settled_by}\t{share.fen}e-2\n"
                for id, (order, event, _terms) in zip(ids, found, strict=True)
                for share, claim in event.shares
            ),
        )
        return waits
