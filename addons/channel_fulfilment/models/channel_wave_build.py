from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_order.batch_sql import copy_rows

from ..core import grouping

# No notes, subscriptions or tracking on documents that a machine makes by the thousand.
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "mail_auto_subscribe_no_notify": True,
}

PARCEL_COLUMNS = (
    "name", "wave_id", "company_id", "shop_id", "warehouse_id", "carrier_id", "seq", "state",
    "repack",
)  # fmt: skip

# An order goes into a wave when what is owed for it is the sum of its live lines and its freight,
# and every live line has a product: anything else would make a wave that cannot be invoiced.
SOUND = SQL(
    """(SELECT count(*) > 0 AND bool_and(l.product_id IS NOT NULL)
                AND o.amount_owed = o.amount_freight + sum(l.amount_owed)
           FROM channel_order_line l WHERE l.order_id = o.id AND l.state = 'live')"""
)


class ChannelWave(models.Model):
    """Building waves: one pass over the releasable orders of a shop and fulfiller."""

    _inherit = "channel.wave"

    # -- what could be built ---------------------------------------------------------------

    @api.model
    def _releasable(self):
        """Allocated orders that may go into a wave now, per shop and fulfiller.

        :return: list of dicts shop_id, fulfiller_id, orders, oldest (Datetime), unsound (orders
            whose amounts do not add up or that have a line without a product)
        """
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT o.shop_id, o.fulfiller_id, count(*) FILTER (WHERE sound) AS orders,
                       min(o.paid_at) FILTER (WHERE sound) AS oldest,
                       count(*) FILTER (WHERE NOT sound) AS unsound
                  FROM (SELECT o.shop_id, o.fulfiller_id, o.paid_at, (%s) AS sound
                          FROM channel_order o
                         WHERE o.stage = 'allocated' AND NOT o.refund_open
                           AND o.fulfiller_id IS NOT NULL AND o.company_id IN %s) o
                 GROUP BY o.shop_id, o.fulfiller_id
                 ORDER BY min(o.paid_at)
                """,
                SOUND,
                tuple(self.env.companies.ids),
            )
        )

    @api.model
    def _plan(self, shop, fulfiller, rule, *, claim=False):
        """The waves that the rule makes of the releasable orders of a shop and fulfiller.

        :param claim: lock the orders for this transaction; those that somebody else is taking at
            the moment are left out
        :return: list of ``grouping.PlannedWave``
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH claimed AS MATERIALIZED (
                    SELECT o.id, o.paid_at, o.merge_key FROM channel_order o
                     WHERE o.stage = 'allocated' AND NOT o.refund_open
                       AND o.shop_id = %s AND o.fulfiller_id = %s AND %s
                     ORDER BY o.paid_at, o.id %s)
                SELECT c.id, COALESCE(extract(epoch FROM c.paid_at), 0)::bigint,
                       COALESCE(c.merge_key, ''), array_agg(DISTINCT l.product_id)
                  FROM claimed c
                  JOIN channel_order_line l ON l.order_id = c.id AND l.state = 'live'
                 GROUP BY c.id, c.paid_at, c.merge_key
                """,
                shop.id,
                fulfiller.id,
                SOUND,
                SQL("FOR NO KEY UPDATE SKIP LOCKED") if claim else SQL(""),
            )
        )
        return grouping.plan_waves(
            (
                grouping.Candidate(order, paid_at, merge_key, frozenset(products))
                for order, paid_at, merge_key, products in rows
            ),
            rule._limits(),
        )

    # -- building --------------------------------------------------------------------------

    @api.model
    def _build(self, shop, fulfiller, limit=None):
        """Build the waves of a shop and fulfiller, all in this transaction.

        :param limit: at most so many waves; a background job builds one a transaction
        :return: the new waves
        :raise UserError: no rule, or the stock for a wave could not be reserved; nothing is
            built then
        """
        self.check_access("create")
        self.env.flush_all()
        rule = (
            self.env["channel.wave.rule"]
            ._by_pair([(shop.id, fulfiller.id)])
            .get((shop.id, fulfiller.id))
        )
        if not rule:
            raise UserError(
                self.env._(
                    "There is no wave rule for %(shop)s and %(fulfiller)s. Make one under "
                    "Fulfilment > Wave rules: it says which carrier ships and how large a wave is.",
                    shop=shop.display_name,
                    fulfiller=fulfiller.display_name,
                )
            )
        self.env["channel.warehouse.lock"].sudo()._take(fulfiller.sudo().warehouse_id)
        waves = self.browse()
        for plan in self._plan(shop, fulfiller, rule, claim=True)[:limit]:
            waves |= self.sudo().with_context(**QUIET)._build_one(rule, shop.sudo(), plan)
        return self.browse(waves.ids)

    @api.model
    def _build_one(self, rule, shop, plan):
        """One planned wave with its parcels, sale order, delivery and reservation."""
        wave = self.create(
            {
                "name": self.env["ir.sequence"].next_by_code("channel.wave"),
                "company_id": shop.company_id.id,
                "shop_id": shop.id,
                "fulfiller_id": rule.fulfiller_id.id,
                "warehouse_id": rule.fulfiller_id.warehouse_id.id,
                "carrier_id": rule.carrier_id.id,
                "hot_product_id": plan.hot_product_id,
            }
        )
        orders = self.env["channel.order"].browse(plan.order_ids)
        moved = orders._advance(orders, "waved", "waved", note=wave.name)
        if len(moved) != len(orders):
            raise UserError(
                self.env._("Orders changed while the wave was built. Nothing was built: try again.")
            )
        wave._make_parcels(plan)
        wave._make_sale(orders)
        self.env["channel.pool.quota"].sudo()._take(wave._quota_units(orders))
        wave._reserve()
        return wave

    def _make_parcels(self, plan):
        """Write the parcels by COPY and put the orders into them with one UPDATE."""
        self.ensure_one()
        self.flush_recordset()
        common = (
            self.id, self.company_id.id, self.shop_id.id, self.warehouse_id.id, self.carrier_id.id
        )  # fmt: skip
        rows, order_ids, seqs = [], [], []
        for seq, parcel in enumerate(plan.parcels, start=1):
            rows.append((f"{self.name}-{seq:04d}", *common, seq, "waiting", False))
            order_ids += parcel
            seqs += [seq] * len(parcel)
        copy_rows(self.env.cr, "channel_parcel", PARCEL_COLUMNS, rows)
        self.env.execute_query(
            SQL(
                """
                WITH placed AS (
                    UPDATE channel_order o SET wave_id = %(wave)s, parcel_id = p.id
                      FROM unnest(%(orders)s, %(seqs)s) AS place(order_id, seq)
                      JOIN channel_parcel p ON p.wave_id = %(wave)s AND p.seq = place.seq
                     WHERE o.id = place.order_id
                 RETURNING o.parcel_id, o.merge_key)
                UPDATE channel_parcel p SET merge_key = placed.merge_key
                  FROM placed WHERE placed.parcel_id = p.id RETURNING p.id
                """,
                wave=self.id,
                orders=order_ids,
                seqs=seqs,
            )
        )
        self.env.invalidate_all()

    # -- stock -----------------------------------------------------------------------------

    def _reserve(self):
        """Confirm the sale order and reserve its delivery whole, or raise.

        The quotas have let their share go before, in the same transaction and under the
        warehouse's lock row, so nobody else can have taken it.
        """
        self.ensure_one()
        self.sale_id.with_context(channel_own_stock=True).action_confirm()
        moves = self._open_moves()
        moves.filtered(lambda move: move.state != "assigned")._action_assign()
        short = moves.filtered(lambda move: move.state != "assigned")
        expected = self._expected_units()
        if short or {line: qty for line, qty in self._demand(moves).items() if qty} != expected:
            raise UserError(
                self.env._(
                    "The stock for wave %(wave)s could not be reserved: %(products)s. Nothing was "
                    "built. Look at the product's reservations in Inventory, count the stock or "
                    "give the orders to another fulfiller.",
                    wave=self.name,
                    products=", ".join(
                        self.env._(
                            "%(product)s (%(wanted)s wanted, %(reserved)s reserved)",
                            product=move.product_id.display_name,
                            wanted=int(move.product_uom_qty),
                            reserved=int(move.quantity),
                        )
                        for move in short or moves
                    )
                    or self.env._("no delivery was made"),
                )
            )

    def _open_moves(self):
        """The stock moves of the waves that have not left yet."""
        return (
            self.sale_id.order_line.move_ids.filtered(
                lambda move: move.state not in ("done", "cancel")
            )
            .with_context(channel_own_stock=True)
            .sorted("id")
        )

    def _expected_units(self):
        """sale line → units, of the lines that need stock moves."""
        return {
            line: int(line.product_uom_qty)
            for line in self.sale_id.order_line
            if line.product_id.type == "consu"
        }

    @api.model
    def _demand(self, moves):
        """sale line → demand of the moves."""
        demand = defaultdict(int)
        for move in moves:
            demand[move.sale_line_id] += int(move.product_uom_qty)
        return demand

    def _sale_lines_by_key(self):
        """(product id, fen per unit) → sale line of the wave; freight under the freight product."""
        self.ensure_one()
        return {
            (line.product_id.id, line.channel_unit_fen): line for line in self.sale_id.order_line
        }

    @api.model
    def _today(self, company):
        """The company's day: documents of a hand-over at 00:30 belong to that day in China."""
        zone = company.partner_id.tz or "Asia/Shanghai"
        return fields.Datetime.context_timestamp(
            self.with_context(tz=zone), fields.Datetime.now()
        ).date()
