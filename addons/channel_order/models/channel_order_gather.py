from collections import defaultdict
from datetime import date

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.channel_network.core import vault as vault_core

from ..batch_sql import unix
from ..core.allocation import FulfillerRule, Quota
from ..core.checks import Pool
from ..core.explode import Amounts, Component, Link
from ..core.facts import Claim, Context, ReceiverKeys, Stored, StoredLine
from ..core.lines import china_day
from ..core.snapshot import PlatformStatus, Problem
from ..fact_json import read_facts

NORMALISE = {
    "phone": vault_core.normalise_phone,
    "name": vault_core.normalise_name,
    "address": vault_core.normalise_address,
}
PLAIN = "plain:"


class ChannelOrder(models.Model):
    """Gathering: one query for each kind of data a batch is judged by."""

    _inherit = "channel.order"

    @api.model
    def _gather_stored(self, where):
        """Orders as values of the plan, without lines: {order number: Stored}.

        :param where: SQL condition on ``channel_order``
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, order_ref, stage, platform_status, updated_at, snapshot_digest, paid_at,
                       created_at, (amount_freight * 100)::bigint, COALESCE(refund_open, false),
                       fulfiller_id, territory_id, phone_key, name_key, address_key, merge_key,
                       receiver_name_masked, receiver_phone_masked, receiver_address_masked,
                       province, city, district
                  FROM channel_order WHERE %s
                """,
                where,
            )
        )
        return {
            row[1]: Stored(
                id=row[0],
                ref=row[1],
                stage=row[2],
                status=PlatformStatus(row[3]),
                updated_at=unix(row[4]),
                digest=row[5],
                paid_at=unix(row[6]),
                created_at=unix(row[7]),
                freight=row[8] or 0,
                refund_open=row[9],
                fulfiller_id=row[10],
                territory_id=row[11],
                keys=ReceiverKeys(*row[12:16]),
                receiver=tuple(text or "" for text in row[16:22]),
            )
            for row in rows
        }

    @api.model
    def _gather_lines(self, order_ids):
        """Stored lines of orders: {order id: tuple of StoredLine}."""
        result = defaultdict(list)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT order_id, id, line_ref, part, COALESCE(sku_ref, ''), link_id, pool_id,
                       quantity, item_quantity, (amount_list * 100)::bigint,
                       (amount_paid * 100)::bigint, (discount_shop * 100)::bigint,
                       (discount_platform * 100)::bigint, (discount_talent * 100)::bigint,
                       (discount_payment * 100)::bigint, state, COALESCE(refund_flag, false),
                       COALESCE(gift, false), product_id, COALESCE(sku_code, ''),
                       COALESCE(title, ''), COALESCE(room_ref, ''), COALESCE(author_ref, ''),
                       COALESCE(author_name, '')
                  FROM channel_order_line WHERE order_id = ANY(%s) ORDER BY order_id, id
                """,
                list(order_ids),
            )
        )
        for row in rows:
            result[row[0]].append(StoredLine(*row[1:9], Amounts(*row[9:15]), *row[15:]))
        return {order_id: tuple(lines) for order_id, lines in result.items()}

    @api.model
    def _gather_context(self, shop, snapshots, stored, keys):
        """Everything else a batch is judged by, one query a kind.

        :param snapshots: {order number: OrderSnapshot}
        :param stored: {order number: Stored} with lines
        :param keys: {order number: ReceiverKeys}
        """
        links = self._gather_links(shop, snapshots, stored)
        by_sku = defaultdict(list)
        for link in links.values():
            by_sku[link.sku_ref].append(link)
        order_ids = [order.id for order in stored.values()]
        accepted, problems = self._gather_exceptions(order_ids)
        return Context(
            links={sku: tuple(versions) for sku, versions in by_sku.items()},
            links_by_id=links,
            pools=self._gather_pools(shop, links),
            bands=self._gather_bands(shop, snapshots, links),
            blocked=self._gather_blocked(shop, keys.values()),
            at_risk=self._gather_at_risk(shop, keys.values()),
            claims=self._gather_claims(shop, list(snapshots)),
            accepted=accepted,
            open_problems=problems,
        )

    @api.model
    def _gather_links(self, shop, snapshots, stored):
        """Link versions with their components: {link id: Link}."""
        skus = {
            line.sku_ref or line.sku_code
            for snapshot in snapshots.values()
            for line in snapshot.lines
        }
        ids = {line.link_id for order in stored.values() for line in order.lines if line.link_id}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT link.id, link.sku_ref, link.date_from, link.date_to,
                       part.product_id, part.quantity, part.price_share
                  FROM channel_link link JOIN channel_link_component part ON part.link_id = link.id
                 WHERE link.shop_id = %s
                   AND ((link.active AND link.sku_ref = ANY(%s)) OR link.id = ANY(%s))
                 ORDER BY link.id, part.sequence, part.id
                """,
                shop.id,
                [sku.replace("\0", "") for sku in skus],
                list(ids),
            )
        )
        found = {}
        for link_id, sku, day_from, day_to, *component in rows:
            head = (sku, day_from and day_from.toordinal(), day_to and day_to.toordinal())
            found.setdefault(link_id, (head, []))[1].append(Component(*component))
        return {
            link_id: Link(link_id, sku, tuple(components), day_from, day_to)
            for link_id, ((sku, day_from, day_to), components) in found.items()
        }

    @api.model
    def _gather_pools(self, shop, links):
        """Open offers, also those on hold: {(link id, room): Pool}."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, link_id, COALESCE(room_ref, ''),
                       (COALESCE(price_floor, 0) * 100)::bigint,
                       (COALESCE(price_ceiling, 0) * 100)::bigint,
                       COALESCE(on_hold, false)
                  FROM channel_pool
                 WHERE shop_id = %s AND state = 'open' AND link_id = ANY(%s)
                """,
                shop.id,
                list(links),
            )
        )
        return {(row[1], row[2]): Pool(*row) for row in rows}

    @api.model
    def _gather_bands(self, shop, snapshots, links):
        """Price bands: {(day, product id): (lowest, highest)} in fen; None is open."""
        products = {part.product_id for link in links.values() for part in link.components}
        if not products:
            return {}
        bands = {}
        days = {china_day(order.paid_at or order.created_at) for order in snapshots.values()}
        model = self.env["channel.price.band"].with_company(shop.company_id)
        for day in days:
            found = model._bands_for(list(products), date.fromordinal(day))
            for product_id, (floor, ceiling) in found.items():
                bands[day, product_id] = (floor, ceiling or None)
        return bands

    @api.model
    def _gather_blocked(self, shop, keys):
        """Blocked (kind, key) pairs among the receivers of a batch."""
        wanted = {key for receiver in keys for key in (receiver.phone, receiver.name,
                                                       receiver.address) if key}  # fmt: skip
        if not wanted:
            return frozenset()
        return frozenset(
            self.env.execute_query(
                SQL(
                    """
                    SELECT kind, key FROM channel_blocklist
                     WHERE active AND key = ANY(%s) AND COALESCE(company_id, %s) = %s
                    """,
                    list(wanted),
                    shop.company_id.id,
                    shop.company_id.id,
                )
            )
        )

    @api.model
    def _gather_at_risk(self, shop, keys):
        """Hook: keyed hashes of phones among the receivers of a batch whose orders must wait."""
        return frozenset()

    @api.model
    def _gather_claims(self, shop, refs):
        """Refunds before shipment: {order number: tuple of Claim}."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT order_ref, COALESCE(line_ref, ''),
                       status NOT IN ('succeeded', 'refused', 'closed'),
                       status = 'succeeded', updated_at
                  FROM channel_aftersale
                 WHERE shop_id = %s AND order_ref = ANY(%s) AND kind = 'refund_before_ship'
                """,
                shop.id,
                refs,
            )
        )
        claims = defaultdict(list)
        for ref, line_ref, is_open, succeeded, updated_at in rows:
            claims[ref].append(Claim(line_ref, is_open, succeeded, unix(updated_at)))
        return {ref: tuple(found) for ref, found in claims.items()}

    @api.model
    def _gather_exceptions(self, order_ids):
        """What people accepted {order id: {(type, detail)}}, and what is open {id: Problems}."""
        accepted, problems = defaultdict(set), defaultdict(list)
        if order_ids:
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT order_id, type, COALESCE(detail, ''), state, facts
                      FROM channel_exception
                     WHERE order_id = ANY(%s) AND (accepted OR state = 'open')
                    """,
                    order_ids,
                )
            )
            for order_id, kind, detail, state, facts in rows:
                if state == "open":
                    problems[order_id].append(Problem(kind, detail, read_facts(facts)))
                else:
                    accepted[order_id].add((kind, detail))
        return (
            {order_id: frozenset(found) for order_id, found in accepted.items()},
            {order_id: tuple(found) for order_id, found in problems.items()},
        )

    @api.model
    def _gather_quotas(self, pool_ids):
        """Quotas of pools as values of the allocation."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, pool_id, fulfiller_id, quantity - allocated FROM channel_pool_quota
                 WHERE pool_id = ANY(%s)
                """,
                list(pool_ids),
            )
        )
        return [Quota(*row) for row in rows]

    @api.model
    def _gather_fulfillers(self, shop, day):
        """Rules of the fulfillers that may ship for the shop, with what they have on a day."""
        fulfillers = shop._allowed_fulfillers()
        taken = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT fulfiller_id, taken FROM channel_fulfiller_load
                     WHERE day = %s AND fulfiller_id = ANY(%s)
                    """,
                    day,
                    fulfillers.ids,
                )
            )
        )
        return [
            FulfillerRule(
                id=fulfiller.id,
                territories=frozenset(fulfiller.territory_ids.ids),
                priority=fulfiller.priority,
                weight=fulfiller.weight,
                capacity_left=max(0, fulfiller.capacity_day - taken.get(fulfiller.id, 0))
                if fulfiller.capacity_day
                else None,
                taken=taken.get(fulfiller.id, 0),
            )
            for fulfiller in fulfillers
        ]

    @api.model
    def _territory_paths(self, territory_ids):
        """{territory id: ids from it up to the country}."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id, parent_path FROM channel_territory WHERE id = ANY(%s)",
                [territory_id for territory_id in set(territory_ids) if territory_id],
            )
        )
        return {
            territory_id: tuple(int(node) for node in reversed(path.strip("/").split("/")))
            for territory_id, path in rows
        }

    @api.model
    def _receiver_keys(self, vault, receiver):
        """Keyed hashes of a receiver's tokens."""
        return ReceiverKeys(
            phone=self._token_key(vault, "phone", receiver.phone_token),
            name=self._token_key(vault, "name", receiver.name_token),
            address=self._token_key(vault, "address", receiver.address_token),
            merge=vault.keyed_hash("merge", receiver.merge_token) if receiver.merge_token else None,
        )

    @api.model
    def _token_key(self, vault, kind, token):
        """The key of one token; plain text is normalised, a platform's index stays as it is."""
        if token.startswith(PLAIN):
            text = NORMALISE[kind](token[len(PLAIN) :])
            token = text and PLAIN + text
        return vault.keyed_hash(kind, token) if token else None
