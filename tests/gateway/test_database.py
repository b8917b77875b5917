"""The gateway and its database: away and back, locked by an upgrade, of another version."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time

import pytest
from devkit.processes import free_port, port_is_free

from .harness import SUCCESS, event, numbers, request_bytes, until

BUSY = {"code": 1, "msg": "unavailable"}


def test_postgresql_goes_and_comes_back(gateway, world):
    before, during, after = event(), event(), event()
    assert gateway.push(before) == (200, SUCCESS)
    world.database.cluster.halt("immediate")
    try:
        until(lambda: not gateway.healthy(), "the gateway notices")
        started = time.monotonic()
        assert gateway.push(during) == (503, BUSY)
        assert time.monotonic() - started < 1
    finally:
        world.database.cluster.start()
    until(gateway.healthy, "the gateway is back without a person")
    assert gateway.push(after) == (200, SUCCESS)
    assert world.stored(before, during, after) == numbers([before, after])
    counted = "SELECT sum(times) FROM channel_push_refusal WHERE reason = 'unavailable'"
    assert until(lambda: world.sql(counted)[0][0], "refusals of that time are counted") >= 1


def test_it_may_start_before_postgresql(world):
    world.database.cluster.halt("fast")
    try:
        with world.gateway() as gateway:
            assert not gateway.healthy()
            assert gateway.push(event())[0] in (401, 503)  # it knows no app yet
            world.database.cluster.start()
            until(gateway.healthy, "a connection")
            assert gateway.push(event()) == (200, SUCCESS)
    finally:
        if not world.database.cluster.postmaster():
            world.database.cluster.start()


@pytest.mark.parametrize("table", ["channel_push", "channel_push_todo"])
def test_the_lock_of_an_upgrade_is_answered_in_time(gateway, world, table):
    item = event()
    connection = world.connect()
    connection.autocommit = False
    with connection.cursor() as cr:
        cr.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS bench_extra int")
        started = time.monotonic()
        assert gateway.push(item) == (503, BUSY)
        assert time.monotonic() - started < 4, "platforms wait 5 s at most"
        connection.rollback()
    connection.close()
    assert gateway.push(item) == (200, SUCCESS)
    assert world.stored(item) == numbers([item])


def test_everybody_who_waits_behind_a_lock_is_answered_in_time(gateway, world):
    connection = world.connect()
    connection.autocommit = False
    statuses = []

    def ask():
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as client:
            client.sendall(request_bytes(json.dumps([event()] * 400).encode()))
            statuses.append(client.recv(1000)[9:12])

    with connection.cursor() as cr:
        cr.execute("LOCK TABLE channel_push IN ACCESS EXCLUSIVE MODE")
        started = time.monotonic()
        threads = [threading.Thread(target=ask) for _n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - started
    connection.rollback()
    connection.close()
    assert statuses == [b"503"] * 20
    assert took < 4


def test_a_new_shop_is_known_at_once(gateway, world):
    item = event("3001")
    assert gateway.push(item)[0] == 404
    world.add_shop("3001", "ONE")
    until(lambda: gateway.figures()["shops"] == 4, "the new shop", give_up=3)
    assert gateway.push(item) == (200, SUCCESS)
    world.sql("UPDATE channel_shop SET active = false WHERE platform_shop_ref = '3001'")
    until(lambda: gateway.figures()["shops"] == 3, "the archived shop is gone", give_up=3)
    assert gateway.push(event("3001"))[0] == 404


def test_credentials_that_the_environment_lacks_are_named(gateway, world):
    world.add_shop("4001", "NOWHERE")
    until(lambda: gateway.figures()["credentials_missing"] == 1, "the lack is noticed", give_up=3)
    assert "NOWHERE" in gateway.log()
    world.sql("DELETE FROM channel_shop WHERE platform_shop_ref = '4001'")
    until(lambda: gateway.figures()["credentials_missing"] == 0, "all is well", give_up=3)


def _version(world, version):
    world.sql(f"CREATE OR REPLACE VIEW channel_gateway_schema AS SELECT {version} AS version")
    world.sql("NOTIFY channel_gateway")


def test_another_version_refuses_to_start_and_says_what_to_do(world):
    _version(world, 99)
    try:
        for options in ((), ("--processes", "2")):
            gateway = world.launch(*options)
            assert gateway.service.process.wait(20) == 3
            assert "version 99" in gateway.log() and "Update the addon" in gateway.log()
    finally:
        _version(world, 1)


def test_an_upgrade_under_a_running_gateway_stops_the_pushes_only(gateway, world):
    _version(world, 2)
    try:
        until(lambda: not gateway.healthy(), "the other version is noticed", give_up=5)
        assert gateway.push(event()) == (503, BUSY)
    finally:
        _version(world, 1)
    until(gateway.healthy, "the right version is noticed")
    assert gateway.push(event()) == (200, SUCCESS)


def test_a_database_without_the_addon_says_so(world):
    world.sql("REVOKE SELECT ON channel_gateway_schema FROM qudao_gateway")
    try:
        gateway = world.launch()
        assert gateway.service.process.wait(20) == 3
        assert "unknown" in gateway.log()
    finally:
        world.sql("SELECT channel_gateway_grant('qudao_gateway')")


def test_sigterm_finishes_what_was_begun(world):
    with world.gateway() as gateway:
        items = [event() for _n in range(3)]
        blocker = world.connect()
        blocker.autocommit = False
        idle = socket.create_connection(("127.0.0.1", gateway.port), timeout=20)
        waiting = socket.create_connection(("127.0.0.1", gateway.port), timeout=20)
        halfway = socket.create_connection(("127.0.0.1", gateway.port), timeout=20)
        whole = request_bytes(json.dumps([items[1]]).encode())
        gateway.push(items[2])
        with blocker.cursor() as cr:
            cr.execute("LOCK TABLE channel_push IN ACCESS EXCLUSIVE MODE")
            waiting.sendall(request_bytes(json.dumps([items[0]]).encode()))
            halfway.sendall(whole[:-10])
            until(lambda: gateway.figures()["waiting_events"], "a push that waits")
            gateway.send_signal(signal.SIGTERM)
            until(lambda: "draining" in gateway.log(), "draining")
            assert idle.recv(10) == b"", "an idle connection is closed at once"
            blocker.rollback()
        halfway.sendall(whole[-10:])
        assert waiting.recv(1000).startswith(b"HTTP/1.1 200")
        assert halfway.recv(1000).startswith(b"HTTP/1.1 200")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", gateway.port), timeout=1)
        assert gateway.service.process.wait(20) == 0
        blocker.close()
        for client in (idle, waiting, halfway):
            client.close()
    assert world.stored(*items) == numbers(items)


def _two_free_ports() -> int:
    return until(lambda: (port := free_port()) and port_is_free(port + 1) and port, "two ports")


def test_several_processes_share_the_port_and_come_back(world):
    port, metrics = free_port(), _two_free_ports()
    with world.gateway("--processes", "2", "--metrics-port", str(metrics), port=port) as gateway:
        log = gateway.log
        until(lambda: log().count("listening on") == 2, "both processes")
        items = [event() for _n in range(40)]
        for item in items:
            gateway.client.close()  # a new connection each time: the kernel spreads them
            assert gateway.push(item) == (200, SUCCESS)
        acked = []
        for index in range(2):
            single = type(gateway)(world, metrics + index, gateway.service)
            status, text = single.request("GET", "/metrics")
            assert status == 200
            line = next(li for li in text.decode().splitlines() if "acked_total{" in li)
            assert f'process="{index}"' in line
            acked.append(float(line.split()[-1]))
            single.client.close()
        assert sum(acked) == 40 and min(acked) > 0
        line = next(li for li in log().splitlines() if "gateway[1]" in li)
        os.kill(int(line.split()[2]), signal.SIGKILL)
        until(lambda: log().count("listening on") == 3, "the killed process is back")
        assert gateway.push(event()) == (200, SUCCESS)
        gateway.send_signal(signal.SIGTERM)
        assert gateway.service.process.wait(20) == 0
    assert world.stored(*items) == numbers(items)
