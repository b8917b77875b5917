import os
import random
import threading
import time
from contextlib import contextmanager
from uuid import uuid4

from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED

from odoo import SUPERUSER_ID, api
from odoo.exceptions import ConcurrencyError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged

from odoo.addons.channel_deposit.core.ledger import Done, Refusal, Why
from odoo.addons.channel_deposit.core.operations import (
    Capture,
    Expire,
    Open,
    PlaceHold,
    Release,
    TopUp,
    Transfer,
)
from odoo.addons.channel_network.core.money import to_fen

from .at_once import all_at_once

WORKERS = 4
LONG_AGO = 1  # unix seconds


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
        """Book and commit; once more when another account has just used the key."""
        try:
            with self._environment() as env:
                return env["channel.deposit.account"]._book(batch)
        except ConcurrencyError:
            with self._environment() as env:
                return env["channel.deposit.account"]._book(batch)

    def _at_once(self, work):
        return all_at_once(self, work, WORKERS)

    def _account(self, index=0, purpose="goods"):
        with self._environment() as env:
            member = env["channel.member"].browse(self.members[index])
            return env["channel.deposit.account"]._ensure(member, purpose).id

    def _stands(self, account):
        with self._environment() as env:
            return env["channel.deposit.account"]._lock([account], [], True)[0][account]

    def test_a_hot_account_and_a_fresh_one_are_spent_exactly(self):
        """2,000 operations: whatever the order, what took effect explains the amounts."""
        hot = self._account(1)
        self._book(
            Open(key=f"{self.code} o", account=hot),
            TopUp(key=f"{self.code} t", account=hot, amount=1000),
        )
        work = self._at_once(lambda worker: self._spend(worker, hot))
        fresh = {account for account, _asked in work}
        self.assertEqual(len(fresh), 1, "one account, whoever opened it")
        asked = [pair for _account, pairs in work for pair in pairs]
        self.assertGreaterEqual(len(asked), 2000)
        whys = {result.why for _op, result in asked if isinstance(result, Refusal)}
        self.assertEqual(whys, {Why.SHORT, Why.HOLD_UNKNOWN})
        done = [op for op, result in asked if isinstance(result, Done)]
        self._explain(hot, done, start=1000)
        self._explain(fresh.pop(), done)

    def _spend(self, worker, hot):
        """Open the fresh account with the others, then top up, hold, spend and release on both."""
        fresh = self._account(0)
        asked = []

        def ask(op):
            asked.append((op, self._book(op)[0]))

        ask(Open(key=f"{self.code} fresh", account=fresh))
        for n in range(125):
            account = (hot, fresh)[n % 2]
            key = f"{self.code} {worker} {n}"
            amount = 7 + n % 5
            ask(PlaceHold(key=key, account=account, amount=amount))
            if n % 10 < 2:
                ask(TopUp(key=f"{key} t", account=account, amount=11))
            elif n % 10 < 4:
                ask(Release(key=f"{key} r", hold=key))
            else:
                ask(Capture(key=f"{key} c", hold=key, amount=amount - n % 3, keep=n % 3 // 2))
            ask(PlaceHold(key=f"{key} 2", account=account, amount=1))
            ask(Release(key=f"{key} 2r", hold=f"{key} 2"))
        return fresh, asked

    def _explain(self, account, done, start=0):
        """The account stands where what took effect put it; no entry is lost or written twice."""
        posted, holds = start, {}
        for op in done:
            match op:
                case TopUp():
                    posted += op.amount if op.account == account else 0
                case PlaceHold():
                    holds[op.key] = (op.account, op.amount)
                case Release():
                    holds.pop(op.hold)
                case Capture():
                    where, _amount = holds.pop(op.hold)
                    posted -= op.amount if where == account else 0
                    holds[op.key] = (where, op.keep)
        held = sum(amount for where, amount in holds.values() if where == account)
        stands = self._stands(account)
        self.assertEqual((stands.posted, stands.held), (posted, held))
        with self._environment() as env:
            of_account = [("account_id", "=", account)]
            entries = env["channel.deposit.entry"].search(of_account)
            active = env["channel.deposit.hold"].search([*of_account, ("state", "=", "active")])
            self.assertEqual(sorted(entries.mapped("number")), list(range(1, stands.number + 1)))
            self.assertEqual(sum(map(to_fen, entries.mapped("posted"))), posted)
            self.assertEqual(sum(map(to_fen, active.mapped("amount"))), held)

    def test_all_the_money_for_the_same_order_asked_by_all(self):
        """Whoever comes second finds no money, and still gets the first answer."""
        account = self._account()
        self._book(Open(key=f"{self.code} o", account=account))
        for n in range(20):
            self._book(TopUp(key=f"{self.code} t{n}", account=account, amount=1))
            hold = PlaceHold(key=f"{self.code} {n}", account=account, amount=1)
            same = self._at_once(lambda worker, hold=hold: self._book(hold)[0])
            self.assertEqual({type(result) for result in same}, {Done})
            self.assertEqual(len({result.entries for result in same}), 1)
            self.assertEqual([result.replayed for result in same].count(False), 1)

    def test_a_key_takes_effect_once_also_on_two_accounts(self):
        accounts = [self._account(n) for n in range(2)]
        self._book(*(Open(key=f"{self.code} o{a}", account=a) for a in accounts))

        def ask(worker):
            return [
                self._book(TopUp(key=f"{self.code} {n}", account=accounts[worker % 2], amount=1))[0]
                for n in range(25)
            ]

        answers = self._at_once(ask)
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

        for answers in self._at_once(move):
            for results in answers:
                self.assertTrue(all(isinstance(result, Done) for result in results))
        for account in accounts:
            stands = self._stands(account)
            self.assertEqual((stands.posted, stands.held), (1000, 0))

    # -- capture against expire ------------------------------------------------------------------

    def _due_hold(self, name, account):
        """A hold whose time is over, and the two who want it."""
        key = f"{self.code} {name}"
        [placed] = self._book(PlaceHold(key=key, account=account, amount=10, expires_at=LONG_AGO))
        self.assertIsInstance(placed, Done)
        return Capture(key=f"{key} c", hold=key, amount=7), Expire(key=f"{key} e", hold=key)

    def _one_of_two(self, answers):
        """One took effect, the other was refused in words; the winner."""
        [winner] = [answer for answer in answers if isinstance(answer, Done)]
        [loser] = [answer for answer in answers if isinstance(answer, Refusal)]
        self.assertEqual(loser.why, Why.HOLD_RESOLVED)
        with self._environment() as env:
            words = env["channel.deposit.account"]._words([loser])
        self.assertIn("was spent, released or has expired", words)
        return winner.entries[0]

    def _green(self, account, winners, start):
        """Each hold has the state that its one winner gave it, and the account their sum."""
        captures = [entry for entry in winners if entry.kind.value == "capture"]
        stands = self._stands(account)
        self.assertEqual((stands.posted, stands.held), (start - 7 * len(captures), 0))
        with self._environment() as env:
            ended = env["channel.deposit.entry"].search(
                [("account_id", "=", account), ("resolves", "!=", False)]
            )
            self.assertEqual(sorted(ended.mapped("key")), sorted(entry.key for entry in winners))
            holds = env["channel.deposit.hold"].search([("account_id", "=", account)])
            states = {hold.key: hold.state for hold in holds}
            amounts = [to_fen(hold.captured) for hold in holds]
        words = {"capture": "captured", "expire": "expired"}
        self.assertEqual(states, {entry.resolves: words[entry.kind.value] for entry in winners})
        self.assertEqual(sum(amounts), 7 * len(captures))

    def _waits_for(self, thread, pid):
        """Until somebody waits for what this backend has locked."""
        end = time.monotonic() + 30
        with self._environment() as env:
            while True:
                env.cr.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))",
                    [pid],
                )
                if env.cr.fetchone()[0]:
                    return
                self.assertTrue(thread.is_alive(), "it did not wait")
                self.assertLess(time.monotonic(), end, "it does not wait")
                thread.join(0.01)

    def test_capture_and_expire_of_one_hold_in_both_orders(self):
        """The second comes when the first has done all but commit."""
        account = self._account()
        self._book(
            Open(key=f"{self.code} o", account=account),
            TopUp(key=f"{self.code} t", account=account, amount=20),
        )
        winners = []
        for name, way in (("capture first", 1), ("expire first", -1)):
            first, second = self._due_hold(name, account)[::way]
            late = []
            thread = threading.Thread(
                target=lambda late=late, op=second: late.extend(self._book(op)), daemon=True
            )
            with self._environment() as env:
                env.cr.execute("SELECT pg_backend_pid()")
                [pid] = env.cr.fetchone()
                answers = list(env["channel.deposit.account"]._book([first]))
                thread.start()
                self._waits_for(thread, pid)
            thread.join(30)
            winner = self._one_of_two(answers + late)
            self.assertEqual(winner.key, first.key)
            winners.append(winner)
        self._green(account, winners, 20)

    def test_capture_and_expire_of_many_holds_at_once(self):
        seed = int(os.environ.get("QUDAO_SEED", "20261122"))
        account, count = self._account(), 40
        self._book(
            Open(key=f"{self.code} o", account=account),
            TopUp(key=f"{self.code} t", account=account, amount=10 * count),
        )
        pairs = [self._due_hold(f"{seed} {n}", account) for n in range(count)]
        order = random.Random(seed).sample(range(count), count)

        def ask(worker):
            """Two workers capture and two expire, all in one order so that they meet."""
            return [self._book(pairs[n][worker % 2])[0] for n in order]

        answers = zip(*self._at_once(ask), strict=True)
        winners = [self._winner(same) for same in answers]
        self.assertEqual({entry.resolves for entry in winners}, {each[0].hold for each in pairs})
        self._green(account, winners, 10 * count)

    def _winner(self, same):
        """Two asked for each of both: a replay gets the first answer, and both others lose."""
        done = {each.entries for each in same if isinstance(each, Done)}
        self.assertEqual(len(done), 1)
        refused = next(each for each in same if isinstance(each, Refusal))
        return self._one_of_two([Done(done.pop()), refused])
