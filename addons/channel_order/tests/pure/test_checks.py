from dataclasses import replace

import pytest
from builders import CONTEXT, LINK, line, order
from channel_order.core import checks, plan
from channel_order.core.checks import Pool
from channel_order.core.explode import explode
from channel_order.core.facts import ReceiverKeys
from channel_order.core.lines import china_day
from channel_order.core.snapshot import Fact, Problem


def made(snapshot, context=CONTEXT, stored=None, keys=None):
    return plan.make(snapshot, stored, keys or ReceiverKeys(), context)


def types(order_plan):
    return [problem.type for problem in order_plan.problems]


@pytest.mark.parametrize("quantity", [0, -1, 10_000, 10**9, 10**12])
def test_impossible_quantity(quantity):
    result = made(order("A1", line(quantity=quantity)))
    assert "quantity" in types(result)
    assert result.stage == "exception" and not result.wants_units
    assert str(quantity) in result.problems[types(result).index("quantity")].detail


@pytest.mark.parametrize("quantity", [1, 9999])
def test_possible_quantity(quantity):
    assert made(order("A1", line(quantity=quantity))).stage == "queued"


def test_unknown_sku():
    result = made(order("A1", line(), line("L2", sku="nobody-knows")))
    assert types(result) == ["sku_unknown"] and "nobody-knows" in result.problems[0].detail
    assert result.stage == "exception"
    assert [x.part.product_id for x in result.lines] == [11, None]


@pytest.mark.parametrize(
    "snapshot",
    [
        order("A1", line(list_amount=2000)),
        order("A1", line(), freight=100, paid=1990),
        order("A1", line(paid=-10, list_amount=-10)),
        order("A1", line(), freight=-100),
    ],
)
def test_amounts_that_do_not_add_up(snapshot):
    assert types(made(snapshot)) == ["amounts"]


def test_amounts_with_every_discount_add_up():
    told = line(discount_shop=100, discount_platform=200, discount_talent=30, discount_payment=4)
    assert made(order("A1", told, freight=500)).problems == ()


@pytest.mark.parametrize(
    "paid,quantity,floor,ceiling,stops",
    [
        (1990, 1, 1990, 1990, False),
        (1989, 1, 1990, 0, True),
        (1991, 1, 0, 1990, True),
        (3980, 2, 1990, 1990, False),
        (3979, 2, 1990, 0, True),
        (1, 1, 0, 0, False),
    ],
)
def test_price_against_the_offer(paid, quantity, floor, ceiling, stops):
    context = replace(CONTEXT, pools={(1, ""): Pool(5, 1, "", floor, ceiling)})
    result = made(order("A1", line(paid=paid, quantity=quantity)), context)
    assert types(result) == (["price_band"] if stops else [])
    assert result.stage == ("exception" if stops else "queued")
    assert result.wants_units is not stops


def test_price_against_the_product_band_when_the_offer_sets_none():
    day = china_day(order().paid_at)
    context = replace(CONTEXT, bands={(day, 11): (2000, None)})
    assert types(made(order(), context)) == ["price_band"]
    assert types(made(order("A1", line(paid=2000)), context)) == []
    priced = replace(context, pools={(1, ""): Pool(5, 1, "", 100, 0)})
    assert types(made(order(), priced)) == []


def test_band_is_by_unit_of_the_product_in_a_bundle():
    # 2 x product 11 carry 30 %, product 12 carries 70 %, product 13 is a gift
    day = china_day(order().paid_at)
    bands = {(day, 11): (150, 150), (day, 12): (700, 700), (day, 13): (9999, None)}
    context = replace(CONTEXT, bands=bands)
    assert types(made(order("A1", line(sku="sku-2", paid=1000)), context)) == []
    assert types(made(order("A1", line(sku="sku-2", paid=990)), context)) == ["price_band"]


def test_blocklist_by_any_key():
    for kind in ("phone", "name", "address"):
        context = replace(CONTEXT, blocked=frozenset({(kind, "k")}))
        assert types(made(order(), context, keys=ReceiverKeys(**{kind: "k"}))) == ["blocklist"]
        assert types(made(order(), context, keys=ReceiverKeys(**{kind: "other"}))) == []


def test_a_key_of_another_kind_does_not_block():
    context = replace(CONTEXT, blocked=frozenset({("name", "k")}))
    assert types(made(order(), context, keys=ReceiverKeys(phone="k"))) == []


def test_order_without_lines_and_line_told_twice():
    assert "malformed" in types(made(replace(order(), lines=(), paid=0)))
    result = made(order("A1", line(), line()))
    assert "duplicate" in types(result) and len(result.lines) == 1


def test_problems_of_the_adapter_are_kept():
    result = made(order(problems=(Problem("malformed", "id is a number"),)))
    assert types(result) == ["malformed"] and result.stage == "exception"


def test_unpaid_orders_bother_nobody():
    from channel_order.core.snapshot import PlatformStatus

    result = made(order("A1", line(sku="nobody"), status=PlatformStatus.UNPAID))
    assert result.problems == () and result.stage == "unpaid"


def test_details_read_exactly():
    assert checks.yuan(1990) == "19.90"
    assert checks.yuan(-5) == "-0.05"
    (problem,) = checks.check_price(explode(line(paid=1), LINK), {"L1": Pool(1, 1, "", 500)}, {}, 0)
    assert problem.detail == "Lipstick [sku-1]: 0.01 / 1 < 5.00"


def facts(result, kind):
    """The facts of the only problem, which is of this type."""
    (problem,) = result.problems
    assert problem.type == kind
    return problem.facts


def test_facts_of_a_price_name_the_limit_and_whose_it_is():
    context = replace(CONTEXT, pools={(1, ""): Pool(5, 1, "", 1990, 0)})
    result = made(order("A1", line(paid=3979, quantity=2)), context)
    assert facts(result, "price_band") == (
        Fact("below_offer", "Lipstick [sku-1]", None, 2, 3979, 1990),
    )
    day = china_day(order().paid_at)
    result = made(order(), replace(CONTEXT, bands={(day, 11): (None, 1500)}))
    assert facts(result, "price_band") == (
        Fact("above_band", "Lipstick [sku-1]", 11, 1, 1990, 1500),
    )


def test_facts_of_amounts_tell_what_does_not_add_up():
    assert facts(made(order("A1", line(list_amount=2000))), "amounts") == (
        Fact("line_sum", "Lipstick [sku-1]", amount=2000, text="19.90"),
    )
    assert facts(made(order("A1", line(), freight=100, paid=1990)), "amounts") == (
        Fact("order_sum", amount=1990, text="19.90 + 1.00"),
    )
    assert facts(made(order("A1", line(), freight=-100)), "amounts")[0].kind == "freight_negative"


def test_what_the_adapter_found_stays_beside_our_own_facts():
    told = (Problem("amounts", "pay_amount = -5"),)
    result = made(order("A1", line(list_amount=2000), problems=told))
    assert [(x.kind, x.text) for x in facts(result, "amounts")] == [
        ("line_sum", "19.90"),
        ("", "pay_amount = -5"),
    ]


def test_facts_do_not_tell_one_problem_from_another():
    assert Problem("other", "x", (Fact("no_lines"),)) == Problem("other", "x")
    assert repr(Problem("other", "x", (Fact("no_lines"),))) == repr(Problem("other", "x"))
