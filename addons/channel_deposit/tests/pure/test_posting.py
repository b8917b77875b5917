from datetime import date, datetime

import pytest
from channel_deposit.core.ledger import Purpose
from channel_deposit.core.operations import Kind
from channel_deposit.core.posting import Item, Role, day_of, drafts, end_of, first_open
from hypothesis import given, settings
from hypothesis import strategies as st

DAY = date(2026, 3, 31)
MONEY = (Kind.TOP_UP, Kind.REFUND, Kind.CAPTURE)


def item(number, kind, amount, **values):
    facts = {"key": f"k{number}", "company": 1, "account": 7, "purpose": Purpose.GOODS,
             "partner": 70, "day": DAY}  # fmt: skip
    return Item(number, kind=kind, amount=amount, **facts | values)


def lines(draft):
    return [(line.role, line.partner, line.balance) for line in draft.lines]


@pytest.mark.parametrize(
    ("kind", "purpose", "amount", "other"),
    [
        (Kind.TOP_UP, Purpose.GOODS, 500, Role.RECEIPTS),
        (Kind.TOP_UP, Purpose.GUARANTEE, 500, Role.RECEIPTS),
        (Kind.REFUND, Purpose.GOODS, -500, Role.RECEIPTS),
        (Kind.CAPTURE, Purpose.GOODS, -500, Role.RECEIVABLE),
        (Kind.TOP_UP, Purpose.REBATE, 500, Role.CONTRA),
        (Kind.CAPTURE, Purpose.REBATE, -500, Role.CONTRA),
    ],
)
def test_each_event_has_its_two_sides(kind, purpose, amount, other):
    (draft,) = drafts([item(1, kind, amount, purpose=purpose)])
    assert lines(draft) == [(Role(purpose.value), 70, -amount), (other, 70, amount)]
    assert draft.lines[0].covers == (1,) and draft.lines[1].faces == 1


@pytest.mark.parametrize("of", MONEY)
def test_a_reversal_is_the_opposite(of):
    amount = 500 if of is Kind.TOP_UP else -500
    first = item(1, of, amount)
    back = item(2, Kind.REVERSE, -amount, original=1, of=of)
    forward, backward = drafts([first, back])
    assert [(role, -balance) for role, _, balance in lines(forward)] == [
        (role, balance) for role, _, balance in lines(backward)
    ]


def test_a_transfer_is_one_journal_entry_of_two_deposits():
    sides = [
        item(1, Kind.TRANSFER, -500, key="t"),
        item(2, Kind.TRANSFER, 500, key="t", account=8, partner=80, purpose=Purpose.GUARANTEE),
    ]
    (draft,) = drafts(reversed(sides))
    assert lines(draft) == [(Role.GOODS, 70, 500), (Role.GUARANTEE, 80, -500)]
    assert drafts(sides[:1]) == drafts(sides[1:]) == ()


def test_a_reversal_waits_for_what_it_reverses():
    back = item(2, Kind.REVERSE, 500, original=1, of=Kind.CAPTURE)
    assert drafts([back]) == ()
    assert len(drafts([back, item(1, Kind.CAPTURE, -500)])) == 2
    posted = item(2, Kind.REVERSE, 500, original=1, of=Kind.CAPTURE, original_posted=True)
    assert len(drafts([posted])) == 1


def test_captures_of_a_day_and_account_make_one_journal_entry_where_wanted():
    items = [
        item(1, Kind.CAPTURE, -100, invoice=11),
        item(2, Kind.CAPTURE, -200, invoice=12),
        item(3, Kind.CAPTURE, -400, account=8),
        item(4, Kind.CAPTURE, -800, day=date(2026, 4, 1)),
        item(5, Kind.CAPTURE, -1600, company=2),
        item(6, Kind.TOP_UP, 3200),
    ]
    found = drafts(items, frozenset({1}))
    assert [tuple(i.id for i in draft.items) for draft in found] == [(1, 2), (3,), (4,), (5,), (6,)]
    assert lines(found[0]) == [
        (Role.GOODS, 70, 300), (Role.RECEIVABLE, 70, -100), (Role.RECEIVABLE, 70, -200)
    ]  # fmt: skip
    assert [line.invoice for line in found[0].lines] == [0, 11, 12]
    assert len(drafts(items)) == 6


def test_a_day_is_a_day_in_shanghai():
    assert end_of(DAY) == datetime(2026, 3, 31, 16)
    assert day_of(datetime(2026, 3, 31, 15, 59, 59)) == DAY
    assert day_of(datetime(2026, 3, 31, 16)) == date(2026, 4, 1)


def test_a_closed_period_moves_to_the_first_open_day():
    assert first_open(DAY, []) == DAY
    assert first_open(DAY, [DAY, date(2026, 4, 30)]) == date(2026, 5, 1)
    assert first_open(DAY, [date(2026, 1, 31)]) == DAY


@st.composite
def journals(draw):
    """Entries as the ledger makes them: amounts of the right sign, reversals after the original."""
    items = []
    for number in range(1, draw(st.integers(0, 12)) * 2, 2):
        kind = draw(st.sampled_from([*MONEY, Kind.TRANSFER]))
        purpose = draw(st.sampled_from(Purpose)) if kind in MONEY else Purpose.GOODS
        fen = draw(st.integers(1, 10**14)) * (1 if kind is Kind.TOP_UP else -1)
        company = draw(st.integers(1, 2))
        # an account has one company and one purpose
        account = company * 100 + list(Purpose).index(purpose) * 10 + draw(st.integers(1, 3))
        where = {"company": company, "purpose": purpose, "key": f"k{number}"}
        items.append(item(number, kind, fen, account=account, partner=account * 10, **where))
        if kind is Kind.TRANSFER:
            items.append(item(number + 1, kind, -fen, account=company, partner=90, **where))
        elif draw(st.booleans()):
            where["key"] += " back"
            items.append(
                item(number + 1, Kind.REVERSE, -fen, account=account, partner=account * 10,
                     original=number, of=kind, **where)
            )  # fmt: skip
    return items


@settings(deadline=None)  # the machine may be busy
@given(journals(), st.frozensets(st.integers(1, 2)))
def test_every_entry_once_balanced_and_to_the_fen(items, daily):
    found = drafts(items, daily)
    covered = [entry for draft in found for line in draft.lines for entry in line.covers]
    assert sorted(covered) == sorted(each.id for each in items)
    for draft in found:
        assert sum(line.balance for line in draft.lines) == 0
        assert {(each.company, each.day) for each in draft.items} == {(draft.company, draft.day)}
    for purpose in Purpose:
        booked = sum(
            line.balance for draft in found for line in draft.lines
            if line.role is Role(purpose.value)
        )  # fmt: skip
        assert -booked == sum(each.amount for each in items if each.purpose is purpose)
