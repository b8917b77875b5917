"""Kills while bills are read: all rows of a file or none, each movement once."""

from __future__ import annotations

import base64
import itertools
from datetime import date, timedelta

import pytest
from simulators import bill_files

from .stage import kill_everywhere

NUMBER = "1900000077"
SEEDS = itertools.count(1)


def _bill(trades):
    return base64.b64encode(b"".join(bill_files.wechat(trades, merchant=NUMBER))).decode()


@pytest.mark.parametrize("overlaps", [False, True])
def test_a_bill_is_read_whole_and_once(stage, overlaps):
    """A file of its own, and one half of which is here already."""
    if not stage.world.sql("SELECT 1 FROM reconcile_account WHERE number = '1900000077'"):
        stage.do("accounts", number=NUMBER)
    told = {}

    def prepare():
        seed = next(SEEDS)
        trades = list(bill_files.trades(seed, 40, date(2026, 1, 1) + timedelta(seed)))
        if overlaps:
            before = stage.do("received", name=f"{seed}-before", data=_bill(trades[:20]))
            assert stage.do("read_bill", bill=before) == "done"
        bill = stage.do("received", name=f"{seed}", data=_bill(trades))
        fresh = trades[20:] if overlaps else trades
        told[bill] = [len(fresh), sum(trade.signed for trade in fresh)]
        return {"bill": bill}

    def verify(scene, answer, kill):
        assert answer == "done", kill
        count, amount = told[scene["bill"]]
        assert stage.do("bill_rows", **scene) == ["done", count, count, amount], kill

    def between(scene, kill):
        state, _new, rows, _sum = stage.do("bill_rows", **scene)
        assert rows == (told[scene["bill"]][0] if state == "done" else 0), (kill, state)

    kills = kill_everywhere(
        stage, prepare, "read_bill", verify, between=between, at_most=20, warm=True
    )
    assert kills >= 8
