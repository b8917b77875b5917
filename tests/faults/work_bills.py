"""Bills are read: like ``work_channel``."""

from __future__ import annotations

import base64


def accounts(env, number):
    """A merchant number."""
    env["reconcile.account"].create({"name": number, "kind": "wechat", "number": number})


def received(env, name, data):
    """A file lies there; its id."""
    company = env["reconcile.account"].search([], limit=1).company_id
    return env["reconcile.bill"]._receive(company, name, base64.b64decode(data)).id


def read_bill(env, bill):
    """The job that reads it."""
    return env["reconcile.bill"].browse(bill)._job_read()


def bill_rows(env, bill):
    """[state, rows it says are new, rows that stand there, their sum in fen]"""
    found = env["reconcile.bill"].browse(bill)
    env.cr.execute(
        "SELECT count(*), coalesce(sum(amount) * 100, 0)::bigint FROM reconcile_bill_row"
        " WHERE bill_id = %s",
        [bill],
    )
    count, amount = env.cr.fetchone()
    return [found.state, found.new_count, count, amount]
