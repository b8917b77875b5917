from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_order.core import stages

from ..core import expected
from ..core.waybills import Claim, Sent, Source, owner_of
from .channel_aftersale import GOODS_LEFT

BRINGS_GOODS = sorted(expected.GOODS_BACK)
ENDED = ("refused", "closed")


class ChannelReturn(models.Model):
    """Whose a return parcel is, and what is expected in it."""

    _inherit = "channel.return"

    @api.model
    def _owner(self, waybill, company):
        """Whose the parcel with this waybill is, or None. See ``core.waybills``."""
        spellings = [waybill, waybill.lower()]
        claims = self.env.execute_query(
            SQL(
                """
                SELECT id, order_id, status FROM channel_aftersale
                 WHERE return_waybill = ANY(%s) AND company_id = %s
                """,
                spellings,
                company.id,
            )
        )
        sent = self.env.execute_query(
            SQL(
                """
                SELECT o.id, a.id, COALESCE(a.status, ''), EXISTS (
                           SELECT FROM channel_outbox b
                            WHERE b.key = 'intercept:' || a.shop_id || ':' || a.aftersale_ref)
                  FROM channel_parcel p
                  JOIN channel_order o ON o.parcel_id = p.id
                  LEFT JOIN channel_aftersale a ON a.order_id = o.id AND a.kind = ANY(%s)
                                                AND %s
                 WHERE p.waybill = ANY(%s) AND p.company_id = %s AND p.state = 'handed'
                """,
                sorted(expected.GOODS_BACK | expected.WHOLE),
                GOODS_LEFT,
                spellings,
                company.id,
            )
        )
        return owner_of((Claim(*row) for row in claims), (Sent(*row) for row in sent))

    @api.model
    def _lines_and_asked(self, order_ids, aftersale_ids):
        """What left with the orders, and who wants what of it back: two lists for the pure code.

        :param aftersale_ids: those of the parcel; of the others only what brings goods counts
        """
        self.env["channel.return.line"].flush_model()
        lines = self.env.execute_query(
            SQL(
                """
                SELECT l.id, l.order_id, l.line_ref, l.product_id,
                       CASE WHEN o.stage = ANY(%s) AND l.state <> 'refunded'
                            THEN l.quantity ELSE 0 END,
                       l.item_quantity, COALESCE(l.gift, FALSE),
                       GREATEST(COALESCE(t.returned - t.shipped + l.quantity, 0), 0)
                  FROM channel_order_line l
                  JOIN channel_order o ON o.id = l.order_id
                  LEFT JOIN channel_return_tally t ON t.order_line_id = l.id
                 WHERE l.order_id = ANY(%s) AND l.product_id IS NOT NULL ORDER BY l.id
                """,
                sorted(stages.LEFT),
                list(order_ids),
            )
        )
        asked = self.env.execute_query(
            SQL(
                """
                SELECT a.id, a.order_id, COALESCE(a.line_ref, ''), COALESCE(a.items, 0), (
                           SELECT json_object_agg(c.order_line_id, c.units) FROM (
                               SELECT u.order_line_id, sum(u.good + u.defect) AS units
                                 FROM channel_return_line u
                                 JOIN channel_return r ON r.id = u.return_id
                                WHERE u.aftersale_id = a.id AND r.state <> 'received'
                                  AND u.order_line_id IS NOT NULL
                                GROUP BY u.order_line_id) c)
                  FROM channel_aftersale a
                 WHERE a.order_id = ANY(%(orders)s) AND (a.id = ANY(%(own)s)
                       OR a.kind = ANY(%(kinds)s) AND a.status <> ALL(%(ended)s))
                 ORDER BY a.id
                """,
                orders=list(order_ids),
                own=list(aftersale_ids),
                kinds=BRINGS_GOODS,
                ended=list(ENDED),
            )
        )
        return [expected.Line(*row) for row in lines], [
            expected.Asked(
                *row[:4],
                here={int(line): units for line, units in (row[4] or {}).items()},
                of_parcel=row[0] in aftersale_ids,
            )
            for row in asked
        ]

    def _expect(self):
        """Write what is expected in the parcel; what is counted in it keeps its condition.

        Called when it is opened and when its owner is found: meanwhile another parcel may have
        brought the units, or the buyer may have changed what is asked.
        """
        self.ensure_one()
        lines, asked = self._lines_and_asked(self.order_ids.ids, self.aftersale_ids.ids)
        unopened = self.source in (Source.INTERCEPT, Source.REFUSED)
        dues = expected.due(asked, lines, self.order_ids.ids, unopened=unopened)
        rows = self._rows()
        now = {(row.aftersale_id, row.line_id): row.expected for row in rows if row.line_id}
        if now == {(due.aftersale_id, due.line_id): due.units for due in dues}:
            return
        if self.state == "received":
            self._hold_open()
        self.env.cr.execute(SQL("DELETE FROM channel_return_line WHERE return_id = %s", self.id))
        for row in expected.match(rows, dues):
            self._insert_row(row)
        self.invalidate_recordset()
        self.env["channel.return.line"].invalidate_model()

    def _rows(self):
        """The parcel's count as the pure code wants it, in the order of its rows."""
        self.env["channel.return.line"].flush_model()
        return [
            expected.Row(*row)
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT product_id, aftersale_id, order_line_id, expected, good, defect, wrong,
                           missing
                      FROM channel_return_line WHERE return_id = %s ORDER BY id
                    """,
                    self.id,
                )
            )
        ]

    def _insert_row(self, row):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO channel_return_line (return_id, product_id, aftersale_id,
                       order_line_id, expected, good, defect, wrong, missing)
                VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
                """,
                self.id,
                row.product_id,
                row.aftersale_id,
                row.line_id,
                row.expected,
                row.good,
                row.defect,
                row.wrong,
                row.missing,
            )
        )

    def _match(self, order):
        """The owner of a parcel is found: its units become those of the order.

        Called with the rights of the person who matched it; a counted parcel goes onto the trolley.

        :raise UserError: it has an owner, is of another company, or the order never left
        """
        self.ensure_one()
        self.check_access("write")
        order.check_access("read")
        parcel, order = self.sudo(), order.sudo()
        if order.company_id != parcel.company_id or order.stage not in stages.LEFT:
            raise UserError(
                self.env._(
                    "Order %s has not left this company: choose the order that the goods are of.",
                    order.order_ref,
                )
            )
        rows = self.env.execute_query(
            SQL(
                "UPDATE channel_return SET source = 'buyer' WHERE id = %s AND source IS NULL"
                " RETURNING id",
                parcel.id,
            )
        )
        parcel.invalidate_recordset()
        if not rows:
            raise UserError(self.env._("Somebody has found the owner of %s.", parcel.waybill))
        aftersales = (
            self.env["channel.aftersale"]
            .sudo()
            .search(
                [
                    ("order_id", "=", order.id),
                    ("kind", "in", BRINGS_GOODS),
                    ("status", "not in", ENDED),
                ]
            )
        )
        parcel.write(
            {
                "order_ids": [(6, 0, order.ids)],
                "aftersale_ids": [(6, 0, aftersales.ids)],
            }
        )
        parcel._expect()
        parcel._log("return_received")
        if parcel.state == "inspected":
            parcel._settle()
        else:
            aftersales._restep(aftersales.ids)
