from collections.abc import Iterable
from datetime import UTC, datetime

from odoo import api, models
from odoo.tools import SQL

from ..core.platforms.base import RawMessage

# Rows in one INSERT: keeps a statement below a few megabytes.
STORE_AT_ONCE = 2000


class ChannelMessage(models.Model):
    _inherit = "channel.message"

    @api.model
    def _store(self, shop, messages: Iterable[RawMessage], source="pull") -> list[int]:
        """Store messages of one shop and queue the new ones; what is here already is absorbed.

        One statement per chunk; the caller commits (or rolls back) all of it.

        :return: ids of the messages that are new
        """
        rows = list(messages)
        new = []
        for start in range(0, len(rows), STORE_AT_ONCE):
            new += self._store_chunk(shop, rows[start : start + STORE_AT_ONCE], source)
        return new

    def _store_chunk(self, shop, rows: list[RawMessage], source: str) -> list[int]:
        seal = self.env["channel.vault"]._vault().encrypt if any(r.secret for r in rows) else None
        columns = (
            [row.kind for row in rows],
            [row.ref for row in rows],
            [utc(row.updated_at) for row in rows],
            [row.digest for row in rows],
            [row.body for row in rows],
            [seal(row.secret) if row.secret else None for row in rows],
        )
        found = self.env.execute_query(
            SQL(
                """
                WITH new AS (
                    INSERT INTO channel_message
                        (shop_id, source, received_at, kind, ref, updated_at, digest, body, secret)
                    SELECT %s, %s, now() AT TIME ZONE 'UTC', r.*
                      FROM unnest(%s::text[], %s::text[], %s::timestamp[], %s::text[],
                                  %s::text[], %s::text[]) r
                    ON CONFLICT (shop_id, kind, ref, updated_at, digest) DO NOTHING
                    RETURNING id
                )
                INSERT INTO channel_message_todo (message_id, attempts, next_attempt)
                SELECT id, 0, now() AT TIME ZONE 'UTC' FROM new
                RETURNING message_id
                """,
                shop.id,
                source,
                *columns,
            )
        )
        return [message_id for (message_id,) in found]


def utc(seconds: int) -> datetime:
    """Naive UTC, as the database keeps it."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def seconds(moment: datetime) -> int:
    """Unix seconds of a naive UTC time."""
    return int(moment.replace(tzinfo=UTC).timestamp())
