"""A rush at a set rate, from the platform's push to the allocated order, while people work.

Everything runs as it does for a user: simulated platform, push gateway, fetcher, two materialisers
and Odoo's web process, on the cores of this machine. People keep lists of stock Odoo, the order
list and the cockpit open; how long these answer is measured before the rush and during it.
"""

import json
import statistics
import threading
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field

from devkit.processes import free_port

from odoo.tools import SQL

from . import burst, market

RATE, SECONDS = 3000, 30
CONNECTIONS = 64
QUIET_SECONDS = 15
WORKERS = 2
PAUSE = 1.0  # seconds between two answers of one screen
PATIENCE = 600
ROOM = 7_300_000_000_000_000_001
QUOTA = 2_500  # units of an item: the most wanted sell out
STANDARD = {
    "contacts": ("res.partner", {"name": {}, "email": {}}),
    "sale orders": ("sale.order", {"name": {}, "state": {}, "amount_total": {}}),
    "transfers": ("stock.picking", {"name": {}, "state": {}, "scheduled_date": {}}),
}
OURS = {
    "channel orders": ("channel.order", {"order_ref": {}, "stage": {}, "amount_paid": {}}),
}


def run(env, report):
    """Prepare the rush, measure screens in quiet, then the rush with the screens open."""
    place = market.build(env, quota=1)
    burst.as_douyin(env, place)
    _sales(env, place)
    session = _session(env, place)
    system = report.system()
    system.start_simulator(0)
    place.shop.write({"base_url": system.simulator_url, "credential_ref": "DEMO"})
    env.cr.commit()
    _start(system)
    platform = _Platform(system.simulator_url)
    burst.tell_skus(lambda **sku: platform("add_sku", **sku))
    _prepare(platform)
    with _people(system, session) as quiet:
        time.sleep(QUIET_SECONDS)
    with _people(system, session) as busy, _watch(env) as lag:
        platform("rush/start", rate=RATE, seconds=SECONDS, connections=CONNECTIONS)
        rush = platform("rush/wait", seconds=PATIENCE)
        ended = time.monotonic()
        _drained(env, place.shop, rush["sold"])
        drained = time.monotonic() - ended
    _tell(report, rush, lag, drained, quiet, busy)
    _check(env, place.shop, rush, report)


def _session(env, place):
    """An open session that sells every link."""
    links = env["channel.link"].search([("shop_id", "=", place.shop.id)])
    session = env["channel.session"].create(
        {
            "name": "Bench session",
            "shop_id": place.shop.id,
            "room_ref": str(ROOM),
            "item_ids": [
                (0, 0, {"shop_id": place.shop.id, "link_id": link.id, "price": 6, "quota": QUOTA})
                for link in links
            ],
        }
    )
    session.action_open()
    env.cr.commit()
    return session


def _sales(env, place):
    """A page of quotations."""
    partner = env["res.partner"].create({"name": "Bench buyer"})
    line = (0, 0, {"product_id": place.products[0].id})
    env["sale.order"].create([{"partner_id": partner.id, "order_line": [line]} for _ in range(80)])


def _start(system):
    """The processes of a user's system."""
    system.start_web(free_port())
    system.start_materialisers(WORKERS)
    system.start_gateway(free_port())
    system.wait_until_ready()
    system.subscribe_to_pushes()


def _prepare(platform):
    """Orders that are sold when the rush starts; no call shows them before."""
    left = RATE * SECONDS
    while left > 0:
        now = min(left, 10_000)
        platform("rush/prepare", n=now, room_id=ROOM, two_lines=0.64, many_items=0.2)
        left -= now


class _Platform:
    """The hands of the simulated platform."""

    def __init__(self, url):
        self._url = url

    def __call__(self, action, **arguments):
        body = json.dumps(arguments).encode()
        request = urllib.request.Request(f"{self._url}/_sim/{action}", body)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)["result"]


# -- people -----------------------------------------------------------------------------------------


class _Person:
    """Somebody with a session of the web client."""

    def __init__(self, url, database):
        self._url = url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        login = {"db": database, "login": "admin", "password": "admin"}
        self.call("/web/session/authenticate", login)

    def call(self, path, params):
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode()
        head = {"Content-Type": "application/json"}
        request = urllib.request.Request(self._url + path, body, head)
        with self._opener.open(request, timeout=PATIENCE) as answer:
            told = json.load(answer)
        if "error" in told:
            raise RuntimeError(told["error"]["data"]["message"])
        return told["result"]

    def method(self, model, name, *args, **kwargs):
        """Call a method as the web client does."""
        params = {"model": model, "method": name, "args": list(args), "kwargs": kwargs}
        return self.call(f"/web/dataset/call_kw/{model}/{name}", params)


