"""The database goes away in the middle of work, and the process that worked outlives it."""

from __future__ import annotations

import pytest

STRIKES = ("power_cut", "kill_postgres")
PARTS = (0.1, 0.5, 0.95)  # where in the work the strike comes


def _strike(stage, how, part, what, arguments):
    """Let the database die under the work; what the process answers when it is back."""
    count = stage.do("count_statements", what=what, arguments=arguments)
    world = stage.world
    with stage.gate() as gate:
        job = stage.start(
            "survive", what=what, arguments=arguments, pause_gate=gate,
            pause_at=max(2, int(count * part)),
        )  # fmt: skip
        stage.until_at_gate(job)
        getattr(world, how)()
        world.restart_postgres()
    outcome = job.wait()
    assert not outcome.error, outcome.error
    assert outcome.value["lost"], "the work did not notice"
    return outcome.value["value"]


@pytest.mark.parametrize("how", STRIKES)
@pytest.mark.parametrize("part", PARTS)
def test_while_messages_are_processed(stage, how, part):
    refs = stage.refs(5)
    stage.do("store", refs=refs)
    _strike(stage, how, part, "process_once", {})
    assert stage.do("stages", refs=refs) == dict.fromkeys(refs, "allocated")
    assert stage.world.sql("SELECT count(*) FROM channel_message_todo") == [(0,)]
    stage.check(f"{how} at {part}")


@pytest.mark.parametrize("how", STRIKES)
@pytest.mark.parametrize("part", PARTS)
def test_while_parcels_are_handed_over(stage, how, part):
    refs = stage.refs(4)
    manifest = stage.do("scene_packed", refs=refs, left=1)
    answer = _strike(stage, how, part, "hand_over", {"manifest": manifest})
    assert answer == {"parcels": 3}
    assert list(stage.do("stages", refs=refs).values()) == ["shipped"] * 3 + ["picked"]
    stage.check(f"{how} at {part}")


def test_what_was_committed_is_still_there(stage):
    """Committed a moment before the power cut, with no checkpoint between."""
    refs = stage.refs(4)
    manifest = stage.do("scene_packed", refs=refs, left=0)
    assert stage.do("hand_over", manifest=manifest) == {"parcels": 4}
    stage.world.power_cut()
    stage.world.restart_postgres()
    assert stage.do("stages", refs=refs) == dict.fromkeys(refs, "shipped")
    assert "already" in stage.do("hand_over", manifest=manifest)["refused"]
    stage.check()
