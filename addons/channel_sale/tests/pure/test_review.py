"""The review of dealer orders, on figures alone."""

from channel_sale.core.review import (
    Finding,
    Kind,
    Line,
    Order,
    Outcome,
    Rule,
    Together,
    review,
)
from hypothesis import given
from hypothesis import strategies as st

WAREHOUSE = 1


def line(line_id, quantity=1000, amount=100, product=None, **more):
    values = {"stocked": True, "warehouse": WAREHOUSE, **more}
    return Line(line_id, product or line_id, quantity, amount, **values)


def order(*lines, order_id=1, member=1, **more):
    amount = more.pop("amount", sum(one.amount for one in lines))
    return Order(order_id, member, amount, tuple(lines), **more)


def judge(one, *rules, funds=None, stock=None):
    return review([one], rules, {} if funds is None else funds, stock or {})[0]


def findings(verdict):
    return [
        (f.kind, found.wanted, found.allowed, found.line)
        for f in verdict.failures
        for found in f.findings
    ]


def test_without_rules_everything_passes():
    assert judge(order(line(1))).outcome is Outcome.PASS


def test_the_deposit_covers_the_order_or_says_what_is_missing():
    rule = Rule(1, Kind.DEPOSIT)
    assert not judge(order(amount=100), rule, funds={1: 100}).failures
    short = judge(order(amount=101), rule, funds={1: 100})
    assert findings(short) == [(Kind.DEPOSIT, 101, 100, 0)]
    assert short.failures[0].findings[0].missing == 1
    assert findings(judge(order(amount=5), rule)) == [(Kind.DEPOSIT, 5, None, 0)]
    assert not judge(order(amount=0), rule).failures


def test_member_contract_overdue():
    rules = [Rule(1, Kind.MEMBER), Rule(2, Kind.CONTRACT), Rule(3, Kind.OVERDUE)]
    assert not judge(order(), *rules).failures
    verdict = judge(order(active=False, contract=False, overdue=7), *rules)
    assert [f.rule for f in verdict.failures] == [1, 2, 3]
    assert findings(verdict)[2] == (Kind.OVERDUE, 7, 0, 0)


def test_what_is_in_no_assortment_of_the_member():
    rule = Rule(1, Kind.ASSORTMENT)
    verdict = judge(order(line(1), line(2, offered=False), line(3, offered=False)), rule)
    assert findings(verdict) == [(Kind.ASSORTMENT, 0, None, 2), (Kind.ASSORTMENT, 0, None, 3)]
    assert verdict.lines == {2, 3}


def test_a_rule_about_a_brand_and_a_category_is_about_lines_that_are_both():
    lines = (
        line(1, 4000, brand=5, categories=frozenset({7})),
        line(2, 4000, brand=5),
        line(3, 4000, brand=6, categories=frozenset({7})),
    )
    least = {"kind": Kind.QUANTITY, "least": 5000}
    brand = judge(order(*lines), Rule(1, brands=frozenset({5}), **least))
    assert brand.lines == {1, 2}
    both = Rule(1, brands=frozenset({5}), categories=frozenset({7}), **least)
    assert judge(order(*lines), both).lines == {1}
    assert not judge(order(*lines), Rule(1, brands=frozenset({9}), **least)).failures


def test_lines_of_a_brand_are_added_up_and_fail_together():
    lines = (line(1, 4000, brand=5), line(2, 4000, brand=5), line(3, 9000, brand=6))
    least = Rule(1, Kind.QUANTITY, together=Together.BRAND, least=9000)
    verdict = judge(order(*lines), least)
    assert findings(verdict) == [(Kind.QUANTITY, 8000, 9000, 1)]
    assert verdict.lines == {1, 2}
    short = judge(order(*lines), Rule(1, Kind.STOCK, together=Together.BRAND),
                  stock={(WAREHOUSE, 1): 4000, (WAREHOUSE, 3): 9000})  # fmt: skip
    assert [f.line for f in short.failures[0].findings] == [2]
    assert short.lines == {1, 2}


def test_an_amount_of_one_brand_is_not_that_of_the_order():
    one = order(line(1, amount=100, brand=5), line(2, amount=900))
    rule = Rule(1, Kind.AMOUNT, brands=frozenset({5}), together=Together.ORDER, least=500)
    assert findings(judge(one, rule)) == [(Kind.AMOUNT, 100, 500, 1)]


def test_frequency_counts_orders_of_the_last_days():
    rule = Rule(1, Kind.FREQUENCY, most=2, days=7)
    assert not judge(order(ages=(0, 7, 8)), rule).failures
    assert findings(judge(order(ages=(0, 6, 8)), rule)) == [(Kind.FREQUENCY, 3, 2, 0)]


