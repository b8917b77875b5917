import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.channel_order.batch_sql import NULL, copy_lines, copy_rows, moment, next_ids, yuan
from odoo.addons.channel_order.core import stages

from ..core.choose import Chooser, Claim, Sale, claims
from ..core.clawback import Refund
from ..core.events import SALE, Back, Group, refunds, sale
from ..core.split import Line, Order

AT_ONCE = 5000  # orders a transaction
EVENT_COLUMNS = (
    "id", "company_id", "shop_id", "order_id", "aftersale_id", "day", "amount", "released_at",
    "terms",
)  # fmt: skip
SHARE_COLUMNS = (
    "event_id", "company_id", "order_id", "line_id", "rule_id", "role", "partner_id", "settled_by",
    "amount",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Piece:
    """A line of an order, and what its scheme depends on; ids, 0 where there is none."""

    line: Line
    talent: int
    category: int
    live: bool


@dataclass(slots=True)
class _Sold:
    """An order that left, as it is in the database, with what is written of it."""

    id: int
    company: int
    shop: int
    session: int
    member: int
    shipper: int
    freight: int
    released: int
    day: date
    pieces: list[_Piece] = field(default_factory=list)
    backs: dict[int, tuple[date, list[Refund]]] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    terms: list | None = None
    written: Counter = field(default_factory=Counter)


class _Waits(Exception):
    """An order cannot be split now: reason and detail."""


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
                    "UPDATE settlement_todo t SET reason = v.reason, detail = v.detail"
                    " FROM unnest(%s, %s::text[], %s::text[]) AS v(id, reason, detail) WHERE t.id = v.id",
                    list(first.values()),
                    [waits[order][0] for order in first],
                    [waits[order][1] for order in first],
                )
            )
        self.env["settlement.todo"].invalidate_model(flush=False)

    # -- gather --------------------------------------------------------------------------------

    def _gather(self, order_ids):
        """{order id: ``_Sold``} of orders that left, with lines, refunds and what is written."""
        self.env.cr.execute(
            SQL(
                """
                SELECT o.id, o.company_id, o.shop_id, coalesce(o.session_id, 0),
                       coalesce(o.member_id, 0), coalesce(f.member_id, 0),
                       coalesce(o.amount_freight * 100, 0)::bigint,
                       extract(epoch FROM coalesce(e.released, o.paid_at, o.created_at))::bigint,
                       (coalesce(e.shipped, o.updated_at)
                        AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Shanghai')::date
                  FROM channel_order o
                  LEFT JOIN channel_fulfiller f ON f.id = o.fulfiller_id
                  LEFT JOIN (
                       SELECT order_id, min(at) FILTER (WHERE stage_to = 'allocated') AS released,
                              max(at) FILTER (WHERE stage_to = 'shipped') AS shipped
                         FROM channel_order_event
                        WHERE order_id = ANY(%(ids)s) AND stage_to IN ('allocated', 'shipped')
                        GROUP BY order_id) e ON e.order_id = o.id
                 WHERE o.id = ANY(%(ids)s) AND o.stage = ANY(%(left)s) ORDER BY o.id
                """,
                ids=order_ids,
                left=sorted(stages.LEFT),
            )
        )
        orders = {row[0]: _Sold(*row) for row in self.env.cr.fetchall()}
        self._gather_lines(orders)
        self._gather_refunds(orders)
        self._gather_written(orders)
        return orders

    def _gather_lines(self, orders):
        talents = self._talents()
        self.env.cr.execute(
            SQL(
                """
                SELECT l.order_id, l.id, l.quantity, (l.amount_list * 100)::bigint,
                       (l.amount_paid * 100)::bigint, (l.discount_shop * 100)::bigint,
                       (l.discount_platform * 100)::bigint, (l.discount_talent * 100)::bigint,
                       (l.discount_payment * 100)::bigint, coalesce(t.categ_id, 0), s.platform,
                       o.company_id, coalesce(l.author_ref, ''), coalesce(l.room_ref, '') <> ''
                  FROM channel_order_line l
                  JOIN channel_order o ON o.id = l.order_id
                  JOIN channel_shop s ON s.id = o.shop_id
                  LEFT JOIN product_product p ON p.id = l.product_id
                  LEFT JOIN product_template t ON t.id = p.product_tmpl_id
                 WHERE l.order_id = ANY(%s) AND l.state = 'live' ORDER BY l.id
                """,
                list(orders),
            )
        )
        for order, id, units, listed, paid, *rest in self.env.cr.fetchall():
            shop, platform, talent, payment, category, where, company, author, live = rest
            line = Line(
                id, units, listed or 0, paid or 0, shop or 0, platform or 0, talent or 0,
                payment or 0,
            )  # fmt: skip
            seller = talents.get((company, where, author), 0) if author else 0
            orders[order].pieces.append(_Piece(line, seller, category, live))

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
                SELECT order_id, aftersale_id, day, coalesce(line_id, 0),
                       (amount * 100)::bigint, units
                  FROM channel_order_credit WHERE order_id = ANY(%s) ORDER BY id
                """,
                list(orders),
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
        """Write what the orders lack; {order id: (reason, detail)} of those that must wait."""
        book = _Book(self.env, orders.values())
        waits, found = {}, []
        for order in orders.values():
            try:
                found += [(order, event, terms) for event, terms in book.events(order)]
            except _Waits as wait:
                waits[order.id] = wait.args
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
                f"\t{claim.role}\t{claim.partner or NULL}\t{claim.settled_by}\t{yuan(share.fen)}\n"
                for id, (order, event, _terms) in zip(ids, found, strict=True)
                for share, claim in event.shares
            ),
        )
        return waits


class _Book:
    """What the orders of a batch have in common: schemes, parties, words."""

    def __init__(self, env, orders):
        self.env = env
        schemes = env["settlement.scheme"].search([("state", "!=", "draft")])
        self.schemes = {}
        self.roles = {}
        chains = defaultdict(list)
        for scheme in schemes:
            chains[scheme.company_id.id].append(scheme._terms())
            self.schemes[scheme.id] = scheme._scheme()
            self.roles[scheme.id] = tuple(rule._role() for rule in scheme.rule_ids)
        self.choosers = {company: Chooser(terms) for company, terms in chains.items()}
        self._load_parties(orders)
        self._claims = {}

    def _load_parties(self, orders):
        env = self.env
        self.talents = {
            talent.id: talent
            for talent in env["channel.talent"].with_context(active_test=False).search([])
        }
        self.shops = {
            shop.id: shop
            for shop in env["channel.shop"].browse({order.shop for order in orders}).exists()
        }
        self.grades = {id: shop.member_id.grade_id.id or 0 for id, shop in self.shops.items()}
        sessions = env["channel.session"].browse({order.session for order in orders} - {0})
        self.hosts = {session.id: session.host_id.id for session in sessions.exists()}
        members = {order.member for order in orders} | {order.shipper for order in orders}
        self.members = {
            member.id: member for member in env["channel.member"].browse(members - {0}).exists()
        }

    def events(self, order):
        """The events that an order lacks, each with the terms to keep: (event, JSON or None)."""
        if not order.pieces:
            raise _Waits("no_line", None)
        begun = order.terms is not None
        groups = self._groups_of(order) if begun else self._choose(order)
        found = [] if begun else [(sale(groups, order.day), _terms_of(groups))]
        if order.backs:
            written = Counter(order.written)
            for event, _terms in found:
                for share, _claim in event.shares:
                    written[share.line, share.rule] += share.fen
            backs = [Back(id, day, tuple(rows)) for id, (day, rows) in order.backs.items()]
            before = [back for back in backs if back.aftersale in order.done]
            news = [back for back in backs if back.aftersale not in order.done]
            found += [(event, None) for event in refunds(groups, written, before, news)]
        return found

    def _choose(self, order):
        """The groups of an order that is split now, the one with the freight first."""
        chooser = self.choosers.get(order.company)
        lines = {}
        for piece in order.pieces:
            talent = piece.talent or self.hosts.get(order.session) or 0
            scheme = chooser and chooser.choose(self._sale(order, piece, talent), order.released)
            if not scheme:
                raise _Waits("no_scheme", None)
            lines.setdefault((scheme, talent), []).append(piece.line)
        rank = {scheme: place for place, scheme in enumerate(self.schemes)}
        keys = sorted(lines, key=lambda key: (rank[key[0]], lines[key][0].id))
        return [
            Group(
                scheme, self.schemes[scheme],
                Order(tuple(lines[scheme, talent]), 0 if place else order.freight),
                self._claims_of(order, scheme, talent),
            )
            for place, (scheme, talent) in enumerate(keys)
        ]  # fmt: skip

    def _groups_of(self, order):
        """The groups of an order as it was split before."""
        lines = {piece.line.id: piece.line for piece in order.pieces}
        if any(id not in lines for kept in order.terms for id in kept["lines"]):
            raise _Waits("no_line", None)
        groups = []
        for place, kept in enumerate(order.terms):
            roles = {role.rule: role for role in self.roles[kept["scheme"]]}
            groups.append(
                Group(
                    kept["scheme"], self.schemes[kept["scheme"]],
                    Order(
                        tuple(lines[id] for id in kept["lines"]), 0 if place else order.freight
                    ),
                    tuple(
                        Claim(rule, roles[rule].role, partner, settled_by)
                        for rule, partner, settled_by in kept["claims"]
                    ),
                )
            )  # fmt: skip
        return groups

    def _sale(self, order, piece, talent):
        kind = "live" if piece.live else "promoted" if piece.talent else "shop"
        return Sale(
            _day(order.released), order.shop, order.session, talent, piece.category,
            self.grades[order.shop], kind,
        )  # fmt: skip

    def _claims_of(self, order, scheme, talent):
        key = scheme, talent, order.shop, order.session, order.member, order.shipper
        if key not in self._claims:
            try:
                self._claims[key] = claims(self.roles[scheme], self._there(order, talent))
            except LookupError as error:
                self._claims[key] = error.args[0]
        found = self._claims[key]
        if isinstance(found, str):
            raise _Waits("no_contact", found)
        return found

    def _there(self, order, talent):
        """Contact of each role that has a part in an order."""
        shop = self.shops[order.shop]
        there = {
            "brand": shop.company_id.partner_id.id,
            "platform": shop.clearing_partner_id.id or None,
        }
        host = self.hosts.get(order.session)
        for one in filter(None, (self.talents.get(host), self.talents.get(talent))):
            there[one.kind] = one.partner_id.id or None
            if one.colonel_id:
                there["colonel"] = one.colonel_id.partner_id.id or None
            if one.mcn_id:
                there["mcn"] = one.mcn_id.partner_id.id or None
        for member in filter(None, map(self.members.get, (order.member, order.shipper))):
            while member:
                there.setdefault(member.kind, member.partner_id.id)
                member = member.parent_id
        return there


@lru_cache(maxsize=4096)
def _day_of_hour(hour):
    return (datetime.fromtimestamp(hour * 3600, UTC) + timedelta(hours=8)).date()


def _day(at):
    """The day in China of a unix time."""
    return _day_of_hour(at // 3600)


def _terms_of(groups):
    """What a sale keeps of its groups, as JSON: they are read back by ``_Book._groups_of``."""
    parts = (
        f'{{"scheme": {group.terms}, "lines": {[line.id for line in group.order.lines]},'
        f' "claims": {_claims_json(group.claims)}}}'
        for group in groups
    )
    return f"[{', '.join(parts)}]"


@lru_cache(maxsize=4096)
def _claims_json(found):
    return json.dumps([[claim.rule, claim.partner, claim.settled_by] for claim in found])
