from psycopg2 import IntegrityError

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TEA, ReturnsCommon


@tagged("post_install", "-at_install")
class TestRaces(ReturnsCommon):
    """What the database refuses, whoever asks."""

    def test_never_more_back_than_left(self):
        [order] = self.ship(self.snapshot(self.line("TEA")))
        self.aftersale(order, "YT10000001", line=1)
        self.aftersale(order, "YT10000002", line=1)
        one = self.scan("YT10000001", TEA, "R-GOOD")
        self.env.cr.execute(
            "UPDATE channel_aftersale SET status = 'closed' WHERE return_waybill = 'YT10000001'"
        )
        two = self.scan("YT10000002", TEA, "R-GOOD")
        self.assertEqual((self.counts("YT10000001")[1], self.counts("YT10000002")[1]), (1, 1))
        self.scan("R-CONFIRM", station=one["station"])
        with mute_logger("odoo.sql_db"), self.assertRaisesRegex(IntegrityError, "within_shipped"), \
                self.cr.savepoint():  # fmt: skip
            self.scan("R-CONFIRM", station=two["station"])
        self.env.invalidate_all()
        # opened again, it expects nothing any more and what is in it is wrong
        self.scan("YT10000002")
        self.assertEqual(self.counts("YT10000002"), (0, 0, 0, 1, 0))

    def test_one_confirms_the_other_is_told(self):
        [order] = self.ship(self.snapshot(self.line("TEA")))
        self.aftersale(order, "YT10000001")
        desk = self.scan("YT10000001", TEA, "R-GOOD")
        self.scan("R-CONFIRM", station=desk["station"])
        answer = self.scan("R-CONFIRM", station=desk["station"])
        self.assertEqual(answer["state"], "stop")
        tally = self.env["channel.return.tally"].search(
            [("order_line_id", "in", order.line_ids.ids)]
        )
        self.assertEqual(tally.returned, 1)

    def test_counts_keep_within_what_is_expected(self):
        [order] = self.ship(self.snapshot(self.line("TEA")))
        self.aftersale(order, "YT10000001")
        self.scan("YT10000001")
        line = self.parcel("YT10000001").line_ids
        for column, units in (("good", 2), ("missing", -1), ("wrong", 1)):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
                self.env.cr.execute(
                    f"UPDATE channel_return_line SET {column} = %s WHERE id = %s",
                    [units, line.id],
                )

    def test_a_waybill_comes_in_once(self):
        self.scan("ZT10000001")
        values = {"waybill": "ZT10000001", "company_id": self.company.id,
                  "warehouse_id": self.warehouse_1.id}  # fmt: skip
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.env["channel.return"].create(values)
