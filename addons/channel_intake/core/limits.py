"""How fast we may call, and how long we wait after a failure."""

import threading
from collections.abc import Callable

# A call that waits longer than this for its turn gives up: the job comes back later.
MAX_WAIT = 30.0


class TokenBucket:
    """At most so many calls a second, with bursts of ``burst``; safe between threads.

    The rate finds itself between ``FLOOR`` and ``ceiling``, as nobody tells us the platform's: a
    little faster with each call that succeeds, half as fast after each that was throttled.
    """

    FLOOR = 1.0
    GROWTH = 10.0  # calls a second faster after each second of successes

    def __init__(
        self,
        rate: float,
        burst: int,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        ceiling: float = 0.0,
    ) -> None:
        """:param ceiling: the highest rate; by default ``rate`` itself"""
        self._rate = rate
        self._ceiling = max(ceiling, rate)
        self._burst = float(burst)
        self._clock = clock
        self._sleep = sleep
        self._tokens = float(burst)
        self._at = clock()
        self._lock = threading.Lock()

    @property
    def rate(self) -> float:
        """Calls a second at most, as of now."""
        return self._rate

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

    def succeeded(self) -> None:
        """A call was answered."""
        with self._lock:
            self._rate = min(self._ceiling, self._rate + self.GROWTH / self._rate)

    def throttled(self) -> None:
        """A call was refused because there were too many."""
        with self._lock:
            self._rate = max(self.FLOOR, self._rate / 2)
            self._tokens = min(self._tokens, 0.0)


def backoff(attempt: int, base: float = 1.0, ceiling: float = 3600.0) -> float:
    """Seconds before try number ``attempt`` + 1 (attempt 1, 2, …): base, 2·base, 4·base, …"""
    return min(ceiling, base * 2.0 ** max(0, min(attempt - 1, 40)))
