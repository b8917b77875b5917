"""The supervisor of worker processes, with real processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from channel_intake.worker import supervisor

PLACE = Path(supervisor.__file__).parent
PATIENCE = 20

# What a worker does: says that it is there, then waits or dies as told.
PROGRAM = """
import os, signal, sys, time
sys.path.insert(0, sys.argv[1])
import supervisor
supervisor.FIRST_PAUSE = 0.01
ending, parent = [], os.getpid()
def say(word, number):
    os.write(1, f"{word} {number} {os.getpid()}\\n".encode())
def work(number):
    signal.signal(signal.SIGTERM, lambda *_: ending.append(1))
    say("up", number)
    while not ending and os.getppid() == parent:
        time.sleep(0.01)
    say("down", number)
supervisor.Supervisor(int(sys.argv[2]), work).run()
print("over", flush=True)
"""


@pytest.fixture
def supervised():
    """A process with two workers; its output line by line."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(PLACE), "2"], stdout=subprocess.PIPE, text=True
    )
    yield process
    process.kill()
    process.wait()


def _up(process):
    """(place, pid) of the worker that says next that it is up."""
    word, number, pid = process.stdout.readline().split()
    assert word == "up"
    return int(number), int(pid)


def test_a_worker_that_is_killed_is_started_again(supervised):
    workers = dict(_up(supervised) for _n in range(2))
    assert sorted(workers) == [0, 1]
    os.kill(workers[1], signal.SIGKILL)
    number, pid = _up(supervised)
    assert number == 1
    assert pid != workers[1]


def test_sigterm_lets_the_workers_finish(supervised):
    workers = dict(_up(supervised) for _n in range(2))
    supervised.send_signal(signal.SIGTERM)
    lines = supervised.communicate(timeout=PATIENCE)[0].splitlines()
    assert sorted(lines[:2]) == sorted(f"down {n} {pid}" for n, pid in workers.items())
    assert lines[2] == "over"
    assert supervised.returncode == 0


def test_workers_end_with_their_supervisor(supervised):
    workers = dict(_up(supervised) for _n in range(2))
    supervised.kill()
    deadline = time.monotonic() + PATIENCE
    while any(Path(f"/proc/{pid}").exists() for pid in workers.values()):
        assert time.monotonic() < deadline, "workers outlive their supervisor"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 0.5), (2, 1.0), (3, 2.0), (7, 30.0), (100, 30.0)]
)
def test_pauses_grow_up_to_a_limit(failures, seconds):
    assert supervisor.pause_after(failures) == seconds
