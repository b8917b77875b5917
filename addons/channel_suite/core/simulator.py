"""Talks to the platform simulator's control addresses: who buys what, and who asks for money back.

Plain HTTP with JSON, so that the demo needs no code of the simulator.
"""

from typing import Any

import requests

TIMEOUT = 120


class SimulatorError(Exception):
    """The simulator cannot be reached, or refuses; the text says what to do."""


class Simulator:
    """The simulator at ``url``. Amounts are fen, numbers of orders and lines are text."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()

    def tell(self, name: str, **arguments: Any) -> Any:
        """POST one instruction and return its result."""
        try:
            answer = self._session.post(f"{self.url}/_sim/{name}", json=arguments, timeout=TIMEOUT)
        except requests.RequestException as error:
            raise SimulatorError(
                f"The platform simulator at {self.url} does not answer ({error}). Start it first."
            ) from error
        if answer.status_code != requests.codes.ok:
            raise SimulatorError(f"The simulator refused {name}: {answer.text[:200]}")
        return answer.json()["result"]

    def ask(self, name: str, **arguments: Any) -> Any:
        """GET what the simulator knows."""
        try:
            answer = self._session.get(f"{self.url}/_sim/{name}", params=arguments, timeout=TIMEOUT)
        except requests.RequestException as error:
            raise SimulatorError(
                f"The platform simulator at {self.url} does not answer ({error}). Start it first."
            ) from error
        if answer.status_code != requests.codes.ok:
            raise SimulatorError(f"The simulator refused {name}: {answer.text[:200]}")
        found = answer.json()
        return found.get("result", found) if isinstance(found, dict) else found
