"""What every entry script shares: friendly failures and an orderly end on signals."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable

from .console import Problem, fail, say


def main(command: Callable[[], int]) -> None:
    """Run a command; SIGTERM ends it as Ctrl-C does, so that everything is cleaned up."""
    # Explicitly: a shell starts background commands with SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _as_interrupt)
    try:
        code = command()
    except Problem as problem:
        code = fail(problem)
    except subprocess.CalledProcessError as error:
        code = fail(Problem(str(error)))
    except KeyboardInterrupt as interrupt:
        say(f"\nstopped {interrupt}".rstrip())
        code = 130
    sys.exit(code)


def _as_interrupt(number: int, _frame: object) -> None:
    raise KeyboardInterrupt(f"by {signal.Signals(number).name}")
