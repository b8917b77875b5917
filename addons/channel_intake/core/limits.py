"""How fast we may call, and how long we wait after a failure."""

import threading
from collections.abc import Callable

# A call that waits longer than this for its turn gives up: the job comes back later.
MAX_WAIT = 30.0


class TokenBucket:
    """At most ``rate`` calls a second, with bursts of ``burst``; safe between threads."""

    def __init__(
        self, rate: float, burst: int, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._sleep = sleep
        self._tokens = float(burst)
        self._at = clock()
        self._lock = threading.Lock()

    def take(self) -> float:
        """Wait for a turn. :return: the seconds waited."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
            self._at = now
            self._tokens -= 1.0
            wait = min(max(0.0, -self._tokens / self._rate), MAX_WAIT)
        if wait:
            self._sleep(wait)
        return wait


def backoff(attempt: int, base: float = 1.0, ceiling: float = 3600.0) -> float:
    """Seconds before try number ``attempt`` + 1 (attempt 1, 2, …): base, 2·base, 4·base, …"""
    return min(ceiling, base * 2.0 ** max(0, min(attempt - 1, 40)))
