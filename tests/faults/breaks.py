"""The addons broken on purpose, to see that a scenario notices.

``QUDAO_FAULTS_BREAK=NAME scripts/test --faults tests/faults/test_X.py`` must fail. A break lives in
the forked children only; no file changes. Which scenario notices which break is in ``NOTICED``.
"""

from __future__ import annotations

import importlib

import odoo.sql_db
from odoo.tools import SQL

NOTICED = {
    "pull_cursor_first": "test_kill_intake.py -k test_pull",
    "process_takes_in_a_transaction_of_its_own": "test_kill_intake.py -k 'test_process and not refunds'",
    "refunds_taken_in_a_transaction_of_their_own": "test_kill_intake.py -k refunds",
    "notice_done_before_it_is_told": "test_kill_intake.py -k test_drain",
    "open_commits_before_the_lock": "test_kill_stock.py -k test_open",
    "close_commits_before_the_trim": "test_kill_stock.py -k test_close",
    "wave_commits_before_the_sale": "test_kill_stock.py -k test_build",
    "hand_over_commits_before_the_invoice": "test_kill_stock.py -k test_hand_over",
    "hand_over_commits_early": "test_postgres_dies.py -k handed_over",
    "pack_without_a_condition": "test_two_at_once.py -k scan_one",
    "manifest_without_a_condition": "test_two_at_once.py -k one_manifest",
    "refund_not_looked_at": "test_two_at_once.py -k 'refund_and_hand_over or middle'",
    "sessions_without_a_lock": "test_two_at_once.py -k test_session",
    "no_mutex": "test_scarce_quota.py",
    "no_guard_of_the_quota": "test_scarce_quota.py",
    "no_lock_on_stock": "test_scarce_quota.py -k last_units",
    "waves_without_a_lock": "test_two_at_once.py -k test_build",
    "slip_commits_before_the_entry": "test_kill_dealer.py",
    "invoice_commits_before_it_is_paid": "test_kill_dealer.py, test_kill_rebate.py -k invoice",
    "note_commits_before_it_gives_back": "test_kill_rebate.py -k credit",
    "lapses_are_forgotten": "test_kill_rebate.py -k jobs",
}


def broken_on_purpose(env, how, work, arguments):
    """Break something, then run ``module:function``."""
    BREAKS[how](env)
    module, _, name = work.partition(":")
    return getattr(importlib.import_module(module), name)(env, **arguments)


def _rewrite(*changes):
    """Change the text of statements before they are sent."""

    def break_it(_env):
        execute = odoo.sql_db.Cursor.execute

        def changed(self, query, params=None, *args, **kwargs):
            if isinstance(query, SQL):
                query, params = query.code, query.params
            if isinstance(query, str):
                for old, new in changes:
                    query = query.replace(old, new)
            return execute(self, query, params, *args, **kwargs)

        odoo.sql_db.Cursor.execute = changed

    return break_it


def _commit_before(model, method):
    """What came before a method is committed, as if it were a step of its own."""

    def break_it(env):
        cls = type(env[model])
        original = getattr(cls, method)

        def committing(self, *args, **kwargs):
            self.env.flush_all()
            self.env.cr.commit()
            return original(self, *args, **kwargs)

        setattr(cls, method, committing)

    return break_it


def _skip(model, *methods):
    """Methods that do nothing."""

    def break_it(env):
        for method in methods:
            setattr(type(env[model]), method, lambda self, *args, **kwargs: None)

    return break_it


def _all(*breaks):
    def break_it(env):
        for another in breaks:
            another(env)

    return break_it


def _read_committed(*also):
    """Transactions see what others commit meanwhile, so only conditions keep two apart."""

    def break_it(env):
        for another in also:
            another(env)
        env.cr._cnx.set_isolation_level(1)

    return break_it


def _commit_after(model, method):
    def break_it(env):
        cls = type(env[model])
        original = getattr(cls, method)

        def committing(self, *args, **kwargs):
            result = original(self, *args, **kwargs)
            self.env.flush_all()
            self.env.cr.commit()
            return result

        setattr(cls, method, committing)

    return break_it


