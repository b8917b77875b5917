"""Stored messages to allocated channel orders, beside stock `sale.order` create and confirm.

Ours: messages in Doudian's own form, made from orders of the simulated platform, each with numbers
and a receiver of its own; receivers encrypted and keyed, price bands checked, a tenth of the links
bundles, some orders stopped (unknown SKU, price below the floor). Timed from the moment they wait
to the last order stored, with one materialiser process and with two, on tables that hold ten
thousand, a hundred thousand and a million orders already.
Reference: `sale.order` with the same number of lines, created and confirmed one by one, a commit
each, in the same database; half of them before and half of them after our burst, because a shared
machine is now faster, now slower.
"""

import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from odoo.sql_db import db_connect
from odoo.tools import SQL, config

from odoo.addons.channel_intake.core.platforms.douyin.orders import raw_order

from . import market

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from simulators.douyin import DouyinSimulator

SMALL, MIDDLE, LARGE = 10_000, 100_000, 1_000_000  # orders in the tables before
BURST = 100_000  # what is compared with the reference: two workers, on the middle size
MESSAGES = 20_000  # what every other rate is measured on
TEMPLATES = 2_000
REFERENCE_ORDERS = 200
FIRST_SKU = 3_410_716_076_201_000
PATIENCE = 600
# In the order of the heap: an index is full of entries of rows that were taken.
WAITING = SQL("SELECT 1 FROM channel_message_todo LIMIT 1")


def run(env, report):
    """Measure the reference, then one and two workers at each size."""
    place = market.build(env)
    as_douyin(env, place)
    templates = _templates(place)
    stock = _Messages(env, place, templates)
    rates = {}
    _measure(env, stock, 1, TEMPLATES)
    for size in (SMALL, MIDDLE, LARGE):
        _fill(env, size)
        if size == MIDDLE:
            seconds = _reference(env, place)
        for workers in (1, 2):
            count = BURST if (workers, size) == (2, MIDDLE) else MESSAGES
            rate = rates[workers, size] = _measure(env, stock, workers, count)
            report.note(f"{size:,} orders, {workers} worker(s): {count:,} messages, {rate:,.0f}/s")
        if size == MIDDLE:
            theirs = REFERENCE_ORDERS / (seconds + _reference(env, place))
            report.note(f"reference: {theirs:.2f}/s")
    _check(env, place, stock, report)
    _tell(report, rates, theirs)


def _tell(report, rates, theirs):
    """Rates by (workers, orders in the tables before), beside the reference's."""
    report.rate("reference", theirs, "sale.order created and confirmed one by one, orders/s")
    for (workers, size), rate in rates.items():
        text = f"stored messages to allocated orders/s, {workers} worker(s) on {size:,} orders"
        report.rate(f"workers_{workers}_at_{size}", rate, text)
    report.ratio("vs_reference_one", rates[1, MIDDLE], theirs, "one worker")
    report.ratio("vs_reference", rates[2, MIDDLE], theirs, f"two workers, {BURST:,} orders")
    for workers, name in ((1, "at_a_million"), (2, "at_a_million_two")):
        text = f"against ten thousand, {workers} worker(s)"
        report.ratio(name, rates[workers, LARGE], rates[workers, SMALL], text)


def as_douyin(env, place):
    """The market's shop as one of Douyin; every tenth link a bundle; prices have a band."""
    place.shop.write({"platform": "douyin", "platform_shop_ref": "4463798"})
    links = env["channel.link"].search([("shop_id", "=", place.shop.id)], order="id")
    for number, link in enumerate(links):
        link.sku_ref = str(FIRST_SKU + number)
        if number % 10 == 9:
            other = links[number - 1].component_ids.product_id
            link.write({"component_ids": [(0, 0, {"product_id": other.id, "quantity": 1})]})
    env["channel.pool"].search([]).write({"price": 6, "price_floor": 5, "price_ceiling": 100_000})
    env.cr.commit()


def tell_skus(add_sku):
    """Have the simulated platform sell SKUs; number 0 is too cheap, number 100 unknown to us."""
    for number in range(101):
        price = 100 if number == 0 else (10 + number) * 100
        sku_id = FIRST_SKU + number
        add_sku(sku_id=sku_id, code=f"S{number}", title=f"SKU {number}", price_fen=price)


def _templates(place):
    """Orders of the simulated platform as messages."""
    with tempfile.TemporaryDirectory() as home, DouyinSimulator(db=f"{home}/books.db") as platform:
        tell_skus(platform.add_sku)
        refs = platform.burst(
            TEMPLATES, two_lines=0.64, many_items=0.2, risk=0, unpaid=0, same_receiver=0
        )
        now = int(time.time())
        return [raw_order(platform.order(ref), now) for ref in refs]


class _Messages:
    """Makes as many messages as wanted, each with a number and a receiver of its own."""

    def __init__(self, env, place, templates):
        self.made = 0
        self._env, self._place, self._templates = env, place, templates

    def store(self, count):
        """Store messages that do not wait yet; their ids."""
        ids = []
        for start in range(self.made, self.made + count, TEMPLATES):
            rows = [self._one(start + offset) for offset in range(TEMPLATES)]
            ids += self._env["channel.message"]._store(self._place.shop, rows)
        self.made += count
        self._env.execute_query(
            SQL("DELETE FROM channel_message_todo WHERE message_id = ANY(%s) RETURNING 1", ids)
        )
        self._env.cr.commit()
        return ids

    def _one(self, number):
        template = self._templates[number % TEMPLATES]
        ref, mark = str(6_000_000_000_000_000_000 + number), f"{number:08x}"
        body = template.body.replace(template.ref, ref)
        for before in ('":"##', '":"$$', '"open_address_id":"#'):
            body = body.replace(before, before + mark)
        return replace(template, ref=ref, body=body, digest=ref)


