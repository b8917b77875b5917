import os
import tempfile
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.channel_order.batch_sql import unix

from ..core.road import Kind
from .common import TrackingCommon


@tagged("post_install", "-at_install")
class TestAsk(TrackingCommon):
    """Asking the simulated carrier service over real HTTP."""

    def setUp(self):
        super().setUp()
        from simulators.carrier import CarrierSimulator
        from simulators.carrier.simulator import CUSTOMER, KEY

        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.sim = self.enterContext(CarrierSimulator(Path(folder.name) / "carrier.db"))
        keys = {"QUDAO_CARRIER_TEST_CUSTOMER": CUSTOMER, "QUDAO_CARRIER_TEST_KEY": KEY}
        self.startPatcher(patch.dict(os.environ, keys))
        self.service = self.env["channel.carrier.service"].create(
            {
                "name": "Simulated",
                "base_url": self.sim.url,
                "credential_ref": "TEST",
                "sender_phone": "13900000001",
            }
        )
        self.carrier.channel_service_id = self.service

    def due(self, *orders):
        """Make parcels due now."""
        rows = self.trackings.browse(row.id for order in orders for row in self.tracking(order))
        now = fields.Datetime.now()
        rows.sudo().write(
            {"ask_at": now - timedelta(minutes=1), "handed_at": now - timedelta(hours=9)}
        )
        return rows

    def carrier_scans(self, order, *codes, minutes=60):
        at = unix(fields.Datetime.now()) - minutes * 60
        for number, code in enumerate(codes):
            self.sim.scan(order.parcel_id.waybill, code, at + number)

    def test_due_parcels_are_asked_about_and_stand_as_told(self):
        one, two = self.ship(self.snapshot(self.line("TEA")), self.snapshot(self.line("TEA")))
        self.carrier_scans(one, "103", "501", "301")
        self.carrier_scans(two, "103", "14")
        rows = self.due(one, two)
        self.trackings._cron_tracking()
        self.assertEqual(rows.mapped("kind"), ["delivered", "refused"])
        self.assertFalse(rows[0].ask_at)
        self.assertGreater(rows[1].ask_at, fields.Datetime.now())
        self.assertEqual(len(self.sim.calls()), 2)
        self.trackings._cron_tracking()
        self.assertEqual(len(self.sim.calls()), 2)

    def test_a_carrier_that_gets_a_service_is_asked_about_what_left_before(self):
        self.carrier.channel_service_id = False
        order, over = self.leave(), self.leave()
        self.trace(over, Kind.DELIVERED)
        self.assertFalse(self.tracking(order).ask_at)
        self.carrier.channel_service_id = self.service
        self.assertTrue(self.tracking(order).ask_at)
        self.assertFalse(self.tracking(over).ask_at)

    def test_a_parcel_without_traces_is_asked_about_again(self):
        order = self.leave()
        [row] = self.due(order)
        self.trackings._cron_tracking()
        self.assertFalse(row.kind or row.ask_error)
        self.assertGreater(row.ask_at, fields.Datetime.now() + timedelta(hours=3))

    def test_the_receivers_phone_is_never_told(self):
        order = self.leave()
        with patch("requests.Session.post", side_effect=OSError) as post:
            self.due(order)
            self.trackings._cron_tracking()
        param = post.call_args.kwargs["data"]["param"]
        self.assertIn("13900000001", param)
        self.assertNotIn("13800138000", param)

    def test_a_busy_service_is_left_alone_and_asked_later(self):
        orders = self.ship(*(self.snapshot(self.line("TEA")) for _number in range(3)))
        rows = self.due(*orders)
        self.sim.fault("throttled", -1)
        self.trackings._cron_tracking()
        self.assertEqual(len(self.sim.calls()), 1)
        self.assertEqual(set(rows.mapped("ask_failures")), {1})
        self.assertGreater(self.service.next_ask, fields.Datetime.now())
        self.assertIn("502", self.service.last_error)
        self.sim.clear()
        self.due(*orders)
        self.trackings._cron_tracking()
        self.assertEqual(len(self.sim.calls()), 1)
        self.service.action_ask_again()
        self.trackings._cron_tracking()
        self.assertEqual(len(self.sim.calls()), 4)
        self.assertEqual(set(rows.mapped("ask_failures")), {0})
        self.assertFalse(self.service.last_error)

    def test_one_bad_answer_holds_up_nobody(self):
        orders = self.ship(*(self.snapshot(self.line("TEA")) for _number in range(2)))
        for order in orders:
            self.carrier_scans(order, "103")
        rows = self.due(*orders)
        self.sim.fault("no_json")
        self.trackings._cron_tracking()
        self.assertEqual(sorted(map(bool, rows.mapped("kind"))), [False, True])
        self.assertEqual(len(rows.filtered("ask_error")), 1)
        self.assertFalse(self.service.next_ask)

    def test_a_wrong_key_stops_the_round(self):
        orders = self.ship(*(self.snapshot(self.line("TEA")) for _number in range(2)))
        self.due(*orders)
        with patch.dict(os.environ, {"QUDAO_CARRIER_TEST_KEY": "other"}):
            self.trackings._cron_tracking()
        self.assertEqual(len(self.sim.calls()), 1)
        self.assertGreater(self.service.next_ask, fields.Datetime.now() + timedelta(minutes=50))
        self.assertNotIn("other", self.service.last_error)

    def test_missing_credentials_say_what_to_set(self):
        order = self.leave()
        [row] = self.due(order)
        self.service.credential_ref = "NOBODY"
        self.trackings._cron_tracking()
        self.assertIn("QUDAO_CARRIER_NOBODY_CUSTOMER", row.ask_error)

    def test_asked_by_a_button(self):
        order = self.leave()
        self.carrier_scans(order, "103", minutes=0)
        row = self.tracking(order).with_user(self.users["operator"])
        row.action_ask()
        self.assertEqual(row.kind, "picked_up")
        self.sim.fault("server_error")
        with self.assertRaises(UserError):
            row.action_ask()
        self.carrier.channel_service_id = False
        with self.assertRaisesRegex(UserError, "phone"):
            row.action_ask()

    def test_the_set_up_is_checked(self):
        for values in ({"base_url": "http://example.com"}, {"credential_ref": "a secret!"}):
            with self.subTest(**values), self.assertRaises(ValidationError):
                self.service.write(values)
