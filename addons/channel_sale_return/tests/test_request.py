from psycopg2 import errors

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestRequest(ReturnCommon):
    """Who asks, who decides, and what cannot be changed any more."""

    def test_numbers(self):
        request = self._request((self.line_tea, 1))
        self.assertTrue(request.name.startswith("TH"))
        self.assertNotEqual(request.name, self._request((self.line_tea, 1)).name)

    def test_maker_is_not_checker(self):
        manager = self.as_role("sales_manager")
        request = self._request((self.line_tea, 1), env=manager)
        request.action_submit()
        with self._refused("another sales manager"):
            request.action_approve()
        with mute_logger("odoo.sql_db"), self.assertRaises(errors.CheckViolation):
            request.sudo().write({"approver_id": manager.uid})
            request.flush_recordset()

    def test_only_managers_decide(self):
        request = self._request((self.line_tea, 1))
        request.action_submit()
        for role in ("sales_rep", "finance", "warehouse"):
            with self.assertRaises(AccessError):
                self._as(request, role).action_approve()

    def test_a_refusal_says_why(self):
        request = self._request((self.line_tea, 1))
        request.action_submit()
        manager = self._as(request, "sales_manager")
        with self._refused("Say why"):
            manager.action_refuse(" ")
        manager.action_refuse("Sold as seen")
        self.assertEqual(request.state, "refused")
        self.assertIn("Sold as seen", request.message_ids[0].body)
        request.action_draft()
        self.assertEqual((request.state, request.refusal_reason), ("draft", False))

    def test_decided_once(self):
        request = self._approved((self.line_tea, 1))
        manager = self._as(request, "sales_manager")
        with self._refused("already"):
            manager.action_approve()
        with self._refused("already"):
            manager.action_refuse("No")

    def test_a_cancelled_return_waits_for_nothing(self):
        request = self._approved((self.line_tea, 1))
        request.action_cancel()
        self.assertEqual(request.picking_ids.state, "cancel")
        self.assertFalse(request.activity_ids)

    def test_somebody_is_told_and_the_to_do_ends(self):
        request = self._request((self.line_tea, 1))
        request.action_submit()
        self.assertEqual(request.activity_ids.user_id, self.users["sales_rep"])
        self._as(request, "sales_manager").action_approve()
        self.assertFalse(request.activity_ids)

    def test_what_was_sent_does_not_change(self):
        request = self._request((self.line_tea, 1))
        with self.assertRaises(AccessError):
            request.state = "approved"
        with self.assertRaises(AccessError):
            request.line_ids.good = 1
        request.action_submit()
        for change in (
            lambda: request.line_ids.write({"quantity": 2}),
            lambda: request.line_ids.unlink(),
            lambda: request.write({"kind": "exchange"}),
            lambda: request.unlink(),
        ):
            with self.assertRaises(UserError):
                change()

    def test_nothing_asked(self):
        request = self._request((self.line_tea, 1))
        request.line_ids.unlink()
        with self._refused("no lines"):
            request.action_submit()

    def test_the_decision_dialogue(self):
        request = self._request((self.line_tea, 1))
        request.action_submit()
        action = self._as(request, "sales_manager").action_decide()
        wizard = (
            self.as_role("sales_manager")[action["res_model"]]
            .with_context(**action["context"])
            .create({"reason": "Fine"})
        )
        wizard.action_approve()
        self.assertEqual(request.state, "approved")
