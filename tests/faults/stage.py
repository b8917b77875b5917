"""The test's side of the channel scenarios: a world with a shop in it, gates, and the checks.

One world serves a whole test module: each scene brings orders of its own, so that killing at
twenty moments costs twenty scenes and not twenty copies of a database. What a scene breaks stays
visible to all later ones, because the checks look at everything.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .harness import GIVE_UP, Job, Kill, Outcome, World

WORK = "faults.work_channel"
NEVER = Kill()


class Stage:
    """A world in which ``work_channel.set_up`` ran, and what scenarios do with it."""

    def __init__(self, world: World, simulator=None) -> None:
        self.world = world
        self.simulator = simulator
        self._numbers = itertools.count(1)
        self._gates = itertools.count(7_000_001)
        self.do("set_up", base_url=simulator.url if simulator else "")
        # What an addon has wrong from the start is for its own tests to say.
        self.before = self._broken()

    # --- work ------------------------------------------------------------------------------

    def start(self, what: str, /, *, kill: Kill = NEVER, **arguments) -> Job:
        """Start a function of ``work_channel``."""
        return self.world.start(f"{WORK}:{what}", kill=kill, **arguments)

    def run(self, what: str, /, *, kill: Kill = NEVER, **arguments) -> Outcome:
        """Run it to its end; an exception in it fails the test unless it is killed."""
        outcome = self.start(what, kill=kill, **arguments).wait()
        if outcome.killed:
            self.world.wait_for_backends()
        else:
            assert not outcome.error, outcome.error
        return outcome

    def do(self, what: str, /, **arguments):
        """Run it and return its value."""
        return self.run(what, **arguments).value

    def request(self, what: str, /, *, start=0, hold=0, pause=0, at=0, **arguments) -> Job:
        """Start it as a request: Odoo repeats it after a conflict. Gates as in ``request``."""
        return self.start(
            "request", what=what, arguments=arguments, start_gate=start, hold_gate=hold,
            pause_gate=pause, pause_at=at,
        )  # fmt: skip

    def refs(self, count: int) -> list[str]:
        """New order numbers."""
        return [f"69{next(self._numbers):017d}" for _ in range(count)]

    def name(self, prefix: str) -> str:
        return f"{prefix}{next(self._numbers):06d}"

    # --- what must hold --------------------------------------------------------------------

    def check(self, when: object = "") -> None:
        """Every control is green and every sum agrees."""
        broken = [text for text in self._broken() if text not in self.before]
        assert not broken, f"{when}: " + "\n".join(broken)

    def _broken(self) -> list[str]:
        return self.world.work("faults.work_checks:broken").value

    # --- gates -----------------------------------------------------------------------------

    @contextmanager
    def gate(self) -> Iterator[int]:
        """A gate that stays shut as long as the block runs; its key."""
        key = next(self._gates)
        for cr in self.world.cursor():
            cr.execute("SELECT pg_advisory_lock(%s)", [key])
            yield key

    def until_at_gate(self, job: Job) -> None:
        """Until the job stands before a gate."""
        self._until(job, lambda kind, event: event == "advisory", "reach its gate")

    def until_at_gate_or_done(self, job: Job) -> bool:
        """Until the job stands before a gate (True) or has ended without coming to one (False)."""
        return self._until(job, lambda kind, event: event == "advisory", "end", ends=True)

    def until_stuck_or_done(self, job: Job) -> bool:
        """Until the job waits for somebody's lock (True) or has ended (False)."""
        return self._until(
            job,
            lambda kind, event: kind == "Lock" and event != "advisory",
            "wait or end",
            ends=True,
        )

    def _until(self, job: Job, reached, what: str, ends: bool = False) -> bool:
        end = time.monotonic() + GIVE_UP
        query = (
            "SELECT wait_event_type, wait_event FROM pg_stat_activity WHERE application_name = %s"
        )
        for cr in self.world.cursor():
            while True:
                cr.execute(query, [f"odoo-{job.pid}"])
                if any(reached(kind, event) for kind, event in cr.fetchall()):
                    return True
                if _ended(job.pid):
                    assert ends, f"it ended and did not {what}: {job.wait()}"
                    return False
                assert time.monotonic() < end, f"it does not {what}"
                time.sleep(0.01)
        raise AssertionError("unreachable")

    # --- two at once -----------------------------------------------------------------------

    def overlap(self, first: tuple, second: tuple) -> tuple:
        """The first has done all but commit when the second runs; then the first commits.

        Each is (function, arguments). Returns both answers and whether the second had to wait.
        """
        with self.gate() as gate:
            ahead = self.request(first[0], hold=gate, **first[1])
            self.until_at_gate(ahead)
            behind = self.request(second[0], **second[1])
            waited = self.until_stuck_or_done(behind)
        return self.answer(ahead), self.answer(behind), waited

    def old_snapshot(self, first: tuple, second: tuple) -> tuple:
        """The second has looked at the database before the first, and works after its commit."""
        with self.gate() as gate:
            behind = self.request(second[0], start=gate, **second[1])
            self.until_at_gate(behind)
            ahead = self.answer(self.request(first[0], **first[1]))
        return ahead, self.answer(behind)

    def together(self, *several: tuple) -> list:
        """All of them at once: they start when everybody stands at the gate."""
        with self.gate() as gate:
            jobs = [self.request(what, start=gate, **arguments) for what, arguments in several]
            for job in jobs:
                self.until_at_gate(job)
        return [self.answer(job) for job in jobs]

    @staticmethod
    def answer(job: Job):
        """The function's value; an exception in it fails the test."""
        outcome = job.wait()
        assert not outcome.error, outcome.error
        assert not outcome.killed
        return outcome.value["value"]


def _ended(pid: int) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def kill_everywhere(
    stage: Stage, prepare, what: str, verify, *, between=None, at_most=12, warm=False
) -> int:
    """Kill a method at many moments; every time in a fresh scene, then run it again.

    :param prepare: makes a scene and returns the method's arguments
    :param verify: what must hold of the scene in the end; given the arguments, the last answer
        and the kill
    :param between: what must hold right after the kill
    :param warm: run it once before, so that what is made once does not lengthen the run counted
    :return: how many moments
    """
    if warm:
        stage.do(what, **prepare())
    scene = prepare()
    plan = stage.run(what, **scene)
    verify(scene, plan.value, NEVER)
    stage.check("unharmed")
    kills, missed = plan.kills(at_most=at_most), []
    for kill in kills:
        scene = prepare()
        outcome = stage.run(what, kill=kill, **scene)
        if not outcome.killed:
            missed.append(kill)
        stage.check(f"{what} killed at {kill}")
        if between and outcome.killed:
            between(scene, kill)
        value = stage.do(what, **scene)
        verify(scene, value, kill)
        stage.check(f"{what} killed at {kill}, then run again")
    # A later run is a few statements shorter than the first: what it made once is there.
    assert len(missed) <= 2, f"{what} ended before {missed}"
    assert all(kill.at_statement for kill in missed), missed
    return len(kills)
