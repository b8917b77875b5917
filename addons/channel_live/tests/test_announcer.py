import math
from contextlib import contextmanager
from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.channel_intake.worker.kinds import kinds_beside

from ..worker import announcer
from .live_clock import LiveClock


class _Here(announcer.Announcer):
    """An announcer that works in the test's transaction and does not wait."""

    def __init__(self, env):
        super().__init__(env.cr.dbname)
        self.env = env
        self.waits = []
        # in the one transaction of a test judging flushes, and so takes what is to be sent
        self._due["judge"] = math.inf

    @contextmanager
    def environment(self):
        yield self.env

    def _wait(self, seconds):
        self.waits.append(seconds)


@tagged("post_install", "-at_install")
class TestAnnouncer(LiveClock):
    """One process for all screens."""

    def setUp(self):
        super().setUp()
        self.announcer = _Here(self.env)

    def test_it_runs_beside_the_materialisers(self):
        self.assertIn(announcer.Announcer, kinds_beside())

    def test_without_watchers_it_counts_and_sends_nothing(self):
        self.announcer.work()
        self.assertEqual(self.sent(), [])
        self.assertTrue(self.env["channel.live.sample"].search_count([]))

    def test_a_watched_session_is_announced_once_for_all_its_screens(self):
        for role in ("operator", "warehouse", "finance"):
            self.watch(role)
        self.announcer.work()
        self.assertEqual(len(self.sent()), 1)
        self.announcer.work()
        self.assertEqual(len(self.sent()), 2)

    def test_dear_sums_leave_the_database_alone_for_longer(self):
        self.announcer._is_due = lambda *_args: False
        for took, pause in ((0.0, announcer.EVERY), (0.1, 1.4), (2.0, 18.0)):
            times = iter([0.0, took])
            clock = SimpleNamespace(monotonic=lambda times=times: next(times))
            with patch.object(announcer, "time", clock):
                self.announcer.work()
            self.assertAlmostEqual(self.announcer.waits[-1], pause)

    def judged(self, evaluate):
        """Let one round call this instead of the alarms' own evaluation."""
        env = self.env

        class WithAlarms:
            def __contains__(self, name):
                return name == "channel.alarm" or name in env

            def __getitem__(self, name):
                return SimpleNamespace(_evaluate=evaluate) if name == "channel.alarm" else env[name]

        self.announcer.env = WithAlarms()
        self.announcer._due.clear()
        self.announcer.work()

    def test_alarms_judge_all_open_sessions_watched_or_not(self):
        planned = self.make_session("Tomorrow", room_ref="room-9")
        seen = []
        self.judged(seen.append)
        self.assertEqual(len(seen), 1)
        self.assertIn(self.session, seen[0])
        self.assertNotIn(planned, seen[0])

    def test_alarms_that_fail_do_not_stop_the_figures(self):
        def fail(_sessions):
            raise ValueError("broken")

        self.watch()
        with self.assertLogs("odoo.addons.channel_live.worker.announcer", "ERROR"):
            self.judged(fail)
        self.assertEqual(len(self.sent()), 1)
