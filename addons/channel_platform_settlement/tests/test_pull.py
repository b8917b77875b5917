from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.channel_intake.tests.common import SKU, SimulatorCommon

from ..core import douyin

DAY = 86400
LIVE = {"room_id": 7301234567890123456, "author_id": 109876543210987, "author_name": "茶师傅"}


@tagged("post_install", "-at_install")
class TestPull(SimulatorCommon):
    """Over real HTTP against the simulated platform, which settles by its own books."""

    def setUp(self):
        super().setUp()
        self.sim.clock.set(self.sim.clock.now())
        self.startPatcher(
            patch.object(type(self.shop), "_platform_now", lambda shop: self.sim.clock.now() + 1)
        )
        self.Row = self.env["channel.platform.settlement"]
        self.Difference = self.env["channel.platform.settlement.difference"]

    def received(self, *lines, **values):
        """An order that its buyer has; we have read it."""
        ref = self.sim.buy(list(lines) or [{"sku_id": SKU}], **values)
        ids = [line["order_id"] for line in self.sim.order(ref)["sku_order_list"]]
        self.sim.ship_lines(ref, ids, f"SF{int(ref) % 10**10:010d}")
        self.sim.complete(ref)
        self.pull()
        return ref, *ids

    def settle(self, days=4):
        self.sim.clock.advance(days * DAY)
        self.sim.tokens.expire_all()
        return self.sim.settlements.run()

    def read_days(self):
        """Two days later the platform can be asked."""
        self.sim.clock.advance(2 * DAY)
        self.sim.tokens.expire_all()
        new, error = self.shop._pull_settlement()
        self.assertFalse(error)
        self.env.invalidate_all()
        return new

    def rows(self):
        return self.Row.search([("shop_id", "=", self.shop.id)])

    def differences(self):
        found = self.Difference.search([("shop_id", "=", self.shop.id)])
        return {(row.order_ref, row.cause): row.amount for row in found}

    def asked(self):
        return sum(
            row["method"] == "order.getSettleBillDetailV3" and row["code"] == 10000
            for row in self.sim.requests()
        )

    def test_what_the_platform_paid_is_what_its_books_say(self):
        for number in range(5):
            self.received(
                {"sku_id": SKU, "num": number + 1, "platform_fen": 90, "talent_fen": 10},
                freight_fen=600, **LIVE,
            )  # fmt: skip
        self.assertEqual(self.settle(), 5)
        with patch.object(douyin.pages, "__defaults__", (2,)):
            self.assertEqual(self.read_days(), 5)
        books = self.books()
        for row in self.rows():
            self.assertEqual(round(row.income * 100), books[row.order_ref]["owed_fen"])
            self.assertEqual(row.line_ref, row.order_id.line_ids.line_ref)
            self.assertGreater(row.commission, 0)
        self.assertFalse(self.differences())

    def test_several_pages_by_both_cursors_and_one_of_them_twice(self):
        for _order in range(5):
            self.received()
        self.settle()
        self.sim.settlements.repeat_pages(1)
        with patch.object(douyin.pages, "__defaults__", (2,)):
            before = self.asked()
            self.assertEqual(self.read_days(), 5)
        # 7 days the first time, one of them with three pages
        self.assertEqual(self.asked() - before, 7 + 2 + 1, "one page was told twice")
        self.assertEqual(len(self.rows()), 5)
        [batch] = self.rows().import_id
        self.assertEqual((batch.row_count, batch.new_count), (7, 5))

    def test_a_day_is_not_asked_for_twice_but_the_last(self):
        self.received()
        self.settle()
        self.assertEqual(self.read_days(), 1)
        self.assertFalse(self.shop._settlement_days())
        before = self.asked()
        self.assertEqual(self.read_days(), 0)
        self.assertEqual(self.asked() - before, 3, "two new days, and the one before")

    def test_a_late_correction_is_a_row_and_a_difference_until_we_know_it(self):
        ref, line = self.received({"sku_id": SKU, "num": 2})
        self.settle()
        self.read_days()
        self.sim.after_shipping.pay_at_once(
            self.sim.after_shipping.apply(line, "refund_only", fen=1000)
        )
        self.settle(1)
        self.assertEqual(self.read_days(), 1)
        back = self.rows()[0]
        self.assertEqual((back.kind, back.refunded, back.platform_fee), ("refund", -10, -0.5))
        self.assertEqual(self.differences(), {(ref, "refund"): -10})

    def test_money_taken_beside_the_settlement_is_listed_by_its_cause(self):
        ref, line = self.received()
        self.settle()
        self.sim.settlements.take(line, 350, "运费险")
        self.read_days()
        self.assertEqual(self.differences(), {(ref, "freight_insurance"): -3.5})

    def test_a_file_of_the_same_days_adds_nothing(self):
        from odoo.addons.channel_network.core.table import read_table

        from ..core.sheet import read_sheet

        self.received({"sku_id": SKU, "num": 2}, **LIVE)
        self.settle()
        self.read_days()
        for generation in ("newer", "older"):
            data = self.sim.settlements.export(generation).encode("gb18030")
            batch = self.env["channel.platform.settlement.import"]._import_file(
                self.shop, generation, data, b"", read_sheet(read_table(data))
            )
            self.assertEqual((batch.row_count, batch.new_count), (1, 0))

    def test_a_refusal_is_kept_and_tried_again(self):
        self.received()
        self.settle()
        self.sim.clock.advance(2 * DAY)
        self.sim.tokens.expire_all()
        with patch.object(douyin, "SUCCESS", 1):
            new, error = self.shop._pull_settlement()
        self.assertEqual((new, self.shop.settlement_error), (0, error))
        self.assertTrue(error)
        self.assertFalse(self.shop.settlement_until)
        self.assertEqual(self.shop._pull_settlement(), (1, ""))
        self.assertFalse(self.shop.settlement_error)

    def test_the_cron_queues_a_shop_once(self):
        jobs = self.env["queue.job"].sudo()
        mine = [("identity_key", "=", f"channel_platform_settlement.pull.{self.shop.id}")]
        for _time in range(2):
            self.env["channel.shop"]._cron_settlement()
        self.assertEqual(jobs.search_count(mine), 1)

    def test_the_cron_queues_nothing_when_no_day_is_new(self):
        self.assertFalse(self.shop._pull_settlement()[1])
        self.env["channel.shop"]._cron_settlement()
        mine = [("identity_key", "=", f"channel_platform_settlement.pull.{self.shop.id}")]
        self.assertFalse(self.env["queue.job"].sudo().search_count(mine))

    def test_the_finance_clerk_asks_now(self):
        imports = "channel.platform.settlement.import"
        action = self.as_role("finance")[imports].action_ask_platforms()
        self.assertIn(self.shop.name, action["params"]["message"])
        with self.assertRaises(AccessError):
            self.as_role("sales_manager")[imports].action_ask_platforms()
        self.shop.credential_ref = False
        with self.assertRaises(UserError):
            self.as_role("finance")[imports].action_ask_platforms()

    def test_a_shop_of_files_says_what_to_do(self):
        _new, error = self.file_shop._pull_settlement()
        self.assertIn("Import", error)
