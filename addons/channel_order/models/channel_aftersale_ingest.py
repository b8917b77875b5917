from dataclasses import dataclass, field

from odoo import api, models
from odoo.tools import SQL

from ..batch_sql import copy_rows, moment, next_ids, unix, update_rows, yuan
from ..core import refunds, stages
from ..core.aftersales import Step
from ..core.lines import totals_of_stored
from ..core.plan import clean_ref
from ..core.snapshot import AfterSaleKind, AfterSaleStatus
from .channel_order_store import AMOUNT_COLUMNS

STOPPING = AfterSaleKind.REFUND_BEFORE_SHIP
# Of two versions of one second the one that is further on counts as newer.
RANK = {status: rank for rank, status in enumerate(AfterSaleStatus)}
UPDATE_TYPES = {
    "kind": "text", "status": "text", "amount": "numeric", "updated_at": "timestamp",
    "reason": "text", "line_ref": "text", "items": "int4", "freight": "numeric",
    "deadline_at": "timestamp", "return_company_code": "text", "return_waybill": "text",
    "parcel_fate": "text",
}  # fmt: skip


@dataclass
class AftersaleResult:
    """What a batch did, as after-sale numbers; ``unknown`` are those whose order is not here."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


class ChannelOrder(models.Model):
    """Refunds that stop orders: the after-sale side of the batch path."""

    _inherit = "channel.order"

    @api.model
    def _ingest_aftersales(self, shop, snapshots):
        """Bring after-sales of a shop to what the platform says, and stop or free their orders.

        :param snapshots: list of :class:`AfterSaleSnapshot` of this shop
        :return: :class:`AftersaleResult`
        """
        shop.ensure_one()
        orders = self.sudo().with_company(shop.company_id)
        orders._lock_allocation()
        latest = {}
        for snapshot in snapshots:
            other = latest.get(snapshot.aftersale_ref)
            if other is None or self._aftersale_version(snapshot) >= self._aftersale_version(other):
                latest[snapshot.aftersale_ref] = snapshot
        known = orders._known_aftersales(shop, list(latest))
        result, news = AftersaleResult(), []
        for ref, snapshot in latest.items():
            before = known.get(ref)
            if before is None:
                result.created.append(ref)
            elif self._aftersale_version(snapshot) > before[1] or (
                self._aftersale_version(snapshot) == before[1]
                and self._aftersale_facts(snapshot) != before[2]
            ):
                result.updated.append(ref)
            else:
                result.unchanged.append(ref)
                continue
            news.append(snapshot)
        if news:
            orders._store_aftersales(shop, news, known, result)
        return result

    @api.model
    def _aftersale_version(self, snapshot):
        return snapshot.updated_at, RANK[snapshot.status]

    @api.model
    def _aftersale_facts(self, snapshot):
        return (
            snapshot.kind.value, snapshot.amount, snapshot.reason, snapshot.items,
            snapshot.freight, snapshot.deadline, snapshot.return_company, snapshot.return_waybill,
            snapshot.parcel_fate,
        )  # fmt: skip

    @api.model
    def _known_aftersales(self, shop, refs):
        """{after-sale number: (id, version, facts)}."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT aftersale_ref, id, updated_at, status, deadline_at, kind,
                       (amount * 100)::bigint, COALESCE(reason, ''), COALESCE(items, 0),
                       COALESCE(freight * 100, 0)::bigint, COALESCE(return_company_code, ''),
                       COALESCE(return_waybill, ''), COALESCE(parcel_fate, '')
                  FROM channel_aftersale WHERE shop_id = %s AND aftersale_ref = ANY(%s)
                """,
                shop.id,
                refs,
            )
        )
        return {
            row[0]: (
                row[1],
                (unix(row[2]), RANK[AfterSaleStatus(row[3])]),
                (*row[5:10], unix(row[4]), *row[10:]),
            )
            for row in rows
        }

    @api.model
    def _store_aftersales(self, shop, news, known, result):
        refs = {clean_ref(snapshot.order_ref) for snapshot in news}
        stored = self._with_lines(
            self._gather_stored(SQL("shop_id = %s AND order_ref = ANY(%s)", shop.id, list(refs)))
        )
        ids = self._write_aftersales(shop, news, known, stored)
        self._log_told_aftersales(news, known, stored)
        aftersales = self.env["channel.aftersale"]
        aftersales._restep(ids.values())
        aftersales._drop_overtaken(shop, {snapshot.aftersale_ref for snapshot in news} & set(known))
        unknown = {}
        for snapshot in news:
            if clean_ref(snapshot.order_ref) not in stored:
                result.unknown.append(snapshot.aftersale_ref)
                unknown[clean_ref(snapshot.order_ref)] = snapshot.aftersale_ref
        if unknown:
            self.env["channel.exception"]._open_refs(shop, "refund_unknown_order", unknown)
        touched = {
            clean_ref(snapshot.order_ref) for snapshot in news if snapshot.kind == STOPPING
        } & stored.keys()
        if touched:
            self._settle_refunds(shop, {ref: stored[ref] for ref in touched})
        self.env.invalidate_all(flush=False)

    @api.model
    def _write_aftersales(self, shop, news, known, stored):
        """COPY the new ones, one UPDATE for the others. :return: {after-sale number: id}"""
        fresh = [x.aftersale_ref for x in news if x.aftersale_ref not in known]
        ids = {ref: before[0] for ref, before in known.items()} | dict(
            zip(fresh, next_ids(self.env.cr, "channel_aftersale", len(fresh)), strict=True)
        )
        new, old = [], []
        for snapshot in news:
            ref, order_ref = snapshot.aftersale_ref, clean_ref(snapshot.order_ref)
            row = self._aftersale_row(snapshot) | {"id": ids[ref]}
            if ref in known:
                old.append(row)
                continue
            order = stored.get(order_ref)
            new.append(
                row
                | {
                    "shop_id": shop.id,
                    "company_id": shop.company_id.id,
                    "aftersale_ref": ref,
                    "order_ref": order_ref,
                    "order_id": order.id if order else None,
                    "applied_at": moment(snapshot.applied_at),
                    "step": Step.REQUEST.value,
                }
            )
        if new:
            copy_rows(self.env.cr, "channel_aftersale", list(new[0]), (row.values() for row in new))
        update_rows(self.env.cr, "channel_aftersale", UPDATE_TYPES, old)
        return {snapshot.aftersale_ref: ids[snapshot.aftersale_ref] for snapshot in news}

    @api.model
    def _aftersale_row(self, snapshot):
        """What each version of an after-sale may change, as text of the database."""
        return {
            "line_ref": snapshot.line_ref or None,
            "kind": snapshot.kind.value,
            "status": snapshot.status.value,
            "amount": yuan(snapshot.amount),
            "updated_at": moment(snapshot.updated_at),
            "reason": snapshot.reason or None,
            "items": snapshot.items,
            "freight": yuan(snapshot.freight),
            "deadline_at": moment(snapshot.deadline),
            "return_company_code": snapshot.return_company or None,
            "return_waybill": snapshot.return_waybill or None,
            "parcel_fate": snapshot.parcel_fate or None,
        }

    @api.model
    def _log_told_aftersales(self, news, known, stored):
        """The orders' timelines say how their after-sales go on; refunds before shipment have
        events of their own."""
        told = []
        for snapshot in news:
            before = known.get(snapshot.aftersale_ref)
            order = stored.get(clean_ref(snapshot.order_ref))
            if order is None or snapshot.kind == STOPPING:
                continue
            if before is None or before[1][1] != RANK[snapshot.status]:
                kind = f"aftersale_{snapshot.status.value}"
                told.append((order.id, kind, order.stage, snapshot.aftersale_ref))
        self._log_aftersales(told)

    @api.model
    def _settle_refunds(self, shop, stored):
        """Stop orders, take refunded lines out, or let orders go on, as their after-sales say."""
        claims = self._gather_claims(shop, list(stored))
        settled = [refunds.settle(order, claims.get(ref, ())) for ref, order in stored.items()]
        self._mark_aftersales(settled)
        released = [line_id for settlement in settled for line_id in settlement.release]
        if released:
            self._release_units(self.env["channel.order.line"].browse(released))
        changed = [settlement for settlement in settled if settlement.kind]
        update_rows(
            self.env.cr,
            "channel_order_line",
            {"state": "text"},
            [{"id": line_id, "state": state} for s in settled for line_id, state in s.states],
        )
        types = {"refund_open": "bool"} | dict.fromkeys(AMOUNT_COLUMNS, "numeric")
        update_rows(self.env.cr, self._table, types, [self._refund_row(s) for s in changed])
        self.env.invalidate_all(flush=False)
        gone = [s.stored.id for s in changed if s.stage == stages.REFUNDED]
        self._advance(self.browse(gone), stages.REFUNDED, "refunded")
        self.env["channel.exception"]._clear_all(gone)
        self._log_events(
            (s.stored.id, s.kind, s.stored.stage, s.stored.stage)
            for s in changed
            if s.stage != stages.REFUNDED
        )
        waiting = [
            s.stored.id
            for s in changed
            if not s.refund_open and s.stage in (stages.QUEUED, stages.EXCEPTION)
        ]
        if waiting:
            self._replan(waiting, kind="allocated")

    @api.model
    def _refund_row(self, settlement):
        amounts = totals_of_stored(settlement.stored, dict(settlement.states))
        return {
            "id": settlement.stored.id,
            "refund_open": settlement.refund_open,
        } | dict(
            zip(
                AMOUNT_COLUMNS,
                map(yuan, (amounts.paid, amounts.owed, amounts.freight, amounts.shop,
                           amounts.platform, amounts.talent, amounts.payment)),
                strict=True,
            )
        )  # fmt: skip

    @api.model
    def _mark_aftersales(self, settled):
        """Record at which stage a refund found its order, and who won."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE channel_aftersale a
                   SET stage_stopped = COALESCE(a.stage_stopped, v.stage),
                       winner = COALESCE(a.winner, CASE
                           WHEN v.stage = ANY(%(left)s) THEN 'shipment'
                           WHEN a.status = 'succeeded' THEN 'refund' END)
                  FROM unnest(%(ids)s, %(stages)s) AS v(id, stage)
                 WHERE a.order_id = v.id AND a.kind = %(kind)s
                """,
                left=sorted(stages.LEFT),
                ids=[settlement.stored.id for settlement in settled],
                stages=[settlement.stored.stage for settlement in settled],
                kind=STOPPING.value,
            )
        )
