from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .alarm_common import AlarmCommon

PHONE = "13900001111"


@tagged("post_install", "-at_install")
class TestDecide(AlarmCommon):
    """Hold, release, ignore: items and receivers."""

    def rush(self):
        self.only("spike")
        self.bring("A", 3)
        return self.evaluate()

    def repeated(self):
        self.only("receiver")
        orders = self.bring("A", 3, phone=PHONE)
        return self.evaluate(), orders

    def test_hold_and_release_an_item(self):
        alarm = self.rush().with_user(self.users["operator"])
        alarm.action_hold()
        pool = self.item_tea.pool_id
        self.assertEqual((alarm.state, alarm.decided_by), ("held", self.users["operator"]))
        self.assertTrue(pool.on_hold)
        self.assertIn("3 orders in the last minute", pool.hold_reason)
        self.assertEqual(self.how(late := self.bring("B", 1)), ["queued"])
        self.assertFalse(self.evaluate(), "one that is held is not raised again")
        alarm.action_release()
        self.assertEqual((alarm.state, pool.on_hold), ("released", False))
        self.assertEqual(self.how(late), ["allocated"])
        with self.assertRaisesRegex(UserError, "“Released” now"):
            alarm.action_hold()

    def test_releasing_the_item_itself_releases_its_alarms(self):
        alarm = self.rush()
        alarm.action_hold()
        self.item_tea.with_user(self.users["sales_manager"]).action_release()
        self.assertEqual((alarm.state, alarm.decided_by),
                         ("released", self.users["sales_manager"]))  # fmt: skip

    def test_hold_at_once(self):
        self.set_rule("spike", auto_hold=True)
        alarm = self.rush()
        self.assertEqual((alarm.state, self.item_tea.on_hold), ("held", True))
        self.assertFalse(self.evaluate())

    def test_hold_at_once_of_an_item_that_a_person_holds(self):
        self.set_rule("spike", auto_hold=True)
        self.item_tea.pool_id._hold("by hand")
        self.assertEqual((self.rush().state, self.item_tea.hold_reason), ("held", "by hand"))

    def test_hold_a_receiver(self):
        alarm, orders = self.repeated()
        others = self.bring("X", 1)
        self.assertEqual(self.how(orders), ["allocated"] * 3)
        left = self.item_tea.left
        alarm.with_user(self.users["operator"]).action_hold()
        self.assertEqual(self.how(orders), ["exception"] * 3)
        self.assertEqual(self.how(others), ["allocated"])
        self.assertEqual(self.item_tea.left, left + 3)
        told = orders["A0"].exception_ids
        self.assertEqual((told.type, told.state), ("risk", "open"))
        self.assertIn("139****1111 is held by an alarm", told.explanation)
        new = self.bring("B", 1, phone=PHONE)
        self.assertEqual(self.how(new), ["exception"])
        told.action_retry()
        self.assertEqual(self.how(orders), ["exception"] * 3, "retrying is no way around")
        alarm.action_release()
        self.assertEqual(self.how(orders | new), ["allocated"] * 4)
        self.assertEqual(self.item_tea.left, left - 1)
        self.assertEqual(alarm.state, "released")

    def test_one_order_of_a_held_receiver_is_accepted(self):
        alarm, orders = self.repeated()
        alarm.action_hold()
        told = orders["A0"].exception_ids.with_user(self.users["sales_manager"])
        told.action_accept("spoke with him")
        self.assertEqual(self.how(orders), ["allocated", "exception", "exception"])

    def test_orders_in_a_wave_are_left_alone(self):
        alarm, orders = self.repeated()
        self.env["channel.order"]._advance(orders["A1"], "waved", "waved")
        alarm.action_hold()
        self.assertEqual(self.how(orders), ["exception", "waved", "exception"])

    def test_ignore_asks_why(self):
        alarm = self.rush().with_user(self.users["operator"])
        action = alarm.action_ignore()
        self.assertEqual(action["res_model"], "channel.alarm.ignore")
        wizard = Form(
            self.as_role("operator")["channel.alarm.ignore"].with_context(**action["context"])
        )
        wizard.reason = "announced"
        wizard.save().action_confirm()
        self.assertEqual((alarm.state, alarm.reason), ("ignored", "announced"))
        self.assertFalse(self.item_tea.on_hold)

    def test_only_what_is_held_is_released_and_only_what_is_open_ignored(self):
        alarm = self.rush()
        with self.assertRaisesRegex(UserError, "“Open” now"):
            alarm.action_release()
        alarm.action_hold()
        with self.assertRaisesRegex(UserError, "“On Hold” now"):
            alarm.action_ignore("x")

    def test_waiting_orders_cannot_be_held(self):
        self.only("waiting")
        self.set_rule("waiting", threshold=1)
        self.bring("A", 1, quantity=500, paid=1_000_000)
        self.env.cr.execute("UPDATE channel_order SET paid_at = paid_at - interval '1 hour'")
        alarm = self.evaluate()
        with self.assertRaisesRegex(UserError, "nothing to put on hold"):
            alarm.action_hold()

    def test_the_trail_is_kept(self):
        alarm = self.rush().with_context(tracking_disable=False, mail_notrack=False)
        self.flush_tracking()
        alarm.with_user(self.users["operator"]).action_hold()
        self.flush_tracking()
        values = alarm.message_ids.tracking_value_ids
        self.assertIn("On Hold", values.mapped("new_value_char"))

    def test_the_end_of_the_session_decides_what_was_open(self):
        alarm = self.rush()
        self.session.action_close()
        self.assertEqual((alarm.state, alarm.reason), ("ignored", "The session was closed."))

    def test_the_end_of_the_session_releases_items_but_no_receivers(self):
        item = self.rush()
        item.action_hold()
        self.set_rule("receiver", active=True)
        orders = self.bring("R", 3, phone=PHONE)
        receiver = self.evaluate()
        receiver.action_hold()
        self.session._close()
        self.assertEqual((item.state, receiver.state), ("released", "held"))
        self.assertEqual(self.how(orders), ["exception"] * 3)

    def test_cockpit(self):
        alarm = self.rush()
        [row] = self.session.with_user(self.users["operator"]).cockpit()["alarms"]
        since = row.pop("since")
        self.assertGreaterEqual(since, 0)
        self.assertEqual(row, {
            "id": alarm.id, "kind": "spike", "text": alarm.text, "item_id": self.item_tea.id,
            "state": "open", "can_hold": True,
        })  # fmt: skip
        alarm.action_ignore("x")
        self.assertEqual(self.session.cockpit()["alarms"], [])

    def flush_tracking(self):
        self.env.flush_all()
        self.env.cr.precommit.run()
