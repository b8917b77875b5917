"""Acknowledged pushes a second: the gateway, an Odoo route, and what PostgreSQL can do at all.

Every request is a new event (nothing is replayed). The gateway runs as one process. Rounds of
the three take turns; medians count.
"""

import os
import statistics
import subprocess
import sys
from pathlib import Path

from devkit import gateway as devkit_gateway
from devkit.databases import Database
from devkit.paths import ADDONS
from devkit.postgres import binaries
from devkit.processes import Service, free_port

from . import load

CONNECTIONS = 64
ROUNDS = 3
SECONDS = 6
ODOO_SECONDS = 8
MOST_PER_SECOND = 30_000
KEY, SECRET = "7000000000000000001", "bench-secret"
SHOP_REF = "4463798"
LIMIT = """
CREATE TABLE bench_limit (
    id serial PRIMARY KEY, shop_id int NOT NULL, tag varchar NOT NULL, msg_id varchar NOT NULL,
    order_ref varchar, aftersale_ref varchar, data text NOT NULL, received_at timestamp NOT NULL,
    UNIQUE (shop_id, msg_id, tag))
"""


def run(env, report):
    """Measure the three in turns."""
    os.environ["QUDAO_SHOP_BENCH_APP_KEY"] = KEY
    os.environ["QUDAO_SHOP_BENCH_APP_SECRET"] = SECRET
    env["channel.shop"].create(
        {
            "name": "Bench", "code": "BENCH", "platform": "douyin",
            "platform_shop_ref": SHOP_REF, "credential_ref": "BENCH",
        }
    )  # fmt: skip
    env.cr.execute(LIMIT)
    env.cr.commit()
    home = Path.cwd()
    gateway = _start_gateway(env, home)
    try:
        ours, limits = [], []
        for number in range(ROUNDS):
            limits.append(_pgbench(env, home))
            ours.append(_ours(gateway.port, number))
            report.note(f"gateway {ours[-1].rate:,.0f}/s, pgbench {limits[-1][0]:,.0f}/s")
    finally:
        gateway.stop()
    _check(env, sum(len(each.times) for each in ours))
    theirs = []
    for workers in (0, 2):
        theirs.append(_odoo(report, workers))
        report.note(f"Odoo, {workers or 'no'} workers: {theirs[-1].rate:,.0f}/s")
    _report(report, ours, limits, theirs)


def _start_gateway(env, home):
    server = {name: os.environ[name] for name in os.environ if name.startswith("PG")}
    database = Database(env.cr.dbname, server, home, home)
    devkit_gateway.make_role(database)
    port = free_port()
    service = Service.start(
        "gateway", [sys.executable, devkit_gateway.GATEWAY, "--port", str(port)],
        log=home / "gateway.log", env=devkit_gateway.environment(os.environ, database), identity={},
    )  # fmt: skip
    service.wait_for_text("listening on ")
    service.port = port
    return service


def _requests(path, seconds, number, per_second=MOST_PER_SECOND):
    count = seconds * per_second
    first = number * 10_000_000
    return [load.request(path, body, KEY, SECRET) for body in load.bodies(count, SHOP_REF, first)]


def _ours(port, number):
    return load.run_load(port, _requests("/push/douyin", SECONDS, number), CONNECTIONS, SECONDS)


def _check(env, acked):
    """What was acknowledged is there, and waits in the queue."""
    env.cr.execute("SELECT count(*) FROM channel_push")
    [(stored,)] = env.cr.fetchall()
    env.cr.execute("SELECT count(*) FROM channel_push_todo")
    [(waiting,)] = env.cr.fetchall()
    env.cr.rollback()
    if not stored == waiting >= acked:
        raise RuntimeError(f"{acked} acknowledged, {stored} stored, {waiting} waiting")


def _pgbench(env, home):
    """(transactions a second, their mean in ms) of one such insert a transaction."""
    body = next(load.bodies(1, SHOP_REF, 0))
    script = home / "limit.sql"
    script.write_text(
        "\\set number random(1, 9000000000000000)\n"
        "INSERT INTO bench_limit (shop_id, tag, msg_id, order_ref, data, received_at) VALUES"
        f" (1, '101', :client_id || ':' || :number, :number, '{'x' * (len(body) - 60)}', now())"
        " ON CONFLICT DO NOTHING;\n"
    )
    done = subprocess.run(
        [binaries() / "pgbench", "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2",
         "-T", str(SECONDS), "-f", script, env.cr.dbname],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    words = [line.split() for line in done.stdout.splitlines()]
    return (
        next(float(line[2]) for line in words if line[:2] == ["tps", "="]),
        next(float(line[3]) for line in words if line[:2] == ["latency", "average"]),
    )


def _odoo(report, workers):
    """The same messages to an Odoo route, threaded (0) or with workers."""
    settings = {
        "addons_path": f"{ADDONS},{Path(__file__).parent / 'addons'}",
        "server_wide_modules": "base,rpc,web,bench_push",
        "workers": workers,
        "gevent_port": free_port(),
        "db_maxconn": 64,
    }
    server = report.serve(settings)
    port = int(server.url.rpartition(":")[2])
    try:
        number = 100 + workers
        warm = _requests("/bench/push", 1, number, 200)
        load.run_load(port, warm, 2, 0.5)
        sent = _requests("/bench/push", ODOO_SECONDS, number + 1, 3000)
        return load.run_load(port, sent, CONNECTIONS, ODOO_SECONDS)
    finally:
        server.stop()


def _report(report, ours, limits, theirs):
    best = statistics.median_low([each.rate for each in ours])
    chosen = next(each for each in ours if each.rate == best)
    limit = statistics.median(tps for tps, _mean in limits)
    report.rate("gateway", best, _text(chosen))
    for name, each in zip(("odoo_threaded", "odoo_2_workers"), theirs, strict=True):
        report.rate(name, each.rate, _text(each))
    report.rate("pgbench", limit, f"insert + commit, mean {limits[0][1]:.1f} ms")
    report.ratio("vs_reference", best, max(each.rate for each in theirs), "the better of the two")
    report.ratio("vs_limit", best, limit, "aim 0.5")
    failed = sum(each.failed for each in ours)
    report.note(f"{CONNECTIONS} connections, one gateway process; {failed} pushes refused")


def _text(measured):
    return (
        f"acked, p50 {measured.percentile(0.5):.1f} ms, p99 {measured.percentile(0.99):.1f} ms"
        + (f", {measured.failed} failed" if measured.failed else "")
    )
