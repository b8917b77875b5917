import pytest
from channel_deposit.core.receipt import Candidate, Receipt, Sign, normal, plain_name, suggest
from hypothesis import given
from hypothesis import strategies as st

TEA = Candidate(1, ("广州市茶香贸易有限公司",), ("6222 0210 0100",), ("李四",))
RICE = Candidate(2, ("Rice & Co., Ltd.",))


@pytest.mark.parametrize("text", ["ab12", " AB 12 ", "ＡＢ１２", "a\u3000b\t1\u200b2\n", "Ａb１ 2"])
def test_a_reference_is_the_same_however_it_is_typed(text):
    assert normal(text) == "AB12"


@given(st.text("abcXYZ０１２ＡＢ中文- 　"))
def test_normal_form_is_normal(text):
    assert normal(normal(text)) == normal(text) == normal(text.lower()) == normal(f" {text}　")


def test_nothing_is_empty():
    assert (normal(None), plain_name(None), normal("　 ")) == ("", "", "")


@pytest.mark.parametrize(
    "name, number, why",
    [
        ("谁", "6222-02100100", Sign.NUMBER),
        ("李 四", "", Sign.PAID_BEFORE),
        ("广州市茶香贸易有限公司", "", Sign.NAME),
        ("广州市茶香贸易有限责任公司", "", Sign.NAME),
        ("茶香贸易", "", Sign.NAME_PART),
        ("广州市茶香贸易有限公司（天河店）", "", Sign.NAME_PART),
    ],
)
def test_signs(name, number, why):
    assert suggest(Receipt(name, number), [RICE, TEA]) == ((1, why),)


@pytest.mark.parametrize("name", ["", "茶", "王五", "有限公司", "()"])
def test_a_stranger_or_too_little_suggests_nobody(name):
    assert suggest(Receipt(name, ""), [TEA, RICE]) == ()


def test_the_loudest_sign_stands_first():
    twin = Candidate(3, ("茶香贸易",))
    assert suggest(Receipt("茶香贸易"), [TEA, twin]) == ((3, Sign.NAME), (1, Sign.NAME_PART))
