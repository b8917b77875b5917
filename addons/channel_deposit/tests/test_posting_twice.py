import threading
from uuid import uuid4

from psycopg2.errors import OperationalError, SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from odoo.addons.channel_deposit.core.operations import Open, TopUp

OURS = "(SELECT id FROM channel_deposit_entry WHERE account_id = %s)"
CLEAN_UP = (
    ("channel_deposit_posting", f"entry_id IN {OURS}"),
    ("channel_deposit_entry", "account_id = %s"),
    ("channel_deposit_account", "id = %s"),
)


@tagged("post_install", "-at_install")
class TestPostingTwice(BaseCase):
    """Two posters on connections of their own, with Odoo's isolation; each entry is posted once."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        code = uuid4().hex[:8]
        with self._environment() as env:
            company = env.company
            if not company.chart_template:
                env["account.chart.template"].try_loading("cn", company, install_demo=False)
            member = env["channel.member"].create(
                {"partner_id": env["res.partner"].create({"name": code, "is_company": True}).id}
            )
            account = env["channel.deposit.account"]._ensure(member)
            self.keys = [f"{code} {number}" for number in range(40)]
            account._book_or_raise(
                [Open(key=f"{code} open", account=account.id)]
                + [TopUp(key=key, account=account.id, amount=100) for key in self.keys]
            )
            company._deposit_journal()
            for role in ("goods", "receipts"):
                company._deposit_account_for(role)
            self.account, self.member = account.id, member.id
        self.addCleanup(self._clean_up)

    def _environment(self):
        return _Environment(self.registry)

    def _clean_up(self):
        """Take the rows away that no user could."""
        with self.registry.cursor() as cr:
            cr.execute(
                f"SELECT DISTINCT move_id FROM channel_deposit_posting WHERE entry_id IN {OURS}",
                [self.account],
            )
            moves = [row[0] for row in cr.fetchall()]
            for table, where in CLEAN_UP:
                cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                cr.execute(f"DELETE FROM {table} WHERE {where}", [self.account])
                cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cr.execute("DELETE FROM account_move WHERE id = ANY(%s)", [moves])
            env = api.Environment(cr, SUPERUSER_ID, {})
            member = env["channel.member"].browse(self.member)
            partner = member.partner_id
            member.unlink()
            partner.unlink()

    def _entries(self, env):
        return env["channel.deposit.entry"].search([("key", "in", self.keys)])

    def _post(self, env, entries=None):
        return env["channel.deposit.posting"]._post_entries(entries or self._entries(env))

    def _assert_once(self):
        with self._environment() as env:
            entries = self._entries(env)
            self.assertEqual(len(entries.posting_ids), len(self.keys))
            self.assertEqual(len(entries.move_id), len(self.keys))
            lines = env["account.move.line"].search(
                [("partner_id", "=", env["channel.member"].browse(self.member).partner_id.id)]
            )
            self.assertEqual(len(lines), 2 * len(self.keys), "no journal entry without an entry")

    def test_who_comes_second_leaves_them_to_the_first(self):
        with self._environment() as first:
            self.assertEqual(len(self._post(first)), len(self.keys))
            with self._environment() as second:
                self.assertFalse(self._post(second))
        self._assert_once()

    def test_who_looked_before_the_first_committed_is_run_again(self):
        with self._environment() as second:
            self._entries(second)  # its snapshot: nothing is posted
            with self._environment() as first:
                self._post(first)
            with self.assertRaises(SerializationFailure), mute_logger("odoo.sql_db"):
                self._post(second)
            second.cr.rollback()
            self.assertFalse(self._post(second))
        self._assert_once()

    def test_two_at_once(self):
        start, failed = threading.Barrier(2, timeout=30), []

        def work(order):
            start.wait()
            for number in range(0, len(self.keys), 4)[::order]:
                while True:
                    try:
                        with self._environment() as env:
                            entries = env["channel.deposit.entry"].search(
                                [("key", "in", self.keys[number : number + 4])]
                            )
                            self._post(env, entries)
                        break
                    except OperationalError:
                        continue  # as Odoo does
                    except Exception as error:
                        failed.append(error)
                        raise

        threads = [threading.Thread(target=work, args=[order], daemon=True) for order in (1, -1)]
        with mute_logger("odoo.sql_db"):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(120)
        self.assertFalse(failed)
        self.assertFalse([thread for thread in threads if thread.is_alive()])
        self._assert_once()


class _Environment:
    """An environment on a connection of its own; committed when left without an error."""

    def __init__(self, registry):
        self.cursor = registry.cursor()

    def __enter__(self):
        return api.Environment(self.cursor.__enter__(), SUPERUSER_ID, {})

    def __exit__(self, *error):
        return self.cursor.__exit__(*error)
