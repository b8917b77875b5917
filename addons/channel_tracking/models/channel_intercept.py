from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_network.fields import LeanMany2one
from odoo.addons.channel_order.core.aftersales import MONEY, stops_parcel
from odoo.addons.channel_order.core.snapshot import AfterSaleKind
from odoo.addons.channel_returns.models.channel_aftersale import GOODS_LEFT

from ..core.interception import Money, Way, way_of

WANTED = sorted(kind.value for kind in MONEY - {AfterSaleKind.PRICE})
OPEN = ("todo", "asked")
NOT_TOLD = ("file", "manual")  # platforms that nobody can call


class ChannelIntercept(models.Model):
    """The wish that a carrier stops a parcel because its money goes back (拦截): who asks, and what
    became of it. One for each after-sale; what became of it follows the platform and the traces."""

    _name = "channel.intercept"
    _inherit = ["channel.by.buttons"]
    _description = "Interception"
    _rec_name = "waybill"
    _order = "id desc"
    _log_access = False

    aftersale_id = LeanMany2one(
        "channel.aftersale", string="After-sale", required=True, readonly=True
    )
    parcel_id = LeanMany2one("channel.parcel", required=True, readonly=True, index=True)
    company_id = LeanMany2one("res.company", required=True, readonly=True)
    carrier_id = LeanMany2one("delivery.carrier", readonly=True)
    waybill = fields.Char(required=True, readonly=True)
    order_id = fields.Many2one(related="aftersale_id.order_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    way = fields.Selection(
        [("platform", "The platform"), ("carrier", "The carrier's service"),
         ("person", "A person")],
        "Asked By", required=True, readonly=True,
    )  # fmt: skip
    state = fields.Selection(
        [("todo", "To ask"), ("asked", "Asked"), ("stopped", "Coming back"),
         ("too_late", "Too late"), ("let_go", "Let go")],
        required=True, readonly=True, default="todo",
        help="Let go: somebody decided that the parcel goes on.",
    )  # fmt: skip
    paid = fields.Monetary("Paid for the Parcel", readonly=True)
    granted = fields.Monetary(
        "Of It Granted Back",
        readonly=True,
        help="Less than was paid for the parcel: it also holds goods that the buyer keeps.",
    )
    note = fields.Char(readonly=True)
    begun_at = fields.Datetime(
        "Wanted Since", required=True, readonly=True, default=fields.Datetime.now
    )
    user_id = LeanMany2one("res.users", "Answered By", readonly=True)
    answered_at = fields.Datetime("Answered", readonly=True)

    _aftersale_uniq = models.UniqueIndex(
        "(aftersale_id)", "The parcel of this after-sale is to be stopped already."
    )
    _todo_idx = models.Index("(way, id) WHERE state = 'todo'")

    @api.model
    def _begin(self, aftersale_ids):
        """Have the parcels stopped whose money is granted back while they are under way.

        Each is asked for once; whoever is second finds it there.

        :return: the new interceptions
        """
        rows = self._candidates(aftersale_ids)
        if not rows:
            return self.browse()
        cases = self.env["channel.aftersale"]._cases([row["aftersale_id"] for row in rows])
        begun = self.browse()
        for row in rows:
            way = stops_parcel(cases[row["aftersale_id"]]) and self._way(row)
            if way:
                begun |= self._begin_one(row, way)
        if any(one.way == "carrier" for one in begun):
            self.env.ref("channel_tracking.cron_tracking")._trigger()
        return begun

    @api.model
    def _way(self, row):
        """Who asks the carrier, or None: see ``core.interception``."""
        carrier = self.env["delivery.carrier"].sudo().browse(row["carrier_id"] or ())
        return way_of(
            Money(row["scope_paid"], row["scope_granted"]),
            Money(row["paid"], row["granted"]),
            platform=row["platform"] not in NOT_TOLD and bool(carrier.channel_code),
            carrier=carrier.channel_service_id._can_intercept(),
        )

    @api.model
    def _begin_one(self, row, way):
        aftersale = self.env["channel.aftersale"].browse(row["aftersale_id"])
        found = self.env.execute_query(
            SQL(
                """
                INSERT INTO channel_intercept (aftersale_id, parcel_id, company_id, carrier_id,
                       waybill, way, state, paid, granted, begun_at)
                VALUES (%s, %s, %s, %s, %s, %s, %s, %s / 100.0, %s / 100.0, %s)
                ON CONFLICT (aftersale_id) DO NOTHING RETURNING id
                """,
                aftersale.id,
                row["parcel_id"],
                row["company_id"],
                row["carrier_id"],
                row["waybill"],
                way.value,
                "asked" if way is Way.PLATFORM else "todo",
                row["paid"],
                row["granted"],
                fields.Datetime.now(),
            )
        )
        intercept = self.browse(found[0] if found else ())
        if intercept and way is Way.PLATFORM:
            aftersale._tell_intercept(intercept.carrier_id.channel_code, intercept.waybill)
        intercept._log("intercept_wanted")
        return intercept

    @api.model
    def _candidates(self, ids):
        """After-sales with a parcel on the road that nobody was asked to stop, and the money (fen)
        of what they are about and of the parcel: list of dicts, in one query."""
        self.env["channel.aftersale"].flush_model()
        self.flush_model()
        return self.env.execute_query_dict(
            SQL(
                """
                WITH wanted AS (
                    SELECT a.id, a.order_id, a.line_ref, s.platform, p.id AS parcel_id,
                           p.company_id, p.carrier_id, p.waybill
                      FROM channel_aftersale a
                      JOIN channel_order o ON o.id = a.order_id AND o.stage = 'shipped'
                      JOIN channel_parcel p ON p.id = o.parcel_id AND p.state = 'handed'
                                           AND p.waybill IS NOT NULL
                      JOIN channel_shop s ON s.id = a.shop_id
                     WHERE a.id = ANY(%(ids)s) AND a.kind = ANY(%(kinds)s) AND %(left)s
                       AND a.status IN ('applied', 'agreed', 'succeeded')
                       AND NOT EXISTS (SELECT FROM channel_intercept i
                                        WHERE i.aftersale_id = a.id)),
                inside AS (
                    SELECT o.parcel_id, l.order_id, l.line_ref, sum(l.amount_paid) AS paid
                      FROM channel_order o JOIN channel_order_line l ON l.order_id = o.id
                     WHERE o.parcel_id IN (SELECT parcel_id FROM wanted)
                       AND o.stage IN ('shipped', 'done') AND l.state != 'refunded'
                     GROUP BY o.parcel_id, l.order_id, l.line_ref),
                granted AS (
                    SELECT n.parcel_id, b.order_id, b.line_ref,
                           b.amount - COALESCE(b.freight, 0) AS fen
                      FROM (SELECT DISTINCT parcel_id, order_id FROM inside) n
                      JOIN channel_aftersale b ON b.order_id = n.order_id
                     WHERE b.kind = ANY(%(kinds)s)
                       AND (b.line_ref IS NULL OR EXISTS (
                            SELECT FROM inside x
                             WHERE x.order_id = b.order_id AND x.line_ref = b.line_ref))
                       AND (b.status IN ('agreed', 'returned', 'succeeded')
                            OR b.status = 'applied' AND EXISTS (
                               SELECT FROM channel_aftersale_answer w
                                WHERE w.aftersale_id = b.id AND w.accept
                                  AND w.version = extract(epoch FROM b.updated_at)::int)))
                SELECT w.id AS aftersale_id, w.platform, w.parcel_id, w.company_id, w.carrier_id,
                       w.waybill, scope.paid AS scope_paid, own.fen AS scope_granted,
                       box.paid, given.fen AS granted
                  FROM wanted w
                 CROSS JOIN LATERAL (
                       SELECT COALESCE(sum(x.paid) * 100, 0)::bigint AS paid FROM inside x
                        WHERE x.order_id = w.order_id
                          AND (w.line_ref IS NULL OR x.line_ref = w.line_ref)) scope
                 CROSS JOIN LATERAL (
                       SELECT COALESCE(sum(g.fen) * 100, 0)::bigint AS fen FROM granted g
                        WHERE g.order_id = w.order_id
                          AND (w.line_ref IS NULL OR g.line_ref IS NULL
                               OR g.line_ref = w.line_ref)) own
                 CROSS JOIN LATERAL (
                       SELECT COALESCE(sum(x.paid) * 100, 0)::bigint AS paid FROM inside x
                        WHERE x.parcel_id = w.parcel_id) box
                 CROSS JOIN LATERAL (
                       SELECT COALESCE(sum(g.fen) * 100, 0)::bigint AS fen FROM granted g
                        WHERE g.parcel_id = w.parcel_id) given
                 ORDER BY w.id
                """,
                ids=list(ids),
                kinds=WANTED,
                left=GOODS_LEFT,
            )
        )

    @api.model
    def _follow(self, aftersale_ids):
        """What became of open interceptions, as the platform and the traces say."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE channel_intercept i SET state = v.state
                  FROM (SELECT i.id, CASE
                               WHEN t.kind = 'delivered' THEN 'too_late'
                               WHEN a.parcel_fate = 'delivered' AND t.kind IS NULL THEN 'too_late'
                               WHEN a.parcel_fate IN ('stopped', 'refused', 'back')
                                    OR t.kind IN ('refused', 'returning', 'returned')
                               THEN 'stopped'
                               WHEN a.parcel_fate = 'delivered' THEN 'too_late' END AS state
                          FROM channel_intercept i
                          JOIN channel_aftersale a ON a.id = i.aftersale_id
                          LEFT JOIN channel_tracking t ON t.parcel_id = i.parcel_id
                         WHERE i.aftersale_id = ANY(%s)) v
                 WHERE i.id = v.id AND v.state IS NOT NULL AND i.state <> v.state
                   AND i.state <> 'let_go'
             RETURNING i.id
                """,
                list(aftersale_ids),
            )
        )
        self.invalidate_model(flush=False)
        moved = self.browse(row[0] for row in rows)
        moved.filtered(lambda one: one.state == "stopped")._log("intercept_stopped")
        moved.filtered(lambda one: one.state == "too_late")._log("intercept_late")
        return moved

    def _log(self, kind):
        """Write into the orders' timelines."""
        for one in self.sudo():
            order = one.order_id.exists()
            if order:
                note = one.waybill if not one.note else f"{one.waybill}: {one.note}"
                order._log_events([(order.id, kind, order.stage, order.stage)], note)

    def _answer(self, state, note="", seen=None):
        """Record what became of the wish, for one of two people who do it at once.

        :param seen: the states that were seen; by default those that are open
        :raises UserError: it is answered already
        """
        self.ensure_one()
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE channel_intercept SET state = %s, note = %s, user_id = %s, answered_at = %s
                 WHERE id = %s AND state = ANY(%s) RETURNING id
                """,
                state,
                note or None,
                self.env.uid,
                fields.Datetime.now(),
                self.id,
                list(seen or OPEN),
            )
        )
        self.invalidate_recordset()
        if not rows:
            raise UserError(
                self.env._(
                    "Somebody has answered about parcel %s meanwhile. Reload the page.",
                    self.waybill,
                )
            )
        intercept = self.sudo()
        if state in ("too_late", "let_go"):
            intercept._log("intercept_late")
        intercept.aftersale_id._restep(intercept.aftersale_id.ids)
