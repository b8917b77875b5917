import threading
from contextlib import contextmanager
from uuid import uuid4

from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged

from odoo.addons.channel_deposit.core.ledger import Done, Why
from odoo.addons.channel_deposit.core.operations import Open, PlaceHold, Release, TopUp, Transfer

WORKERS = 4


@tagged("post_install", "-at_install")
class TestConcurrency(BaseCase):
    """Four workers on connections of their own, each operation committed by itself."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.code = uuid4().hex[:8]
        with self._environment() as env:
            partners = env["res.partner"].create(
                [{"name": f"{self.code} {n}", "is_company": True} for n in range(2)]
            )
            self.members = (
                env["channel.member"]
                .create([{"partner_id": partner.id, "state": "active"} for partner in partners])
                .ids
            )
            self.partners = partners.ids
        self.addCleanup(self._clean_up)

    def _clean_up(self):
        """Take the rows away that no user could."""
        with self.registry.cursor() as cr:
            accounts = "(SELECT id FROM channel_deposit_account WHERE member_id = ANY(%s))"
            for table in ("entry", "hold"):
                cr.execute(f"ALTER TABLE channel_deposit_{table} DISABLE TRIGGER USER")
                cr.execute(
                    f"DELETE FROM channel_deposit_{table} WHERE account_id IN {accounts}",
                    [self.members],
                )
                cr.execute(f"ALTER TABLE channel_deposit_{table} ENABLE TRIGGER USER")
            cr.execute(
                "DELETE FROM channel_deposit_account WHERE member_id = ANY(%s)", [self.members]
            )
            cr.execute(
                "UPDATE channel_member SET state = 'draft' WHERE id = ANY(%s)", [self.members]
            )
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["channel.member"].browse(self.members).unlink()
            env["res.partner"].browse(self.partners).unlink()

    @contextmanager
    def _environment(self):
        """An environment on a connection of its own, which sees what others commit meanwhile."""
        with self.registry.cursor() as cr:
            cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
            yield api.Environment(cr, SUPERUSER_ID, {})

    def _book(self, *batch):
        with self._environment() as env:
            return env["channel.deposit.account"]._book(batch)

    def _all_at_once(self, work):
        """Run ``work(worker)`` for every worker at the same time; returns what they return."""
        start, answers = threading.Barrier(WORKERS, timeout=30), [None] * WORKERS

        def run(worker):
            start.wait()
            answers[worker] = work(worker)

        threads = [threading.Thread(target=run, args=[n], daemon=True) for n in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        self.assertNotIn(None, answers, "a worker failed or still waits")
        return answers

    def _account(self, index=0, purpose="goods"):
        with self._environment() as env:
            member = env["channel.member"].browse(self.members[index])
            return env["channel.deposit.account"]._ensure(member, purpose).id

    def _stands(self, account):
        with self._environment() as env:
            return env["channel.deposit.account"]._lock([account])[account]

    def test_a_fresh_account_is_one_account_and_is_spent_once(self):
        accounts = set(self._all_at_once(lambda worker: self._account()))
        self.assertEqual(len(accounts), 1)
        account = accounts.pop()
        self._book(
            Open(key=f"{self.code} o", account=account),
            TopUp(key=f"{self.code} t", account=account, amount=100),
        )

        def spend(worker):
            keys = [f"{self.code} {worker} {n}" for n in range(50)]
            return [self._book(PlaceHold(key=key, account=account, amount=3))[0] for key in keys]

        results = [result for answers in self._all_at_once(spend) for result in answers]
        done = [result for result in results if isinstance(result, Done)]
        self.assertEqual(len(done), 33)
        self.assertEqual({result.why for result in results if result not in done}, {Why.SHORT})
        stands = self._stands(account)
        self.assertEqual((stands.posted, stands.held, stands.number), (100, 99, 35))

    def test_a_key_takes_effect_once_also_on_two_accounts(self):
        accounts = [self._account(n) for n in range(2)]
        self._book(*(Open(key=f"{self.code} o{a}", account=a) for a in accounts))

        def ask(worker):
            return [
                self._book(TopUp(key=f"{self.code} {n}", account=accounts[worker % 2], amount=1))[0]
                for n in range(25)
            ]

        answers = self._all_at_once(ask)
        for same in zip(*answers, strict=True):
            first = [r for r in same if isinstance(r, Done) and not r.replayed]
            self.assertEqual(len(first), 1)
            self.assertEqual(sum(getattr(r, "why", None) is Why.KEY_REUSED for r in same), 2)
        self.assertEqual(sum(self._stands(account).posted for account in accounts), 25)

    def test_transfers_to_and_fro_do_not_wait_for_each_other(self):
        accounts = [self._account(n) for n in range(2)]
        for a in accounts:
            key = f"{self.code} {a}"
            self._book(Open(key=key, account=a), TopUp(key=key + "t", account=a, amount=1000))

        def move(worker):
            here, there = accounts if worker % 2 else accounts[::-1]
            key = f"{self.code} m {worker}"
            return [
                self._book(
                    PlaceHold(key=f"{key} {n} h", account=there, amount=1),
                    Transfer(key=f"{key} {n}", account=here, target=there, amount=1),
                    Release(key=f"{key} {n} r", hold=f"{key} {n} h"),
                )
                for n in range(25)
            ]

        for answers in self._all_at_once(move):
            for results in answers:
                self.assertTrue(all(isinstance(result, Done) for result in results))
        for account in accounts:
            stands = self._stands(account)
            self.assertEqual((stands.posted, stands.held), (1000, 0))
