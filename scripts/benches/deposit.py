"""Debits a second of deposit accounts, and of a plain SELECT … FOR UPDATE in the same database.

A debit of ours is a refund through ``_book``: lock, rule of available, entry, balance, key. The
reference does as much by hand in psycopg2: it locks the account, looks at the balance, writes a row
with a UNIQUE key, updates the balance, commits. Workers are processes with connections of their
own, all under READ COMMITTED. The three take turns; medians count.
"""

import gc
import itertools
import os
import pickle
import random
import statistics
import time
from contextlib import closing

import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED

import odoo.sql_db
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from odoo.addons.channel_deposit.core.ledger import Done
from odoo.addons.channel_deposit.core.operations import (
    Capture,
    Open,
    PlaceHold,
    Refund,
    TopUp,
)

ACCOUNTS = 1000
WORKERS = 4
BATCH = 100
SECONDS = 4
WARM = 1
ROUNDS = 3
ENOUGH = 10**9  # fen on every account
REFERENCE = """
CREATE TABLE bench_account (id int PRIMARY KEY, balance numeric NOT NULL CHECK (balance >= 0));
CREATE TABLE bench_entry (
    id serial PRIMARY KEY, key varchar NOT NULL UNIQUE,
    account_id int NOT NULL REFERENCES bench_account, amount numeric NOT NULL,
    balance_after numeric NOT NULL, at timestamp NOT NULL, user_id int NOT NULL);
CREATE INDEX ON bench_entry (account_id);
INSERT INTO bench_account SELECT unnest(%s), 1000000000;
"""
_keys = itertools.count(1)


def run(env, report):
    """Every variant for a few seconds, in turns."""
    accounts = _accounts(env)
    env.cr.execute(REFERENCE, [accounts])
    env.cr.commit()
    variants = {
        "ours, many accounts, 4 workers": (WORKERS, accounts, _single),
        "reference, many accounts, 4 workers": (WORKERS, accounts, _reference),
        "ours, hot account, 1 worker": (1, accounts[:1], _single),
        "ours, hot account, 4 workers": (WORKERS, accounts[:1], _single),
        "reference, hot account, 1 worker": (1, accounts[:1], _reference),
        "reference, hot account, 4 workers": (WORKERS, accounts[:1], _reference),
        "ours, batches of 100, hot account, 1 worker": (1, accounts[:1], _batched),
        "ours, batches of 100, many accounts, 4 workers": (WORKERS, accounts, _batched),
        "ours, hold and spend in one go, many accounts, 4 workers": (WORKERS, accounts, _spend),
    }
    rates = {name: [] for name in variants}
    for _round in range(ROUNDS):
        for name, variant in variants.items():
            rates[name].append(_measure(env.cr.dbname, *variant))
    rate = {name: statistics.median(found) for name, found in rates.items()}
    for name, found in rate.items():
        spread = ", ".join(f"{each:,.0f}" for each in rates[name])
        report.rate(name, found, f"debits; rounds: {spread}")
    report.ratio(
        "vs_reference", rate["ours, many accounts, 4 workers"],
        rate["reference, many accounts, 4 workers"],
    )  # fmt: skip
    report.ratio(
        "hot_four_vs_one", rate["ours, hot account, 4 workers"],
        rate["ours, hot account, 1 worker"],
    )  # fmt: skip
    report.ratio(
        "reference_hot_four_vs_one", rate["reference, hot account, 4 workers"],
        rate["reference, hot account, 1 worker"],
    )  # fmt: skip
    report.ratio(
        "hot_vs_reference", rate["ours, hot account, 4 workers"],
        rate["reference, hot account, 4 workers"],
    )  # fmt: skip
    report.ratio(
        "batched_vs_single", rate["ours, batches of 100, hot account, 1 worker"],
        rate["ours, hot account, 1 worker"],
    )  # fmt: skip
    _check(env, report)


def _accounts(env):
    """Open accounts with money; their ids."""
    partners = env["res.partner"].create(
        [{"name": f"Bench {n}", "is_company": True} for n in range(ACCOUNTS)]
    )
    members = env["channel.member"].create(
        [{"partner_id": partner.id, "state": "active"} for partner in partners]
    )
    model = env["channel.deposit.account"]
    ids = [model._ensure(member).id for member in members]
    model._book_or_raise(
        operation
        for account in ids
        for operation in (
            Open(key=f"open {account}", account=account),
            TopUp(key=f"start {account}", account=account, amount=ENOUGH),
        )
    )
    env.cr.commit()
    return ids


