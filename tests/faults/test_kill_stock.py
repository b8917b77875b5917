"""Kills while stock is locked, waves are built and goods leave: all of it happened, or nothing."""

from __future__ import annotations

from .stage import kill_everywhere


def happened(kill, count, total):
    """All or nothing; and which of them, where the kill says it. Returns whether all of it."""
    assert count in (0, total), kill
    if kill.before_commit:
        assert count == 0, kill
    if kill.after_commit:
        assert count == total, kill
    return count == total


def test_open_session(stage):
    def prepare():
        return {
            "session": stage.do("plan_session", name=stage.name("R"), quotas={"TEA": 7, "BOX": 3})
        }

    def verify(scene, answer, kill):
        state = stage.do("session_state", **scene)
        assert state == {"state": "open", "pools": ["open"], "locked": 10, "reserved": 7 + 3 * 3}, (
            kill
        )
        if "refused" in answer:
            assert kill.after_commit or kill.at_statement, answer
            assert "already" in answer["refused"]

    def between(scene, kill):
        state = stage.do("session_state", **scene)
        opened = happened(kill, state["reserved"], 16)
        assert state["state"] == ("open" if opened else "draft"), kill

    kill_everywhere(stage, prepare, "open_session", verify, between=between, at_most=10)


def test_close_session(stage):
    def prepare():
        quotas = {"TEA": 7, "BOX": 3}
        session = stage.do("plan_session", name=stage.name("R"), quotas=quotas)
        stage.do("open_session", session=session)
        return {"session": session}

    def verify(scene, answer, kill):
        state = stage.do("session_state", **scene)
        assert state == {"state": "closed", "pools": ["closed"], "locked": 0, "reserved": 0}, kill
        if "refused" in answer:
            assert kill.after_commit or kill.at_statement, answer
            assert "already" in answer["refused"]

    def between(scene, kill):
        state = stage.do("session_state", **scene)
        closed = happened(kill, 16 - state["reserved"], 16)
        assert state["state"] == ("closed" if closed else "open"), kill

    kill_everywhere(stage, prepare, "close_session", verify, between=between, at_most=10)


def test_build_waves(stage):
    """Two waves in one go: one of tea alone, one mixed."""
    scenes = []

    def prepare():
        refs = stage.refs(8)
        stage.do("bring", refs=refs[:4], sku="TEA", freight=600)
        stage.do("bring", refs=refs[4:])
        scenes.append(refs)
        return {}

    def verify(_scene, _answer, kill):
        refs = scenes[-1]
        waves = stage.do("waves_of", refs=refs)
        assert sorted(waves) == sorted(refs), kill
        assert len(set(waves.values())) == 2, kill
        assert set(stage.do("stages", refs=refs).values()) == {"waved"}, kill

    def between(_scene, kill):
        waved = stage.do("waves_of", refs=scenes[-1])
        happened(kill, len(waved), 8)

    kill_everywhere(stage, prepare, "build", verify, between=between, at_most=10, warm=True)


def test_hand_over(stage):
    """Of six orders one is refunded in its packed parcel and one parcel stays behind."""
    scenes = {}

    def prepare():
        refs = stage.refs(6)
        manifest = stage.do("scene_packed", refs=refs, left=1)
        stage.do("refund", refs=refs[:1])
        scenes[manifest] = refs
        return {"manifest": manifest}

    def verify(scene, answer, kill):
        refs = scenes[scene["manifest"]]
        expected = ["refunded", *["shipped"] * 4, "picked"]
        assert list(stage.do("stages", refs=refs).values()) == expected, kill
        if "refused" in answer:
            assert kill.after_commit or kill.at_statement, answer
            assert "already" in answer["refused"]

    def between(scene, kill):
        found = stage.do("stages", refs=scenes[scene["manifest"]])
        happened(kill, list(found.values()).count("shipped"), 4)

    kill_everywhere(stage, prepare, "hand_over", verify, between=between)
