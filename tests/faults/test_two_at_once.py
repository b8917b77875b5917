"""Two people, or two jobs, at the same thing at once: one does it, the other is told or does the rest.

Each pair runs in two ways: *overlap*, the second comes while the first has done everything but
commit; *old snapshot*, the second looked at the database before the first committed, and acts
after. Odoo repeats a request that conflicts, and so do these.
"""

from __future__ import annotations

import pytest

from .work_names import SKUS

WAYS = ("overlap", "old_snapshot")


def _both(stage, way, first, second):
    """Answers of the first and of the second."""
    return getattr(stage, way)(first, second)[:2]


def _packable(stage, count, left=None):
    """Orders in waves, all but the last ``left`` parcels packed: order numbers and manifest."""
    refs = stage.refs(count)
    manifest = stage.do("scene_packed", refs=refs, left=count if left is None else left)
    return refs, manifest


@pytest.mark.parametrize("way", WAYS)
def test_scan_one_parcel(stage, way):
    refs, _manifest = _packable(stage, 3)
    code = stage.do("parcels", refs=refs[:1])[refs[0]]
    first, second = _both(
        stage, way, ("scan", {"code": code, "login": "packer1"}),
        ("scan", {"code": code, "login": "packer2"}),
    )  # fmt: skip
    assert first["state"] == "ok"
    assert second["state"] == "already"
    assert "Packer1" in second["message"]
    numbers = stage.world.sql("SELECT waybill FROM channel_parcel WHERE name = %s", code)
    [(events,)] = stage.world.sql(
        "SELECT count(*) FROM channel_order_event e JOIN channel_order o ON o.id = e.order_id"
        " WHERE o.order_ref = %s AND e.kind = 'packed'",
        refs[0],
    )
    assert (len(numbers), events) == (1, 1)
    stage.check(way)


def test_scan_different_parcels_of_one_pool(stage):
    """Two stations take numbers from one pool at once: never the same number."""
    refs, _manifest = _packable(stage, 4)
    codes = stage.do("parcels", refs=refs)
    answers = stage.together(*(("scan", {"code": code}) for code in codes.values()))
    assert [answer["state"] for answer in answers] == ["ok"] * 4
    stage.check()


@pytest.mark.parametrize("way", WAYS)
def test_build_waves(stage, way):
    refs = stage.refs(6)
    stage.do("bring", refs=refs)
    first, second = _both(
        stage, way, ("build", {"login": "packer1"}), ("build", {"login": "packer2"})
    )
    assert sorted(ref for built in first.values() for ref in built) == sorted(refs)
    assert second == {}
    stage.check(way)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("what", ["open_session", "close_session"])
def test_session(stage, what, way):
    quotas = {"TEA": 7, "BOX": 3}
    session = stage.do("plan_session", name=stage.name("R"), quotas=quotas)
    if what == "close_session":
        stage.do("open_session", session=session)
    work = (what, {"session": session})
    first, second = _both(stage, way, work, work)
    assert first["state"] == ("open" if what == "open_session" else "closed")
    assert "refused" in second
    state = stage.do("session_state", session=session)
    assert state["reserved"] == (16 if what == "open_session" else 0)
    stage.check(way)
    if what == "open_session":
        stage.do("close_session", session=session)


@pytest.mark.parametrize("way", WAYS)
def test_add_units_while_orders_take_some(stage, way):
    name = stage.name("S")
    pool = stage.do("plan_scarce", name=name, quota=6)
    refs = stage.refs(3)
    for first, second in ((0, 1), (1, 0)):
        works = (
            ("bring", {"refs": refs[first : first + 1], "sku": name}),
            ("add_quota", {"pool": pool, "units": 2}),
        )
        _both(stage, way, works[first], works[second])
        stage.check(f"{way} {first}")
    assert stage.world.sql(
        "SELECT quantity, allocated FROM channel_pool_quota WHERE pool_id = %s", pool
    ) == [(10, 2)]


@pytest.mark.parametrize("way", WAYS)
def test_evaluate_alarms(stage, way):
    """The live worker and the job look at the same moment: one alarm, and nobody fails."""
    [(pool,)] = stage.world.sql(
        "SELECT i.pool_id FROM channel_session_item i JOIN channel_pool p ON p.id = i.pool_id"
        "  JOIN channel_link l ON l.id = p.link_id WHERE l.sku_ref = %s AND p.state = 'open'",
        SKUS["TEA"],
    )
    stage.do("hold", pool=pool)
    stage.do("bring", refs=stage.refs(1), sku="TEA")  # paid long ago, and waits
    stage.world.sql("DELETE FROM channel_alarm")
    first, second = _both(stage, way, ("evaluate_alarms", {}), ("evaluate_alarms", {}))
    assert (first, second) == (1, 0)
    assert stage.world.sql("SELECT count(*) FROM channel_alarm") == [(1,)]
    assert stage.do("evaluate_alarms") == 0
    stage.do("release", pool=pool)
    stage.check(way)


@pytest.mark.parametrize("way", WAYS)
def test_materialise_one_shop(stage, way):
    refs = stage.refs(9)
    assert stage.do("store", refs=refs) == 9
    work = ("process", {"at_once": 3})
    first, second = _both(stage, way, work, work)
    found = stage.do("stages", refs=refs)
    assert found == dict.fromkeys(refs, "allocated"), (first, second)
    assert stage.world.sql("SELECT count(*) FROM channel_message_todo") == [(0,)]
    stage.check(way)


