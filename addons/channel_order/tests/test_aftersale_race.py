import threading
from uuid import uuid4

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from ..core.snapshot import AfterSaleKind
from .common import PAID_AT, OrderCommon


@tagged("post_install", "-at_install")
class TestAftersaleRace(BaseCase):
    """Two people at once, on cursors of their own that really commit."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            code = uuid4().hex[:8].upper()
            shop = env["channel.shop"].create({"name": code, "code": code})
            self.shop_id = shop.id
            orders = env["channel.order"]
            orders._ingest(shop, [OrderCommon.order(code)])
            orders._ingest_aftersales(
                shop,
                [
                    OrderCommon.aftersale(f"{code}{n}", code, kind=AfterSaleKind.REFUND_ONLY)
                    for n in "12"
                ],
            )
            rows = env["channel.aftersale"].search([("shop_id", "=", shop.id)], order="id")
            self.ids = rows.ids
        self.addCleanup(self._clean_up)

    def _clean_up(self):
        of_order = "order_id IN (SELECT id FROM channel_order WHERE shop_id = %(shop)s)"
        guarded = {
            "channel_order_event": of_order,
            "channel_aftersale_answer": "aftersale_id = ANY(%(ids)s)",
        }
        plain = {
            "channel_order_line": of_order,
            "channel_exception": "shop_id = %(shop)s",
            "channel_outbox": "shop_id = %(shop)s",
            "channel_aftersale": "shop_id = %(shop)s",
            "channel_order": "shop_id = %(shop)s",
        }
        with self.registry.cursor() as cr:
            # a job may be telling the platform, with rows locked: LOCK waits for its end, and takes
            # no snapshot before
            cr.execute("LOCK TABLE channel_outbox IN EXCLUSIVE MODE")
            for table, where in (guarded | plain).items():
                if table in guarded:
                    cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                cr.execute(
                    f"DELETE FROM {table} WHERE {where}", {"shop": self.shop_id, "ids": self.ids}
                )
                if table in guarded:
                    cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cr.execute("UPDATE channel_shop SET active = false WHERE id = %s", [self.shop_id])

    def _answer(self, env, index, accept=True):
        env["channel.aftersale"].browse(self.ids[index])._answer(
            "request", accept, PAID_AT, "" if accept else "no"
        )

    def _race(self, first_index, second_index):
        """Both grant; the second begins while the first has not committed. Its error."""
        outcome = []
        with (
            self.registry.cursor() as one,
            self.registry.cursor() as two,
            mute_logger("odoo.sql_db"),
        ):
            two.execute("SET LOCAL lock_timeout = '20s'")
            first, second = (api.Environment(cr, SUPERUSER_ID, {}) for cr in (one, two))
            self._answer(first, first_index)

            def run():
                try:
                    self._answer(second, second_index, accept=True)
                    outcome.append(None)
                except Exception as error:
                    outcome.append(error)
                finally:
                    two.rollback()

            thread = threading.Thread(target=run)
            thread.start()
            thread.join(timeout=1)
            self.assertTrue(thread.is_alive(), f"the second must wait for the first: {outcome}")
            one.commit()
            thread.join(timeout=30)
        return outcome[0]

    def _again(self, index):
        """What Odoo does after a conflict: the same request in a transaction of its own."""
        with self.registry.cursor() as cr:
            self._answer(api.Environment(cr, SUPERUSER_ID, {}), index)

    def _answered(self):
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT count(*) FROM channel_aftersale_answer WHERE aftersale_id = ANY(%s)",
                [self.ids],
            )
            answers = cr.fetchone()[0]
            cr.execute("SELECT count(*) FROM channel_outbox WHERE shop_id = %s", [self.shop_id])
            return answers, cr.fetchone()[0]

    def test_two_grant_the_same(self):
        self.assertIsInstance(self._race(0, 0), SerializationFailure)
        with self.assertRaisesRegex(UserError, "was first and granted"):
            self._again(0)
        self.assertEqual(self._answered(), (1, 1))

    def test_two_after_sales_of_one_line_are_not_both_paid(self):
        """Each asks for all that was paid: alone each may be granted, together they may not."""
        self.assertIsInstance(self._race(0, 1), SerializationFailure)
        with self.assertRaisesRegex(UserError, "of what the buyer paid"):
            self._again(1)
        self.assertEqual(self._answered(), (1, 1))
