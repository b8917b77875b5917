"""Kills at each step of a settlement run: what is written is whole, and the run ends it."""

from __future__ import annotations

from .stage import kill_everywhere


def test_a_settlement_run(stage):
    """Five orders, two at a time: three sales, and two refunds of orders split before."""
    scenes = []

    def prepare():
        refs = stage.refs(5)
        scenes.append(sorted(refs))
        stage.do("to_split_anew", refs=scenes[-1])
        return {}

    def rows():
        return stage.do("shares_of", refs=scenes[-1])

    def verify(_scene, _answer, kill):
        found = rows()
        assert [row[:2] for row in found] == [[1, 0], [1, 1], [1, 1], [1, 0], [1, 0]], kill
        assert all(owed == shares > 0 for _sales, _refunds, owed, shares in found), (kill, found)

    def between(_scene, kill):
        for sales, refunds, owed, shares in rows():
            assert sales <= 1 and refunds <= 1, kill
            assert shares == owed or not refunds, kill

    assert kill_everywhere(stage, prepare, "split", verify, between=between, at_most=100) >= 30
