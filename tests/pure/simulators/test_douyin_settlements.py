"""The platform's settlement: what is paid out when, told by call and file, and its mistakes."""

import json
import time
from functools import partial

import pytest
from channel_network.core.table import read_table
from channel_platform_settlement.core.douyin import local, pages
from channel_platform_settlement.core.settlement import Identities
from channel_platform_settlement.core.sheet import read_sheet
from simulators.douyin.errors import ControlError

PATH = "/order/getSettleBillDetailV3"
DAY = 86400
LIVE = {"room_id": 7301234567890123456, "author_id": 109876543210987, "author_name": "茶师傅"}


@pytest.fixture
def shop(sim, client, skus):
    """Orders that were received, the settlement, and how it is read."""

    class Shop:
        told = sim.settlements

        def received(self, lines=None, **values):
            order = sim.buy(lines or [{"sku_id": next(iter(skus))}], **values)
            ids = [line["order_id"] for line in sim.order(order)["sku_order_list"]]
            sim.ship_lines(order, ids, f"SF{int(order) % 10**10:010d}")
            sim.complete(order)
            return order, *ids

        def later(self, days=4):
            sim.clock.advance(days * DAY)
            client.log_in(sim.shop_id)  # tokens end after a week
            return self.told.run()

        def read(self, size=100):
            start = int(time.time()) - DAY
            known = Identities()
            return {
                known.of(row): row
                for week in range(2)
                for page in pages(partial(client.data, PATH), start + week * 7 * DAY,
                                  start + (week + 1) * 7 * DAY - 1, size)
                for row in page
            }  # fmt: skip

        def rows(self):
            return list(self.read().values())

        def file(self, generation):
            found = read_sheet(read_table(self.told.export(generation).encode()))
            assert not found.errors
            return list(found.rows)

    return Shop()


def test_a_line_is_settled_when_its_days_are_over(sim, shop, two_lines):
    two_lines[0]["platform_fen"] = 90
    order, first, second = shop.received(two_lines, freight_fen=600, **LIVE)
    assert shop.later(3) == 0 and not shop.rows()
    assert shop.later(1) == 2
    assert shop.told.run() == 0, "once"
    one, two = shop.rows()
    assert (one.order_ref, one.line_ref, two.line_ref) == (order, first, second)
    assert (one.paid, one.subsidy_platform, one.income) == (1900 + 600, 90, 2590)
    assert (one.platform_fee, one.commission, two.platform_fee) == (130, 518, 299)
    owed = sim.books([order])["orders"][0]["owed_fen"]
    assert one.income + two.income == owed
    assert one.amount == one.income - 130 - 518


def test_no_commission_where_no_talent_sold(shop):
    shop.received()
    shop.later()
    assert [row.commission for row in shop.rows()] == [0]


def test_a_refund_before_is_in_the_row_and_one_afterwards_is_a_row_of_its_own(sim, shop, sku):
    order, line = shop.received([{"sku_id": sku, "num": 2}])
    sim.after_shipping.pay_at_once(sim.after_shipping.apply(line, "refund_only", fen=1000))
    shop.later()
    [row] = shop.rows()
    assert (row.paid, row.refunded, row.platform_fee) == (3980, -1000, 149)
    sim.after_shipping.pay_at_once(sim.after_shipping.apply(line, "refund_only", fen=980))
    assert shop.later(1) == 1
    _row, back = shop.rows()
    assert (back.kind, back.refunded, back.platform_fee) == ("refund", -980, -49)
    assert row.income + back.income == sim.books([order])["orders"][0]["owed_fen"]


def test_all_given_back_before_is_never_settled(sim, shop, sku):
    _order, line = shop.received()
    sim.after_shipping.pay_at_once(sim.after_shipping.apply(line, "refund_only"))
    assert shop.later() == 0


@pytest.fixture
def seven(sim, shop):
    """Seven rows in two seconds."""
    for _order in range(4):
        shop.received()
    shop.later()
    for _order in range(3):
        shop.received()
    sim.clock.advance(1)
    shop.later()
    return shop


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_follow_both_cursors(seven, size):
    assert len(seven.read(size)) == 7


def test_an_index_without_its_time_gives_the_same_page_again(seven, client):
    params = {"size": 2, "start_time": local(int(time.time())), "start_index": ""}
    params["end_time"] = local(int(time.time()) + 7 * DAY - 1)
    first = client.data(PATH, params)
    stuck = client.data(PATH, params | {"start_index": first["next_start_index"]})
    assert stuck["data"] == first["data"] and stuck["is_end"] == 0
    moved = client.data(
        PATH,
        params | {"start_index": first["next_start_index"], "start_time": first["next_start_time"]},
    )
    assert not {r["request_no"] for r in first["data"]} & {r["request_no"] for r in moved["data"]}


def test_a_page_told_twice_is_recognised(seven, sim):
    before = seven.read(2)
    seven.told.repeat_pages(2)
    asked = len(sim.requests())
    assert seven.read(2) == before
    assert len(sim.requests()) - asked == 4 + 2, "four pages, two of them twice"


@pytest.mark.parametrize("generation", ["newer", "older"])
def test_file_and_call_tell_the_same_rows(shop, sim, two_lines, generation):
    two_lines[1]["talent_fen"] = 30
    _order, line, _other = shop.received(two_lines, **LIVE)
    shop.later()
    sim.after_shipping.pay_at_once(sim.after_shipping.apply(line, "refund_only", fen=100))
    shop.told.take(line, 350, "运费险")
    shop.later(1)
    called, known = shop.read(), Identities()
    from_file = {known.of(row): row for row in shop.file(generation)}
    assert from_file.keys() == called.keys() and len(called) == 4
    for key, row in called.items():
        other = from_file[key]
        assert (row.income, row.fees, row.commission) == (
            other.income,
            other.fees,
            other.commission,
        )
        assert (row.freight_insurance, row.kind == "refund") == (
            other.freight_insurance,
            other.kind == "refund",
        )


def test_a_wrong_fee_keeps_the_rows_sums(shop):
    _order, line = shop.received()
    shop.later()
    shop.told.wrong_fee(line, 7)
    [row] = shop.rows()
    assert (row.platform_fee, row.income - row.fees) == (100 + 7, row.amount)


def test_what_cannot_be(shop, client):
    with pytest.raises(ControlError):
        shop.told.wrong_fee("1", 1)
    with pytest.raises(ControlError):
        shop.told.take("1", 1, "罚款")
    with pytest.raises(ControlError):
        shop.told.configure(fee=1)
    for params in ({"size": 101}, {"start_time": "soon"}, {"end_time": local(9 * DAY)}):
        asked = {"size": 1, "start_time": local(0), "end_time": local(DAY)} | params
        assert client.call(PATH, asked)["sub_code"].endswith("11000")


def test_the_books_keep_it(shop, sim):
    shop.received()
    shop.later()
    row = sim.store.one("SELECT * FROM settlements")
    assert json.loads(row["json"])["settle_amount"] == 1990 - 100
