from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .common import SaleCommon

WIZARD = "odoo.addons.channel_sale.wizards.channel_review_decide"


@tagged("post_install", "-at_install")
class TestDecide(SaleCommon):
    """What a sales manager does with orders that wait."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_stock(cls.product_13b, cls.warehouse_1, -995)  # 5 are left

    def _waiting(self, *quantities):
        order = self._order(*quantities or (1, 6))
        order.action_confirm()
        self.assertEqual(order.review_state, "waiting")
        return order.with_env(self.as_role("sales_manager"))

    def test_approve_needs_a_reason_and_keeps_it(self):
        order = self._waiting()
        for reason in ("", "  "):
            with self.assertRaisesRegex(UserError, "say why it is approved although\n.*1 missing"):
                order._approve(reason)
        order._approve("comes in tomorrow")
        self.assertEqual((order.state, order.review_state), ("sale", "passed"))
        decision = self._decisions(order)[0]
        self.assertEqual(
            (decision.verdict, decision.kind, decision.reason, decision.user_id),
            ("approved", "stock", "comes in tomorrow", self.users["sales_manager"]),
        )
        self.assertEqual(self.account.held, order.amount_total)

    def test_approve_needs_no_reason_when_it_passes_now(self):
        order = self._waiting()
        self._set_stock(self.product_13b, self.warehouse_1, 1)
        order._approve()
        self.assertEqual(order.state, "sale")

    def test_nobody_approves_what_is_refused_or_not_paid_for(self):
        order = self._waiting(100, 6)
        with self.assertRaisesRegex(UserError, r"cannot be approved as it is:\n.*1,978\.00"):
            order._approve("please")
        self._rule("stock", outcome="refuse")
        order = self._order(1, 6)
        order.action_confirm()
        self.assertEqual(order.review_state, "refused")
        with self.assertRaisesRegex(UserError, "cannot be approved as it is"):
            order.with_env(self.as_role("sales_manager"))._approve("please")
        self.assertEqual((order.state, self.account.held), ("draft", 0))

    def test_when_the_ledger_refuses_the_order_waits_on(self):
        self._rule("deposit", active=False)
        order = self._waiting(100, 6)
        order._approve("please")
        self.assertEqual((order.state, order.review_state), ("draft", "waiting"))
        self.assertEqual(order.review_kind, "deposit")
        self.assertEqual(self._decisions(order)[:2].mapped("verdict"), ["held", "approved"])

    def test_return_with_a_remark(self):
        order = self._waiting()
        with self.assertRaisesRegex(UserError, "what the dealer should change"):
            order._return(" ")
        order._return("five are left")
        self.assertEqual((order.state, order.review_state), ("draft", "returned"))
        self.assertEqual(self._decisions(order)[0].reason, "five are left")
        message = order.message_ids[0]
        self.assertIn("five are left", message.body)
        self.assertFalse(message.subtype_id.internal)
        order.order_line[1].product_uom_qty = 5
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_split_ships_what_passes(self):
        order = self._waiting(2, 6, 3)
        total = order.amount_total
        rest = order._split()
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.order_line.product_id, self.product_13 | self.product_9)
        self.assertEqual(rest.order_line.product_id, self.product_13b)
        self.assertEqual(
            (rest.state, rest.review_state, rest.origin), ("draft", "none", order.name)
        )
        self.assertEqual(rest.member_id, self.dealer_a)
        self.assertAlmostEqual(order.amount_total + rest.amount_total, total)
        self.assertIn("split", self._decisions(order).mapped("verdict"))
        self.assertEqual(self.account.held, order.amount_total)

    def test_lines_that_fail_together_are_split_off_together(self):
        self._rule("stock", together="category")
        order = self._waiting(2, 6, 3)
        with self.assertRaisesRegex(UserError, "cannot be split"):
            order._split()
        self.product_9.categ_id = self.env["product.category"].create({"name": "Food"})
        rest = order._split()
        self.assertEqual(rest.order_line.product_id, self.product_13 | self.product_13b)
        self.assertEqual((order.state, order.order_line.product_id), ("sale", self.product_9))

    def test_a_representative_decides_nothing(self):
        order = self._waiting()
        order.user_id = self.users["sales_rep"]
        order = order.with_env(self.as_role("sales_rep"))
        for press in (
            lambda: order._approve("x"),
            lambda: order._return("x"),
            lambda: order._split(),
            lambda: order.action_review_split(),
            lambda: order.action_review_decide(),
            lambda: order.env["channel.review.decide"].create({}),
        ):
            with self.assertRaises(AccessError):
                press()
        order.action_confirm()
        self.assertEqual((order.state, order.review_state), ("draft", "waiting"))

    # -- many at once ----------------------------------------------------------------------

    def _wizard(self, orders, decision, reason=False):
        return self.as_role("sales_manager")["channel.review.decide"].create(
            {"order_ids": [Command.set(orders.ids)], "decision": decision, "reason": reason}
        )

    def _decide(self, orders, decision, reason=False):
        wizard = self._wizard(orders, decision, reason)
        wizard.action_apply()
        self.assertTrue(wizard.done)
        return {line.order_id.id: line.result for line in wizard.line_ids}

    def test_check_again_confirms_what_passes_now(self):
        first, second, third = self._waiting(1, 6), self._waiting(1, 8), self._waiting(100)
        self._set_stock(self.product_13b, self.warehouse_1, 5)
        results = self._decide(first | second | third, "review")
        self.assertEqual(results[first.id], "Confirmed")
        self.assertRegex(results[second.id], "Waiting for Review: .*4 in stock: 4 missing")
        self.assertRegex(results[third.id], "Waiting for Review: .* is missing")
        self.assertEqual((first | second | third).mapped("state"), ["sale", "draft", "draft"])

    def test_what_fails_of_many_is_undone_alone(self):
        orders = self._waiting(1, 6) | self._waiting(2, 6) | self._waiting(3, 6)
        broken = orders[1]
        confirm = type(orders)._action_confirm

        def failing(records):
            if broken in records:
                raise UserError("no route")  # pylint: disable=translation-required
            return confirm(records)

        self._set_stock(self.product_13b, self.warehouse_1, 100)
        with patch.object(type(orders), "_action_confirm", failing):
            results = self._decide(orders, "review")
        self.assertEqual(results[broken.id], "no route")
        self.assertEqual(orders.mapped("state"), ["sale", "draft", "sale"])
        self.assertNotEqual(broken.review_state, "passed")
        held = sum((orders - broken).mapped("amount_total"))
        self.assertAlmostEqual(self.account.held, held)

    def test_approve_many_with_one_reason(self):
        orders = self._waiting(1, 6) | self._waiting(1, 7)
        done = self._order(1)
        done.action_confirm()
        results = self._decide(orders | done, "approve", "comes in tomorrow")
        self.assertEqual(orders.mapped("state"), ["sale", "sale"])
        self.assertEqual({results[order.id] for order in orders}, {"Confirmed"})
        self.assertIn("no dealer order that waits", results[done.id])

    def test_return_many(self):
        orders = self._waiting(1, 6) | self._waiting(1, 7)
        results = self._decide(orders, "return", "less, please")
        self.assertEqual(set(orders.mapped("review_state")), {"returned"})
        self.assertTrue(all(result.startswith("Returned") for result in results.values()))
        wizard = self._wizard(self._waiting(1, 6), "return", "less, please")
        wizard.action_apply()
        self.assertEqual(wizard.summary, "1 of 1 orders are back with their dealers.")

    # -- hundreds at once ------------------------------------------------------------------

    def test_approving_together_decides_as_one_by_one_would(self):
        """One review and one confirmation; a refused and a poor order stay alone."""
        orders = self._waiting(1, 6) | self._waiting(1, 7)
        poor = self._waiting(100, 6)
        results = self._decide(orders | poor, "approve", "comes in tomorrow")
        self.assertEqual((orders | poor).mapped("state"), ["sale", "sale", "draft"])
        self.assertRegex(results[poor.id], r"cannot be approved as it is:\n.*1,978\.00")
        approved = self._decisions(orders[0]) | self._decisions(orders[1])
        approved = approved.filtered(lambda decision: decision.verdict == "approved")
        self.assertEqual(approved.mapped("reason"), ["comes in tomorrow"] * 2)
        self.assertAlmostEqual(self.account.held, sum(orders.mapped("amount_total")))

    def test_money_is_asked_of_the_ledger_for_each(self):
        """Both fit the deposit alone, and the review lets a person pass them; only one is paid."""
        orders = self._waiting(50, 6) | self._waiting(50, 6)
        results = self._decide(orders, "approve", "both, please")
        self.assertEqual(orders.mapped("state"), ["sale", "draft"])
        self.assertEqual(orders[1].review_state, "waiting")
        self.assertIn("missing", results[orders[1].id])
        self.assertAlmostEqual(self.account.held, orders[0].amount_total)

    def test_without_a_reason_nothing_is_overridden(self):
        orders = self._waiting(1, 6) | self._waiting(1, 7)
        results = self._decide(orders, "approve")
        self.assertEqual(set(orders.mapped("state")), {"draft"})
        self.assertIn("say why it is approved", results[orders[0].id])

    def test_many_are_decided_in_the_background(self):
        orders = self._waiting(1, 6) | self._waiting(1, 7) | self._waiting(1, 8)
        with patch(f"{WIZARD}.AT_ONCE", 2), patch(f"{WIZARD}.PER_JOB", 2), trap_jobs() as trap:
            wizard = self._wizard(orders, "approve", "comes in tomorrow")
            wizard.action_apply()
            self.assertTrue(wizard.running)
            self.assertEqual(set(orders.mapped("state")), {"draft"})
            trap.assert_jobs_count(1)
            wizard.action_apply()
            trap.assert_jobs_count(1)
            wizard._job_decide()
            self.assertEqual(orders.mapped("state"), ["sale", "sale", "draft"])
            self.assertAlmostEqual(wizard.progress, 200 / 3)
            trap.assert_jobs_count(2)
            wizard._job_decide()
            trap.assert_jobs_count(2)
        self.assertEqual((wizard.running, wizard.done, wizard.progress), (False, True, 100))
        self.assertEqual(wizard.summary, "3 of 3 orders are confirmed.")
        self.assertEqual(set(wizard.line_ids.mapped("result")), {"Confirmed"})

    def _running(self, orders):
        """A window whose first job has decided two of the orders, and the job that is next."""
        wizard = self._wizard(orders, "approve", "comes in tomorrow")
        wizard.action_apply()
        wizard._job_decide()
        job = self.env["queue.job"].search([("uuid", "=", wizard.job_uuid)])
        self.assertEqual((job.state, wizard.stopped), ("pending", False))
        return wizard, job

    def test_what_stops_in_the_background_is_told_and_gone_on_with(self):
        orders = self._waiting(1, 6) | self._waiting(1, 7) | self._waiting(1, 8)
        with patch(f"{WIZARD}.AT_ONCE", 2), patch(f"{WIZARD}.PER_JOB", 2):
            wizard, job = self._running(orders)
            with patch.object(type(self.env.user), "_bus_send", autospec=True) as told:
                job.write({"state": "failed", "exc_message": "the disk is full"})
            self.assertEqual(told.call_args.args[0], self.users["sales_manager"])
            self.assertIn("not all decided", told.call_args.args[2]["title"])
            wizard.invalidate_recordset(["stopped"])
            self.assertRegex(wizard.stopped, "the disk is full\nStopped after 2 of 3 orders")
            before = self._decisions(orders[0]) | self._decisions(orders[1])
            wizard.action_go_on()
            self.assertFalse(wizard.stopped)
            again = wizard.job_uuid
            wizard.action_go_on()
            self.assertEqual(wizard.job_uuid, again, "pressed twice is gone on with once")
            self.assertNotEqual(again, job.uuid)
            wizard._job_decide()
            self.assertEqual(self._decisions(orders[0]) | self._decisions(orders[1]), before)
        self.assertEqual(orders.mapped("state"), ["sale"] * 3)
        self.assertEqual((wizard.running, wizard.done, wizard.stopped), (False, True, False))
        last = self._decisions(orders[2])
        wizard._job_decide()
        self.assertEqual(self._decisions(orders[2]), last, "a job too many decides nothing")

    def test_a_job_that_was_cancelled_or_is_gone_has_stopped_too(self):
        orders = self._waiting(1, 6) | self._waiting(1, 7) | self._waiting(1, 8)
        with patch(f"{WIZARD}.AT_ONCE", 2), patch(f"{WIZARD}.PER_JOB", 2):
            wizard, job = self._running(orders)
            job.state = "cancelled"
            wizard.invalidate_recordset(["stopped"])
            self.assertRegex(wizard.stopped, "was cancelled.\nStopped after 2 of 3 orders")
            job.unlink()
            wizard.invalidate_recordset(["stopped"])
            self.assertRegex(wizard.stopped, "^Stopped after 2 of 3 orders")
            with self.assertRaises(AccessError):
                wizard.with_user(self.users["sales_rep"]).action_go_on()
            self.assertTrue(wizard.stopped)

    def test_many_are_reviewed_once(self):
        """Reviewing them one by one would ask everything again for each."""
        counts = []
        for number in (2, 8):
            orders = self.env["sale.order"].union(*(self._waiting(1, 6) for _n in range(number)))
            wizard = self._wizard(orders, "approve", "fine")
            self.env.flush_all()
            with patch.object(type(orders), "_verdicts", autospec=True,
                              side_effect=type(orders)._verdicts) as asked:  # fmt: skip
                wizard.action_apply()
            counts.append(asked.call_count)
            self.assertEqual(set(orders.mapped("state")), {"sale"})
        self.assertEqual(counts, [1, 1])
