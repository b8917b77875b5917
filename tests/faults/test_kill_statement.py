"""Kills at each step from the run of a period to its payouts: nothing is stated or paid twice."""

from __future__ import annotations

import itertools

from .stage import kill_everywhere

WEEKS = itertools.count(150, -1)  # each scene has a period of its own, one after the other


def test_a_period_is_paid_once(stage):
    """An agent's share, paid by the bank; a dealer's fee, paid into its deposit."""
    refs = stage.refs(60)
    stage.do("to_earn", refs=refs)

    def prepare():
        return stage.do("to_settle", ref=refs.pop(), week=next(WEEKS))

    def verify(scene, _answer, kill):
        agent, dealer = stage.do("settled", **scene)
        assert agent[:3] == dealer[:3] == [1, "paid", 1], (kill, agent, dealer)
        assert agent[3] == agent[4] > 0, (kill, agent)
        assert dealer[3:] == [3333, 3333, 3333], (kill, dealer)
        assert stage.do("owed") == 0, kill

    def between(scene, kill):
        for statements, _state, payouts, payable, paid, deposit in stage.do("settled", **scene):
            assert statements <= 1 and payouts <= 1, kill
            assert paid in (0, payable), kill
            assert deposit in (0, paid), kill

    kills = kill_everywhere(
        stage, prepare, "settle", verify, between=between, at_most=45, warm=True
    )
    assert kills >= 40
