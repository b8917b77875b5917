"""Keeps a number of worker processes alive. Imports nothing from odoo."""

import logging
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

_logger = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
HEALTHY_AFTER = 60.0  # a worker that lived so long begins anew with the first pause
TERM_PATIENCE = 30.0
LOOK_EVERY = 0.1


@dataclass(slots=True)
class Place:
    """One worker's place: who holds it, and when the next may."""

    number: int
    pid: int = 0
    started: float = 0.0
    failures: int = 0
    not_before: float = 0.0


def pause_after(failures: int) -> float:
    """Seconds before a worker is started again that failed so many times in a row."""
    return min(FIRST_PAUSE * 2 ** max(0, failures - 1), LONGEST_PAUSE)


class Supervisor:
    """Forks workers, starts those that die again, ends all on SIGTERM or SIGINT."""

    def __init__(self, count: int, work: Callable[[int], None]):
        """
        :param work: what a worker does, with the number of its place; it returns when it was asked
            to end by SIGTERM
        """
        self._places = [Place(number) for number in range(count)]
        self._work = work
        self._ending = False

    def run(self) -> None:
        """Until SIGTERM or SIGINT, and the workers have ended."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._end)
        while not self._ending:
            now = time.monotonic()
            for place in self._places:
                if not place.pid and now >= place.not_before:
                    self._start(place)
            self._reap()
            time.sleep(LOOK_EVERY)
        self._stop_all()

    def _end(self, *_args) -> None:
        self._ending = True

    def _start(self, place: Place) -> None:
        place.started = time.monotonic()
        place.pid = os.fork()
        if place.pid:
            return
        code = 1
        try:
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, signal.SIG_DFL)
            self._work(place.number)
            code = 0
        except BaseException:
            _logger.exception("worker %s failed", place.number)
        finally:
            logging.shutdown()
            os._exit(code)

    def _reap(self) -> None:
        for place in self._places:
            if place.pid and os.waitpid(place.pid, os.WNOHANG)[0]:
                self._bury(place)

    def _bury(self, place: Place) -> None:
        now = time.monotonic()
        lived = now - place.started
        place.failures = 1 if lived > HEALTHY_AFTER else place.failures + 1
        pause = pause_after(place.failures)
        _logger.warning(
            "worker %s (pid %s) ended after %.1f s; the next starts in %.1f s",
            place.number, place.pid, lived, pause,
        )  # fmt: skip
        place.pid, place.not_before = 0, now + pause

    def _stop_all(self) -> None:
        """Ask all to end, wait for their batch, then insist."""
        alive = [place for place in self._places if place.pid]
        for place in alive:
            os.kill(place.pid, signal.SIGTERM)
        deadline = time.monotonic() + TERM_PATIENCE
        while alive and time.monotonic() < deadline:
            alive = [p for p in alive if not os.waitpid(p.pid, os.WNOHANG)[0]]
            time.sleep(LOOK_EVERY)
        for place in alive:
            os.kill(place.pid, signal.SIGKILL)
            os.waitpid(place.pid, 0)
