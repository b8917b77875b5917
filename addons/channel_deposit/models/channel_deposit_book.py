from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import SQL

from odoo.addons.channel_network.core.money import from_fen, to_fen

from ..core.decide import decide
from ..core.ledger import Account, Books, Entry, Hold, HoldState, Purpose, Refusal, State
from ..core.operations import Kind, needs

LOCK = """
    SELECT id, purpose, COALESCE(creditor_id, 0), company_id, currency_id, state,
           posted, held, credit_line, number,
           EXISTS (SELECT FROM channel_deposit_entry WHERE key = ANY(%(keys)s))
      FROM channel_deposit_account WHERE id = ANY(%(accounts)s) ORDER BY id
       FOR NO KEY UPDATE
"""
READ_HOLDS = """
    SELECT key, account_id, amount, extract(epoch FROM expires_at)::bigint, state, captured,
           COALESCE(source, '')
      FROM channel_deposit_hold WHERE key = ANY(%s)
"""
READ_DONE = """
    SELECT key, leg, account_id, number, kind, digest, posted, held, credit_line,
           posted_after, held_after, credit_line_after,
           extract(epoch FROM lapses_at)::bigint, places, resolves, reverses, source, note
      FROM channel_deposit_entry WHERE key = ANY(%s) ORDER BY key, leg
"""
HOLD = "key, account_id, company_id, amount, captured, state, expires_at, source, at"
ENTRY = (
    "key, leg, account_id, company_id, number, kind, digest, posted, held, credit_line,"
    " posted_after, held_after, credit_line_after, places, resolves, reverses, source, note,"
    " at, user_id, lapses_at"
)
# What is written: by name, the statement that gets the rows.
WRITE = {
    "placed": f"""
        INSERT INTO channel_deposit_hold ({HOLD}) VALUES %s
            ON CONFLICT (key) DO NOTHING RETURNING 1""",
    "resolved": """
        UPDATE channel_deposit_hold h SET state = v.state, captured = v.captured
          FROM (VALUES %s) AS v(key, state, captured)
         WHERE h.key = v.key AND h.state = 'active' RETURNING 1""",
    "entries": f"""
        INSERT INTO channel_deposit_entry ({ENTRY}) VALUES %s
            ON CONFLICT (key, leg) DO NOTHING RETURNING 1""",
    "accounts": """
        UPDATE channel_deposit_account a
           SET state = v.state, posted = v.posted, held = v.held, credit_line = v.line,
               number = v.number
          FROM (VALUES %s) AS v(id, state, posted, held, line, number)
         WHERE a.id = v.id RETURNING 1""",
}


