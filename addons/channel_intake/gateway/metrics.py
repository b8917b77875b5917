"""Figures of one process in Prometheus' text form.

Written out by hand: it is two dozen numbers of a single thread, and the client library would
bring its own registry, locks and multi-process files to the hot path.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """Counters and the distribution of the time to an acknowledgement."""

    def __init__(self) -> None:
        self.received = 0
        self.acked = 0
        self.stored = 0
        self.replayed = 0
        self.batches = 0
        self.failed_batches = 0
        self.reconnects = 0
        self.evicted = 0
        self.refused: Counter[str] = Counter()
        self._ack = [0] * (len(BUCKETS) + 1)
        self._ack_seconds = 0.0

    def ack(self, seconds: float) -> None:
        """A push was acknowledged so long after it had arrived as a whole."""
        self.acked += 1
        self._ack[bisect_left(BUCKETS, seconds)] += 1
        self._ack_seconds += seconds

    def text(self, gauges: Mapping[str, float], process: int) -> str:
        """All figures; ``gauges`` are those that the service knows at this moment."""
        where = f'process="{process}"'
        lines = []

        def write(name: str, kind: str, about: str, values: Mapping[str, float]) -> None:
            full = f"qudao_gateway_{name}"
            lines.extend((f"# HELP {full} {about}", f"# TYPE {full} {kind}"))
            lines.extend(f"{full}{suffix} {value:g}" for suffix, value in values.items())

        for name, about in COUNTERS.items():
            write(name, "counter", about, {f"_total{{{where}}}": getattr(self, name)})
        refused = {f'_total{{{where},reason="{r}"}}': n for r, n in sorted(self.refused.items())}
        write("refused", "counter", "Requests refused, by reason.", refused)
        for name, value in gauges.items():
            write(name, "gauge", GAUGES[name], {f"{{{where}}}": value})
        sums, so_far = {}, 0
        for bound, count in zip((*BUCKETS, "+Inf"), self._ack, strict=True):
            so_far += count
            sums[f'_bucket{{{where},le="{bound}"}}'] = so_far
        sums |= {f"_sum{{{where}}}": self._ack_seconds, f"_count{{{where}}}": so_far}
        write("ack_seconds", "histogram", "From the whole push to its acknowledgement.", sums)
        return "\n".join(lines) + "\n"


COUNTERS = {
    "received": "Requests that arrived as a whole.",
    "acked": "Pushes acknowledged.",
    "stored": "Events stored.",
    "replayed": "Events that were stored before.",
    "batches": "Commits.",
    "failed_batches": "Batches that could not be committed.",
    "reconnects": "Connections made to PostgreSQL.",
    "evicted": "Idle connections closed to make room.",
}
GAUGES = {
    "up": "1 while pushes can be stored.",
    "waiting_events": "Events that wait for their commit.",
    "connections": "Open connections.",
    "buffered_bytes": "Bytes of bodies that are not complete or not judged yet.",
    "shops": "Shops that may push here.",
    "credentials_missing": "Names of credentials that the environment lacks.",
}
