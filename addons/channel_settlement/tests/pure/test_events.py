from collections import Counter
from datetime import date, timedelta

from channel_settlement.core.choose import Claim
from channel_settlement.core.clawback import Refund
from channel_settlement.core.events import SALE, Back, Group, refunds, sale
from channel_settlement.core.scheme import Scheme, percent, remainder
from channel_settlement.core.split import FREIGHT, Line, Order
from hypothesis import given, settings
from hypothesis import strategies as st
from split_terms import orders, pc, schemes
from split_terms import refunds as any_refunds

DAY = date(2026, 11, 11)


def group(order, scheme, terms=1):
    claims = {rule.id: Claim(rule.id, "other", 1, "us") for rule in scheme.rules}
    return Group(terms, scheme, order, claims)


HALF = Scheme((percent(1, pc(50)), remainder(2)))
TENTH = Scheme((percent(3, pc(10)), remainder(4)))
TWO = [
    group(Order((Line(1, 1, paid=1000),), freight=600), HALF),
    group(Order((Line(2, 1, paid=2000),)), TENTH, terms=2),
]


def cells(*events):
    fen = Counter()
    for event in events:
        for each in event.shares:
            fen[each.share.line, each.share.rule] += each.share.fen
    return fen


def test_a_sale_of_two_groups():
    event = sale(TWO, DAY)
    assert (event.aftersale, event.amount) == (SALE, 3600)
    assert cells(event) == {
        (0, 1): 300, (0, 2): 300, (1, 1): 500, (1, 2): 500, (2, 3): 200, (2, 4): 1800,
    }  # fmt: skip
    assert all(each.claim.rule == each.share.rule for each in event.shares)


def test_each_refund_has_an_event_in_the_order_of_days():
    begun = sale(TWO, DAY)
    later = Back(7, DAY + timedelta(2), (Refund(2, 2000),))
    first = Back(8, DAY + timedelta(1), (Refund(FREIGHT, 600), Refund(1, 500)))
    events = refunds(TWO, cells(begun), [], [later, first])
    assert [(each.aftersale, each.amount) for each in events] == [(8, -1100), (7, -2000)]
    rest = cells(begun, *events)
    assert {key: fen for key, fen in rest.items() if fen} == {(1, 1): 250, (1, 2): 250}


def test_a_refund_that_takes_nothing_off_has_its_event():
    [event] = refunds(TWO, cells(sale(TWO, DAY)), [], [Back(7, DAY, ())])
    assert (event.amount, event.shares) == (0, ())


@settings(max_examples=300)
@given(st.data(), orders, schemes())
def test_at_once_or_one_after_the_other(data, order, scheme):
    """Runs in between change nothing, and in the end nobody has anything."""
    groups = [group(order, scheme)]
    asked = data.draw(any_refunds(order))
    backs = [Back(id, DAY, (refund,)) for id, refund in enumerate(asked, 1)]
    begun = sale(groups, DAY)
    at_once = refunds(groups, cells(begun), [], backs)
    step_by_step = []
    for place, back in enumerate(backs):
        step_by_step += refunds(groups, cells(begun, *step_by_step), backs[:place], [back])
    assert at_once == step_by_step
    assert not any(cells(begun, *at_once).values())
    assert begun.amount + sum(event.amount for event in at_once) == 0
