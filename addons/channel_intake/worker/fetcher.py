"""Fetches from the platforms what their pushes tell of."""

from .kinds import beside
from .worker import Worker

GATHER = 0.3  # seconds in which pushes gather: a hundred of them may be one call


@beside
class Fetcher(Worker):
    """One process for all shops: it mostly waits for the platforms."""

    channel = "channel_push"

    def work(self) -> int:
        """One round over the shops of which pushes are due. :return: pushes done"""
        with self.environment() as env:
            done = sum(shop._fetch_pushed() for shop in env["channel.shop"]._pushed_shops())
        if done:
            self._sleep(GATHER)
        return done
