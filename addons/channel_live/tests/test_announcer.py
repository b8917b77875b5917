from contextlib import contextmanager
from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.channel_intake.worker.kinds import kinds_beside

from ..worker import announcer
from .live_clock import LiveClock


class _Here(announcer.Announcer):
    """An announcer that works in the test's transaction and does not wait."""

    def __init__(self, env):
        super().__init__(env.cr.dbname)
        self.env = env
        self.waits = []

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

    def test_alarms_that_fail_do_not_stop_the_figures(self):
        alarms = type(self.env["channel.session"])
        self.watch()
        with (
            patch.object(alarms, "search", side_effect=ValueError("broken"), autospec=True),
            patch.object(type(self.env), "__contains__", lambda _env, _name: True),
            mute_logger("odoo.addons.channel_live.worker.announcer"),
        ):
            self.announcer.work()
        self.assertEqual(len(self.sent()), 1)
