"""Two people at once, on cursors of their own that really commit."""

import os
import threading
from unittest.mock import patch
from uuid import uuid4

from psycopg2 import IntegrityError
from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from odoo.addons.channel_fulfilment.tests.world import create_world


@tagged("post_install", "-at_install")
class TestConcurrency(BaseCase):
    """The second of two waits and is sent back: tried again, it sees what the first one did."""

    def setUp(self):
        super().setUp()
        key = patch.dict(os.environ, {"QUDAO_DATA_KEY": "k" * 40})
        key.start()
        self.addCleanup(key.stop)
        self.registry = Registry(get_db_name())
        self.barcode = uuid4().hex[:13].upper()
        self.waybills = [f"ZT{uuid4().hex[:8].upper()}" for _n in range(2)]
        with self.registry.cursor() as cr:
            self.made = create_world(api.Environment(cr, SUPERUSER_ID, {}))
        self._commit(self._ship)

    def _transaction(self):
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        # a hanging test helps nobody; SET takes no snapshot
        cr.execute("SET LOCAL lock_timeout = '20s'")
        return api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [self.made["company"]]})

    def _commit(self, act):
        env = self._transaction()
        result = act(env)
        env.cr.commit()
        return result

    def _ship(self, env):
        """Both orders of the world leave."""
        env["product.product"].browse(self.made["product"]).barcode = self.barcode
        wave = env["channel.wave"]._build(
            env["channel.shop"].browse(self.made["shop"]),
            env["channel.fulfiller"].browse(self.made["fulfiller"]),
        )
        for parcel, waybill in zip(wave.parcel_ids, self.waybills, strict=True):
            answer = env["channel.parcel"].scan(parcel.name, {})
            env["channel.parcel"].scan(waybill, answer["station"])
        env["channel.manifest"].create(
            {
                "carrier_id": self.made["carrier"],
                "warehouse_id": self.made["warehouse"],
                "company_id": self.made["company"],
            }
        ).action_hand_over()

    def _scan(self, *codes, station=None):
        """What scans codes at one desk and tells its last answer."""

        def act(env):
            answer = {"station": station or {}}
            for code in codes:
                answer = env["channel.return"].scan(code, answer["station"])
            return answer

        return act

    def _race(self, first_act, second_act):
        """The second acts while the first has not committed: asserts that it is sent back."""
        first, second = self._transaction(), self._transaction()
        # the second one's snapshot is older than the first one's commit
        second.cr.execute("SELECT 1")
        first_act(first)
        first.flush_all()
        outcome = []

        def run():
            try:
                outcome.append(second_act(second))
                second.flush_all()
            except Exception as error:
                outcome.append(error)
            finally:
                second.cr.rollback()

        with mute_logger("odoo.sql_db"):
            thread = threading.Thread(target=run)
            thread.start()
            thread.join(timeout=2)
            first.cr.commit()
            thread.join(timeout=40)
        self.assertIsInstance(outcome[0], SerializationFailure, outcome)

    def test_a_confirmation_sees_the_unit_that_is_counted_meanwhile(self):
        [waybill, _other] = self.waybills
        desk = self._commit(self._scan(waybill, "R-WRONG"))["station"]
        confirm = self._scan("R-CONFIRM", station=desk)
        self._race(self._scan(self.barcode, "R-GOOD", station=desk), confirm)
        self._commit(confirm)
        self.assertEqual(self._commit(self._returned), [(1, 1)])

    def test_one_unit_in_two_parcels_is_back_once(self):
        desk = self._commit(self._scan(self.waybills[0], self.barcode, "R-GOOD"))["station"]
        other = self._commit(self._scan(self.waybills[1], self.barcode, "R-GOOD"))["station"]

        def one_line(env):
            # both parcels hold the unit of one order line, as after a change on the platform
            env.cr.execute(
                "UPDATE channel_return_line SET order_line_id = (SELECT order_line_id"
                " FROM channel_return_line WHERE return_id = %s) WHERE return_id = %s",
                [desk["return_id"], other["return_id"]],
            )

        self._commit(one_line)
        second = self._scan("R-CONFIRM", station=other)
        self._race(self._scan("R-CONFIRM", station=desk), second)
        with mute_logger("odoo.sql_db"), self.assertRaisesRegex(IntegrityError, "within_shipped"):
            self._commit(second)
        self.assertEqual(self._commit(self._returned), [(1, 1)])

    def test_a_trolley_is_not_emptied_below_a_parcel_that_joins(self):
        first, second = self.waybills
        self._commit(self._scan(first, self.barcode, "R-GOOD", "R-CONFIRM"))
        desk = self._commit(self._scan(second, self.barcode, "R-GOOD"))["station"]
        self._race(self._scan("R-CONFIRM", station=desk), self._scan("R-STOCK"))
        self._commit(self._scan("R-STOCK"))
        states = self._commit(
            lambda env: (
                env["channel.return"].search([("waybill", "in", self.waybills)]).mapped("state")
            )
        )
        self.assertEqual(states, ["stocked", "stocked"])

    def test_two_who_scrap_the_same_defect_scrap_it_once(self):
        scan = self._scan(self.waybills[0], self.barcode, "R-DEFECT", "R-CONFIRM", "R-STOCK")
        self._commit(scan)
        first, second = self._commit(self._scraps), self._commit(self._scraps)
        self._race(self._apply(first), self._apply(second))
        with self.assertRaisesRegex(UserError, "0.0 units are there"):
            self._commit(self._apply(second))

    def _scraps(self, env):
        """A window that scraps the one defect of the company; its id."""
        quants = env["stock.quant"]
        quants = quants.search(quants.action_channel_defects()["domain"])
        wizard = env["channel.defect.decide"].browse(quants.action_decide_defects()["res_id"])
        reason = env["stock.scrap.reason.tag"].create({"name": uuid4().hex})
        wizard.write({"decision": "scrap", "reason_ids": reason})
        return wizard.id

    def _apply(self, wizard_id):
        return lambda env: env["channel.defect.decide"].browse(wizard_id).action_apply()

    def _returned(self, env):
        env.cr.execute(
            "SELECT shipped, returned FROM channel_return_tally WHERE company_id = %s",
            [self.made["company"]],
        )
        return env.cr.fetchall()
