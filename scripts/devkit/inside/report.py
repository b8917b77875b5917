"""What a bench reports to: a table for people, then one line of JSON for machines."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Report:
    """Collects rates (a second, higher is better) and ratios ours ÷ theirs."""

    def __init__(self, name: str, machine: dict | None = None, system=None, serve=None) -> None:
        self.name = name
        self.machine = machine or {}
        self.rates: dict[str, float] = {}
        self.ratios: dict[str, float] = {}
        self._texts: dict[str, str] = {}
        self._notes: list[str] = []
        self._system = system
        self._serve = serve

    def note(self, text: str) -> None:
        """A remark: shown at once, and below the table."""
        print(f"  {text}", flush=True)
        self._notes.append(text)

    def rate(self, name: str, per_second: float, text: str = "") -> None:
        """Record a rate."""
        self.rates[name] = float(per_second)
        self._texts[name] = text

    def ratio(self, name: str, ours: float, theirs: float, text: str = "") -> None:
        """Record a ratio of two rates."""
        self.ratios[name] = float(ours) / float(theirs) if theirs else 0.0
        self._texts[name] = text

    @contextmanager
    def timed(self, name: str, count: float, text: str = "") -> Iterator[None]:
        """Record ``count`` things done in the time of the block as a rate."""
        before = time.perf_counter()
        yield
        self.rate(name, count / (time.perf_counter() - before), text)

    def system(self):
        """Processes on the bench's database, none of them started (``devkit.instance``).

        Those that the bench starts are stopped after it.
        """
        return self._system()

    def serve(self, settings=None):
        """Start Odoo's web process on the bench's database; the instance has ``url``.

        Commit first: it sees only what is in the database. It is stopped after the bench.

        :param settings: options of odoo.conf that differ from the usual ones
        """
        return self._serve(settings)

    def table(self) -> str:
        """Aligned lines: what, how much, and what that means."""
        rows = [(name, f"{value:,.4g}/s", self._texts[name]) for name, value in self.rates.items()]
        rows += [
            (name, f"× {value:,.3g}", self._texts[name]) for name, value in self.ratios.items()
        ]
        wide = [max((len(row[i]) for row in rows), default=0) for i in range(2)]
        lines = [f"{a:{wide[0]}}  {b:>{wide[1]}}  {text}".rstrip() for a, b, text in rows]
        return "\n".join([f"bench {self.name}", *lines, *self._notes])

    def line(self) -> str:
        """The line of JSON."""
        return json.dumps(
            {
                "bench": self.name,
                "rates": {name: float(f"{value:.6g}") for name, value in self.rates.items()},
                "ratios": {name: float(f"{value:.6g}") for name, value in self.ratios.items()},
                "machine": self.machine,
            },
            ensure_ascii=False,
        )


def machine(postgresql: str = "") -> dict:
    """What the numbers were measured on."""
    cpu = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory, 1),
        "cpu": cpu[0] if cpu else platform.processor(),
        "postgresql": postgresql,
        "python": ".".join(str(part) for part in sys.version_info[:3]),
    }
