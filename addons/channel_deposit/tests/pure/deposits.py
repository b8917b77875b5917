"""Any operations in any order against a naive bookkeeper and the ledger's invariants.

The machine runs on the pure ledger (``test_decide_states.py``) and on the database
(``tests/test_states.py``).
"""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from odoo.addons.channel_deposit.core.decide import decide
from odoo.addons.channel_deposit.core.ledger import (
    Account,
    Books,
    Done,
    HoldState,
    Purpose,
    State,
    Why,
)
from odoo.addons.channel_deposit.core.operations import (
    Capture,
    Close,
    Expire,
    GiveBack,
    Lapse,
    Open,
    PlaceHold,
    Refit,
    Refund,
    Release,
    Reverse,
    SetCreditLine,
    TopUp,
    Transfer,
    needs,
)

GOODS, BRANCH, GUARANTEE, REBATE, ABROAD = range(1, 6)
PURPOSES = {GUARANTEE: Purpose.GUARANTEE, REBATE: Purpose.REBATE}
ACCOUNTS_AT_FIRST = tuple(
    Account(key, PURPOSES.get(key, Purpose.GOODS), (2 if key == ABROAD else 1, 1, 1))
    for key in range(1, 6)
)
OPENINGS = tuple(Open(key=f"open {key}", account=key) for key in range(1, 6))


class Store:
    """The database's part: gathers what is needed and no more, keeps its constraints, writes."""

    def __init__(self, accounts):
        self.accounts = {account.id: account for account in accounts}
        self.holds, self.entries = {}, {}

    def gather(self, batch):
        wanted = needs(batch)
        holds = {key: self.holds[key] for key in wanted.holds if key in self.holds}
        done = {
            key: entries
            for key in wanted.keys
            if (entries := tuple(e for e in self.entries.values() if e.key == key))
        }
        ids = wanted.accounts | {hold.account for hold in holds.values()}
        ids |= {entry.account for key in wanted.reverses for entry in done.get(key, ())}
        reverses = {entry.reverses for entry in self.entries.values()}
        return Books(
            {key: self.accounts[key] for key in ids if key in self.accounts},
            holds,
            done,
            frozenset(wanted.reverses & reverses),
        )

    def ask(self, *batch, now=0):
        decision = decide(self.gather(batch), batch, now)
        for entry in decision.entries:
            assert (entry.key, entry.leg) not in self.entries, "UNIQUE (key, leg)"
            self.entries[entry.key, entry.leg] = entry
        for hold in decision.placed:
            assert hold.key not in self.holds, "UNIQUE (key)"
        for hold in decision.resolved:
            assert self.holds[hold.key].state is HoldState.ACTIVE, "resolved at most once"
        self.holds |= {hold.key: hold for hold in decision.placed + decision.resolved}
        self.accounts |= {account.id: account for account in decision.accounts}
        return decision.results

    def owe(self, account, overdue):
        self.accounts[account] = replace(self.accounts[account], overdue=overdue)

    def picture(self):
        return dict(self.accounts), dict(self.holds), dict(self.entries)


