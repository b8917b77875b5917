"""Several processes on one port: starts them, starts again the one that died, ends them all."""

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from .service import EXIT_SCHEMA

log = logging.getLogger("gateway")

HERE = Path(__file__).resolve().parent
AGAIN_AFTER = 1.0


class Supervisor:
    """Keeps ``number`` processes alive until SIGTERM or SIGINT."""

    def __init__(self, number: int, arguments: Sequence[str]) -> None:
        self.arguments = list(arguments)
        self.children: list[subprocess.Popen | None] = [None] * number
        self.due = [0.0] * number
        self.ending = False

    def run(self) -> int:
        """Until told to end, or until a process says that it cannot start here."""
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._end)
        code = 0
        while not self.ending:
            for index, child in enumerate(self.children):
                if child is not None and child.poll() is not None:
                    self.children[index] = None
                    self.due[index] = time.monotonic() + AGAIN_AFTER
                    log.warning("process %d ended (code %s)", index, child.returncode)
                    if child.returncode == EXIT_SCHEMA:
                        code, self.ending = EXIT_SCHEMA, True
                if self.children[index] is None and not self.ending:
                    self._start(index)
            time.sleep(0.1)
        living = [child for child in self.children if child is not None]
        for child in living:
            child.terminate()
        for child in living:
            child.wait()
        return code

    def _start(self, index: int) -> None:
        if time.monotonic() >= self.due[index]:
            command = [sys.executable, str(HERE), *self.arguments, "--index", str(index)]
            # In a session of their own: Ctrl-C reaches them through us, once.
            self.children[index] = subprocess.Popen(command, start_new_session=True)

    def _end(self, *_signal: object) -> None:
        self.ending = True
