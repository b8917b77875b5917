import pytest
from channel_fulfilment.core import code128
from hypothesis import given
from hypothesis import strategies as st

# The literature gives check 54 with start A (103); with start B (104) it is 55.
PJJ123C = "211214 313121 112133 112133 123221 223211 221132 131321 311321 2331112"
printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30)


def test_known_example():
    assert code128.widths("PJJ123C") == PJJ123C.replace(" ", "")


def test_every_symbol_is_eleven_modules_wide_and_stands_once():
    assert {sum(map(int, symbol)) for symbol in code128._SYMBOLS} == {11}
    assert len(set(code128._SYMBOLS)) == len(code128._SYMBOLS) == 103


@given(printable)
def test_width_follows_from_the_length(text):
    # start, data, check: 11 modules each; stop: 13
    assert sum(map(int, code128.widths(text))) == 11 * (len(text) + 2) + 13
    assert code128.svg(text).startswith("<svg")


@pytest.mark.parametrize("text", ["", "波次", "a\n"])
def test_refuses_what_it_cannot_hold(text):
    with pytest.raises(ValueError):
        code128.widths(text)