class Auditor:
    """A bookkeeper who knows the rules only, written without looking at the ledger's code."""

    def __init__(self, accounts):
        self.posted = dict.fromkeys(accounts, 0)
        self.line = dict.fromkeys(accounts, 0)
        self.overdue = dict.fromkeys(accounts, 0)
        self.holds, self.booked, self.taken_back = {}, {}, set()
        self.outside = 0  # what came in, less what was spent and paid out

    def held(self, account):
        return sum(amount for where, amount, _ in self.holds.values() if where == account)

    def free(self, account):
        return self.posted[account] - self.held(account) + self.line[account]

    def book(self, key, changes):
        for account, change in changes.items():
            self.posted[account] += change
        self.outside += sum(changes.values())
        self.booked[key] = changes

    def judge(self, op, now):
        """Why the operation must be refused; None: it takes effect, and is booked."""
        return getattr(self, "judge_" + op.kind.value)(op, now)

    def judge_top_up(self, op, now):
        if op.lapses_at is not None and op.account != REBATE:
            return Why.PURPOSE
        self.book(op.key, {op.account: op.amount})

    def judge_lapse(self, op, now):
        if op.account != REBATE:
            return Why.PURPOSE
        if op.amount > self.posted[REBATE] - self.held(REBATE):
            return Why.SHORT
        self.book(op.key, {REBATE: -op.amount})

    def judge_give_back(self, op, now):
        if op.account == GUARANTEE:
            return Why.PURPOSE
        self.book(op.key, {op.account: op.amount})

    def judge_refund(self, op, now):
        if op.account == REBATE:
            return Why.PURPOSE
        if op.amount > self.posted[op.account] - self.held(op.account):
            return Why.SHORT
        self.book(op.key, {op.account: -op.amount})

    def judge_transfer(self, op, now):
        if op.account == op.target:
            return Why.SAME_ACCOUNT
        if REBATE in (op.account, op.target):
            return Why.PURPOSE
        if ABROAD in (op.account, op.target):
            return Why.OTHER_BOOK
        if op.amount > self.posted[op.account] - self.held(op.account):
            return Why.SHORT
        self.book(op.key, {op.account: -op.amount, op.target: op.amount})

    def judge_credit_line(self, op, now):
        if op.account in PURPOSES:
            return Why.PURPOSE
        if op.line < self.held(op.account) - self.posted[op.account]:
            return Why.SHORT
        self.line[op.account] = op.line

    def judge_hold(self, op, now):
        if op.account == GUARANTEE:
            return Why.PURPOSE
        if self.overdue[op.account]:
            return Why.OVERDUE
        if op.amount > self.free(op.account):
            return Why.SHORT
        self.holds[op.key] = (op.account, op.amount, op.expires_at)

    def judge_refit(self, op, now):
        if op.hold not in self.holds:
            return Why.HOLD_RESOLVED
        account, amount, expires_at = self.holds[op.hold]
        if op.amount > amount and self.overdue[account]:
            return Why.OVERDUE
        if op.amount - amount > self.free(account):
            return Why.SHORT
        del self.holds[op.hold]
        self.holds[op.key] = (account, op.amount, expires_at)

    def judge_capture(self, op, now):
        if op.hold not in self.holds:
            return Why.HOLD_RESOLVED
        account, amount, expires_at = self.holds[op.hold]
        if op.amount + op.keep > amount:
            return Why.HOLD_EXCEEDED
        del self.holds[op.hold]
        if op.keep:
            self.holds[op.key] = (account, op.keep, expires_at)
        self.book(op.key, {account: -op.amount})

    def judge_release(self, op, now):
        if op.hold not in self.holds:
            return Why.HOLD_RESOLVED
        del self.holds[op.hold]

    def judge_expire(self, op, now):
        if op.hold not in self.holds:
            return Why.HOLD_RESOLVED
        if self.holds[op.hold][2] is None or now < self.holds[op.hold][2]:
            return Why.HOLD_NOT_DUE
        del self.holds[op.hold]

    def judge_reverse(self, op, now):
        if op.of not in self.booked or op.of.startswith("reverse"):
            return Why.REVERSE_KIND
        if op.of in self.taken_back:
            return Why.REVERSE_TWICE
        changes = {account: -change for account, change in self.booked[op.of].items()}
        if any(self.free(account) + change < 0 for account, change in changes.items()):
            return Why.SHORT
        self.taken_back.add(op.of)
        self.book(op.key, changes)

    def judge_close(self, op, now):
        return Why.ACCOUNT_USED


ACCOUNTS = st.sampled_from([GOODS, GOODS, GOODS, BRANCH, REBATE, GUARANTEE, ABROAD])
AMOUNTS = st.integers(1, 100)
SHARES = st.sampled_from([1, 25, 50, 75, 99, 100, 101])  # per cent of what would be possible
WHICH = st.integers(0, 999)