def _measure(dbname, workers, accounts, work):
    """Debits a second of so many workers together."""
    name = f"{next(_keys)}"
    start = time.monotonic() + WARM
    children = [_fork(dbname, work, accounts, f"{name} {n}", start) for n in range(workers)]
    counts = []
    for pid, pipe in children:
        with os.fdopen(pipe, "rb") as answers:
            counts.append(pickle.load(answers))
        os.waitpid(pid, 0)
    return sum(counts) / SECONDS


def _fork(dbname, work, accounts, name, start):
    """A process that works SECONDS from ``start`` on and tells how many debits it made meanwhile.

    It works before ``start`` too: a forked process first copies the memory that it touches.
    """
    gc.freeze()
    mine, its = os.pipe()
    if pid := os.fork():
        os.close(its)
        return pid, mine
    code = 1
    try:
        # the parent's connections are the parent's
        odoo.sql_db._Pool = odoo.sql_db._Pool_readonly = None
        with os.fdopen(its, "wb") as answers:
            pickle.dump(work(dbname, accounts, name, start), answers)
        code = 0
    finally:
        os._exit(code)


def _turns(start):
    """Numbers until the time is over, and whether it has begun."""
    for number in itertools.count():
        now = time.monotonic()
        if now > start + SECONDS:
            return
        yield number, now > start


def _with_ledger(dbname, name, start, batch, debits):
    """Book ``batch(key)`` a transaction, ``debits`` debits each; how many debits were made."""
    made = 0
    with Registry(dbname).cursor() as cr:
        cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
        model = api.Environment(cr, SUPERUSER_ID, {})["channel.deposit.account"]
        for number, counts in _turns(start):
            results = model._book(batch(f"{name} {number}"))
            cr.commit()
            assert all(isinstance(result, Done) for result in results), results
            made += debits * counts
    return made


def _single(dbname, accounts, name, start):
    dice = random.Random(name)
    return _with_ledger(
        dbname, name, start,
        lambda key: [Refund(key=key, account=dice.choice(accounts), amount=1)], 1,
    )  # fmt: skip


def _batched(dbname, accounts, name, start):
    dice = random.Random(name)
    return _with_ledger(
        dbname, name, start,
        lambda key: [
            Refund(key=f"{key} {n}", account=dice.choice(accounts), amount=1) for n in range(BATCH)
        ], BATCH,
    )  # fmt: skip


def _spend(dbname, accounts, name, start):
    dice = random.Random(name)
    return _with_ledger(
        dbname, name, start,
        lambda key: [
            (
                PlaceHold(key=key, account=dice.choice(accounts), amount=1),
                Capture(key=f"{key} c", hold=key, amount=1),
            )
        ], 1,
    )  # fmt: skip


def _reference(dbname, accounts, name, start):
    dice = random.Random(name)
    made = 0
    with closing(psycopg2.connect(dbname=dbname)) as connection, connection.cursor() as cr:
        connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
        for number, counts in _turns(start):
            account = dice.choice(accounts)
            cr.execute("SELECT balance FROM bench_account WHERE id = %s FOR UPDATE", [account])
            [balance] = cr.fetchone()
            assert balance >= 1
            cr.execute(
                "INSERT INTO bench_entry (key, account_id, amount, balance_after, at, user_id)"
                " VALUES (%s, %s, %s, %s, now(), 1)",
                [f"{name} {number}", account, -1, balance - 1],
            )
            cr.execute(
                "UPDATE bench_account SET balance = %s WHERE id = %s", [balance - 1, account]
            )
            connection.commit()
            made += counts
    return made


def _check(env, report):
    """Every balance is the sum of its entries, on both sides."""
    env.cr.commit()
    env.cr.execute(
        """WITH sums AS (SELECT account_id, sum(posted) AS posted, count(*) AS entries
                           FROM channel_deposit_entry GROUP BY account_id)
           SELECT (SELECT count(*) FROM channel_deposit_account a
                     LEFT JOIN sums ON sums.account_id = a.id
                    WHERE a.posted IS DISTINCT FROM sums.posted OR a.number <> sums.entries),
                  (SELECT count(*) FROM bench_account a
                    WHERE balance <> 1000000000 + coalesce(
                          (SELECT sum(amount) FROM bench_entry WHERE account_id = a.id), 0)),
                  (SELECT count(*) FROM channel_deposit_entry)"""
    )
    ours, theirs, entries = env.cr.fetchone()
    assert not ours and not theirs, (ours, theirs)
    report.note(f"all balances are the sums of their entries; {entries:,} entries of ours")
