"""A month of 1,000,000 payments: the bill loaded, matched with the books, and what differs stored.

Ours: the job that reads a WeChat Pay trade bill (packed as the channel gives it) into rows, and
``reconcile.account._match`` of the whole month with every cause planted once in 1,000 orders.
Each planted difference must be found under its cause and none invented. References in the same run:
bare COPY of the very rows into a table with the same indexes, one SQL full join of the same tables,
and a plain Python dictionary over the same rows. Memory is the peak of the process while it loads.
"""

import base64
import ctypes
import gc
import gzip
import time
from datetime import timedelta
from io import BytesIO
from tempfile import TemporaryFile

from simulators import bill_files, planted

from odoo.tools import SQL

from odoo.addons.channel_reconcile.core.match import UNFINISHED
from odoo.addons.channel_reconcile.tests import books

from . import market

ORDERS = 1_000_000
CHUNK = 50_000
CENT, RATE = 0.0101, 0.006
BEGIN = planted.BEGIN.date()


def run(env, report):
    """Measure all and report rates, ratios and the peak of memory."""
    place = market.build(env)
    account = _account(env, place)
    expected = _books(env, account, place.shop)
    rows, load, peak = _load(env, account)
    copy = _copy(env, rows)
    report.rate("load", rows / load, "rows of a packed bill read and stored, rows/s")
    report.rate("copy_limit", rows / copy, "bare COPY of the same rows and indexes, rows/s")
    report.ratio("load_vs_copy", copy, load)
    report.note(f"loading took {peak / 2**20:.0f} MB more than before at its peak")
    match = _timed(lambda: _match(env, account))
    _check(env, expected)
    join = _timed(lambda: _join(env, account))
    plain = _timed(lambda: _dictionary(env, account))
    report.rate("match", rows / match, "rows matched, differences and days stored, rows/s")
    report.ratio("vs_limit", join, match)
    report.ratio("vs_reference", plain, match)


def _account(env, place):
    merchant = env["channel.payment.merchant"].create(
        {"name": "Bench", "number": bill_files.MERCHANT, "app_ref": planted.APP,
         "credential_ref": "BENCH", "company_id": place.company.id}
    )  # fmt: skip
    account = env["reconcile.account"].create(
        {"name": "Bench", "kind": "wechat", "number": bill_files.MERCHANT, "fee_rate": 0.6,
         "shop_refs": planted.APP, "merchant_id": merchant.id}
    )  # fmt: skip
    env.cr.commit()
    return account


def _books(env, account, shop):
    """Write the books; how often each cause was planted."""
    chunk, expected = [], dict.fromkeys(planted.CAUSES, 0)
    for each in planted.month(ORDERS):
        chunk.append(each)
        if each.cause:
            expected[each.cause] += 1
        if len(chunk) == CHUNK:
            books.write(env, account.merchant_id, shop, chunk)
            chunk = []
    books.write(env, account.merchant_id, shop, chunk)
    env.cr.commit()
    return expected


def _load(env, account):
    """Rows, seconds, and the bytes by which the process grew at its peak."""
    trades = (trade for each in planted.month(ORDERS) for trade in each.trades)
    target = BytesIO()
    with gzip.GzipFile(fileobj=target, mode="wb", compresslevel=1) as file:
        for line in bill_files.wechat(trades):
            file.write(line)
    bill = env["reconcile.bill"].create(
        {"name": "month.csv.gz", "company_id": account.company_id.id, "sha256": "x",
         "file": base64.b64encode(target.getvalue())}
    )  # fmt: skip
    del target
    env.cr.commit()
    env.invalidate_all()
    before = _memory(reset=True)
    seconds = _timed(lambda: _read(env, bill))
    peak = _memory() - before
    if bill.state != "done":
        raise RuntimeError(bill.trouble)
    return bill.row_count, seconds, peak


def _read(env, bill):
    bill._job_read()
    env.cr.commit()


def _memory(*, reset=False):
    """Resident bytes at the peak since the last reset."""
    if reset:
        gc.collect()
        ctypes.CDLL("libc.so.6").malloc_trim(0)  # what only waits to be used again is not counted
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    with open("/proc/self/status") as file:
        lines = dict(line.split(":", 1) for line in file)
    return int(lines["VmHWM"].split()[0]) * 1024


def _copy(env, rows):
    """Seconds of COPY of the rows into a table of the same shape."""
    with TemporaryFile() as file:
        env.cr.copy_expert("COPY reconcile_bill_row TO STDOUT", file)
        env.cr.execute("CREATE TABLE bench_rows (LIKE reconcile_bill_row INCLUDING ALL)")
        env.cr.commit()
        file.seek(0)
        seconds = _timed(lambda: _take(env, file))
    env.cr.execute("SELECT count(*) FROM bench_rows")
    if env.cr.fetchone()[0] != rows:
        raise RuntimeError("COPY took another number of rows")
    env.cr.execute("DROP TABLE bench_rows")
    env.cr.commit()
    return seconds


def _take(env, file):
    env.cr.copy_expert("COPY bench_rows FROM STDIN", file)
    env.cr.commit()


def _match(env, account):
    env.cr.execute("SELECT max(day) FROM reconcile_bill_row")
    account._match(BEGIN, env.cr.fetchone()[0])
    env.cr.commit()


def _check(env, expected):
    env.cr.execute("SELECT cause, count(*) FROM reconcile_difference GROUP BY cause")
    found = dict(env.cr.fetchall())
    if found != expected:
        raise RuntimeError(f"planted {expected}, found {found}")


def _join(env, account):
    """One full join of the same tables: what does not agree, counted."""
    env.cr.execute(
        SQL(
            """
            SELECT count(*)
              FROM (SELECT CASE kind WHEN 'payment' THEN ref ELSE refund_own END AS key, amount
                      FROM reconcile_bill_row WHERE account_id = %(account)s) t
              FULL JOIN (SELECT transaction_ref AS key, amount FROM channel_payment
                          WHERE merchant_id = %(merchant)s
                          UNION ALL
                         SELECT aftersale_ref, -amount FROM channel_aftersale) k USING (key)
             WHERE t.amount IS DISTINCT FROM k.amount
            """,
            account=account.id,
            merchant=account.merchant_id.id,
        )
    )
    if not env.cr.fetchone()[0]:
        raise RuntimeError("the join found nothing")


def _dictionary(env, account):
    """The same rows in dictionaries of Python, compared in the same: amount, day, status, fee."""
    env.cr.execute(
        "SELECT CASE kind WHEN 'payment' THEN ref ELSE refund_own END, amount, day, fee, status"
        " FROM reconcile_bill_row WHERE account_id = %s",
        [account.id],
    )
    told = {key: row for key, *row in env.cr.fetchall()}
    env.cr.execute(
        "SELECT transaction_ref, amount, paid_at FROM channel_payment WHERE merchant_id = %s"
        " UNION ALL SELECT aftersale_ref, -amount, updated_at FROM channel_aftersale",
        [account.merchant_id.id],
    )
    days, differ = {}, []
    for key, amount, at in env.cr.fetchall():
        row = told.pop(key, None)
        day = (at + timedelta(hours=8)).date()
        count, entered = days.get(day, (0, 0))
        days[day] = count + 1, entered + amount
        if (
            row is None
            or row[0] != amount
            or row[3] in UNFINISHED
            or row[1] != day
            or abs(row[2] - round(row[0] * RATE, 2)) > CENT
        ):
            differ.append(key)
    if len(differ) + len(told) < ORDERS // 125:
        raise RuntimeError("the dictionary found less than was planted")


def _timed(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
