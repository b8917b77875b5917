from odoo import api, models
from odoo.tools import SQL

from .message_process import Processed, Taken

# The first of the two keys of the advisory locks below; any number nobody else uses.
CLAIM, TURN, ALIVE = 0x51D0_0001, 0x51D0_0002, 0x51D0_0003
MOST_WORKERS = 16
# A ticket is the second key: it fits into 31 bits.
TICKETS = "CREATE SEQUENCE IF NOT EXISTS channel_message_ticket AS integer CYCLE"


class ChannelMessage(models.Model):
    """What a materialiser does, next to others: see ``channel_intake/worker``.

    Several of them read messages at the same time and write one after the other, in the order in
    which they took their messages: who paid first gets the units, however many there are.
    """

    _inherit = "channel.message"

    def init(self):
        self.env.cr.execute(TICKETS)
        return super().init()

    @api.model
    def _materialise(self, limit=2000) -> Processed:
        """As ``_process``, for several processes at once.

        Call it as the first thing of a READ COMMITTED transaction: what is read after a wait must
        be what the one before has written. On an error close the connection: a lock of the
        session must not outlive it.
        """
        taken, ticket = self._claim(limit)
        return self._work(taken, lambda: self._await_turn(ticket))

    def _claim(self, limit) -> tuple[list[Taken], int]:
        """Take the oldest messages and a ticket in one step that nobody comes between.

        The ticket's lock is held until the transaction ends, however it ends.
        """
        self._advisory("pg_advisory_lock", CLAIM)
        taken = self._take(limit)
        [(ticket,)] = self.env.execute_query(SQL("SELECT nextval('channel_message_ticket')"))
        self._advisory("pg_advisory_xact_lock", TURN, ticket)
        self._advisory("pg_advisory_unlock", CLAIM)
        return taken, ticket

    def _await_turn(self, ticket) -> None:
        """Wait until those with earlier tickets are done or dead, then for the allocation."""
        for earlier in range(max(0, ticket - MOST_WORKERS), ticket):
            self._advisory("pg_advisory_xact_lock_shared", TURN, earlier)
        self.env["channel.order"]._lock_allocation()
        self.env.invalidate_all(flush=False)

    def _advisory(self, function, key, number=0) -> None:
        self.env.cr.execute(SQL("SELECT %s(%s, %s)", SQL.identifier(function), key, number))

    @api.model
    def _materialisers(self) -> int:
        """How many materialisers run now, on any machine."""
        [(count,)] = self.env.execute_query(
            SQL(
                """
                SELECT count(*) FROM pg_locks
                 WHERE locktype = 'advisory' AND granted AND classid = %s::oid AND objid = 0
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """,
                ALIVE,
            )
        )
        return count
