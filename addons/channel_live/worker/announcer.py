"""Sums the watched sessions up once for all screens, and sends the figures to them."""

import logging
import time

from odoo.addons.channel_intake.worker.kinds import beside
from odoo.addons.channel_intake.worker.worker import Worker

from ..models.channel_live_screen import WAKE

_logger = logging.getLogger(__name__)

EVERY = 1.5  # seconds between two rounds
SAMPLE_EVERY = 5.0
JUDGE_EVERY = 3.0
FORGET_EVERY = 10.0
ADD_UP_EVERY = 60.0
LARGEST_SHARE = 0.1  # of the time: summing never takes more, however dear it gets


@beside
class Announcer(Worker):
    """One process for all sessions; while nobody watches it only counts."""

    channel = WAKE

    def __init__(self, database: str):
        super().__init__(database)
        self._due: dict[str, float] = {}

    def work(self) -> int:
        """One round, then the wait for the next. :return: 1, the wait is over"""
        began = time.monotonic()
        with self.environment() as env:
            if self._is_due("sample", SAMPLE_EVERY):
                env["channel.live.sample"]._take()
            watched = env["channel.live.screen"]._watched()
            watched._announce()
            if self._is_due("forget", FORGET_EVERY):
                watched._forget_notifications()
        self._judge()
        if self._is_due("add_up", ADD_UP_EVERY):
            self._add_up()
        took = time.monotonic() - began
        self._wait(max(EVERY - took, took / LARGEST_SHARE - took))
        return 1

    def _judge(self) -> None:
        """Let the alarms look at the open sessions, watched or not; the figures do not wait."""
        if not self._is_due("judge", JUDGE_EVERY):
            return
        try:
            with self.environment() as env:
                if "channel.alarm" in env:
                    opened = env["channel.session"].search([("state", "=", "open")])
                    env["channel.alarm"]._evaluate(opened)
        except Exception:
            _logger.exception("the alarms could not be judged; the figures go on")

    def _add_up(self) -> None:
        with self.environment() as env:
            env["channel.session.tally"]._add_up()
            env["channel.pool.tally"]._add_up()

    def _is_due(self, what: str, every: float) -> bool:
        now = time.monotonic()
        if now < self._due.get(what, 0.0):
            return False
        self._due[what] = now + every
        return True
