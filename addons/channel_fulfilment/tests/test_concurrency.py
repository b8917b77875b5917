"""Two people at once, on cursors of their own that really commit."""

import os
import threading
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from odoo.addons.channel_order.core.snapshot import (
    AfterSaleKind,
    AfterSaleSnapshot,
    AfterSaleStatus,
)

from .common import START
from .world import create_world


@tagged("post_install", "-at_install")
class TestConcurrency(BaseCase):
    """The second of two always waits and then finds what the first one did."""

    def setUp(self):
        super().setUp()
        key = patch.dict(os.environ, {"QUDAO_DATA_KEY": "k" * 40})
        key.start()
        self.addCleanup(key.stop)
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            self.made = create_world(api.Environment(cr, SUPERUSER_ID, {}))

    # -- tools -----------------------------------------------------------------------------

    def _transaction(self):
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        # a hanging test helps nobody; SET takes no snapshot
        cr.execute("SET LOCAL lock_timeout = '20s'")
        return api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [self.made["company"]]})

    def _commit(self, act):
        """Run in a transaction of its own and commit; what ``act`` returns."""
        env = self._transaction()
        result = act(env)
        env.cr.commit()
        return result

    def _race(self, first_act, second_act):
        """The second acts while the first has not committed: its result, or its exception.

        Asserts that it waits for the first one's commit.
        """
        first, second = self._transaction(), self._transaction()
        # the second one's snapshot is older than the first one's commit
        second.cr.execute("SELECT 1")
        first_act(first)
        first.flush_all()
        outcome = []

        def run():
            try:
                outcome.append(second_act(second))
            except Exception as error:
                outcome.append(error)
            finally:
                second.cr.rollback()

        with mute_logger("odoo.sql_db"):
            thread = threading.Thread(target=run)
            thread.start()
            thread.join(timeout=2)
            waited = thread.is_alive()
            first.cr.commit()
            thread.join(timeout=40)
        self.assertTrue(waited, f"the second must wait for the first: {outcome}")
        return outcome[0]

    def _build(self, env):
        return env["channel.wave"]._build(
            env["channel.shop"].browse(self.made["shop"]),
            env["channel.fulfiller"].browse(self.made["fulfiller"]),
        )

    def _orders(self, env):
        return env["channel.order"].browse(self.made["orders"])

    def _parcels(self, env):
        return self._orders(env).parcel_id.sorted("id")

    def _pack_all(self, env):
        for parcel in self._parcels(env):
            answer = env["channel.parcel"].scan(parcel.name, {})
            env["channel.parcel"].scan(f"ZT{parcel.id:08d}", answer["station"])

    def _manifest(self, env):
        return env["channel.manifest"].create(
            {
                "carrier_id": self.made["carrier"],
                "warehouse_id": self.made["warehouse"],
                "company_id": self.made["company"],
            }
        )

    def _refund(self, env):
        order = self._orders(env)[0]
        env["channel.order"]._ingest_aftersales(
            order.shop_id,
            [
                AfterSaleSnapshot(
                    platform="manual",
                    aftersale_ref=f"A-{order.id}",
                    order_ref=order.order_ref,
                    line_ref="",
                    kind=AfterSaleKind.REFUND_BEFORE_SHIP,
                    status=AfterSaleStatus.SUCCEEDED,
                    amount=10000,
                    applied_at=START + 1000,
                    updated_at=START + 1000,
                )
            ],
        )

    def _packed_manifest(self):
        """Two packed orders and an open manifest, committed; the manifest's id."""
        self._commit(self._build)
        self._commit(self._pack_all)
        return self._commit(lambda env: self._manifest(env).id)

    # -- races -----------------------------------------------------------------------------

    def test_two_people_build_waves(self):
        error = self._race(self._build, self._build)
        # Odoo runs a request again after such a failure, and then there is nothing to build
        self.assertIsInstance(error, SerializationFailure)
        env = self._transaction()
        self.assertFalse(self._build(env))
        self.assertEqual(set(self._orders(env).mapped("stage")), {"waved"})
        self.assertEqual(len(self._orders(env).wave_id), 1)
        self.assertEqual(len(self._parcels(env)), 2)

    def test_two_people_scan_one_parcel(self):
        self._commit(self._build)

        def scan(env):
            return env["channel.parcel"].scan(self._parcels(env)[0].name, {})

        error = self._race(scan, scan)
        self.assertIsInstance(error, SerializationFailure)
        self.assertEqual(scan(self._transaction())["state"], "already")

    def test_two_parcels_never_get_one_number(self):
        pool = self._commit(
            lambda env: (
                env["channel.waybill.pool"]
                .create(
                    {
                        "carrier_id": self.made["carrier"],
                        "company_id": self.made["company"],
                        "next_number": 1,
                        "last_number": 9,
                    }
                )
                .id
            )
        )

        def take(env):
            carrier = env["delivery.carrier"].browse(self.made["carrier"])
            return carrier._next_waybills(1, env["res.company"].browse(self.made["company"]))

        error = self._race(take, take)
        self.assertIsInstance(error, SerializationFailure)
        env = self._transaction()
        self.assertEqual(take(env), ["0000000002"])
        self.assertEqual(env["channel.waybill.pool"].browse(pool).next_number, 3)

    def test_two_people_hand_over_one_manifest(self):
        manifest = self._packed_manifest()

        def hand_over(env):
            env["channel.manifest"].browse(manifest).action_hand_over()

        error = self._race(hand_over, hand_over)
        self.assertIsInstance(error, SerializationFailure)
        env = self._transaction()
        with self.assertRaisesRegex(UserError, "handed over by"):
            hand_over(env)
        env.cr.rollback()
        env = self._transaction()
        self.assertEqual(len(self._orders(env).wave_id.invoice_ids), 1)
        self.assertEqual(
            env["channel.outbox"].search_count([("order_id", "in", self.made["orders"])]), 2
        )

    def test_refund_first_the_hand_over_leaves_it_out(self):
        manifest = self._packed_manifest()

        def hand_over(env):
            env["channel.manifest"].browse(manifest).action_hand_over()

        error = self._race(self._refund, hand_over)
        self.assertIsInstance(error, SerializationFailure)
        self._commit(hand_over)
        env = self._transaction()
        self.assertEqual(self._orders(env).mapped("stage"), ["refunded", "shipped"])
        self.assertEqual(self._orders(env).wave_id.invoice_ids.amount_total, 100)
        self.assertEqual(env["channel.pool.quota"]._uncovered(), [])

    def test_hand_over_first_the_refund_loses(self):
        manifest = self._packed_manifest()
        error = self._race(
            lambda env: env["channel.manifest"].browse(manifest).action_hand_over(), self._refund
        )
        self.assertIsInstance(error, SerializationFailure)
        self._commit(self._refund)
        env = self._transaction()
        self.assertEqual(set(self._orders(env).mapped("stage")), {"shipped"})
        self.assertEqual(self._orders(env)[0].aftersale_ids.winner, "shipment")
        self.assertEqual(self._orders(env).wave_id.invoice_ids.amount_total, 200)
