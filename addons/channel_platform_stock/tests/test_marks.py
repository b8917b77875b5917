from odoo.tests import tagged

from .common import StockCommon


@tagged("post_install", "-at_install")
class TestMarks(StockCommon):
    """The database says which SKUs are to be looked at: changed offers, and the last unit."""

    def setUp(self):
        super().setUp()
        self.pool = self.offer(10)
        self.clear()

    def clear(self):
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM channel_platform_stock_todo")

    def marked(self):
        self.env.flush_all()
        self.env.cr.execute("SELECT DISTINCT shop_id, sku_ref FROM channel_platform_stock_todo")
        found = bool(self.env.cr.fetchall())
        self.clear()
        return found

    def allocate(self, units):
        self.env.cr.execute(
            "UPDATE channel_pool_quota SET allocated = allocated + %s WHERE pool_id = %s",
            (units, self.pool.id),
        )

    def test_orders_mark_nothing_but_the_last_unit_and_the_first_that_returns(self):
        self.allocate(4)
        self.assertFalse(self.marked())
        self.allocate(6)
        self.assertTrue(self.marked())
        self.allocate(-1)
        self.assertTrue(self.marked())
        self.allocate(-1)
        self.assertFalse(self.marked())

    def test_changes_of_the_offer_mark(self):
        self.pool._add_quota(2)
        self.assertTrue(self.marked())
        self.pool._cut_quota(1)
        self.assertTrue(self.marked())
        self.pool.sudo().on_hold = True
        self.assertTrue(self.marked())
        self.pool.sudo().on_hold = False
        self.assertTrue(self.marked())
        self.pool.price = 18
        self.assertFalse(self.marked())
        self.pool._close()
        self.assertTrue(self.marked())

    def test_waves_mark_nothing(self):
        self.allocate(4)
        self.clear()
        self.env.cr.execute(
            "UPDATE channel_pool_quota SET waved = 3 WHERE pool_id = %s", [self.pool.id]
        )
        self.assertFalse(self.marked())

    def test_shops_that_do_not_tell_mark_nothing(self):
        self.shop.stock_source = "off"
        self.clear()
        self.pool._add_quota(2)
        self.assertFalse(self.marked())
        self.link.stock_source = "quota"
        self.assertTrue(self.marked())
        self.pool._add_quota(2)
        self.assertTrue(self.marked())

    def test_a_shop_without_a_platform_gets_no_row(self):
        self.file_shop.stock_source = "quota"
        link = self.env["channel.link"].search([("shop_id", "=", self.file_shop.id)])
        self.todos._mark([(self.file_shop.id, link.sku_ref)])
        self.stocks._take_due()
        self.assertFalse(self.stocks.search([("shop_id", "=", self.file_shop.id)]))

    def test_the_same_sku_marked_twice_is_one_row(self):
        self.todos._mark([(self.shop.id, self.link.sku_ref)])
        self.todos._mark([(self.shop.id, self.link.sku_ref)])
        self.assertEqual(self.stocks._take_due(), 1)
        self.assertEqual(len(self.row()), 1)
        self.assertFalse(self.todos.search([]))

    def test_the_cron_queues_a_job_when_there_is_something_to_do(self):
        self.stocks._cron_tell()
        self.assertFalse(self.jobs())
        self.pool._add_quota(1)
        self.stocks._cron_tell()
        self.stocks._cron_tell()
        self.assertEqual(len(self.jobs()), 1)

    def jobs(self):
        return self.env["queue.job"].search([("method_name", "=", "_job_tell")])