def test_materialise_the_same_order_twice(stage):
    """An older and a newer message of the same orders, worked on by four at once."""
    refs = stage.refs(6)
    for age in range(4):
        stage.do("store", refs=refs, at=1_780_100_000 + 60 * age)
    stage.together(*[("process", {"at_once": 2})] * 4)
    assert stage.do("stages", refs=refs) == dict.fromkeys(refs, "allocated")
    newest = stage.world.sql(
        "SELECT DISTINCT extract(epoch FROM updated_at)::bigint - 1780100180 FROM channel_order"
        " WHERE order_ref = ANY(%s) ORDER BY 1",
        refs,
    )
    assert newest == [(n,) for n in range(6)]
    stage.check()


@pytest.mark.parametrize("way", WAYS)
def test_hand_over_one_manifest(stage, way):
    refs, manifest = _packable(stage, 4, left=1)
    work = ("hand_over", {"manifest": manifest})
    first, second = _both(stage, way, work, work)
    assert first == {"parcels": 3}
    assert "already" in second["refused"]
    assert list(stage.do("stages", refs=refs).values()) == ["shipped"] * 3 + ["picked"]
    stage.check(way)


@pytest.mark.parametrize("way", WAYS)
def test_hand_over_two_manifests_of_the_same_waves(stage, way):
    refs, manifest = _packable(stage, 4, left=0)
    other = stage.do("plan_manifest", refs=refs)
    first, second = _both(
        stage, way, ("hand_over", {"manifest": manifest}), ("hand_over", {"manifest": other})
    )
    assert first == {"parcels": 4}
    assert "no packed parcel" in second["refused"]
    stage.check(way)


# --- a refund and the goods ------------------------------------------------------------------------


def _who_won(stage, ref):
    """Stage of an order whose refund was accepted, and who won by its after-sale."""
    [(found, winner)] = stage.world.sql(
        "SELECT o.stage, a.winner FROM channel_order o JOIN channel_aftersale a ON a.order_id = o.id"
        " WHERE o.order_ref = %s",
        ref,
    )
    return found, winner


@pytest.mark.parametrize("status", ["succeeded", "applied"])
@pytest.mark.parametrize("order", ["refund first", "hand-over first"])
@pytest.mark.parametrize("way", WAYS)
def test_refund_and_hand_over(stage, way, order, status):
    refs, manifest = _packable(stage, 3, left=0)
    works = [
        ("refund", {"refs": refs[:1], "status": status}),
        ("hand_over", {"manifest": manifest}),
    ]
    if order == "hand-over first":
        works.reverse()
    _both(stage, way, *works)
    found, winner = _who_won(stage, refs[0])
    if order == "hand-over first":
        assert (found, winner) == ("shipped", "shipment")
    elif status == "succeeded":
        assert (found, winner) == ("refunded", "refund")
    else:
        assert (found, winner) == ("packed", None)
    assert list(stage.do("stages", refs=refs[1:]).values()) == ["shipped"] * 2
    stage.check(f"{way}, {order}")


def test_refund_in_the_middle_of_a_hand_over(stage):
    """A refund comes while a hand-over stands before its n-th statement."""
    refs, manifest = _packable(stage, 3, left=0)
    count = stage.do("count_statements", what="hand_over", arguments={"manifest": manifest})
    for part in range(6):
        at = 1 + part * (count - 2) // 5
        with stage.gate() as gate:
            goods = stage.request("hand_over", pause=gate, at=at, manifest=manifest)
            stage.until_at_gate(goods)
            money = stage.request("refund", refs=refs[:1])
            stage.until_stuck_or_done(money)
        stage.answer(goods)
        stage.answer(money)
        found, winner = _who_won(stage, refs[0])
        assert (found, winner) in (("shipped", "shipment"), ("refunded", "refund")), at
        assert list(stage.do("stages", refs=refs[1:]).values()) == ["shipped"] * 2, at
        stage.check(f"statement {at} of {count}")
        refs, manifest = _packable(stage, 3, left=0)


@pytest.mark.parametrize("order", ["refund first", "wave first"])
@pytest.mark.parametrize("way", WAYS)
def test_refund_and_wave(stage, way, order):
    refs = stage.refs(4)
    stage.do("bring", refs=refs)
    works = [("refund", {"refs": refs[:1]}), ("build", {})]
    if order == "wave first":
        works.reverse()
    _both(stage, way, *works)
    assert _who_won(stage, refs[0]) == ("refunded", "refund")
    assert set(stage.do("stages", refs=refs[1:]).values()) == {"waved"}
    stage.check(f"{way}, {order}")


@pytest.mark.parametrize("order", ["refund first", "scan first"])
@pytest.mark.parametrize("way", WAYS)
def test_refund_and_scan(stage, way, order):
    refs, _manifest = _packable(stage, 3)
    code = stage.do("parcels", refs=refs[:1])[refs[0]]
    works = [("refund", {"refs": refs[:1]}), ("scan", {"code": code})]
    if order == "scan first":
        works.reverse()
    answers = dict(zip((work[0] for work in works), _both(stage, way, *works), strict=True))
    assert answers["scan"]["state"] == ("stop" if order == "refund first" else "ok")
    assert _who_won(stage, refs[0]) == ("refunded", "refund")
    stage.check(f"{way}, {order}")
