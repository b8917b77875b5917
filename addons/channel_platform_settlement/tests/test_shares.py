from odoo.tests import tagged

from odoo.addons.channel_settlement.tests import common as settlement

from .common import SettlementCommon

REFUND = "结算后退款-原路退回"


@tagged("post_install", "-at_install")
class TestShares(settlement.SettlementCommon, SettlementCommon):
    """A scheme says that the platform takes 5 %, and 20 % for an agent; BOX was paid 90.00."""

    def setUp(self):
        super().setUp()
        self.box = self.orders[1]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.publish(
            cls,
            settlement.rule("other", 20, partner_id=cls.agent.id, settled_by="platform"),
            settlement.rule("platform", 5, settled_by="platform"),
            settlement.rule("brand"),
            name="First",
            sequence=1,
        )

    def taken(self, fee, sharing, paid=90, **values):
        """BOX settled with these fees; the export has no column for the agent's part."""
        off = self.told(self.box, 0, amount=-sharing, scene="其他分成")
        return self.told(self.box, paid, fee=fee, **values), off

    def test_what_the_scheme_says_is_no_difference(self):
        self.split()
        self.load(*self.taken(4.5, 18))
        self.assertFalse(self.differences())

    def test_other_fees_are_listed_by_cause(self):
        self.split()
        self.load(*self.taken(5, 20))
        ref = self.box.order_ref
        self.assertEqual(
            self.differences(), {(ref, "platform_fee"): -0.5, (ref, "other_sharing"): -2}
        )

    def test_a_fen_a_row_is_rounding(self):
        self.split()
        self.load(*self.taken(4.51, 18.01))
        self.assertEqual(self.differences(), {(self.box.order_ref, "rounding"): -0.02})

    def test_shares_of_refunds_count_too(self):
        self.split()
        self.after(self.box, 2000)
        self.run_all()
        self.split()
        self.load(
            *self.taken(4.5, 18),
            self.told(self.box, 0, refunded=-20, fee=-1, scene=REFUND, day=9),
            self.told(self.box, 0, amount=4, scene="其他分成", day=9),
        )
        self.assertFalse(self.differences())

    def test_a_refund_beyond_the_settlement_takes_no_share_back_yet(self):
        self.split()
        self.after(self.box, 2000, day=8)  # 11 February
        self.run_all()
        self.split()
        self.load(*self.taken(4.5, 18))
        self.assertFalse(self.differences())

    def test_before_the_split_only_the_income_is_compared(self):
        self.load(*self.taken(9, 9))
        self.assertFalse(self.differences())
        self.split()
        self.Difference._cron_match()
        ref = self.box.order_ref
        self.assertEqual(
            self.differences(), {(ref, "platform_fee"): -4.5, (ref, "other_sharing"): 9}
        )

    def test_what_we_settle_ourselves_is_not_the_platforms(self):
        self.split()
        mine = self.Share.search([("order_id", "=", self.box.id), ("settled_by", "!=", "platform")])
        self.assertEqual(set(mine.mapped("role")), {"brand"})
        self.load(*self.taken(4.5, 18))
        self.assertNotIn((self.box.order_ref, "other_sharing"), self.differences())