def part(share, whole):
    """A share of an amount, 1 at least; above 100 per cent it is one more than the amount."""
    return whole + 1 if share > 100 else max(1, whole * share // 100)


class Deposits(RuleBasedStateMachine):
    """Five open accounts; what an operation names (holds, earlier ones) is drawn by number."""

    def __init__(self):
        super().__init__()
        self.store = self.make_store(ACCOUNTS_AT_FIRST)
        self.store.ask(*OPENINGS)
        self.auditor = Auditor(range(1, 6))
        self.now, self.asked, self.names = 0, [], []
        for account in (GOODS, BRANCH, REBATE):
            self.top_up(account, 100)
        self.credit_line(GOODS, 50)

    def make_store(self, accounts):
        """Where the ledger keeps its books; ``tests/test_states.py`` has them in the database."""
        return Store(accounts)

    def key(self, kind):
        return f"{kind} {len(self.asked)}"

    def ask(self, op):
        before = self.store.picture()
        (result,) = self.store.ask(op, now=self.now)
        why = self.auditor.judge(op, self.now)
        assert getattr(result, "why", None) is why, (op, result, why)
        if why:
            assert self.store.picture() == before
        else:
            self.asked.append((op, result))
            if result.entries[0].places:
                self.names.append(op.key)

    @rule(account=ACCOUNTS, amount=AMOUNTS, lasts=st.sampled_from([None, None, 1, 3]))
    def top_up(self, account, amount, lasts=None):
        until = lasts and self.now + lasts
        key = self.key("top up")
        self.ask(TopUp(key=key, account=account, amount=amount, lapses_at=until))

    @rule(account=st.sampled_from([REBATE, REBATE, GOODS]), share=SHARES)
    def lapse(self, account, share):
        amount = part(share, self.own(account))
        self.ask(Lapse(key=self.key("lapse"), account=account, amount=amount))

    @rule(account=ACCOUNTS, amount=AMOUNTS)
    def give_back(self, account, amount):
        self.ask(GiveBack(key=self.key("give back"), account=account, amount=amount))

    def own(self, account):
        return max(0, self.auditor.posted[account] - self.auditor.held(account))

    @rule(account=ACCOUNTS, share=SHARES)
    def refund(self, account, share):
        amount = part(share, self.own(account))
        self.ask(Refund(key=self.key("refund"), account=account, amount=amount))

    @rule(account=ACCOUNTS, receiver=ACCOUNTS, share=SHARES)
    def transfer(self, account, receiver, share):
        amount = part(share, self.own(account))
        key = self.key("transfer")
        self.ask(Transfer(key=key, account=account, target=receiver, amount=amount))

    @rule(account=ACCOUNTS, line=st.sampled_from([0, 20, 50, 100]))
    def credit_line(self, account, line):
        self.ask(SetCreditLine(key=self.key("line"), account=account, line=line))

    @rule(account=ACCOUNTS, share=SHARES, lasts=st.sampled_from([None, 1, 1, 3]))
    def hold(self, account, share, lasts):
        until = lasts and self.now + lasts
        amount = part(share, self.auditor.free(account))
        self.ask(PlaceHold(key=self.key("hold"), account=account, amount=amount, expires_at=until))

    def named(self, which):
        """An active hold with its amount, or one time in ten any of the holds that were."""
        active = self.auditor.holds
        if active and which % 10:
            name = list(active)[which % len(active)]
            return name, active[name][1]
        return self.names[which % len(self.names)], 10

    @precondition(lambda self: self.names)
    @rule(which=WHICH, change=st.integers(-20, 20), share=SHARES)
    def refit(self, which, change, share):
        name, amount = self.named(which)
        if change > 0:
            change = part(share, self.auditor.free(self.store.holds[name].account))
        self.ask(Refit(key=self.key("refit"), hold=name, amount=max(1, amount + change)))

    @precondition(lambda self: self.names)
    @rule(which=WHICH, share=SHARES, rest=st.sampled_from([0, 0, 50, 100, 101]))
    def capture(self, which, share, rest):
        name, held = self.named(which)
        amount = part(share, held)
        keep = part(rest, held - amount) if rest and amount < held else 0
        self.ask(Capture(key=self.key("capture"), hold=name, amount=amount, keep=keep))

    @precondition(lambda self: self.names)
    @rule(which=WHICH)
    def release(self, which):
        self.ask(Release(key=self.key("release"), hold=self.named(which)[0]))

    @precondition(lambda self: self.names)
    @rule(which=WHICH, later=st.integers(0, 1))
    def expire(self, which, later):
        self.now += later
        self.ask(Expire(key=self.key("expire"), hold=self.named(which)[0]))

    @rule(which=WHICH)
    def reverse(self, which):
        of = self.asked[-1 - which % len(self.asked)][0].key
        self.ask(Reverse(key=self.key("reverse"), of=of, note="entered twice"))

    @rule(account=ACCOUNTS, overdue=st.sampled_from([0, 0, 0, 70]))
    def overdue(self, account, overdue):
        self.auditor.overdue[account] = overdue
        self.store.owe(account, overdue)

    @rule(which=WHICH)
    def replay(self, which):
        """An earlier operation again: the first answer; with another content: refused."""
        op, first = self.asked[which % len(self.asked)]
        before = self.store.picture()
        other = replace(op, source="another document")
        again, refused = self.store.ask(replace(op, note="said otherwise"), other, now=self.now)
        assert again == Done(first.entries, replayed=True)
        assert refused.why is Why.KEY_REUSED
        assert self.store.picture() == before

    @rule(amount=AMOUNTS, spoilt=st.booleans())
    def chain(self, amount, spoilt):
        """Money comes in, is set aside and spent in one go, or nothing happens at all."""
        key = self.key("chain")
        ops = (
            TopUp(key=key, account=GOODS, amount=amount),
            PlaceHold(key=key + "h", account=GOODS, amount=amount),
            Capture(key=key + "c", hold=key + "h", amount=amount + spoilt),
        )
        before = self.store.picture()
        results = self.store.ask(ops, now=self.now)
        if spoilt or self.auditor.overdue[GOODS]:
            assert self.store.picture() == before
            assert not any(isinstance(result, Done) for result in results)
            return
        for op, result in zip(ops, results, strict=True):
            assert self.auditor.judge(op, self.now) is None
            self.asked.append((op, result))
        self.names.append(key + "h")

    @rule(account=ACCOUNTS)
    def close(self, account):
        """Refused while something is on it; an empty one is left open for the other rules."""
        stands = self.store.accounts[account]
        if stands.posted or stands.held or stands.line:
            self.ask(Close(key=self.key("close"), account=account))

    # -- invariants ----------------------------------------------------------------------

    @invariant()
    def the_bookkeeper_agrees(self):
        for key, account in self.store.accounts.items():
            assert account.posted == self.auditor.posted[key]
            assert account.held == self.auditor.held(key)
            assert account.line == self.auditor.line[key]

    @invariant()
    def money_is_conserved(self):
        accounts = self.store.accounts.values()
        assert sum(account.posted for account in accounts) == self.auditor.outside

    @invariant()
    def nothing_is_negative_and_the_rule_holds(self):
        for account in self.store.accounts.values():
            assert account.held >= 0 and account.line >= 0
            assert account.posted - account.held + account.line >= 0
            if account.purpose is not Purpose.GOODS:
                assert account.posted >= 0 and account.line == 0

    @invariant()
    def active_holds_are_what_is_held(self):
        held = dict.fromkeys(self.store.accounts, 0)
        for hold in self.store.holds.values():
            assert 0 <= hold.captured <= hold.amount
            held[hold.account] += hold.amount if hold.state is HoldState.ACTIVE else 0
        assert held == {key: account.held for key, account in self.store.accounts.items()}

    @invariant()
    def entries_sum_to_the_balance(self):
        sums = {key: [0, 0, 0, 0] for key in self.store.accounts}
        for entry in self.store.entries.values():
            total = sums[entry.account]
            for index, change in enumerate((entry.posted, entry.held, entry.line, 1)):
                total[index] += change
            running = [entry.posted_after, entry.held_after, entry.line_after, entry.number]
            assert running == total
        for key, account in self.store.accounts.items():
            assert sums[key] == [account.posted, account.held, account.line, account.number]
            assert account.state is State.OPEN

    def teardown(self):
        """All that took effect, asked of a fresh ledger as one batch, makes the same books."""
        fresh = Store(ACCOUNTS_AT_FIRST)
        fresh.ask(*OPENINGS, *(op for op, _result in self.asked), now=self.now)
        for key in self.store.accounts:
            fresh.owe(key, self.store.accounts[key].overdue)
        assert fresh.picture() == self.store.picture()
