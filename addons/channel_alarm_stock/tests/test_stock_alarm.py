from odoo.tests import tagged

from odoo.addons.channel_alarm.tests.alarm_common import AlarmCommon


@tagged("post_install", "-at_install")
class TestStockAlarm(AlarmCommon):
    """A platform's number that differs is an alarm of the session that sells the item."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.only("stock")
        cls.item = cls.session.item_ids[0]
        cls.stock = cls.env["channel.platform.stock"].create(
            {
                "shop_id": cls.shop.id,
                "sku_ref": cls.item.link_id.sku_ref,
                "link_id": cls.item.link_id.id,
                "read_number": 60,
                "difference": 10,
                "state": "differs",
            }
        )

    def test_a_difference_is_an_alarm_until_it_ends(self):
        self.evaluate()
        alarm = self.Alarm.search([("session_id", "=", self.session.id)])
        self.assertEqual((alarm.kind, alarm.item_id), ("stock", self.item))
        self.assertEqual(alarm.number, 10)

    def test_a_sku_that_no_offer_sells_is_no_alarm(self):
        self.stock.sku_ref = "nobody sells this"
        self.evaluate()
        self.assertFalse(self.Alarm.search([("session_id", "=", self.session.id)]))

    def test_numbers_that_agree_are_no_alarm(self):
        self.stock.write({"state": "in_step", "difference": 0})
        self.evaluate()
        self.assertFalse(self.Alarm.search([("session_id", "=", self.session.id)]))
