from dataclasses import replace
from unittest.mock import patch

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.channel_deposit.core.ledger import Done
from odoo.addons.channel_deposit.core.operations import Needs
from odoo.addons.channel_network.tests.common import ChannelCommon

from .pure.deposits import Deposits


class Database:
    """The machine's store in the database: its accounts 1 … 5 are accounts of members."""

    def __init__(self, case, accounts):
        self.model = case.env["channel.deposit.account"]
        self.savepoint = case.env.cr.savepoint(flush=False)
        holders = {2: case.dealer_b, 5: case.retailer_b1}
        keepers = {5: case.dealer_b}
        self.real = {
            account.id: self.model._ensure(
                holders.get(account.id, case.dealer_a),
                account.purpose.value,
                keepers.get(account.id),
            ).id
            for account in accounts
        }
        self.fake = {real: fake for fake, real in self.real.items()}
        self.overdue = {}

    def ask(self, *batch, now=0):
        """Like ``Store.ask``, by the method that everybody uses."""
        with (
            patch.object(type(self.model), "_clock", lambda model: now),
            patch.object(type(self.model), "_overdue", lambda model, ids: self.overdue),
        ):
            results = self.model._book(map(self._to_real, batch))
        self._read()
        return tuple(
            replace(result, entries=tuple(map(self._to_fake, result.entries)))
            if isinstance(result, Done)
            else result
            for result in results
        )

    def _to_real(self, op):
        if isinstance(op, tuple):
            return tuple(map(self._to_real, op))
        names = {name for name in ("account", "target") if hasattr(op, name)}
        return replace(op, **{name: self.real[getattr(op, name)] for name in names})

    def _to_fake(self, row):
        return replace(row, account=self.fake[row.account])

    def _read(self):
        """The books as they stand in the tables."""
        ids = list(self.fake)
        query = self.model.env.execute_query
        self.accounts = {
            self.fake[key]: replace(account, id=self.fake[key])
            for key, account in self.model._lock(ids, [], True)[0].items()
        }
        sql = "SELECT key FROM channel_deposit_%s WHERE account_id IN %%s"
        keys = [
            frozenset(key for (key,) in query(SQL(sql % table, tuple(ids))))
            for table in ("hold", "entry")
        ]
        holds = self.model._read_holds(keys[0])
        self.holds = {key: self._to_fake(hold) for key, hold in holds.items()}
        done, _reversed = self.model._read_done(
            Needs(frozenset(), frozenset(), keys[1], frozenset(), False)
        )
        written = [self._to_fake(entry) for entries in done.values() for entry in entries]
        written.sort(key=lambda entry: entry.number)
        self.entries = {(entry.key, entry.leg): entry for entry in written}

    def owe(self, account, overdue):
        self.overdue[self.real[account]] = overdue

    def picture(self):
        return self.accounts, self.holds, self.entries


@tagged("post_install", "-at_install")
class TestStates(ChannelCommon):
    """The machine of the pure ledger on the tables: 30 runs of 30 steps."""

    def test_any_operations_in_any_order(self):
        case = self

        class OnDatabase(Deposits):
            def make_store(self, accounts):
                return Database(case, accounts)

            def teardown(self):
                self.store.savepoint.close(rollback=True)

        run_state_machine_as_test(
            OnDatabase,
            settings=settings(
                max_examples=30,
                stateful_step_count=30,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