@dataclass
class _Answers:
    """Seconds that screens took to answer, by screen."""

    times: dict[str, list[float]] = field(default_factory=dict)

    def median(self, names):
        return statistics.median(time for name in names for time in self.times[name])

    def worst(self, names):
        return max(time for name in names for time in self.times[name])


@contextmanager
def _people(system, session):
    """Screens that answer again and again while the block runs: one person each.

    The block begins when every screen has been opened.
    """
    answers, over, failures = _Answers(), threading.Event(), []
    opened = threading.Barrier(len(STANDARD) + len(OURS) + 2)
    screens = {
        name: lambda who, screen=screen: who.method(
            screen[0], "web_search_read", [], screen[1], limit=80, count_limit=10_001
        )
        for name, screen in (STANDARD | OURS).items()
    }
    screens["cockpit"] = lambda who: who.method("channel.session", "cockpit", session.ids)

    def sit(name, look):
        try:
            who = _Person(system.url, session.env.cr.dbname)
            look(who)
            opened.wait()
            while not over.wait(PAUSE):
                started = time.perf_counter()
                look(who)
                answers.times.setdefault(name, []).append(time.perf_counter() - started)
        except Exception as error:
            failures.append(f"{name}: {error}")
            opened.abort()

    threads = [threading.Thread(target=sit, args=each) for each in screens.items()]
    for thread in threads:
        thread.start()
    try:
        opened.wait()
        yield answers
    except threading.BrokenBarrierError:
        pass  # told below
    finally:
        over.set()
        for thread in threads:
            thread.join()
    if failures:
        raise RuntimeError("; ".join(failures))


# -- the lag ----------------------------------------------------------------------------------------

WAITING = """
    SELECT (SELECT count(*) FROM channel_push_todo), (SELECT count(*) FROM channel_message_todo)
"""


@contextmanager
def _watch(env):
    """The most that waited while the block ran: [pushes, messages], looked at each second."""
    over, most = threading.Event(), [0, 0]

    def look():
        with env.registry.cursor() as cr:
            while not over.wait(1):
                cr.execute(WAITING)
                most[:] = map(max, most, cr.fetchone())
                cr.rollback()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def _drained(env, shop, orders):
    """Wait until every order that was sold is here."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        env.cr.rollback()
        if _orders(env, shop) >= orders:
            return
        time.sleep(0.1)
    raise RuntimeError(f"after {PATIENCE} s {_orders(env, shop)} of {orders} orders are here")


def _orders(env, shop):
    [(count,)] = env.execute_query(
        SQL("SELECT count(*) FROM channel_order WHERE shop_id = %s", shop.id)
    )
    return count


def _tell(report, rush, lag, drained, quiet, busy):
    report.rate(
        "acked",
        rush["acked"] / (rush["seconds"] + rush["drain_seconds"]),
        f"of {RATE}/s for {SECONDS} s; p50 {rush['ack_ms']['p50']:.1f} ms,"
        f" p99 {rush['ack_ms']['p99']:.1f} ms, {rush['redelivered']} sent again",
    )
    report.rate(
        "orders",
        rush["sold"] / (rush["seconds"] + rush["drain_seconds"] + drained),
        f"allocated or stopped; the last {drained:.1f} s after the rush",
    )
    report.note(f"most waiting: {lag[0]:,} pushes, {lag[1]:,} messages")
    for name, names in (("odoo_screens", STANDARD), ("our_screens", [*OURS, "cockpit"])):
        before, during = quiet.median(names), busy.median(names)
        report.rate(
            name,
            1 / during,
            f"answers/s in the rush ({before * 1000:.0f} ms before, {during * 1000:.0f} ms in it,"
            f" at most {busy.worst(names) * 1000:.0f} ms)",
        )
        report.ratio(f"{name}_vs_quiet", 1 / during, 1 / before, "aim 0.5")


def _check(env, shop, rush, report):
    """Nothing lost, nothing twice, nothing oversold."""
    env.cr.rollback()
    counts = dict(
        env.execute_query(
            SQL(
                "SELECT stage, count(*) FROM channel_order WHERE shop_id = %s GROUP BY stage",
                shop.id,
            )
        )
    )
    if sum(counts.values()) != rush["sold"]:
        raise RuntimeError(f"{rush['sold']} orders sold became {counts}")
    report.note(f"{rush['sold']:,} orders sold became {counts}")
