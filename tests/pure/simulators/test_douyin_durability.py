"""The books outlive the process: killed, restarted, stopped."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest
import simulators
from simulators.douyin import DouyinSimulator
from simulators.douyin.client import Client
from simulators.douyin.simulator import APP_KEY, APP_SECRET, SHOP_ID

TESTS = Path(simulators.__file__).parent.parent


def start(db):
    """Start a simulator process and return it with its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "simulators.douyin", "--port", "0", "--db", str(db)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
    )
    line = process.stdout.readline()
    assert line.startswith("listening on http://127.0.0.1:"), process.stderr.read()
    return process, line.split()[-1]


def control(url, name, body=None):
    """Call the control API and return its result."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(f"{url}/_sim/{name}", data, timeout=10) as response:
        return json.loads(response.read())["result"]


@pytest.fixture
def db(tmp_path):
    """Path of the books."""
    return tmp_path / "douyin.db"


def test_kill_and_restart_keep_everything(db):
    process, url = start(db)
    control(url, "add_sku", {"sku_id": 34, "code": "A", "title": "甲", "price_fen": 990})
    ids = control(url, "burst", {"n": 50, "unpaid": 0, "risk": 0})
    control(url, "refund_order", {"order_id": ids[0], "fast": True})
    control(url, "clock/advance", {"seconds": 100})
    client = Client(url, APP_KEY, APP_SECRET)
    client.log_in(SHOP_ID)
    assert client.ship(ids[1])["code"] == 10000
    books, cipher = control(url, "books"), client.detail(ids[1])["encrypt_post_tel"]
    process.kill()
    process.wait()

    process, url = start(db)
    try:
        assert control(url, "books") == books
        assert books["ledger_rows"]["pay"] >= 50
        again = Client(url, APP_KEY, APP_SECRET)
        again.token = client.token
        assert again.detail(ids[1])["order_status"] == 3
        infos = [{"auth_id": ids[1], "cipher_text": cipher}]
        opened = again.data("/order/batchDecrypt", {"cipher_infos": infos})
        assert opened["decrypt_infos"][0]["err_no"] == 0
        new = control(url, "buy", {"lines": [{"sku_id": 34}]})
        assert new not in ids
        assert control(url, "clock") - control(url, f"order?order_id={ids[0]}")["pay_time"] >= 100
    finally:
        process.kill()
        process.wait()


def test_kill_while_buying_loses_no_answered_order(db):
    process, url = start(db)
    control(url, "add_sku", {"sku_id": 34, "code": "A", "title": "甲", "price_fen": 990})
    answered = []

    def buy():
        try:
            while True:
                answered.append(control(url, "buy", {"lines": [{"sku_id": 34}]}))
                if len(answered) >= 40:
                    process.kill()
        except OSError:
            return

    threads = [threading.Thread(target=buy) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    process.wait()
    assert len(answered) >= 40
    with DouyinSimulator(db=db) as sim:
        assert set(answered) <= set(sim.order_ids())
        totals = sim.books()["totals"]
        assert totals["owed_fen"] == 990 * totals["orders"]


def test_kill_while_pushing_goes_on_with_what_was_not_acknowledged(db, receiver):
    process, url = start(db)
    control(url, "add_sku", {"sku_id": 34, "code": "A", "title": "甲", "price_fen": 990})
    control(url, "clock/set", {"at": control(url, "clock")})
    control(url, "pushes/subscribe", {"url": receiver.url, "max_events": 1})
    control(url, "rush/prepare", {"n": 400})
    receiver.stop_after = 40
    control(url, "rush/start", {"rate": 2000, "seconds": 0.2, "connections": 4})
    assert receiver.stopped.wait(10)
    process.kill()
    process.wait()

    receiver.stop_after = None
    process, url = start(db)
    try:
        control(url, "clock/advance", {"seconds": 3600})
        assert control(url, "pushes/settle", {})
        events = control(url, "pushes/events")
        assert {event["state"] for event in events} == {"acked"}
        told = {message["msg_id"] for message in receiver.messages} - {"0"}
        assert told == {event["msg_id"] for event in events}
        sold = {message["data"]["p_id"] for message in receiver.messages if message["tag"] != "0"}
        assert sold == {int(order_id) for order_id in control(url, "order_ids")}
        assert len(sold) + control(url, "rush")["ready"] == 400
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_cleanly(db, number):
    process, url = start(db)
    client = Client(url, APP_KEY, APP_SECRET)
    client.log_in(SHOP_ID)  # its connection stays open
    process.send_signal(number)
    _out, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert errors == ""
    assert not db.with_name("douyin.db-wal").exists()


def test_in_process_restart(db):
    with DouyinSimulator(db=db) as sim:
        sim.add_sku(34, "A", "甲", 990)
        sim.burst(20, unpaid=0.5)
        before = sim.books()
    with DouyinSimulator(db=db) as sim:
        assert sim.books() == before


def test_a_failed_story_step_leaves_no_half(db):
    with DouyinSimulator(db=db) as sim:
        sim.add_sku(34, "A", "甲", 990)
        with pytest.raises(Exception, match="no SKU"):
            sim.buy([{"sku_id": 34}, {"sku_id": 35}])
        with pytest.raises(Exception, match="no SKU"):
            sim.burst(10, [34, 35])
        assert sim.books()["orders"] == []
        assert sim.books()["ledger_rows"] == {}


def test_many_threads_at_once(db):
    with DouyinSimulator(db=db) as sim:
        sim.add_sku(34, "A", "甲", 990)
        ids = sim.burst(40, unpaid=0, risk=0, two_lines=0)
        outcomes = []

        def ship(order_id, waybill):
            client = Client(sim.url, *sim.app)
            client.log_in(sim.shop_id)
            outcomes.append((order_id, client.ship(order_id, waybill)["code"]))

        threads = [
            threading.Thread(target=ship, args=(order_id, f"SF{order_id[-10:]}{i}"))
            for order_id in ids
            for i in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        won = [order_id for order_id, code in outcomes if code == 10000]
        assert sorted(won) == sorted(ids)
        assert len(outcomes) == 80
        assert sim.books()["ledger_rows"]["ship"] == 40
