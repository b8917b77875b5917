import threading
from uuid import uuid4

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from odoo.addons.channel_order.core.snapshot import AfterSaleKind
from odoo.addons.channel_order.tests.common import PAID_AT, OrderCommon


@tagged("post_install", "-at_install")
class TestRace(BaseCase):
    """Two people at once give money of one order, on cursors of their own that really commit."""

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
                shop, [OrderCommon.aftersale(code, code, kind=AfterSaleKind.REFUND_ONLY)]
            )
            order = orders.search([("shop_id", "=", shop.id)])
            self.aftersale = env["channel.aftersale"].search([("shop_id", "=", shop.id)]).id
            self.drafts = (
                env["channel.small.payment"]
                .create(
                    [
                        {"order_id": order.id, "purpose": "price", "amount": 15, "reason": str(n)}
                        for n in range(2)
                    ]
                )
                .ids
            )
        self.addCleanup(self._clean_up)

    def _clean_up(self):
        """Take the rows away that no user could."""
        of_order = "order_id IN (SELECT id FROM channel_order WHERE shop_id = %(shop)s)"
        plain = ("channel_exception", "channel_outbox", "channel_aftersale", "channel_order")
        rows = {
            "channel_small_payment": "shop_id = %(shop)s",
            "channel_order_event": of_order,
            "channel_aftersale_answer": "aftersale_id = %(aftersale)s",
            "channel_order_line": of_order,
        } | dict.fromkeys(plain, "shop_id = %(shop)s")
        values = {"shop": self.shop_id, "aftersale": self.aftersale}
        with self.registry.cursor() as cr:
            # a job may be telling the platform: LOCK waits for it, and takes no snapshot before
            cr.execute("LOCK TABLE channel_outbox IN SHARE ROW EXCLUSIVE MODE")
            cr.execute("DELETE FROM mail_message WHERE model = 'channel.small.payment'"
                       " AND res_id = ANY(%s)", [self.drafts])  # fmt: skip
            for table, where in rows.items():
                guarded = table in (
                    "channel_small_payment", "channel_order_event", "channel_aftersale_answer",
                )  # fmt: skip
                if guarded:
                    cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                cr.execute(f"DELETE FROM {table} WHERE {where}", values)
                if guarded:
                    cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cr.execute("UPDATE channel_shop SET active = false WHERE id = %s", [self.shop_id])

    def _submit(self, env, index):
        env["channel.small.payment"].browse(self.drafts[index]).action_submit()

    def _grant(self, env):
        env["channel.aftersale"].browse(self.aftersale)._answer("request", True, PAID_AT)

    def _race(self, first, second):
        """The second begins while the first has not committed: its error; then once more."""
        outcome = []
        with (
            self.registry.cursor() as one,
            self.registry.cursor() as two,
            mute_logger("odoo.sql_db"),
        ):
            two.execute("SET LOCAL lock_timeout = '20s'")
            envs = [api.Environment(cr, SUPERUSER_ID, {}) for cr in (one, two)]
            first(envs[0])
            one.flush()

            def run():
                try:
                    second(envs[1])
                    envs[1].flush_all()
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
        self.assertIsInstance(outcome[0], SerializationFailure)
        with self.registry.cursor() as cr, self.assertRaises(UserError) as refused:
            second(api.Environment(cr, SUPERUSER_ID, {}))
        return str(refused.exception)

    def test_two_payments(self):
        """15.00 each, of 19.90: alone each may be made, together they may not."""
        words = self._race(lambda env: self._submit(env, 0), lambda env: self._submit(env, 1))
        self.assertIn("4.90", words)

    def test_a_payment_and_then_a_grant(self):
        words = self._race(lambda env: self._submit(env, 0), self._grant)
        self.assertIn("of what the buyer paid", words)

    def test_a_grant_and_then_a_payment(self):
        words = self._race(self._grant, lambda env: self._submit(env, 0))
        self.assertIn("Of what the buyer", words)
