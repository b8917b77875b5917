from odoo.exceptions import AccessError
from odoo.tests import tagged

from .live_common import LiveCommon


@tagged("post_install", "-at_install")
class TestItemHold(LiveCommon):
    """An item of a running session is held and released; the session's notes tell it."""

    def test_hold_and_release_an_item(self):
        self.session.action_open()
        item = self.item_tea.with_user(self.users["operator"])
        item.action_hold("wrong price")
        self.assertTrue(item.on_hold)
        order = self.ingest(self.snapshot("A"))["A"]
        self.assertEqual(order.stage, "queued")
        note = self.session.message_ids[0]
        self.assertIn("no → yes (wrong price)", note.body)
        self.assertEqual(note.author_id, self.users["operator"].partner_id)
        item.action_release()
        self.assertIn("yes (wrong price) → no", self.session.message_ids[0].body)
        order.invalidate_recordset()
        self.assertEqual(order.stage, "allocated")

    def test_manager_may_and_warehouse_may_not(self):
        self.session.action_open()
        self.item_tea.with_user(self.users["sales_manager"]).action_hold("x")
        self.item_tea.with_user(self.users["sales_manager"]).action_release()
        for role in ("warehouse", "finance", "member"):
            with self.assertRaises(AccessError):
                self.item_tea.with_user(self.users[role]).action_hold("x")

    def test_the_end_of_the_session_lifts_the_hold(self):
        self.session.action_open()
        self.item_tea.action_hold("x")
        self.session.action_close()
        self.assertEqual(self.session.item_ids.mapped("on_hold"), [False, False])