class ChannelDepositBook(models.Model):
    """The one place that writes deposits: lock, gather, decide, write."""

    _inherit = "channel.deposit.account"

    @api.model
    def _book(self, batch):
        """Carry out operations on deposit accounts; what is refused changes nothing.

        Accounts are locked in the order of their ids until the transaction ends: keep it short.
        Under READ COMMITTED it waits and goes on with what the other has left; under Odoo's
        REPEATABLE READ the one who waited gets a serialization error, and Odoo tries again.

        The caller answers for the rights: this method looks at none.

        :param batch: ``core.operations``; a tuple is a chain, all of it or none
        :return: a ``Done`` or ``Refusal`` for each operation, in order
        :rtype: tuple
        :raise ConcurrencyError: somebody else was using a key of ours at this moment; roll back
            and try again, as Odoo does by itself
        """
        batch = tuple(batch)
        self.env.flush_all()
        books, used = self._gather(batch)
        now = self._clock()
        decision = decide(books, batch, now)
        if not used and any(isinstance(result, Refusal) for result in decision.results):
            # perhaps the money went to the same operation, committed while we waited
            decision = decide(self._with_done(books, batch), batch, now)
        if decision.entries:
            self._write_decision(decision)
            self.browse(account.id for account in decision.accounts).invalidate_recordset(
                flush=False
            )
            if decision.placed or decision.resolved:
                self.env["channel.deposit.hold"].invalidate_model(flush=False)
        return decision.results

    @api.model
    def _book_or_raise(self, batch):
        """Like ``_book``, all or nothing.

        :raise UserError: in words, why the first refused operation was refused
        """
        batch = tuple(batch)
        results = self._book([batch])
        refusals = [result for result in results if isinstance(result, Refusal)]
        if refusals:
            raise UserError(self._words(refusals))
        return results

    @api.model
    def _clock(self):
        """Unix seconds; holds expire by it."""
        return int(datetime.now(UTC).timestamp())

    @api.model
    def _overdue(self, account_ids):
        """What holders owe beyond their terms; it blocks new holds. For addons that know terms.

        :return: {account id: fen above 0}; this addon knows of nothing overdue
        """
        return {}

    # -- gather --------------------------------------------------------------------------------

    def _gather(self, batch):
        """Lock what the batch touches and read it.

        What was done under its keys is read only when there is something: a round trip less for
        every account that others wait for.

        :return: ``Books``, and whether they know what was done
        """
        wanted = needs(batch)
        account_ids = sorted(wanted.accounts | self._accounts_behind(wanted))
        accounts, used = self._lock(account_ids, wanted.keys, wanted.sets_aside)
        # after the lock: this sees what the transaction before has committed
        books = Books(accounts, self._read_holds(wanted.holds))
        return (self._with_done(books, batch), True) if used else (books, False)

    def _with_done(self, books, batch):
        """The books with what was done and reversed under the keys of the batch."""
        done, reversed_ = self._read_done(needs(batch))
        return replace(books, done=done, reversed=reversed_)

    def _accounts_behind(self, wanted):
        """Accounts of the holds and of the entries to be reversed; they never change."""
        if not wanted.holds and not wanted.reverses:
            return set()
        rows = self.env.execute_query(
            SQL(
                """SELECT account_id FROM channel_deposit_hold WHERE key = ANY(%s)
                    UNION SELECT account_id FROM channel_deposit_entry WHERE key = ANY(%s)""",
                list(wanted.holds),
                list(wanted.reverses),
            )
        )
        return {row[0] for row in rows}

    def _lock(self, account_ids, keys, owing):
        """Lock the accounts in the order of their ids.

        :param owing: ask what is overdue too
        :return: {id: ``Account``}; and whether, before we waited, one of the keys was used
        """
        if not account_ids:
            return {}, True
        self.env.cr.execute(LOCK, {"accounts": account_ids, "keys": list(keys)})
        rows = self.env.cr.fetchall()
        overdue = self._overdue(account_ids) if owing else {}
        accounts = {
            row[0]: Account(
                row[0],
                Purpose(row[1]),
                tuple(row[2:5]),
                State(row[5]),
                *map(to_fen, row[6:9]),
                number=row[9],
                overdue=overdue.get(row[0], 0),
            )
            for row in rows
        }
        return accounts, not rows or rows[0][10]

    def _read_holds(self, keys):
        if not keys:
            return {}
        return {
            key: Hold(
                key, account, to_fen(amount), expires, HoldState(state), to_fen(captured), source
            )
            for key, account, amount, expires, state, captured, source in self._rows(
                READ_HOLDS, list(keys)
            )
        }

    def _read_done(self, wanted):
        """Entries of the keys, by key; and which of the operations to reverse were reversed."""
        done = {}
        for key, leg, account, number, kind, digest, *rest in self._rows(
            READ_DONE, list(wanted.keys)
        ):
            amounts, (lapses_at, places, *words) = map(to_fen, rest[:6]), rest[6:]
            done.setdefault(key, []).append(
                Entry(
                    key, leg, account, number, Kind(kind), digest, *amounts, places,
                    *(word or "" for word in words), lapses_at=lapses_at,
                )
            )  # fmt: skip
        reversed_ = wanted.reverses and self._rows(
            "SELECT reverses FROM channel_deposit_entry WHERE reverses = ANY(%s)",
            list(wanted.reverses),
        )
        return (
            {key: tuple(entries) for key, entries in done.items()},
            frozenset(row[0] for row in reversed_),
        )

    def _rows(self, query, values):
        """``_book`` has flushed what it reads."""
        self.env.cr.execute(query, [values])
        return self.env.cr.fetchall()

    # -- write ---------------------------------------------------------------------------------

    def _write_decision(self, decision):
        """Write what was decided, in one statement: the accounts are locked meanwhile.

        :raise ConcurrencyError: a key was used meanwhile
        """
        now = fields.Datetime.now()
        company = {account.id: account.book[1] for account in decision.accounts}
        rows = {
            "placed": [
                (
                    hold.key, hold.account, company[hold.account], from_fen(hold.amount),
                    from_fen(hold.captured), hold.state.value, _moment(hold.expires_at),
                    hold.source or None, now,
                )
                for hold in decision.placed
            ],
            "resolved": [
                (hold.key, hold.state.value, from_fen(hold.captured)) for hold in decision.resolved
            ],
            "entries": [
                (
                    entry.key, entry.leg, entry.account, company[entry.account], entry.number,
                    entry.kind.value, entry.digest,
                    from_fen(entry.posted), from_fen(entry.held), from_fen(entry.line),
                    from_fen(entry.posted_after), from_fen(entry.held_after),
                    from_fen(entry.line_after), entry.places, entry.resolves or None,
                    entry.reverses or None, entry.source or None, entry.note or None, now,
                    self.env.uid, _moment(entry.lapses_at),
                )
                for entry in decision.entries
            ],
            "accounts": [
                (
                    account.id, account.state.value, from_fen(account.posted),
                    from_fen(account.held), from_fen(account.line), account.number,
                )
                for account in decision.accounts
            ],
        }  # fmt: skip
        self._write_rows({name: values for name, values in rows.items() if values})

    def _write_rows(self, rows):
        shape = tuple((name, len(values)) for name, values in rows.items())
        self.env.cr.execute(
            _write_query(shape), [row for values in rows.values() for row in values]
        )
        written = self.env.cr.fetchone()
        if written != tuple(count for _name, count in shape):
            raise ConcurrencyError(f"deposit keys were used meanwhile: {written} of {shape}")


@lru_cache(maxsize=64)
def _write_query(shape):
    """The statement that writes so many rows of each kind and counts them.

    :param shape: (name in ``WRITE``, number of rows), …
    """
    parts = [f"{name} AS ({WRITE[name] % ', '.join(['%s'] * count)})" for name, count in shape]
    counts = [f"(SELECT count(*) FROM {name})" for name, _count in shape]
    return f"WITH {', '.join(parts)} SELECT {', '.join(counts)}"


def _moment(unix):
    return None if unix is None else datetime.fromtimestamp(unix, UTC).replace(tzinfo=None)
