from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SaleCommon

NOW = "2026-06-17 04:00:00"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestRestock(SaleCommon):
    """The daily reminder: who runs short of what, one ready order a member."""

    def _sold(self, *days, quantity=70, member=None):
        """Confirmed orders of Tea so many days ago."""
        for back in days:
            order = self._order(quantity / 10, member=member)
            order.action_confirm()
            self.assertEqual(order.state, "sale", order.review_text)
            order.date_order = fields.Datetime.now() - timedelta(days=back)
        return order

    def _run(self):
        self.env["sale.order"]._cron_restock()
        return self._drafts()

    def _drafts(self, member=None):
        member = member or self.dealer_a
        return self.env["sale.order"].search(
            [("member_id", "=", member.id), ("is_restock", "=", True)]
        )

    def test_a_member_that_runs_short_finds_an_order_ready(self):
        self._sold(16, 9, 2)  # 1 a day: 5 are left
        draft = self._run()
        self.assertEqual((draft.state, draft.user_id), ("draft", self.users["sales_rep"]))
        self.assertEqual(draft.order_line.product_id, self.product_13)
        self.assertEqual(draft.order_line.product_uom_qty, 7)
        self.assertIn("Tea: about 5 left, enough for 5 days", draft.restock_text)
        activity = draft.activity_ids
        self.assertEqual((len(activity), activity.user_id), (1, self.users["sales_rep"]))
        self.assertIn("enough for 5 days", activity.note)

    def test_it_is_kept_up_to_date_and_not_repeated(self):
        self._sold(16, 9, 2)
        draft = self._run()
        with freeze_time("2026-06-19 04:00:00"):
            self.assertEqual(self._run(), draft)
            self.assertIn("enough for 3 days", draft.restock_text)
            self.assertIn("enough for 3 days", draft.activity_ids.note)
            draft.activity_ids.action_done()
            self.env["channel.restock.level"].create(
                {"member_id": self.dealer_a.id, "product_id": self.product_13b.id,
                 "least": 5, "most": 20}
            )  # fmt: skip
            self.assertEqual(self._run(), draft)
            self.assertFalse(draft.activity_ids, "done is done")
            quantities = {line.product_id: line.product_uom_qty for line in draft.order_line}
            self.assertEqual(quantities, {self.product_13: 7, self.product_13b: 20})

    def test_what_was_ordered_takes_the_suggestion_away(self):
        self._sold(16, 9, 2)
        draft = self._run()
        self._sold(0, quantity=300)
        self.assertFalse(self._run())
        self.assertFalse(draft.exists())

    def test_what_a_person_changed_stays(self):
        self._sold(16, 9, 2)
        draft = self._run()
        draft.order_line.product_uom_qty = 12
        with freeze_time("2026-06-19 04:00:00"):
            self.assertEqual(self._run().order_line.product_uom_qty, 12)
        self._sold(0, quantity=300)
        self.assertTrue(self._run())

    def test_an_order_that_waits_counts_as_ordered(self):
        self._sold(16, 9, 2)
        self._order(200).action_confirm()
        self.assertFalse(self._run())

    def test_levels_go_before_the_rhythm(self):
        self._sold(16, 9, 2)
        level = self.env["channel.restock.level"].create(
            {"member_id": self.dealer_a.id, "product_id": self.product_13.id,
             "least": 4, "most": 30}
        )  # fmt: skip
        self.assertFalse(self._run())
        level.least = 6
        self.assertEqual(self._run().order_line.product_uom_qty, 25)

    def test_switched_off(self):
        self._sold(16, 9, 2)
        self.company.channel_restock_days = 0
        self.assertFalse(self._run())

    def test_only_what_the_member_may_order(self):
        self._sold(16, 9, 2)
        shelf = self.env["channel.assortment"].create(
            {"name": "R", "line_ids": [Command.create({"product_id": self.product_9.id})]}
        )
        self.assertFalse(self.dealer_a._restock_advice())
        shelf.line_ids.product_id = self.product_13
        self.assertTrue(self.dealer_a._restock_advice())
        self.dealer_a.write({"state": "suspended", "suspend_reason": "x"})
        self.assertFalse(self.dealer_a._restock_advice())

    def test_dozens_are_units(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        self._sold(2, quantity=10).order_line.product_uom_id = dozen
        shelf = self.dealer_a._bought_since(fields.Date.today() - timedelta(days=5))
        (bought,) = shelf[self.dealer_a.id][self.product_13.id]
        self.assertEqual(bought.quantity, 12000)

    def test_one_member_that_fails_stops_no_other(self):
        self._open(self.dealer_b, 1000000)
        self._sold(16, 9, 2)
        self._sold(16, 9, 2, member=self.dealer_b)
        orders = type(self.env["sale.order"])
        restock = orders._restock

        def failing(records, member, *rest):
            if member == self.dealer_a:
                raise ValueError("broken")
            return restock(records, member, *rest)

        self.patch(orders, "_restock", failing)
        with self.assertLogs("odoo.addons.channel_sale.models.sale_order_restock", "ERROR"):
            self.assertFalse(self._run())
        self.assertTrue(self._drafts(self.dealer_b))

    def test_a_query_for_all_members(self):
        self._open(self.dealer_b, 1000000)
        self._sold(16, 9, 2)
        self._sold(16, 9, 2, member=self.dealer_b)
        counts = []
        for members in (self.dealer_a, self.dealer_a | self.dealer_b):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(set(members._restock_advice()), set(members.ids))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)

    def test_nobody_makes_a_suggestion_by_hand(self):
        with self.assertRaises(AccessError):
            self._order(1, env=self.as_role("sales_manager"), is_restock=True)

    def test_a_representative_sets_levels_of_the_own_members(self):
        levels = self.as_role("sales_rep")["channel.restock.level"]
        values = {"product_id": self.product_9.id, "least": 1, "most": 2}
        levels.create({"member_id": self.dealer_a.id, **values})
        with self.assertRaises(AccessError):
            levels.create({"member_id": self.dealer_b.id, **values})
        self.assertTrue(self._sold(16, 9, 2) and self._run().with_env(levels.env).restock_text)
