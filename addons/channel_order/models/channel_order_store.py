from odoo import api, models
from odoo.tools import SQL

from ..batch_sql import copy_rows, moment, next_ids, update_rows, yuan
from ..core import refunds, stages

AMOUNT_COLUMNS = (
    "amount_paid", "amount_owed", "amount_freight",
    "discount_shop", "discount_platform", "discount_talent", "discount_payment",
)  # fmt: skip
SNAPSHOT_TYPES = {
    "platform_status": "text", "paid_at": "timestamp", "updated_at": "timestamp",
    "ship_by": "timestamp", "buyer_note": "text", "seller_note": "text", "snapshot_digest": "text",
    "seller_flag": "text",
}  # fmt: skip
RECEIVER_TYPES = dict.fromkeys(
    (
        "province", "city", "district", "receiver_name_masked", "receiver_phone_masked",
        "receiver_address_masked", "phone_key", "name_key", "address_key", "merge_key",
    ),
    "text",
) | {"territory_id": "int4"}  # fmt: skip
STATE_TYPES = {
    "stage": "text", "refund_open": "bool", "fulfiller_id": "int4", "allocated_at": "timestamp",
}  # fmt: skip
LINE_AMOUNTS = (
    "amount_list", "amount_paid", "discount_shop", "discount_platform", "discount_talent",
    "discount_payment",
)  # fmt: skip
LINE_COLUMNS = (
    "order_id", "line_ref", "part", "sku_ref", "sku_code", "title", "link_id", "pool_id",
    "product_id", "quantity", "item_quantity", *LINE_AMOUNTS, "amount_owed", "gift", "room_ref",
    "author_ref", "author_name", "refund_flag", "state",
)  # fmt: skip
EVENT_COLUMNS = ("order_id", "at", "kind", "stage_from", "stage_to", "user_id", "note")
KIND_OF_STAGE = {
    stages.HELD: "held", stages.EXCEPTION: "exception", stages.ALLOCATED: "allocated",
    stages.CANCELLED: "cancelled", stages.REFUNDED: "refunded", stages.SHIPPED: "shipped",
    stages.DONE: "done",
}  # fmt: skip