def _cursor_first(env):
    """The cursor moves before the page that it stands for is stored."""
    cls = type(env["channel.message"])
    original = cls._store

    def late(self, shop, messages, source="pull"):
        rows = list(messages)
        if rows and source == "pull":
            shop._move_cursor("pull_orders_cursor", max(row.updated_at for row in rows) + 1)
            self.env.cr.commit()
        return original(self, shop, rows, source)

    cls._store = late


def _done_before_told(env):
    cls = type(env["channel.outbox"])
    original = cls._tell

    def early(self, result):
        self._set("done", False)
        self.env.flush_all()
        self.env.cr.commit()
        return original(self, result)

    cls._tell = early


def _no_guard_of_the_quota(env):
    """Neither the mutex, nor the condition, nor the constraint of the table."""
    _read_committed(
        _rewrite(
            ("LOCK TABLE channel_allocation_mutex IN EXCLUSIVE MODE", "SELECT 1"),
            ("AND q.allocated + v.n <= q.quantity", ""),
        )
    )(env)
    env.cr.execute(
        "SELECT 1 FROM pg_constraint WHERE conname = 'channel_pool_quota_counters_check'"
    )
    if env.cr.rowcount:  # in the set-up, when nobody else is there
        env.cr.execute(
            "ALTER TABLE channel_pool_quota DROP CONSTRAINT channel_pool_quota_counters_check"
        )


def _lapses_are_forgotten(env):
    """What has lapsed is not seen in the journal, so it lapses once more."""
    cls = type(env["channel.deposit.account"])
    original = cls._facts

    def forgetful(self):
        return {
            account: [fact for fact in facts if fact.kind.value != "lapse"]
            for account, facts in original(self).items()
        }

    cls._facts = forgetful


BREAKS = {
    "pull_cursor_first": _cursor_first,
    "process_takes_in_a_transaction_of_its_own": _commit_after("channel.message", "_take"),
    "refunds_taken_in_a_transaction_of_their_own": _commit_after("channel.message", "_apply"),
    "notice_done_before_it_is_told": _done_before_told,
    "open_commits_before_the_lock": _commit_before("channel.pool", "_open"),
    "close_commits_before_the_trim": _commit_before("channel.pool.quota", "_lower_locks"),
    "wave_commits_before_the_sale": _commit_before("channel.wave", "_make_sale"),
    "hand_over_commits_before_the_invoice": _commit_before("channel.wave", "_invoice"),
    "hand_over_commits_early": _commit_before("channel.wave", "_deliver"),
    "pack_without_a_condition": _read_committed(
        _rewrite(("AND state IN ('waiting', 'left', 'stopped') RETURNING id", "RETURNING id"))
    ),
    "manifest_without_a_condition": _read_committed(
        _rewrite(("AND state = 'draft' RETURNING id", "RETURNING id"))
    ),
    "refund_not_looked_at": _read_committed(
        _rewrite(
            ("AND NOT refund_open", ""),
            ("bool_or(o.refund_open OR", "bool_or("),
            ("AND NOT (%s AND o.refund_open IS TRUE)", "AND %s IS NOT NULL"),
        )
    ),
    "sessions_without_a_lock": _skip("channel.session", "_claim"),
    "no_mutex": _rewrite(("LOCK TABLE channel_allocation_mutex IN EXCLUSIVE MODE", "SELECT 1")),
    "no_guard_of_the_quota": _no_guard_of_the_quota,
    "no_lock_on_stock": _all(
        _skip("channel.warehouse.lock", "_take", "_take_known"),
        _rewrite(("LOCK TABLE channel_allocation_mutex IN EXCLUSIVE MODE", "SELECT 1")),
    ),
    "waves_without_a_lock": _read_committed(
        _skip("channel.warehouse.lock", "_take", "_take_known"),
        _rewrite(("FOR NO KEY UPDATE SKIP LOCKED", "")),
    ),
    "slip_commits_before_the_entry": _commit_before("channel.deposit.voucher", "_book_approved"),
    "invoice_commits_before_it_is_paid": _commit_before("account.move", "_capture_deposit"),
    "note_commits_before_it_gives_back": _commit_before("account.move", "_credit_deposit"),
    "lapses_are_forgotten": _lapses_are_forgotten,
}
