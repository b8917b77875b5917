"""Long-running children: started apart from the terminal, watched, stopped in order."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from .console import Problem

_PR_SET_PDEATHSIG = 1


class Service:
    """One child process with its log file."""

    def __init__(self, name: str, process: subprocess.Popen, log: Path) -> None:
        self.name = name
        self.process = process
        self.log = log

    @classmethod
    def start(
        cls, name: str, command: Sequence[str | Path], *, log: Path,
        env: Mapping[str, str], identity: Mapping[str, object], cwd: Path = Path("/"),
    ) -> Service:  # fmt: skip
        """Start a child in a session of its own: Ctrl-C reaches it only through us."""
        if log.exists():
            log.replace(log.with_suffix(".old.log"))
        with log.open("w") as output:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env=dict(env), cwd=cwd, start_new_session=True,
                preexec_fn=_die_with_parent, **identity,
            )  # fmt: skip
        return cls(name, process, log)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def tail(self, lines: int = 25) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def wait_for_text(self, text: str, timeout: float = 30) -> str:
        """The first line of the log that contains a text."""
        for _ in self._patiently(timeout, f"'{text}' in its log"):
            for line in self.log.read_text(errors="replace").splitlines():
                if text in line:
                    return line
        raise AssertionError("unreachable")

    def wait_for_http(self, url: str, timeout: float = 120) -> None:
        """Wait until an address answers at all."""
        for _ in self._patiently(timeout, f"an answer from {url}"):
            if answers(url):
                return

    def _patiently(self, timeout: float, what: str):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            yield
            if not self.alive:
                raise Problem(f"the {self.name} process ended early. Its log:\n{self.tail()}")
            time.sleep(0.1)
        raise Problem(
            f"the {self.name} process gave no sign ({what}) in {timeout:.0f} s.\n{self.tail()}"
        )

    def stop(self, timeout: float = 20) -> None:
        """Ask it to end; kill its whole session when it does not."""
        if self.alive:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout)
        with suppress(ProcessLookupError):  # whatever it left behind in its session
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _die_with_parent() -> None:
    """Even when this command is killed outright, its children get the order to stop."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def answers(url: str) -> bool:
    """Whether an HTTP address answers with success."""
    try:
        with urllib.request.urlopen(url, timeout=30) as reply:
            return reply.status == 200
    except (OSError, urllib.error.URLError):
        return False


def port_is_free(port: int) -> bool:
    """Whether nothing listens on this port of the local interface."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Some port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
