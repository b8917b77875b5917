"""The push gateway is killed again and again under load: what it acknowledged is there, once."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import threading
import time

import pytest
from devkit.postgres import KILLABLE
from devkit.processes import free_port
from gateway.harness import World, event, signed

KILLS = 50
POWER_CUTS = 10
CLIENTS = 8
GIVE_UP = 60.0


@pytest.fixture
def gateway_world(toolchain, storage, template, tmp_path):
    with storage.copy(template, KILLABLE) as database:
        yield World(toolchain, database, tmp_path)


@pytest.fixture
def seed():
    chosen = int(os.environ.get("QUDAO_FAULTS_SEED") or random.SystemRandom().randrange(10**6))
    print(f"seed {chosen} (QUDAO_FAULTS_SEED={chosen} repeats it)")
    return chosen


class Platform(threading.Thread):
    """Pushes events one after the other, each until it is acknowledged, as a platform does."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port = port
        self.acked: list[str] = []
        self.cut = 0  # pushes that were sent and got no answer
        self.ending = threading.Event()
        self.client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def run(self) -> None:
        while not self.ending.is_set():
            item = event(random.choice(("1001", "1002")))
            body = json.dumps([item]).encode()
            end = time.monotonic() + GIVE_UP
            while not self.push(body):
                if time.monotonic() > end:
                    return  # the event stays missing in the sums
                self.client.close()
                time.sleep(0.005)
            self.acked.append(item["msg_id"])

    def push(self, body: bytes) -> bool:
        try:
            if self.client.sock is None:
                self.client.connect()
        except OSError:
            return False
        try:
            self.client.request("POST", "/push/douyin", body, signed(body))
            reply = self.client.getresponse()
            reply.read()
        except (OSError, http.client.HTTPException):
            self.cut += 1
            return False
        return reply.status == 200


class Load:
    """Several of them, and what they were told."""

    def __init__(self, port: int) -> None:
        self.platforms = [Platform(port) for _n in range(CLIENTS)]

    def __enter__(self) -> Load:
        for platform in self.platforms:
            platform.start()
        return self

    def __exit__(self, *_error) -> None:
        for platform in self.platforms:
            platform.ending.set()
        for platform in self.platforms:
            platform.join(GIVE_UP + 10)

    @property
    def acked(self) -> list[str]:
        return [number for platform in self.platforms for number in list(platform.acked)]

    @property
    def cut(self) -> int:
        return sum(platform.cut for platform in self.platforms)

    def wait_for_more(self, count: int) -> None:
        """Until so many more were acknowledged."""
        goal = len(self.acked) + count
        end = time.monotonic() + GIVE_UP
        while len(self.acked) < goal:
            assert time.monotonic() < end, "pushes are no longer acknowledged"
            time.sleep(0.002)


def _check(world, load, seed):
    acked = load.acked
    stored = [number for (number,) in world.sql("SELECT msg_id FROM channel_push")]
    assert len(set(acked)) == len(acked)
    assert set(acked) - set(stored) == set(), f"seed {seed}: acknowledged and lost"
    assert len(set(stored)) == len(stored), f"seed {seed}: stored twice"
    waiting = [number for (number,) in world.sql(
        "SELECT p.msg_id FROM channel_push_todo t JOIN channel_push p ON p.id = t.push_id")]  # fmt: skip
    assert sorted(waiting) == sorted(stored), f"seed {seed}: stored and not queued once"
    print(f"{len(acked)} acknowledged, {load.cut} cut off under way")


@pytest.mark.parametrize("processes", [1, 2])
def test_the_gateway_is_killed(gateway_world, seed, processes):
    world, chance, port = gateway_world, random.Random(seed), free_port()
    options = () if processes == 1 else ("--processes", "2")
    kills = KILLS if processes == 1 else KILLS // 5
    gateway = world.launch(*options, port=port)
    try:
        with Load(port) as load:
            for _number in range(kills):
                gateway.service.wait_for_text("listening on ")
                load.wait_for_more(chance.randrange(1, 60))
                # The whole group: with several processes the supervisor and its children.
                victims = [gateway.pid] if processes == 1 else _family(gateway)
                for pid in victims:
                    os.kill(pid, signal.SIGKILL)
                gateway.service.process.wait(10)
                gateway = world.launch(*options, port=port)
            gateway.service.wait_for_text("listening on ")
            load.wait_for_more(CLIENTS * 4)
        assert load.cut, "no push was ever under way when we struck"
        _check(world, load, seed)
    finally:
        gateway.stop()


def _family(gateway) -> list[int]:
    with open(f"/proc/{gateway.pid}/task/{gateway.pid}/children") as file:
        return [gateway.pid, *map(int, file.read().split())]


def test_postgresql_loses_power(gateway_world, seed):
    world, chance, port = gateway_world, random.Random(seed), free_port()
    with world.gateway(port=port) as gateway:
        with Load(port) as load:
            for _number in range(POWER_CUTS):
                load.wait_for_more(chance.randrange(20, 300))
                world.database.cluster.halt("immediate")
                world.database.cluster.start()
            load.wait_for_more(CLIENTS * 4)
        assert gateway.service.alive
        _check(world, load, seed)
