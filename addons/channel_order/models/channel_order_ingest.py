from dataclasses import dataclass, field, replace
from dataclasses import fields as fields_of
from datetime import date
from operator import attrgetter

from odoo import api, fields, models
from odoo.tools import SQL, groupby

from ..batch_sql import unix
from ..core import checks, plan
from ..core.allocation import allocate
from ..core.facts import ReceiverKeys
from ..core.lines import as_snapshot, china_day
from ..core.snapshot import LineSnapshot, OrderSnapshot, Problem, ReceiverSnapshot

# all that a line says, three times as fast as its repr
_line_words = attrgetter(*(column.name for column in fields_of(LineSnapshot)))


@dataclass
class IngestResult:
    """What a batch did: order numbers, and the problems of those that cannot go on."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    exceptions: dict[str, list[Problem]] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """Snapshots of a batch, one an order; by order number what is made of each alone.

    ``digests`` say whether it is news, ``keys`` are the receiver's hashes, ``secrets`` the
    encrypted receivers of those that have one.
    """

    latest: dict[str, OrderSnapshot]
    digests: dict[str, str]
    keys: dict[str, ReceiverKeys]
    secrets: dict[str, str]


class ChannelOrder(models.Model):
    """The batch path: gather, plan in pure code, give out units, write. No record by record."""

    _inherit = "channel.order"

    @api.model
    def _ingest(self, shop, snapshots, prepared=None):
        """Bring orders of a shop to what the platform says, each exactly once.

        One transaction at a time does this (``_lock_allocation``). A snapshot that is older than
        what is stored, or says the same, changes nothing; of several of one order the newest wins.

        :param snapshots: list of :class:`OrderSnapshot` of this shop
        :param prepared: what ``_prepare`` made of the same snapshots before
        :return: :class:`IngestResult`
        :raises ValueError: a snapshot without an order number
        :raises UserError: the data key that protects receivers is not configured
        """
        shop.ensure_one()
        orders = self.sudo().with_company(shop.company_id)
        ready = prepared or orders._prepare(snapshots)
        orders._lock_allocation()
        latest = ready.latest
        if not latest:
            return IngestResult()
        stored = orders._gather_stored(
            SQL("shop_id = %s AND order_ref = ANY(%s)", shop.id, list(latest))
        )
        news = {
            ref: snapshot
            for ref, snapshot in latest.items()
            if plan.is_news(snapshot, ready.digests[ref], stored.get(ref))
        }
        result = IngestResult(unchanged=[ref for ref in latest if ref not in news])
        if not news:
            return result
        stored = orders._with_lines({ref: stored[ref] for ref in news if ref in stored})
        keys = {ref: ready.keys[ref] for ref in news}
        context = orders._gather_context(shop, news, stored, keys)
        plans = [
            plan.make(snapshot, stored.get(ref), keys[ref], context)
            for ref, snapshot in news.items()
        ]
        plans, chosen, territories = orders._give_units(shop, plans)
        orders._store_plans(shop, plans, chosen, territories, prepared=ready)
        for order_plan in plans:
            (result.updated if order_plan.stored else result.created).append(order_plan.ref)
            if order_plan.problems:
                result.exceptions[order_plan.ref] = list(order_plan.problems)
        return result

    @api.model
    def _prepare(self, snapshots):
        """The part of taking orders in that needs nobody else's data, and so no lock.

        :param snapshots: list of :class:`OrderSnapshot` of one shop
        :raises ValueError: a snapshot without an order number
        """
        latest = plan.newest(snapshots)
        vault = self.env["channel.vault"]._vault()
        return Prepared(
            latest=latest,
            digests={ref: self._snapshot_digest(vault, snap) for ref, snap in latest.items()},
            keys={ref: self._receiver_keys(vault, snap.receiver) for ref, snap in latest.items()},
            secrets={
                ref: vault.encrypt(snap.receiver.secret)
                for ref, snap in latest.items()
                if snap.receiver.secret
            },
        )

    @api.model
    def _with_lines(self, stored):
        """The same orders with their lines."""
        lines = self._gather_lines([order.id for order in stored.values()])
        return {ref: replace(order, lines=lines.get(order.id, ())) for ref, order in stored.items()}

    @api.model
    def _snapshot_digest(self, vault, snapshot):
        """A keyed digest of what a snapshot says, without its cipher texts.

        Platforms encrypt anew for every answer, so the cipher is no news; the masked texts and the
        search tokens are.
        """
        who = snapshot.receiver
        return vault.keyed_hash("snapshot", repr((
            snapshot.status.value, snapshot.created_at, snapshot.paid_at, snapshot.freight,
            snapshot.paid, snapshot.ship_by, snapshot.buyer_note, snapshot.seller_note,
            who.name_masked, who.phone_masked, who.address_masked, who.province, who.city,
            who.district, who.phone_token, who.name_token, who.address_token, who.merge_token,
            [_line_words(line) for line in snapshot.lines], snapshot.problems,
            # only where there is one: orders without a flag are no news because of it
            *([snapshot.seller_flag] if snapshot.seller_flag else []),
        )).encode("utf-8", "replace").decode())  # fmt: skip

    # -- units -----------------------------------------------------------------------------------

    @api.model
    def _give_units(self, shop, plans):
        """Give back what the plans free, then give out units to those that want some.

        :return: plans as decided, {order number: fulfiller id}, {order number: territory id}
        """
        released = [line_id for order_plan in plans for line_id in order_plan.release]
        if released:
            self._release_units(self.env["channel.order.line"].browse(released))
        territories = self._match_territories(plans)
        wanting = [order_plan for order_plan in plans if order_plan.wants_units]
        if not wanting:
            return plans, {}, territories
        paths = self._territory_paths(territories[order_plan.ref] for order_plan in wanting)
        demands = [
            plan.demand(order_plan, paths.get(territories[order_plan.ref], ()))
            for order_plan in wanting
        ]
        day = date.fromordinal(china_day(unix(fields.Datetime.now())))
        decisions = allocate(
            demands,
            self._gather_quotas({pool for want in demands for pool, _units in want.units}),
            self._gather_fulfillers(shop, day),
        )
        self._take_units(decisions, day)
        by_ref = {decision.order_ref: decision for decision in decisions}
        chosen = {
            ref: decision.fulfiller_id for ref, decision in by_ref.items() if decision.fulfiller_id
        }
        settled = [
            plan.settle(order_plan, by_ref[order_plan.ref]) if order_plan.ref in by_ref
            else order_plan
            for order_plan in plans
        ]  # fmt: skip
        return settled, chosen, territories

    @api.model
    def _match_territories(self, plans):
        """{order number: territory id or None} by the receiver's province and city."""
        pairs = {
            order_plan.ref: (
                order_plan.snapshot.receiver.province,
                order_plan.snapshot.receiver.city,
            )
            for order_plan in plans
        }
        matched = self.env["channel.territory"]._match_ids(set(pairs.values()))
        return {ref: matched[pair] or None for ref, pair in pairs.items()}

    # -- looking again -----------------------------------------------------------------------------

    @api.model
    def _replan(self, order_ids, kind="retried", note=None):
        """Judge stored orders again by our own data: links, prices, blocklist, offers, units.

        Orders beyond the queue are left alone. What only the platform can set right (amounts, an
        unreadable message) stays an open exception until a person accepts it.

        :return: the orders that were judged
        """
        orders = self.sudo()
        orders._lock_allocation()
        groups = orders.env.execute_query(
            SQL(
                """
                SELECT shop_id, array_agg(id) FROM channel_order
                 WHERE id = ANY(%s) AND stage IN ('exception', 'queued')
                 GROUP BY shop_id ORDER BY shop_id
                """,
                list(order_ids),
            )
        )
        for shop_id, ids in groups:
            shop = orders.env["channel.shop"].browse(shop_id)
            stored = orders._gather_stored(SQL("id = ANY(%s)", ids))
            orders.with_company(shop.company_id)._replan_shop(shop, stored, kind, note)
        return self.browse(order_id for _shop_id, ids in groups for order_id in ids)

    @api.model
    def _replan_shop(self, shop, stored, kind, note):
        stored = self._with_lines(stored)
        news = {ref: self._stored_snapshot(order) for ref, order in stored.items()}
        keys = {ref: order.keys for ref, order in stored.items()}
        context = self._gather_context(shop, news, stored, keys)
        plans = []
        for ref, snapshot in news.items():
            sticky = tuple(
                problem
                for problem in context.open_problems.get(stored[ref].id, ())
                if problem.type in checks.FROM_SNAPSHOT and problem.type != "quantity"
            )
            snapshot = replace(snapshot, problems=sticky)
            plans.append(
                replace(plan.make(snapshot, stored[ref], keys[ref], context), write_receiver=False)
            )
        plans, chosen, territories = self._give_units(shop, plans)
        self._store_plans(shop, plans, chosen, territories, kind=kind, note=note)

    @api.model
    def _stored_snapshot(self, order):
        """What the platform said, rebuilt from the stored order."""
        lines = tuple(
            as_snapshot(list(parts))
            for _ref, parts in groupby(order.lines, key=lambda line: line.line_ref)
        )
        freight = order.freight
        return OrderSnapshot(
            platform="",
            order_ref=order.ref,
            status=order.status,
            created_at=order.created_at,
            paid_at=order.paid_at,
            updated_at=order.updated_at,
            freight=freight,
            paid=freight + sum(line.paid for line in lines),
            receiver=ReceiverSnapshot(*order.receiver),
            lines=lines,
        )
