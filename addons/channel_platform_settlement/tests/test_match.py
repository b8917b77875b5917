import json

from odoo.tests import tagged

from .common import SettlementCommon

REFUND = "结算后退款-原路退回"


@tagged("post_install", "-at_install")
class TestMatch(SettlementCommon):
    """TEA owes 38.00 with 6.00 of freight, BOX 90.00, RICE 50.00."""

    def setUp(self):
        super().setUp()
        self.tea, self.box, self.rice = self.orders
        self.owed = {order: order.amount_owed for order in self.orders}

    def settle(self, order, off=0, **values):
        return self.told(order, self.owed[order] + off, **values)

    def test_what_agrees_is_no_difference(self):
        self.load(*(self.settle(order, fee=1) for order in self.orders))
        self.assertFalse(self.differences())

    def test_each_cause_with_its_amount(self):
        batch = self.load(
            self.settle(self.tea, off=-0.01),
            self.settle(self.box),
            self.told(self.box, 0, amount=-3.5, scene="运费险扣款"),
            self.told(self.box, 0, amount=-2, scene="扣款", 备注="小额打款"),
            self.told("NOBODY", 12, fee=2),
            self.told(
                "FINE", 0, amount=-100, scene="违规罚款", 订单号="", 子订单号="", 动帐流水号="77"
            ),
        )
        self.assertEqual(
            self.differences(),
            {
                (self.tea.order_ref, "income"): -0.01,
                (self.box.order_ref, "freight_insurance"): -3.5,
                (self.box.order_ref, "small_payment"): -2,
                ("NOBODY", "unknown"): 12,
                ("NOBODY", "platform_fee"): -2,
                ("77", "fine"): -100,
            },
        )
        self.assertEqual(batch.difference_count, 6)
        listed = json.loads(json.dumps(batch.action_open_differences()["domain"]))
        totals = dict(self.Difference._read_group(listed, ["cause"], ["amount:sum"]))
        self.assertEqual((totals["unknown"], totals["fine"]), (12, -100))

    def test_a_line_that_is_not_settled_yet_is_waited_for(self):
        [order] = self.ingest(self.snapshot(self.line("TEA", 1, 1000), self.line("RICE", 1, 500)))
        self.load(self.told(order, 10, line=1))
        self.assertFalse(self.differences(order))
        self.load(self.told(order, 4, line=2), name="second.csv")
        self.assertEqual(self.differences(order), {(order.order_ref, "income"): -1})

    def test_a_refund_in_both_books(self):
        self.after(self.box, 2000)
        self.run_all()
        self.load(self.settle(self.box), self.told(self.box, 0, refunded=-20, scene=REFUND, day=9))
        self.assertFalse(self.differences())

    def test_a_refund_that_only_the_platform_knows(self):
        self.load(self.settle(self.box), self.told(self.box, 0, refunded=-20, scene=REFUND, day=9))
        self.assertEqual(self.differences(), {(self.box.order_ref, "refund"): -20})
        self.after(self.box, 2000)
        self.run_all()
        self.Difference._cron_match()
        self.assertFalse(self.differences(), "our books caught up")

    def test_a_refund_that_only_we_know_is_due_when_the_settlement_reaches_its_day(self):
        self.load(self.settle(self.box))
        self.after(self.box, 2000, day=8)  # 11 February
        self.run_all()
        self.Difference._cron_match()
        self.assertFalse(self.differences(), "the platform could not tell it yet")
        self.load(self.settle(self.rice, day=11), name="later.csv")
        self.assertEqual(self.differences(), {(self.box.order_ref, "refund"): 20})
        self.load(self.told(self.box, 0, refunded=-20, scene=REFUND, day=12), name="correction.csv")
        self.assertFalse(self.differences())

    def test_an_order_that_comes_late_is_found(self):
        snapshot = self.snapshot(self.line("TEA", 1, 1000))
        self.load(self.told(snapshot.order_ref, 10, fee=1))
        self.assertEqual(len(self.differences()), 2)
        self.ingest(snapshot)
        found = self.Difference.search([("shop_id", "=", self.shop.id)])
        found.with_user(self.users["finance"]).action_match_again()
        self.assertFalse(self.differences())

    def test_another_shops_order_of_the_same_number_is_not_touched(self):
        other = self.shop.copy({"code": "OTHER", "name": "Other"})
        self.load(self.settle(self.box), shop=other)
        self.assertFalse(self.differences())
        self.assertEqual(
            self.Difference.search([("shop_id", "=", other.id)]).mapped("cause"), ["unknown"]
        )

    def test_a_difference_opens_its_order_or_the_platforms_rows(self):
        self.load(self.settle(self.tea, off=1), self.told("NOBODY", 12))
        as_clerk = self.as_role("finance")[self.Difference._name]
        known = as_clerk.search([("order_ref", "=", self.tea.order_ref)])
        self.assertEqual(known.action_open_order()["res_id"], self.tea.id)
        unknown = as_clerk.search([("order_ref", "=", "NOBODY")])
        for action in (unknown.action_open_order(), unknown.action_open_rows()):
            self.assertEqual(self.Row.search(action["domain"]).order_ref, "NOBODY")

    def test_many_orders_are_compared_in_a_few_statements(self):
        rows = [self.told(f"MANY{at}", 1) for at in range(300)]
        data = self.wizard(self.file(*rows))
        with self.assertQueryCount(60):
            data.action_import()
        self.assertEqual(len(self.differences()), 300)
