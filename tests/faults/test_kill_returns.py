"""Kills at each step of a return, of a replacement, of a credit-note run, of small payments and of
expected returns on their way into the books: all of it or nothing."""

from __future__ import annotations

from .stage import kill_everywhere
from .test_kill_stock import happened

CONFIRM = ("TEA", "R-GOOD", "R-CONFIRM")


def test_a_decision(stage):
    """A clerk grants a return: the answer, what the platform is owed, the step."""
    stage.do("hire")
    scenes = []

    def prepare():
        refs = stage.refs(1)
        scenes.append(refs)
        stage.do("shipped", refs=refs, kind="return", status="applied", amount=700)
        return {"ref": refs[0], "login": "clerk1"}

    def facts(ref):
        return stage.world.sql(
            "SELECT (SELECT count(*) FROM channel_aftersale_answer w WHERE w.aftersale_id = a.id),"
            " (SELECT count(*) FROM channel_outbox b WHERE b.key LIKE 'answer:%%' || %s || ':%%')"
            " FROM channel_aftersale a WHERE a.aftersale_ref = %s",
            f"R-{ref}",
            f"R-{ref}",
        )[0]

    def verify(scene, _answer, kill):
        assert facts(scene["ref"]) == (1, 1), kill
        assert stage.do("steps", refs=[scene["ref"]]) == {scene["ref"]: "tell"}, kill

    def between(scene, kill):
        answers, owed = facts(scene["ref"])
        assert answers == owed, kill
        happened(kill, answers, 1)

    kill_everywhere(stage, prepare, "decide", verify, between=between, at_most=8)


def test_a_parcel_is_counted(stage):
    """Waybill, unit, condition and confirmation at the returns desk."""

    def prepare():
        [ref] = stage.refs(1)
        stage.do("shipped", refs=[ref], kind="return", status="returned", amount=700)
        return {"codes": [f"B{ref}", *CONFIRM]}

    def verify(scene, answer, kill):
        waybill = scene["codes"][0]
        assert stage.do("counted", waybill=waybill) == ["inspected", 1], (kill, answer)
        assert stage.do("steps", refs=[waybill[1:]]) == {waybill[1:]: "goods"}, kill

    def between(scene, kill):
        state, units = stage.do("counted", waybill=scene["codes"][0])
        counted = happened(kill, units, 1)
        assert state == ("inspected" if counted else None), kill

    kill_everywhere(stage, prepare, "desk", verify, between=between, at_most=8, warm=True)


def test_a_trolley_into_stock(stage):
    scenes = []

    def prepare():
        refs = stage.refs(3)
        scenes.append(refs)
        stage.do("fresh_trolley", refs=refs)
        return {}

    def states():
        return [stage.do("counted", waybill=f"B{ref}")[0] for ref in scenes[-1]]

    def verify(_scene, _answer, kill):
        assert states() == ["stocked"] * 3, kill

    def between(_scene, kill):
        happened(kill, states().count("stocked"), 3)

    kill_everywhere(stage, prepare, "into_stock", verify, between=between, at_most=8, warm=True)


def test_a_replacement_leaves(stage):
    """New goods of an exchange: stock, tally, after-sale and what the platform is told."""

    def prepare():
        [ref] = stage.refs(1)
        stage.do("shipped", refs=[ref], kind="exchange", status="returned")
        assert stage.do("came_back", refs=[ref]) == {ref: "ship"}
        return {"ref": ref, "waybill": f"N{ref}"}

    def verify(scene, answer, kill):
        found = stage.do("replacement_of", ref=scene["ref"])
        assert found == ["sent", scene["waybill"], 1], (kill, answer)
        if "refused" in answer:
            assert kill.after_commit or kill.at_statement, answer
            assert "was sent by" in answer["refused"]

    def between(scene, kill):
        state, _waybill, told = stage.do("replacement_of", ref=scene["ref"])
        assert (state == "sent") == bool(told), kill
        happened(kill, told, 1)

    kill_everywhere(stage, prepare, "send", verify, between=between, at_most=8, warm=True)


def test_a_credit_note_run(stage):
    """Refunds of five orders out of two waves, two at a time; each is credited once."""
    scenes = []

    def prepare():
        refs = stage.refs(5)
        scenes.append(refs)
        stage.do("refunded", refs=refs[:3])
        stage.do("refunded", refs=refs[3:])
        return {}

    def verify(_scene, _answer, kill):
        assert stage.do("credited", refs=scenes[-1]) == [3500, 3500], kill

    def between(_scene, kill):
        taken, posted = stage.do("credited", refs=scenes[-1])
        assert posted <= taken <= 3500, kill

    kill_everywhere(stage, prepare, "credit", verify, between=between, at_most=10)


def test_small_payments_into_the_books(stage):
    """Five small payments, once in the books."""
    scenes = []

    def prepare():
        refs = stage.refs(5)
        scenes.append(refs)
        stage.do("paid_small", refs=refs)
        return {}

    def verify(_scene, _answer, kill):
        assert stage.do("small_posted", refs=scenes[-1]) == [1500, 1500], kill

    def between(_scene, kill):
        paid, posted = stage.do("small_posted", refs=scenes[-1])
        assert paid == 1500, kill
        assert posted in (0, 1500), kill

    kill_everywhere(stage, prepare, "post_small", verify, between=between, at_most=8, warm=True)


def test_expected_returns_of_a_month(stage):
    """The entry and its reversal, or neither."""

    def prepare():
        stage.do("to_accrue", refs=stage.refs(2))
        return {}

    def verify(_scene, _answer, kill):
        [[expected, entry, both]] = stage.do("accrued")
        assert expected > 0, kill
        assert (-entry, both) == (expected, 0), kill

    def between(_scene, kill):
        happened(kill, len(stage.do("accrued")), 1)

    kill_everywhere(stage, prepare, "accrue", verify, between=between, at_most=8, warm=True)