def test_amount_limits_of_the_order_and_of_a_category():
    one = order(line(1, amount=100, category=5, categories=frozenset({5, 4})), line(2, amount=900))
    whole = Rule(1, Kind.AMOUNT, together=Together.ORDER, least=500, most=900)
    assert findings(judge(one, whole)) == [(Kind.AMOUNT, 1000, 900, 0)]
    part = Rule(1, Kind.AMOUNT, categories=frozenset({4}), together=Together.CATEGORY, least=500)
    verdict = judge(one, part)
    assert findings(verdict) == [(Kind.AMOUNT, 100, 500, 1)]
    assert verdict.lines == {1}


def test_minimum_quantity_of_a_line_of_a_category_and_of_the_order():
    lines = (line(1, 4000, category=5), line(2, 7000, category=5), line(3, 9000, category=6))

    def failing(together):
        return judge(order(*lines), Rule(1, Kind.QUANTITY, together=together, least=10000)).lines

    assert failing(Together.LINE) == frozenset()  # all of them: nothing would be left to ship
    assert failing(Together.CATEGORY) == {3}
    assert failing(Together.ORDER) == frozenset()
    whole = Rule(1, Kind.QUANTITY, together=Together.ORDER, least=20001)
    assert findings(judge(order(*lines), whole)) == [(Kind.QUANTITY, 20000, 20001, 1)]


def test_pack_says_the_next_whole_pack():
    rule = Rule(1, Kind.PACK, least=12000)
    verdict = judge(order(line(1, 12000), line(2, 13000)), rule)
    assert findings(verdict) == [(Kind.PACK, 13000, 24000, 2)]
    assert verdict.lines == {2}


def test_price_within_the_band_to_the_fen():
    def failures(amount, percent=100):
        one = line(1, 3000, amount, floor=1000, ceiling=2000)
        return findings(judge(order(one), Rule(1, Kind.PRICE, percent=percent)))

    assert failures(3000) == failures(6000) == failures(1500, percent=50) == []
    assert failures(2999) == [(Kind.PRICE, 1000, 1000, 1)]
    assert failures(6001) == [(Kind.PRICE, 2000, 2000, 1)]
    assert failures(1499, percent=50) == [(Kind.PRICE, 500, 500, 1)]


def test_stock_is_shared_by_the_lines_of_a_product():
    rule = Rule(1, Kind.STOCK)
    lines = [line(n, quantity, product=9) for n, quantity in enumerate((6000, 5000, 4000), 1)]
    verdict = judge(order(*lines), rule, stock={(WAREHOUSE, 9): 10000})
    assert findings(verdict) == [(Kind.STOCK, 5000, 4000, 2)]
    assert verdict.lines == {2}
    service = line(1, 6000, stocked=False)
    assert not judge(order(service), rule).failures
    elsewhere = judge(order(line(1, product=9)), rule, stock={(2, 9): 10000})
    assert findings(elsewhere) == [(Kind.STOCK, 1000, 0, 1)]


def test_lines_fail_together():
    lines = (
        line(1, 9000, category=5, warehouse=1),
        line(2, 1000, category=5, warehouse=2),
        line(3, 1000, category=6, warehouse=1),
    )
    stock = {(one.warehouse, one.product): 1000 for one in lines}

    def failing(together):
        return judge(order(*lines), Rule(1, Kind.STOCK, together=together), stock=stock).lines

    assert failing(Together.LINE) == {1}
    assert failing(Together.CATEGORY) == {1, 2}
    assert failing(Together.WAREHOUSE) == {1, 3}
    assert failing(Together.ORDER) == frozenset()


def test_what_passes_is_gone_for_the_next_and_what_does_not_is_not():
    rules = [Rule(1, Kind.DEPOSIT), Rule(2, Kind.STOCK)]
    orders = [order(line(1, 6000, 60, product=9), order_id=n) for n in (1, 2)]
    orders.append(order(line(1, 4000, 40, product=9), order_id=3))
    verdicts = review(orders, rules, {1: 100}, {(WAREHOUSE, 9): 10000})
    assert [v.outcome for v in verdicts] == [Outcome.PASS, Outcome.HOLD, Outcome.PASS]
    assert findings(verdicts[1]) == [(Kind.DEPOSIT, 60, 40, 0), (Kind.STOCK, 6000, 4000, 1)]


def test_scope():
    one = order(line(1, categories=frozenset({4, 5})), member=7, grade=3, amount=500)

    def applies(**scope):
        return bool(judge(one, Rule(1, Kind.DEPOSIT, **scope)).failures)

    assert applies(members=frozenset({7}), grades=frozenset({3}), categories=frozenset({4}))
    assert applies(amount_from=500, amount_to=500)
    assert not applies(members=frozenset({8}))
    assert not applies(grades=frozenset({1}))
    assert not applies(categories=frozenset({6}))
    assert not applies(amount_from=501)
    assert not applies(amount_to=499)


