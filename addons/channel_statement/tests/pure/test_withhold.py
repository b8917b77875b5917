import pytest
from channel_statement.core.withhold import of_month, of_pay
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("paid", "tax"),
    [
        (800, 0),
        (801, "0.20"),
        (3000, 440),
        (4000, 640),
        ("4000.01", 640),  # 3200.008 at 20 %
        (5000, 800),
        (25_000, 4000),
        (30_000, 5200),  # 24,000 at 30 % less 2,000
        (62_500, 13_000),
        (100_000, 25_000),  # 80,000 at 40 % less 7,000
    ],
)
def test_the_table(paid, tax):
    assert of_month(round(float(paid) * 100)) == round(float(tax) * 100)


@given(st.integers(0, 20_000_000), st.integers(0, 20_000_000))
def test_a_month_in_parts_is_taxed_like_one_pay(first, second):
    before = of_pay(first)
    assert before == of_month(first)
    total = before + of_pay(second, first, before)
    assert total <= first + second
    assert total == of_month(first + second) or total == before + second


@given(st.integers(0, 20_000_000))
def test_who_is_paid_more_keeps_more(paid):
    assert 0 <= of_month(paid) <= paid
    assert paid + 100 - of_month(paid + 100) >= paid - of_month(paid)
