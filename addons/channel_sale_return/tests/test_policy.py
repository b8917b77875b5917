from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestPolicy(ReturnCommon):
    """What the policy allows passes, what it does not needs a reason, what is not there never."""

    def _policy(self, **values):
        return self.env["channel.return.policy"].create(
            {"name": "All", "days": 0, "percent": 0, "company_id": self.company.id, **values}
        )

    def _submitted(self, *wanted, **values):
        request = self._request(*wanted, **values)
        request.action_submit()
        return request

    def test_without_a_policy_a_manager_decides(self):
        request = self._submitted((self.line_tea, 10))
        self.assertEqual((request.state, request.stops), ("submitted", False))

    def test_what_passes_may_need_no_person(self):
        self._policy(automatic=True)
        request = self._submitted((self.line_tea, 10))
        self.assertEqual(request.state, "approved")
        self.assertFalse(request.approver_id)

    def test_never_more_than_was_delivered(self):
        with self._refused("only 10 can come back"):
            self._submitted((self.line_tea, 11))
        first = self._submitted((self.line_tea, 6))
        with self._refused("only 4 can come back"):
            self._submitted((self.line_tea, 5))
        first.action_cancel()
        self._submitted((self.line_tea, 10))

    def test_another_dealers_goods_are_not_there(self):
        request = self._request((self.line_tea, 1))
        request.sudo().member_id = self.dealer_b
        with self._refused("nothing of it was delivered"):
            request.sudo().action_submit()

    def test_late(self):
        self._policy(days=30, automatic=True)
        self.line_tea.move_ids.date = fields.Datetime.now() - timedelta(days=31)
        request = self._submitted((self.line_tea, 1))
        self.assertEqual(request.state, "submitted")
        self.assertIn("had to be asked for until", request.stops)

    def test_the_quota(self):
        self._policy(percent=20, automatic=True)  # of 1582.00 less 140.00 that were delivered
        self.assertEqual(self._submitted((self.line_tea, 2)).state, "approved")
        request = self._submitted((self.line_tea, 1))
        self.assertIn("The quota is 288.40, 206.00 of it is used", request.stops)
        self.assertIn("exceeds it by 20.60", request.stops)
        manager = self._as(request, "sales_manager")
        with self._refused("outside the policy"):
            manager.action_approve()
        manager.action_approve("A good customer")
        self.assertEqual(request.state, "approved")

    def test_a_defect_uses_no_quota_but_wants_a_picture(self):
        self._policy(percent=1, automatic=True)
        with self._refused("wants a picture"):
            self._submitted((self.line_tea, 5, self.defective))

    def test_what_is_not_taken_back(self):
        self.tea.categ_id = self.env["product.category"].create({"name": "Samples"})
        self._policy(excluded_category_ids=[Command.set(self.tea.categ_id.ids)])
        self.assertIn("not taken back", self._submitted((self.line_tea, 1)).stops)

    def test_the_members_policy_counts_before_its_grades(self):
        everybody = self._policy()
        Policy = self.env["channel.return.policy"]
        self.assertEqual(Policy._for_member(self.dealer_a), everybody)
        grade = self._policy(grade_id=self.grade_gold.id)
        self.assertEqual(Policy._for_member(self.dealer_a), grade)
        own = self._policy(member_id=self.dealer_a.id)
        self.assertEqual(Policy._for_member(self.dealer_a), own)
        self.assertEqual(Policy._for_member(self.dealer_b), everybody)