def test_the_worst_outcome_counts_and_remarks_do_not_stop():
    rules = [
        Rule(1, Kind.MEMBER, Outcome.PASS),
        Rule(2, Kind.CONTRACT, Outcome.REFUSE),
        Rule(3, Kind.OVERDUE, Outcome.HOLD),
    ]
    assert judge(order(active=False), *rules).outcome is Outcome.PASS
    assert judge(order(active=False), *rules).stops == ()
    assert judge(order(overdue=1), *rules).outcome is Outcome.HOLD
    assert judge(order(overdue=1, contract=False), *rules).outcome is Outcome.REFUSE


# -- whatever the orders ---------------------------------------------------------------------

lines_ = st.builds(
    lambda product, quantity, amount, category, warehouse: (
        product, quantity * 500, amount, category, warehouse,
    ),
    *(st.integers(1, 3), st.integers(1, 20), st.integers(0, 500)),
    *(st.integers(1, 2), st.integers(1, 2)),
)  # fmt: skip
orders_ = st.lists(
    st.tuples(st.integers(1, 2), st.lists(lines_, min_size=1, max_size=4)), max_size=6
)
rules_ = st.lists(
    st.builds(
        Rule,
        id=st.integers(1, 99),
        kind=st.sampled_from([Kind.STOCK, Kind.PACK, Kind.QUANTITY, Kind.AMOUNT, Kind.DEPOSIT]),
        outcome=st.sampled_from(Outcome),
        together=st.sampled_from(Together),
        least=st.integers(1, 6000),
    ),
    max_size=4,
    unique_by=lambda rule: rule.id,
)


def make(drawn):
    return [
        order(
            *(
                line(10 * number + n, quantity, amount, product, category=cat, warehouse=wh)
                for n, (product, quantity, amount, cat, wh) in enumerate(lines, 1)
            ),
            order_id=number,
            member=member,
        )
        for number, (member, lines) in enumerate(drawn, 1)
    ]


@given(orders_, rules_)
def test_money_and_stock_are_never_promised_twice(drawn, rules):
    money = Rule(0, Kind.DEPOSIT)
    goods = Rule(-1, Kind.STOCK)
    funds = {1: 600}
    stock = {(w, p): 8000 for w in (1, 2) for p in (1, 2)}
    orders = make(drawn)
    verdicts = review(orders, [money, goods, *rules], funds, stock)
    passed = [o for o, v in zip(orders, verdicts, strict=True) if v.outcome is Outcome.PASS]
    for member in (1, 2):
        assert sum(o.amount for o in passed if o.member == member) <= funds.get(member, 0)
    taken = {}
    for one in passed:
        for each in one.lines:
            key = each.warehouse, each.product
            taken[key] = taken.get(key, 0) + each.quantity
    assert all(quantity <= stock.get(key, 0) for key, quantity in taken.items())


@given(orders_, rules_)
def test_lines_of_a_group_share_its_fate_and_a_split_leaves_something(drawn, rules):
    for one, verdict in zip(make(drawn), review(make(drawn), rules, {}, {}), strict=True):
        ids = {each.id for each in one.lines}
        assert verdict.order == one.id
        assert verdict.lines <= ids and verdict.lines != ids
        kept = {rule.id for rule in rules if rule.together is Together.CATEGORY}
        for failure in verdict.failures:
            assert failure.findings and failure.lines <= ids
            failing = {each.category for each in one.lines if each.id in failure.lines}
            if failure.rule in kept:
                assert failure.lines == {e.id for e in one.lines if e.category in failing}


@given(st.lists(lines_, min_size=1, max_size=5), st.integers(0, 12000))
def test_what_is_left_after_a_split_passes_the_stock_rule(drawn, free):
    (one,) = make([(1, drawn)])
    stock = {(w, p): free for w in (1, 2) for p in (1, 2, 3)}
    rule = Rule(1, Kind.STOCK)
    verdict = judge(one, rule, stock=stock)
    if verdict.lines:
        rest = order(*(each for each in one.lines if each.id not in verdict.lines))
        assert judge(rest, rule, stock=stock).outcome is Outcome.PASS


@given(st.integers(1, 10**6), st.integers(0, 10**6))
def test_a_finding_says_how_much_is_missing(wanted, allowed):
    assert Finding(wanted, allowed).missing == abs(wanted - allowed)
    assert Finding(wanted, None).missing == wanted