class ChannelOrder(models.Model):
    """Writing a plan: COPY for what is new, one UPDATE for what changes."""

    _inherit = "channel.order"

    @api.model
    def _ingest_order_values(self, plans):
        """Hook: values of columns that other addons add to the order.

        :param plans: list of :class:`OrderPlan` whose lines are written
        :return: {column: {order number: value as text, number, bool or None}}
        """
        return {}

    @api.model
    def _address_changed(self, orders):
        """Hook: the platform changed the receiver of these orders, before they were packed."""

    @api.model
    def _store_plans(
        self, shop, plans, chosen, territories, *, prepared=None, kind=None, note=None
    ):
        """Write what was planned.

        :param chosen: {order number: fulfiller id} of the orders that got units now
        :param kind: event kind when stored orders are judged again (no new snapshot)
        """
        self.env.cr.execute(SQL("SELECT now() AT TIME ZONE 'UTC'"))
        now = self.env.cr.fetchone()[0].strftime("%Y-%m-%d %H:%M:%S")
        new = [order_plan for order_plan in plans if order_plan.stored is None]
        old = [order_plan for order_plan in plans if order_plan.stored is not None]
        ids = {order_plan.ref: order_plan.stored.id for order_plan in old}
        ids.update(
            zip(
                (order_plan.ref for order_plan in new),
                next_ids(self.env.cr, self._table, len(new)),
                strict=True,
            )
        )
        extra = self._ingest_order_values([p for p in plans if p.stored is None or p.rebuild])
        rows = {
            order_plan.ref: self._order_row(
                shop, order_plan, chosen, territories, now, prepared
            ) | {"id": ids[order_plan.ref]}
            | {column: values.get(order_plan.ref) for column, values in extra.items()}
            for order_plan in plans
        }  # fmt: skip
        self._insert_orders(shop, [rows[order_plan.ref] for order_plan in new], now)
        self._update_orders(old, rows, extra, snapshot=kind is None, secret=prepared is not None)
        self._write_lines(plans, ids)
        events = [
            row for order_plan in plans
            for row in self._event_rows(order_plan, ids[order_plan.ref], now, kind, note)
        ]  # fmt: skip
        copy_rows(self.env.cr, "channel_order_event", EVENT_COLUMNS, events)
        self._sync_exceptions(shop, plans, ids)
        self._link_aftersales(shop, new, ids)
        self.env.invalidate_all(flush=False)
        changed = [ids[order_plan.ref] for order_plan in old if order_plan.address_changed]
        if changed:
            self._address_changed(self.browse(changed))

    @api.model
    def _order_row(self, shop, order_plan, chosen, territories, now, prepared):
        """Every column a plan may write, as text of the database."""
        snapshot, stored, ref = order_plan.snapshot, order_plan.stored, order_plan.ref
        receiver, keys = snapshot.receiver, order_plan.keys
        row = {
            "order_ref": ref,
            "stage": order_plan.stage,
            "platform_status": str(snapshot.status),
            "created_at": moment(snapshot.created_at),
            "paid_at": moment(snapshot.paid_at),
            "updated_at": moment(snapshot.updated_at),
            "ship_by": moment(snapshot.ship_by),
            "buyer_note": snapshot.buyer_note or None,
            "seller_note": snapshot.seller_note or None,
            "seller_flag": str(snapshot.seller_flag) if snapshot.seller_flag else None,
            "refund_open": order_plan.refund_open,
            "snapshot_digest": prepared.digests[ref] if prepared else None,
            "fulfiller_id": chosen.get(ref),
            "allocated_at": now if ref in chosen else None,
            "territory_id": territories[ref],
            "province": receiver.province or None,
            "city": receiver.city or None,
            "district": receiver.district or None,
            "receiver_name_masked": receiver.name_masked or None,
            "receiver_phone_masked": receiver.phone_masked or None,
            "receiver_address_masked": receiver.address_masked or None,
            "phone_key": keys.phone,
            "name_key": keys.name,
            "address_key": keys.address,
            "merge_key": keys.merge,
        }
        # only of receivers that are new or moved; a cipher never changes alone
        if prepared and (stored is None or order_plan.write_receiver):
            row["receiver_secret"] = prepared.secrets.get(ref)
        if order_plan.totals:
            amounts = order_plan.totals
            row |= zip(
                AMOUNT_COLUMNS,
                map(yuan, (amounts.paid, amounts.owed, amounts.freight, amounts.shop,
                           amounts.platform, amounts.talent, amounts.payment)),
                strict=True,
            )  # fmt: skip
        return row

    @api.model
    def _insert_orders(self, shop, rows, now):
        if not rows:
            return
        fixed = {
            "shop_id": shop.id,
            "company_id": shop.company_id.id,
            "member_id": shop.member_id.id or None,
            "currency_id": shop.company_id.currency_id.id,
            "received_at": now,
        }
        columns = [*rows[0], *fixed]
        tail = list(fixed.values())
        copy_rows(self.env.cr, self._table, columns, ([*row.values(), *tail] for row in rows))

    @api.model
    def _update_orders(self, plans, rows, extra, *, snapshot, secret):
        """Write stored orders, grouped by which columns they change."""
        base = (SNAPSHOT_TYPES if snapshot else {}) | STATE_TYPES
        groups = {}
        for order_plan in plans:
            row = rows[order_plan.ref]
            types = dict(base)
            if order_plan.stage == order_plan.stored.stage:
                # giving back another order's units may just have moved this one (its parcel is
                # packed anew): what does not change is not written
                types.pop("stage")
            if order_plan.totals:
                types |= dict.fromkeys(AMOUNT_COLUMNS, "numeric")
            if snapshot and order_plan.write_receiver:
                types |= RECEIVER_TYPES
                if secret and row.get("receiver_secret"):
                    types["receiver_secret"] = "text"
            if not row["fulfiller_id"] and order_plan.stage not in (
                stages.QUEUED, stages.HELD, stages.EXCEPTION
            ):  # fmt: skip
                # who ships (or would have) stays known
                types.pop("fulfiller_id")
                types.pop("allocated_at")
            if order_plan.rebuild:
                types |= dict.fromkeys(extra, "int4")
            groups.setdefault(tuple(types.items()), []).append(row)
        self._allow_put_back(
            any(
                order_plan.stage == stages.QUEUED and order_plan.stored.stage == stages.ALLOCATED
                for order_plan in plans
            )
        )
        for types, group in groups.items():
            update_rows(self.env.cr, self._table, dict(types), group)
        self._allow_put_back(False)

    @api.model
    def _write_lines(self, plans, ids):
        """Lines of new and rebuilt orders by COPY; of the others only those that changed."""
        rebuilt = [p.stored.id for p in plans if p.stored and p.rebuild and p.stored.lines]
        if rebuilt:
            self.env.cr.execute(
                SQL("DELETE FROM channel_order_line WHERE order_id = ANY(%s)", rebuilt)
            )
        fresh = (
            self._line_row(ids[order_plan.ref], line)
            for order_plan in plans if order_plan.stored is None or order_plan.rebuild
            for line in order_plan.lines
        )  # fmt: skip
        copy_rows(self.env.cr, "channel_order_line", LINE_COLUMNS, fresh)
        changed = [
            row for order_plan in plans if order_plan.stored and not order_plan.rebuild
            for row in self._line_changes(order_plan)
        ]  # fmt: skip
        types = dict.fromkeys((*LINE_AMOUNTS, "amount_owed"), "numeric")
        types |= {"state": "text", "refund_flag": "bool"}
        update_rows(self.env.cr, "channel_order_line", types, changed)

    @api.model
    def _line_row(self, order_id, line):
        part, told = line.part, line.part.line
        return (
            order_id, told.line_id, part.part, told.sku_ref, told.sku_code, told.title,
            part.link_id, line.pool_id, part.product_id, part.quantity, part.item_quantity,
            *map(yuan, part.amounts), yuan(part.amounts.owed), part.gift, told.room_ref,
            told.author_ref, told.author_name, line.refund_flag, line.state,
        )  # fmt: skip

    @api.model
    def _line_changes(self, order_plan):
        before = {line.id: line for line in order_plan.stored.lines}
        for line in order_plan.lines:
            old, amounts = before[line.stored_id], line.part.amounts
            if (old.amounts, old.state, old.refund_flag) != (amounts, line.state, line.refund_flag):
                yield dict(
                    zip(LINE_AMOUNTS, map(yuan, amounts), strict=True),
                    id=line.stored_id, amount_owed=yuan(amounts.owed), state=line.state,
                    refund_flag=line.refund_flag,
                )  # fmt: skip

    @api.model
    def _event_rows(self, order_plan, order_id, now, kind, note):
        """Rows of the order's timeline for what a plan changes."""
        stored, stage = order_plan.stored, order_plan.stage
        before = stored.stage if stored else None
        note = note or "\n".join(problem.detail for problem in order_plan.problems)[:1000] or None
        user = self.env.uid

        def row(event, text=None):
            return (order_id, now, event, before, stage, user, text)

        if stored is None:
            return [row("created", note)]
        rows = []
        if order_plan.address_changed:
            rows.append(row("address"))
        if stored.refund_open != order_plan.refund_open:
            rows.append(row("refund_asked" if order_plan.refund_open else "refund_closed"))
        if stage != before:
            back = before == stages.ALLOCATED and stage == stages.QUEUED
            rows.append(row("put_back" if back else KIND_OF_STAGE.get(stage, "updated"), note))
        elif not rows and kind is None:
            rows.append(row("updated"))
        if kind == "retried":
            rows.append(row("retried", note))
        return rows

    @api.model
    def _sync_exceptions(self, shop, plans, ids):
        """Open what the plans found, clear what they did not find any more.

        Orders that had left or ended before are left alone: what is open about them (a shipment
        that the platform refuses to hear of) has nothing to do with their snapshots.
        """
        over = stages.LEFT | stages.ENDED
        exceptions = self.env["channel.exception"]
        exceptions._sync(
            shop,
            {
                ids[order_plan.ref]: (order_plan.ref, order_plan.problems)
                for order_plan in plans
                if order_plan.problems
                or (order_plan.stored and order_plan.stored.stage not in over)
            },
        )
        exceptions._clear_all(
            [
                order_plan.stored.id
                for order_plan in plans
                if order_plan.stored
                and order_plan.stored.stage not in over
                and order_plan.stage in stages.ENDED
            ]
        )

    @api.model
    def _link_aftersales(self, shop, plans, ids):
        """After-sales that came before their order find it now."""
        claims = self._unlinked_aftersales(shop, [order_plan.ref for order_plan in plans])
        if not claims:
            return
        stage_of = {order_plan.ref: order_plan.stage for order_plan in plans}
        rows = [
            {
                "id": aftersale_id,
                "order_id": ids[ref],
                "stage_stopped": stage_of[ref] if kind == "refund_before_ship" else None,
                "winner": refunds.winner_of(stage_of[ref], status == "succeeded")
                if kind == "refund_before_ship"
                else None,
            }
            for aftersale_id, ref, kind, status in claims
        ]
        update_rows(
            self.env.cr,
            "channel_aftersale",
            {"order_id": "int4", "stage_stopped": "text", "winner": "text"},
            rows,
        )
        self.env["channel.aftersale"]._restep([row["id"] for row in rows])
        self.env["channel.exception"]._clear_refs(
            shop, "refund_unknown_order", [ref for _id, ref, _kind, _status in claims]
        )

    @api.model
    def _unlinked_aftersales(self, shop, refs):
        return self.env.execute_query(
            SQL(
                """
                SELECT id, order_ref, kind, status FROM channel_aftersale
                 WHERE shop_id = %s AND order_ref = ANY(%s) AND order_id IS NULL
                """,
                shop.id,
                refs,
            )
        )
