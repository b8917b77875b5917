"""States of a request, against a channel that takes requests and loses answers."""

import pytest
from channel_split_pay.core.states import (
    Message,
    Said,
    State,
    Step,
    again,
    asked,
    begin,
    cancel,
    next_step,
    sent,
)
from hypothesis import given, settings
from hypothesis import strategies as st

FAULTS = ["taken", "taken_lost", "lost", "late", "refused", "busy", "crash_before", "crash_after"]


class Channel:
    """Pays a number once, whatever is sent; a request with a number it does not know pays anew."""

    def __init__(self):
        self.paid, self.known, self.requests = 0, False, 0

    def post(self, fault):
        """What the caller learns; None when it dies before it can write anything down."""
        self.requests += 1
        if fault in ("taken", "taken_lost", "crash_after"):
            self.paid += not self.known
            self.known = True
        return {
            "taken": Said.RUNNING,
            "refused": Said.RUNNING if self.known else Said.REFUSED,
            "busy": Said.LATER,
            "crash_before": None,
            "crash_after": None,
        }.get(fault, Said.SILENT)

    def ask(self, fault):
        if fault in ("lost", "taken_lost", "busy"):
            return Said.SILENT
        if not self.known:
            return Said.NOT_FOUND
        return Said.DONE if fault == "taken" else Said.RUNNING


@settings(max_examples=2000, deadline=None)
@given(st.lists(st.sampled_from(FAULTS), max_size=30))
def test_sent_again_only_after_the_channel_denies_it(faults):
    channel, message, denied = Channel(), Message(), True
    for fault in faults:
        step = next_step(message)
        if step is Step.SEND:
            assert denied and not channel.known
            message, said = begin(message), channel.post(fault)
            denied = said is Said.LATER and message.attempts == 1
            message = sent(message, said) if said else message
        elif step is Step.ASK:
            said = channel.ask(fault)
            denied = said is Said.NOT_FOUND
            message = asked(message, said)
        elif message.refused:
            message = again(message)
        assert channel.paid <= 1
        assert message.state not in (State.DONE, State.PARTLY) or channel.paid == 1
        assert message.state is not State.FAILED or channel.paid == 0
    for _ in range(4):  # a channel that works again: the request ends
        if next_step(message) is Step.SEND:
            message = begin(message)
            message = sent(message, channel.post("taken"))
        elif next_step(message) is Step.ASK:
            message = asked(message, channel.ask("taken"))
    assert message.state in (State.DONE, State.FAILED)
    assert channel.paid == (message.state is State.DONE)


@pytest.mark.parametrize("state", [s for s in State if s is not State.NEW])
def test_only_a_new_message_is_sent(state):
    with pytest.raises(ValueError):
        begin(Message(state, 1))


def test_one_that_was_cut_off_is_asked_for():
    assert next_step(begin(Message())) is Step.ASK


def test_a_refusal_after_an_unknown_attempt_is_asked_for():
    second = begin(Message(State.NEW, attempts=1))
    assert sent(second, Said.REFUSED) == Message(State.UNKNOWN, 2, refused=True)
    assert asked(sent(second, Said.REFUSED), Said.NOT_FOUND).state is State.FAILED
    assert asked(sent(second, Said.REFUSED), Said.DONE).state is State.DONE


def test_again_asks_first():
    refused = sent(begin(Message()), Said.REFUSED)
    assert refused.state is State.FAILED
    assert next_step(again(refused)) is Step.ASK
    with pytest.raises(ValueError):
        again(Message(State.FAILED, 1))  # finished by the channel


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("attempts", [0, 1])
def test_only_what_never_left_is_cancelled(state, attempts):
    if state is State.NEW and not attempts:
        assert cancel(Message()).state is State.CANCELLED
    else:
        with pytest.raises(ValueError):
            cancel(Message(state, attempts))


@pytest.mark.parametrize("state", State)
def test_what_is_too_late_is_cancelled_when_the_channel_does_not_know_it(state):
    if state is State.NEW:
        assert cancel(Message(state, 1), is_late=True).state is State.CANCELLED
    else:
        with pytest.raises(ValueError):
            cancel(Message(state, 1), is_late=True)


@pytest.mark.parametrize("said", [Said.RUNNING, Said.SILENT])
def test_what_is_not_finished_stays_unknown(said):
    assert sent(begin(Message()), said).state is State.UNKNOWN
    assert asked(Message(State.UNKNOWN, 1), said).state is State.UNKNOWN
