from collections import defaultdict
from dataclasses import dataclass

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.channel_network.core.money import to_fen
from odoo.addons.channel_order.batch_sql import copy_rows, yuan
from odoo.addons.channel_order.core import stages
from odoo.addons.channel_order.core.aftersales import MONEY
from odoo.addons.channel_order.core.credits import Sold

from ..core.collect import Credit, Order, Part, Refund, collect

AT_ONCE = 1000  # after-sales a transaction
COLUMNS = (
    "company_id", "shop_id", "wave_id", "order_id", "aftersale_id", "line_id", "product_id",
    "units", "amount", "given", "excess", "day",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Where:
    """What the credits of an order have in common."""

    company: int
    shop: int
    wave: int


class ChannelOrderCredit(models.Model):
    """From refunds that a platform reports to credits, in sets."""

    _inherit = "channel.order.credit"

    @api.model
    def _collect(self, limit=AT_ONCE):
        """Take the refunds of shipped orders off their lines; each after-sale once.

        :return: how many after-sales were looked at; 0 also while somebody else does it
        """
        refunds = self._take_turn() and self._gather_refunds(limit)
        if not refunds:
            return 0
        orders = self._gather_orders(list(refunds))
        rows = []
        for order_id, (where, asked) in refunds.items():
            rows += self._rows_of(where, orders[order_id], asked)
        copy_rows(self.env.cr, self._table, COLUMNS, rows)
        self.invalidate_model(flush=False)
        return sum(len(asked) for _where, asked in refunds.values())

    def _take_turn(self):
        """Whether nobody else collects or writes notes; held until the transaction ends."""
        query = SQL("SELECT pg_try_advisory_xact_lock(hashtext('channel_order_credit'))")
        return self.env.execute_query(query)[0][0]

    def _gather_refunds(self, limit):
        """{order id: (where, refunds)} of what succeeded after shipment and has no credit."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.id, a.order_id, coalesce(a.line_ref, ''), a.amount,
                       coalesce(a.freight, 0),
                       (a.updated_at AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Shanghai')::date,
                       o.company_id, o.shop_id, o.wave_id
                  FROM channel_aftersale a JOIN channel_order o ON o.id = a.order_id
                 WHERE a.status = 'succeeded' AND a.kind = ANY(%s)
                   AND o.stage = ANY(%s) AND o.wave_id IS NOT NULL
                   AND NOT EXISTS (SELECT FROM channel_order_credit c WHERE c.aftersale_id = a.id)
                 ORDER BY a.id LIMIT %s
                """,
                sorted(kind.value for kind in MONEY),
                sorted(stages.LEFT),
                limit,
            )
        )
        found = {}
        for aftersale, order, line_ref, amount, freight, day, *where in rows:
            goods = to_fen(amount) - to_fen(freight)
            refund = Refund(aftersale, line_ref, goods, to_fen(freight), day)
            found.setdefault(order, (_Where(*where), []))[1].append(refund)
        return found

    def _gather_orders(self, order_ids):
        """{order id: ``Order``} with their invoiced lines and what was taken off before."""
        taken, given, freight = self._gather_before(order_ids)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT l.order_id, l.id, l.line_ref, l.product_id, l.quantity, l.amount_paid,
                       l.amount_owed
                  FROM channel_order_line l
                 WHERE l.order_id = ANY(%s) AND l.state = 'live' ORDER BY l.id
                """,
                order_ids,
            )
        )
        parts = defaultdict(list)
        for order, line, ref, product, units, paid, owed in rows:
            sold = Sold(line, units, to_fen(paid), to_fen(owed), taken.get(line, 0))
            parts[order].append(Part(ref, product, sold))
        billed = dict(
            self.env.execute_query(
                SQL("SELECT id, amount_freight FROM channel_order WHERE id = ANY(%s)", order_ids)
            )
        )
        return {
            order: Order(
                order, tuple(parts[order]), given[order], to_fen(billed[order] or 0), freight[order]
            )
            for order in order_ids
        }

    def _gather_before(self, order_ids):
        """Fen taken off lines; {order: {platform line: fen given back}}; {order: fen of freight}."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.order_id, c.line_id, c.amount, c.given, l.line_ref
                  FROM channel_order_credit c
                  LEFT JOIN channel_order_line l ON l.id = c.line_id
                 WHERE c.order_id = ANY(%s)
                """,
                order_ids,
            )
        )
        taken, given, freight = defaultdict(int), defaultdict(dict), defaultdict(int)
        for order, line, amount, back, ref in rows:
            if line:
                taken[line] += to_fen(amount)
                given[order][ref] = given[order].get(ref, 0) + to_fen(back)
            else:
                freight[order] += to_fen(amount)
        return taken, given, freight

    def _rows_of(self, where, order, asked):
        credits, over = collect(order, asked)
        excess = {rest.aftersale: rest.fen for rest in over}
        rows, seen = [], set()
        for credit in credits:
            seen.add(credit.aftersale)
            rows.append(self._row(where, order.id, credit, excess.pop(credit.aftersale, 0)))
        for refund in asked:
            if refund.aftersale not in seen:
                none = Credit(refund.aftersale, 0, 0, 0, 0, refund.day)
                rows.append(self._row(where, order.id, none, excess.get(refund.aftersale, 0)))
        return rows

    def _row(self, where, order_id, credit, excess):
        return (
            where.company, where.shop, where.wave, order_id, credit.aftersale, credit.line or None,
            credit.product or None, credit.units, yuan(credit.fen), yuan(credit.given),
            yuan(excess), credit.day.isoformat(),
        )  # fmt: skip
