from datetime import UTC, datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_network.core.money import from_fen, to_fen

from ..core.decide import decide
from ..core.ledger import Account, Books, Entry, Hold, HoldState, Purpose, Refusal, State
from ..core.operations import Kind, needs

TRIES = 3

ENTRY = [
    "key",
    "leg",
    "account_id",
    "company_id",
    "number",
    "kind",
    "digest",
    "posted",
    "held",
    "credit_line",
    "posted_after",
    "held_after",
    "credit_line_after",
    "places",
    "resolves",
    "reverses",
    "source",
    "note",
    "at",
    "user_id",
]
HOLD = [
    "key",
    "account_id",
    "company_id",
    "amount",
    "captured",
    "state",
    "expires_at",
    "source",
    "at",
]


class _RacedError(Exception):
    """Another transaction has used a key of ours since we looked."""


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
        """
        batch = tuple(batch)
        self.env.flush_all()
        for _attempt in range(TRIES):
            try:
                with self.env.cr.savepoint(flush=False):
                    decision = decide(*self._gather(batch))
                    self._write_decision(decision)
            except _RacedError:
                continue
            if decision.entries:
                for model in ("account", "hold", "entry"):
                    self.env[f"channel.deposit.{model}"].invalidate_model(flush=False)
            return decision.results
        raise UserError(
            self.env._("Somebody else is booking the same documents: please try again.")
        )

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

        :return: the arguments of ``decide``
        """
        wanted = needs(batch)
        account_ids = sorted(wanted.accounts | self._accounts_behind(wanted))
        accounts = self._lock(account_ids)
        books = Books(
            accounts, self._read_holds(wanted.holds), *self._read_done(wanted)
        )  # after the lock: these see what the transaction before has committed
        return books, batch, self._clock()

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

    def _lock(self, account_ids):
        """Lock the accounts in the order of their ids; returns them by id."""
        if not account_ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                """SELECT id, purpose, COALESCE(creditor_id, 0), company_id, currency_id, state,
                          posted, held, credit_line, number
                     FROM channel_deposit_account WHERE id = ANY(%s) ORDER BY id
                      FOR NO KEY UPDATE""",
                account_ids,
            )
        )
        overdue = self._overdue(account_ids)
        return {
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

    def _read_holds(self, keys):
        if not keys:
            return {}
        rows = self.env.execute_query(
            SQL(
                """SELECT key, account_id, amount, extract(epoch FROM expires_at)::bigint, state,
                          captured
                     FROM channel_deposit_hold WHERE key = ANY(%s)""",
                list(keys),
            )
        )
        return {
            key: Hold(key, account, to_fen(amount), expires, HoldState(state), to_fen(captured))
            for key, account, amount, expires, state, captured in rows
        }

    def _read_done(self, wanted):
        """Entries of the keys, by key; and which of the operations to reverse were reversed."""
        rows = self.env.execute_query(
            SQL(
                """SELECT key, leg, account_id, number, kind, digest, posted, held, credit_line,
                          posted_after, held_after, credit_line_after, places, resolves, reverses,
                          source, note
                     FROM channel_deposit_entry WHERE key = ANY(%s) ORDER BY key, leg""",
                list(wanted.keys),
            )
        )
        done = {}
        for key, leg, account, number, kind, digest, *rest in rows:
            amounts, (places, *words) = map(to_fen, rest[:6]), rest[6:]
            done.setdefault(key, []).append(
                Entry(
                    key, leg, account, number, Kind(kind), digest, *amounts, places,
                    *(word or "" for word in words),
                )
            )  # fmt: skip
        reversed_ = ()
        if wanted.reverses:
            reversed_ = self.env.execute_query(
                SQL(
                    "SELECT reverses FROM channel_deposit_entry WHERE reverses = ANY(%s)",
                    list(wanted.reverses),
                )
            )
        return (
            {key: tuple(entries) for key, entries in done.items()},
            frozenset(row[0] for row in reversed_),
        )

    # -- write ---------------------------------------------------------------------------------

    def _write_decision(self, decision):
        """Write what was decided.

        :raise _RacedError: a key was used meanwhile; the savepoint takes back what was written
        """
        if not decision.entries:
            return
        now = fields.Datetime.now()
        company = {account.id: account.book[1] for account in decision.accounts}
        source = {entry.key: entry.source or None for entry in decision.entries}
        holds = [
            (
                hold.key, hold.account, company[hold.account], from_fen(hold.amount),
                from_fen(hold.captured), hold.state.value, _moment(hold.expires_at),
                source[hold.key], now,
            )
            for hold in decision.placed
        ]  # fmt: skip
        self._insert("channel_deposit_hold", HOLD, holds)
        self._resolve(decision.resolved)
        entries = [
            (
                entry.key, entry.leg, entry.account, company[entry.account], entry.number,
                entry.kind.value, entry.digest,
                from_fen(entry.posted), from_fen(entry.held), from_fen(entry.line),
                from_fen(entry.posted_after), from_fen(entry.held_after),
                from_fen(entry.line_after), entry.places, entry.resolves or None,
                entry.reverses or None, entry.source or None, entry.note or None, now,
                self.env.uid,
            )
            for entry in decision.entries
        ]  # fmt: skip
        self._insert("channel_deposit_entry", ENTRY, entries)
        self._update_accounts(decision.accounts)

    def _insert(self, table, columns, rows):
        if not rows:
            return
        written = self.env.execute_query(
            SQL(
                "INSERT INTO %s (%s) VALUES %s ON CONFLICT (%s) DO NOTHING RETURNING id",
                SQL.identifier(table),
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(SQL("%s", row) for row in rows),
                SQL("key, leg") if "leg" in columns else SQL("key"),
            )
        )
        if len(written) != len(rows):
            raise _RacedError

    def _resolve(self, holds):
        if not holds:
            return
        rows = [(hold.key, hold.state.value, from_fen(hold.captured)) for hold in holds]
        written = self.env.execute_query(
            SQL(
                """UPDATE channel_deposit_hold h SET state = v.state, captured = v.captured
                     FROM (VALUES %s) AS v(key, state, captured)
                    WHERE h.key = v.key AND h.state = 'active' RETURNING h.id""",
                SQL(", ").join(SQL("%s", row) for row in rows),
            )
        )
        if len(written) != len(rows):
            raise AssertionError(f"holds were resolved under our lock: {rows}")

    def _update_accounts(self, accounts):
        rows = [
            (
                account.id, account.state.value, from_fen(account.posted), from_fen(account.held),
                from_fen(account.line), account.number,
            )
            for account in accounts
        ]  # fmt: skip
        self.env.execute_query(
            SQL(
                """UPDATE channel_deposit_account a
                      SET state = v.state, posted = v.posted, held = v.held,
                          credit_line = v.line, number = v.number
                     FROM (VALUES %s) AS v(id, state, posted, held, line, number)
                    WHERE a.id = v.id RETURNING a.id""",
                SQL(", ").join(SQL("%s", row) for row in rows),
            )
        )


def _moment(unix):
    return None if unix is None else datetime.fromtimestamp(unix, UTC).replace(tzinfo=None)
