from datetime import timedelta

import psycopg2

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.channel_order.batch_sql import unix

from ..core.carriers.base import Told
from ..core.road import Kind
from .common import TrackingCommon


@tagged("post_install", "-at_install")
class TestTracking(TrackingCommon):
    """Traces of parcels, where they stand by them, and alarms."""

    def test_what_is_handed_over_is_followed(self):
        order = self.leave()
        tracking = self.tracking(order)
        self.assertEqual(
            (tracking.waybill, tracking.carrier_id, tracking.kind, tracking.alarm),
            (order.parcel_id.waybill, self.carrier, False, False),
        )
        self.assertEqual(tracking.handed_at, order.parcel_id.manifest_id.handed_at)
        self.assertEqual(tracking.due_at - tracking.handed_at, timedelta(hours=24))
        self.assertEqual(tracking.order_refs, order.order_ref)

    def test_what_left_before_is_followed_too(self):
        order = self.leave()
        self.env.cr.execute("DELETE FROM channel_tracking")
        self.trackings._begin_all()
        self.trackings._begin_all()
        self.assertEqual(len(self.tracking(order)), 1)

    def test_repeated_mixed_and_late_traces_are_kept_once(self):
        order = self.leave()
        now = unix(fields.Datetime.now()) - 100
        one, two, three = (
            Told(now, Kind.PICKED_UP),
            Told(now + 10, Kind.ON_THE_WAY),
            Told(now + 20, Kind.DELIVERED, "signed", "Shenzhen"),
        )
        tracking = self.tracking(order)
        for told in ([three, one, three], [one, two], [two, three, one]):
            self.trackings._ingest_traces({tracking.id: told})
        self.assertEqual(len(tracking.trace_ids), 3)
        self.assertEqual((tracking.kind, tracking.last_text), ("delivered", "Shenzhen signed"))
        self.assertFalse(tracking.due_at or tracking.alarm)

    def test_many_parcels_are_one_batch(self):
        orders = self.ship(*(self.snapshot(self.line("TEA")) for _number in range(30)))
        rows = self.trackings.search([("parcel_id", "in", orders.parcel_id.ids)])
        now = unix(fields.Datetime.now()) - 60

        def ingest(some, at):
            told = {row.id: [Told(at, Kind.PICKED_UP), Told(at + 1, Kind.TROUBLE)] for row in some}
            before = self.env.cr.sql_log_count
            self.trackings._ingest_traces(told)
            return self.env.cr.sql_log_count - before

        few, many = ingest(rows[:2], now), ingest(rows[2:], now)
        self.assertEqual(few, many)
        self.assertEqual(set(rows.mapped("alarm")), {"trouble"})

    def test_a_trace_from_ahead_is_no_fact(self):
        order = self.leave()
        told = [Told(unix(fields.Datetime.now()) + 3600, Kind.DELIVERED)]
        self.trackings._ingest_traces({self.tracking(order).id: told})
        self.assertFalse(self.tracking(order).trace_ids)

    @mute_logger("odoo.sql_db")
    def test_traces_are_append_only(self):
        order = self.leave()
        self.trace(order, Kind.PICKED_UP)
        with self.assertRaises(psycopg2.errors.CheckViolation), self.env.cr.savepoint():
            self.env.cr.execute("UPDATE channel_parcel_trace SET kind = 'delivered'")

    # -- alarms ----------------------------------------------------------------------------------

    def test_not_picked_up(self):
        order = self.leave()
        tracking = self.tracking(order)
        self.trackings._ring()
        self.assertFalse(tracking.alarm)
        tracking.sudo().write(
            {
                "handed_at": fields.Datetime.now() - timedelta(hours=25),
                "due_at": fields.Datetime.now() - timedelta(hours=1),
            }
        )
        self.assertEqual(self.trackings._ring(), 1)
        self.assertEqual((tracking.alarm, tracking.due_at), ("no_pickup", False))
        self.assertEqual(self.trackings._ring(), 0)

    def test_no_news(self):
        order = self.leave(hours=100)
        self.trace(order, Kind.PICKED_UP, hours=73)
        self.assertEqual(self.tracking(order).alarm, "stalled")
        self.trace(order, Kind.ON_THE_WAY)
        self.assertFalse(self.tracking(order).alarm)

    def test_clocks_of_the_company(self):
        self.company.channel_pickup_hours = 0
        self.assertFalse(self.tracking(self.leave()).due_at)
        self.company.channel_stall_hours = 1
        order = self.leave()
        self.trace(order, Kind.PICKED_UP, hours=2)
        self.assertEqual(self.tracking(order).alarm, "stalled")

    def test_looked_after_until_the_alarm_is_another(self):
        tracking = self.trouble()
        user = self.users["operator"]
        action = tracking.with_user(user).action_care()
        wizard = (
            self.env["channel.tracking.care"]
            .with_user(user)
            .with_context(**action["context"])
            .create({"note": "The carrier tries again"})
        )
        wizard.action_care()
        self.assertEqual(
            (tracking.cared_by, tracking.cared_note), (user, "The carrier tries again")
        )
        self.assertNotIn(tracking, self._waiting())
        self.trackings._restand(tracking.ids)
        self.assertTrue(tracking.cared_at)
        self.trackings._ingest_traces(
            {tracking.id: [Told(unix(fields.Datetime.now()), Kind.REFUSED)]}
        )
        self.assertEqual((tracking.alarm, tracking.cared_at), ("refused", False))
        self.assertIn(tracking, self._waiting())

    def test_an_alarm_that_changed_meanwhile_is_not_marked(self):
        tracking = self.trouble()
        user = self.users["warehouse"]
        action = tracking.with_user(user).action_care()
        wizard = (
            self.env["channel.tracking.care"]
            .with_user(user)
            .with_context(**action["context"])
            .create({"note": "Done"})
        )
        self.trackings._ingest_traces(
            {tracking.id: [Told(unix(fields.Datetime.now()), Kind.REFUSED)]}
        )
        with self.assertRaises(UserError):
            wizard.action_care()
        with self.assertRaises(UserError):
            self.tracking(self.leave()).action_care()

    def _waiting(self):
        return self.trackings.search([("alarm", "!=", False), ("cared_at", "=", False)])

    # -- by hand ---------------------------------------------------------------------------------

    def test_a_person_records_what_the_carrier_said(self):
        order = self.leave(hours=5)
        tracking = self.tracking(order)
        user = self.users["operator"]
        wizard = (
            self.env["channel.tracking.record"]
            .with_user(user)
            .create(
                {
                    "tracking_id": tracking.id,
                    "kind": "refused",
                    "at": fields.Datetime.now() - timedelta(hours=1),
                    "text": "Nobody at home",
                }
            )
        )
        wizard.action_record()
        self.assertEqual((tracking.kind, tracking.alarm), ("refused", "refused"))
        self.assertEqual(tracking.trace_ids.user_id, user)
        wizard.at = fields.Datetime.now() + timedelta(hours=1)
        with self.assertRaises(UserError):
            wizard.action_record()

    def test_back_at_the_desk_ends_the_watch(self):
        order = self.leave()
        self.trace(order, Kind.PICKED_UP, Kind.REFUSED, Kind.RETURNING)
        tracking = self.tracking(order)
        self.assertEqual(tracking.alarm, "returning")
        self.scan(order.parcel_id.waybill)
        self.assertTrue(tracking.back_at)
        self.assertFalse(tracking.alarm or tracking.due_at or tracking.ask_at)
        self.trace(order, Kind.RETURNED)
        self.assertEqual((tracking.kind, tracking.alarm), ("returned", False))