def _measure(env, stock, workers, count):
    """Orders a second from the moment the messages wait to the moment none waits."""
    ids = stock.store(count)
    with _materialisers(env, workers):
        started = time.perf_counter()
        env["channel.message"].browse(ids)._requeue()
        env.cr.commit()
        _until(env, lambda: not env.execute_query(WAITING), "the messages")
        return count / (time.perf_counter() - started)


@contextmanager
def _materialisers(env, workers):
    """So many materialiser processes, all of them waiting."""
    odoo = [sys.executable, "-m", "odoo", f"--addons-path={','.join(config['addons_path'])}"]
    settings = ["-c", config["config"], "-d", env.cr.dbname, "--log-level", "warn"]
    process = subprocess.Popen([*odoo, "materialise", *settings, "--workers", str(workers)])
    try:
        _until(env, lambda: env["channel.message"]._materialisers() == workers, "workers")
        yield
    finally:
        process.terminate()
        process.wait(60)


def _until(env, ready, what):
    """Wait until something holds, looking five times a second: to look is work, too."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        env.invalidate_all()
        answer = ready()
        env.cr.commit()
        if answer:
            return
        time.sleep(0.2)
    raise RuntimeError(f"waited {PATIENCE} s for {what}")


# -- tables with many orders ------------------------------------------------------------------------

# The first orders have the ids 1 to TEMPLATES; copy n of order o has the id o + n * TEMPLATES,
# above those that the sequence gives out.
COPIES_FROM = 10_000_000 // TEMPLATES
COPIED = {
    "channel_order": {
        "id": "o.id + n * {0}",
        "order_ref": "(7000000000000000000 + o.id + n * {0})::text",
        "phone_key": "md5(n || '-' || o.id)",
        "received_at": "o.received_at - n * interval '1 second'",
    },
    "channel_order_line": {
        "id": "nextval('channel_order_line_id_seq')",
        "order_id": "o.order_id + n * {0}",
    },
    "channel_order_event": {
        "id": "nextval('channel_order_event_id_seq')",
        "order_id": "o.order_id + n * {0}",
    },
}


KEY = {"channel_order": "id", "channel_order_line": "order_id", "channel_order_event": "order_id"}


def _fill(env, size):
    """Copies of the first orders, with their lines and events, up to a size."""
    [(have, last)] = env.execute_query(SQL("SELECT count(*), max(id) FROM channel_order"))
    first = max(COPIES_FROM, last // TEMPLATES + 1)
    copies = max(0, size - have) // TEMPLATES
    for table, special in COPIED.items():
        names = env.execute_query(
            SQL("SELECT column_name FROM information_schema.columns WHERE table_name = %s", table)
        )
        values = {name: f'o."{name}"' for (name,) in names}
        values |= {name: text.format(TEMPLATES) for name, text in special.items()}
        env.cr.execute(
            f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())}"
            f" FROM {table} o, generate_series(%s, %s) n WHERE o.{KEY[table]} <= %s",
            [first, first + copies - 1, TEMPLATES],
        )
    env.cr.commit()
    with db_connect(env.cr.dbname).cursor() as cr:
        cr.connection.autocommit = True
        cr.execute("VACUUM ANALYZE")


def _reference(env, place):
    """Seconds in which stock Odoo makes half of the reference's orders, one at a time."""
    partner = env["res.partner"].create({"name": "Reference buyer"})
    told = market.orders(REFERENCE_ORDERS // 2)
    products = place.products
    env.cr.commit()
    started = time.perf_counter()
    for order in told:
        lines = [
            (0, 0, {"product_id": products[int(line.sku_ref[1:])].id, "product_uom_qty": 1})
            for line in order.lines
        ]
        sale = env["sale.order"].create({"partner_id": partner.id, "order_line": lines})
        sale.action_confirm()
        env.cr.commit()
    return time.perf_counter() - started


def _check(env, place, stock, report):
    """Every message one order, some stopped, quotas exact."""
    env.invalidate_all()
    rows = env.execute_query(
        SQL(
            "SELECT stage, count(*) FROM channel_order WHERE shop_id = %s"
            " AND order_ref LIKE '6%%' GROUP BY stage ORDER BY stage",
            place.shop.id,
        )
    )
    stages = dict(rows)
    if sum(stages.values()) != stock.made or not {"allocated", "exception"} <= stages.keys():
        raise RuntimeError(f"{stock.made} messages became {stages}")
    wrong = env.execute_query(
        SQL(
            """
            SELECT q.id FROM channel_pool_quota q
              LEFT JOIN (SELECT l.pool_id, sum(l.item_quantity) AS units
                           FROM channel_order_line l JOIN channel_order o ON o.id = l.order_id
                          WHERE o.stage = 'allocated' AND o.order_ref LIKE '6%%'
                          GROUP BY l.pool_id) u ON u.pool_id = q.pool_id
             WHERE q.allocated <> COALESCE(u.units, 0)
            """
        )
    )
    if wrong:
        raise RuntimeError(f"{len(wrong)} quotas do not agree with their orders")
    report.note(f"{stock.made:,} messages became {stages}")
