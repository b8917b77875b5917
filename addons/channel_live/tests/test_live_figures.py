import json

from odoo.tests import tagged

from .live_clock import LiveClock


@tagged("post_install", "-at_install")
class TestLiveFigures(LiveClock):
    """Rates and what the intake has not done, from counts and queues."""

    def figures(self):
        self.env.flush_all()
        return self.session._cockpit_figures()[self.session.id]

    def give_out(self, item, units):
        self.allocate(item.pool_id, units)

    def test_rates_and_how_long_it_lasts(self):
        samples = self.env["channel.live.sample"]
        self.ingest(self.snapshot("A", quantity=10, paid=20000))
        for seconds in (0, 240):
            with self.at(seconds):
                samples._take()
        self.give_out(self.item_tea, 20)
        self.ingest(self.snapshot("B", sku="SET", paid=5000))
        with self.at(270):
            data = self.figures()
        tea, bundle = data["items"]
        # 20 units within the 30 s since the count that lies in the last minute
        self.assertEqual((tea["rate_1"], tea["rate_5"]), (40.0, 4.4))
        self.assertEqual((tea["left"], tea["lasts"]), (70, 105))
        self.assertEqual((bundle["rate_1"], bundle["lasts"]), (2.0, 1170))
        self.assertEqual(data["orders"]["rate_1"], 2.0)
        self.assertEqual(data["orders"]["rate_15"], 0.2)

    def test_nothing_is_known_before_anything_was_counted(self):
        data = self.figures()
        self.assertEqual([item["lasts"] for item in data["items"]], [None, None])
        self.assertIsNone(data["orders"]["rate_1"])

    def test_old_counts_are_forgotten(self):
        samples = self.env["channel.live.sample"]
        mine = [("session_id", "=", self.session.id)]
        for seconds in (0, 900, 1000):
            with self.at(seconds):
                samples._take()
        self.assertEqual(samples.search_count(mine), 2)

    def test_only_open_sessions_are_counted(self):
        planned = self.make_session("Tomorrow", room_ref="room-9")
        self.env["channel.live.sample"]._take()
        counted = self.env["channel.live.sample"].search([]).session_id
        self.assertIn(self.session, counted)
        self.assertNotIn(planned, counted)

    def test_what_the_intake_has_not_done(self):
        self.assertEqual(
            self.figures()["intake"],
            {"waiting": 0, "oldest": None, "stopped": 0, "refused": 0, "lag": None, "most": False},
        )
        self.shop.write({"platform_shop_ref": "990077"})
        self.env.flush_all()
        self.env.cr.execute(
            """
            INSERT INTO channel_push (shop_id, tag, msg_id, data, received_at)
            SELECT %(shop)s, '101', 'p' || n, '{}', %(now)s - n * interval '10 s'
              FROM generate_series(1, 3) n;
            INSERT INTO channel_push_refusal (minute, reason, app, shop_ref, times)
            VALUES (%(now)s, 'busy', '', '990077', 4), (%(now)s, 'slow', '', '990077', 3),
                   (%(now)s - interval '1 hour', 'slow', '', '990077', 100),
                   (%(now)s, 'slow', '', 'another', 50);
            INSERT INTO channel_exception
                   (company_id, shop_id, type, state, message_ref, created)
            VALUES (%(company)s, %(shop)s, 'malformed', 'open', 'm1', %(now)s),
                   (%(company)s, %(shop)s, 'malformed', 'cleared', 'm2', %(now)s);
            """,
            {
                "shop": self.shop.id,
                "company": self.company.id,
                "now": self.start.replace(microsecond=0),
            },
        )
        intake = self.figures()["intake"]
        self.assertEqual((intake["waiting"], intake["refused"], intake["stopped"]), (3, 7, 1))
        self.assertAlmostEqual(intake["oldest"], 10, delta=3)

    def test_a_screen_gets_what_was_sent_while_it_is_fresh(self):
        self.assertFalse(self.watch()["live"])
        with self.at(0):
            self.session._announce()
        self.ingest(self.snapshot("A", paid=2000))
        with self.at(3):
            kept = self.watch()
        self.assertEqual((kept["live"], kept["orders"]["orders"]), (True, 0))
        self.assertEqual(kept["age"], 3)
        self.assertTrue(kept["may"]["operate"])
        with self.at(10):
            now = self.watch()
        self.assertEqual((now["live"], now["orders"]["orders"]), (False, 1))

    def test_the_figures_are_sent_to_the_session_once(self):
        other = self.make_session("Every Day")
        other.action_open()
        self.ingest(self.snapshot("A", paid=2000))
        (self.session | other)._announce()
        sent = {
            tuple(json.loads(row["channel"])): json.loads(row["message"]) for row in self.sent()
        }
        self.assertEqual(len(self.sent()), 2)
        channel = (self.env.cr.dbname, "channel.session", self.session.id)
        payload = sent[channel]["payload"]
        self.assertEqual(payload["orders"]["orders"], 1)
        self.assertEqual(payload["items"][0]["left"], 99)
        self.assertIn("en_US", payload["alarms"])
        self.assertNotIn("may", payload)  # is each user's own

    def test_as_many_statements_however_many_watch_and_however_many_sessions(self):
        other = self.make_session("Every Day")
        other.action_open()

        def announced(sessions, watchers):
            for role in watchers:
                self.watch(role)
            self.env.flush_all()
            self.env.invalidate_all()
            return len(self.statements(sessions._announce))

        announced(self.session, ["operator"])  # fills the caches of languages and rights
        one = announced(self.session, ["operator"])
        self.assertEqual(announced(self.session, ["operator", "warehouse", "finance"] * 5), one)
        self.assertEqual(announced(self.session | other, ["operator"]), one)

    def test_notifications_are_forgotten_after_seconds(self):
        bus = self.env["bus.bus"]
        self.session._announce()
        self.env["res.partner"].browse(self.env.user.partner_id.id)._bus_send("other", {})
        self.env.cr.precommit.run()
        ours = [("message", "like", "channel.session/figures")]
        self.assertTrue(bus.search_count(ours))
        everything = bus.search_count([])
        self.session._forget_notifications()
        self.assertEqual(bus.search_count([]), everything)
        self.env.cr.execute("UPDATE bus_bus SET create_date = create_date - interval '1 minute'")
        self.session._forget_notifications()
        self.assertFalse(bus.search_count(ours))
        self.assertEqual(bus.search_count([]), everything - 1)
