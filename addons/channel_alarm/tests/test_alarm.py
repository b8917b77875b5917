from datetime import timedelta

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..core import rules
from ..models.channel_alarm_rule import DEFAULTS, KIND_SELECTION
from .alarm_common import AlarmCommon


@tagged("post_install", "-at_install")
class TestAlarm(AlarmCommon):
    """What is raised, once, and told in words."""

    def test_a_quiet_session_raises_nothing(self):
        self.bring("A", 2)
        self.assertFalse(self.evaluate())

    def test_a_rush_is_raised_once_and_grows(self):
        self.only("spike")
        self.bring("A", 2, ago=200)
        self.bring("B", 3)
        alarm = self.evaluate()
        self.assertEqual((alarm.kind, alarm.item_id, alarm.number), ("spike", self.item_tea, 3))
        self.assertEqual(alarm.text, "Link TEA: 3 orders in the last minute, 0 a minute before.")
        self.assertEqual(alarm.activity_ids.user_id, self.users["operator"])
        self.assertFalse(self.evaluate())
        self.bring("C", 2)
        self.assertFalse(self.evaluate())
        self.assertEqual(alarm.number, 5)
        self.assertIn("5 orders", alarm.text)
        self.assertEqual(self.session.alarm_count, 1)

    def test_a_rush_after_many_orders_is_none(self):
        self.only("spike")
        self.bring("A", 8, ago=200)
        self.bring("B", 3)
        self.assertFalse(self.evaluate())

    def test_an_item_just_put_on_sale_is_not_judged(self):
        self.only("spike")
        self.item_tea.pool_id.sudo().opened_at = fields.Datetime.now()
        self.bring("A", 9)
        self.assertFalse(self.evaluate())

    def test_prices_outside_the_band(self):
        self.only("price")
        self.bring("A", 2, paid=500)
        alarm = self.evaluate()
        self.assertEqual((alarm.kind, alarm.number), ("price", 2))
        self.assertIn("2 orders outside the price band within 5 minutes", alarm.text)

    def test_one_receiver_again_and_again(self):
        self.only("receiver")
        self.bring("A", 2, phone="13900001111")
        self.assertFalse(self.evaluate())
        self.bring("B", 1, phone="13900001111")
        self.bring("C", 1, phone="13900002222")
        alarm = self.evaluate()
        self.assertEqual((alarm.kind, alarm.number, alarm.item_id.id), ("receiver", 3, False))
        self.assertEqual(alarm.text, "The receiver 139****1111 has 3 orders in this session.")
        self.assertNotIn("13900001111", str(alarm.read()))

    def test_stock_through_the_seam(self):
        self.only("stock")
        self.assertFalse(self.evaluate())
        self.platform_shows((self.item_tea.pool_id.id, "TEA", 100, 90), (0, "GONE", 1, 99))
        alarm = self.evaluate()
        self.assertEqual((alarm.kind, alarm.number), ("stock", 10))
        self.assertEqual(alarm.text, "Link TEA: the platform shows 90, 100 are left here.")

    def test_orders_that_wait_too_long(self):
        self.only("waiting")
        [order] = self.bring("A", 1, quantity=500, paid=1_000_000).values()
        self.assertEqual(order.stage, "queued")
        self.assertFalse(self.evaluate())
        order.sudo().paid_at -= timedelta(minutes=25)
        self.env.flush_all()
        alarm = self.evaluate()
        self.assertEqual((alarm.kind, alarm.number), ("waiting", 25))
        self.assertFalse(alarm.can_hold)

    def test_only_open_sessions_and_active_rules(self):
        self.bring("A", 3)
        self.only()
        self.assertFalse(self.evaluate())
        self.session.action_close()
        self.set_rule("spike", active=True)
        self.bring("B", 3)
        self.assertFalse(self.evaluate())

    def test_words_in_the_readers_language(self):
        self.only("spike")
        self.env["res.lang"]._activate_lang("zh_CN")
        self.bring("A", 3)
        alarm = self.evaluate()
        self.assertIn("最近一分钟", alarm.with_context(lang="zh_CN").text)
        self.assertIn("last minute", alarm.with_context(lang="en_US").text)

    def test_every_kind_has_a_rule_and_a_name(self):
        self.assertEqual({kind for kind, _label in KIND_SELECTION}, set(rules.KINDS))
        self.assertEqual(set(DEFAULTS), set(rules.KINDS))
        company = self.env["res.company"].create({"name": "New Brand"})
        found = self.env["channel.alarm.rule"]._of_companies(company)
        self.assertEqual(set(found[company.id]), set(rules.KINDS))

    def test_the_database_refuses_a_second_open_alarm(self):
        self.only("spike")
        self.bring("A", 3)
        alarm = self.evaluate()
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            alarm.copy()
            self.env.flush_all()

    def test_the_database_refuses_rules_that_mean_nothing(self):
        for values in ({"threshold": 0}, {"minutes": 0}, {"minutes": 61}, {"times": 0}):
            with (
                self.subTest(values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.set_rule("spike", **values)
                self.env.flush_all()

    def test_the_job_forgets_old_buckets(self):
        self.bring("A", 1, ago=5 * 3600)
        self.bring("B", 1)
        self.Alarm._cron_evaluate()
        self.assertEqual(sum(self.env["channel.alarm.tally"].search([]).mapped("orders")), 1)

    def test_what_was_ignored_comes_back_when_it_is_worse_or_later(self):
        self.only("receiver")
        self.bring("A", 3, phone="13900001111")
        first = self.evaluate()
        first.action_ignore("he buys for his village")
        self.assertFalse(first.activity_ids)
        self.bring("B", 1, phone="13900001111")
        self.assertFalse(self.evaluate())
        self.bring("C", 2, phone="13900001111")
        second = self.evaluate()
        self.assertEqual(second.number, 6)
        second.action_ignore("still")
        self.later(second, 31)
        self.bring("D", 1, phone="13900001111")
        self.assertEqual(self.evaluate().number, 7)
