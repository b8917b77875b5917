"""Doudian's orders: money, release gate, ids, and whatever a platform may send."""

import json

import pytest
from channel_intake.core.errors import Malformed
from channel_intake.core.platforms.douyin.orders import parse_order, raw_order
from channel_intake.core.platforms.douyin.receiver import search_index
from channel_intake.core.snapshots import PlatformStatus
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import ORDER, order, text


def parse(made):
    return parse_order(text(made))


def kinds(snapshot):
    return {problem.type for problem in snapshot.problems}


def test_a_whole_order_is_read():
    snapshot = parse(order())
    assert snapshot.problems == ()
    assert (snapshot.platform, snapshot.order_ref) == ("douyin", "6979800000000017919")
    assert snapshot.status is PlatformStatus.READY
    assert (snapshot.paid, snapshot.freight) == (4200, 600)
    assert (snapshot.created_at, snapshot.paid_at) == (1795319400, 1795319415)
    assert (snapshot.updated_at, snapshot.ship_by) == (1795319420, 1795492215)
    assert snapshot.buyer_note == "谢谢🙏"
    (line,) = snapshot.lines
    assert (line.line_id, line.quantity, line.list_amount) == ("6979800000000017920", 2, 3980)
    assert (line.product_ref, line.sku_ref) == ("3603410716076201730", "3410716076201731")
    assert (line.room_ref, line.author_ref) == ("7301234567890123457", "109876543210987")


def test_owed_is_what_the_buyer_paid_and_what_others_bear():
    """3600 paid + 160 platform + 30 talent + 50 payment; the shop's own 140 are not paid to us."""
    (line,) = parse(order()).lines
    assert (line.discount_shop, line.discount_platform) == (140, 160)
    assert (line.discount_talent, line.discount_payment) == (30, 50)
    assert line.owed == 3840


def test_who_issued_a_discount_does_not_matter():
    """A platform coupon borne by the shop: promotion_* says platform, *_cost says shop."""
    line = {
        "promotion_platform_amount": 190,
        "shop_cost_amount": 330,
        "platform_cost_amount": 0,
        "only_platform_cost_amount": 0,
        "author_cost_amount": 0,
    }
    (read,) = parse(order(line=line)).lines
    assert (read.discount_shop, read.discount_platform, read.discount_talent) == (330, 0, 0)
    assert read.owed == 3650


def test_without_the_two_parts_all_of_the_platforms_cost_is_its_own():
    line = {"only_platform_cost_amount": ..., "author_cost_amount": ...}
    snapshot = parse(order(line=line))
    assert snapshot.problems == ()
    assert (snapshot.lines[0].discount_platform, snapshot.lines[0].discount_talent) == (190, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"pay_amount": 4199},
        {"post_amount": 601},
        {"pay_amount": ...},
        {"line": {"pay_amount": 3601}},
        {"line": {"sum_amount": 3981}},
        {"line": {"shop_cost_amount": 141}},
        {"line": {"author_cost_amount": 31}},
        {"line": {"promotion_pay_amount": "x"}},
        {"line": {"pay_amount": -3600}},
        {"line": {"origin_amount": 19.9}},
        {"line": {"pay_amount": True}},
        {"line": {"sum_amount": 10**13}},
    ],
)
def test_amounts_that_do_not_add_up_are_a_problem(changes):
    assert "amounts" in kinds(parse(order(**changes)))


def test_amounts_as_text_are_read():
    assert parse(order(pay_amount="4200", line={"pay_amount": "3600"})).problems == ()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (1, PlatformStatus.UNPAID),
        (105, PlatformStatus.HELD),
        (2, PlatformStatus.READY),
        ("2", PlatformStatus.READY),
        (101, PlatformStatus.SHIPPED),
        (3, PlatformStatus.SHIPPED),
        (4, PlatformStatus.CANCELLED),
        (5, PlatformStatus.DONE),
    ],
)
def test_status(status, expected):
    assert parse(order(order_status=status)).status is expected


def test_unknown_status_is_held_and_shown():
    snapshot = parse(order(order_status=77))
    assert snapshot.status is PlatformStatus.HELD
    assert kinds(snapshot) == {"malformed"}


def test_refunded_before_shipment_is_cancelled():
    assert parse(order(order_status=2, main_status=21)).status is PlatformStatus.CANCELLED


@pytest.mark.parametrize(
    "changes",
    [
        {"shop_order_tag_ui": [{"key": "risk_processing", "text": "风控审核中"}]},
        {"shop_order_tag_ui": [{"text": "风险订单"}]},
        {"abnormal_order": 2},
    ],
)
def test_risk_review_is_not_released(changes):
    assert parse(order(**changes)).status is PlatformStatus.HELD


def test_other_tags_do_not_hold():
    tags = [{"key": "pre_sale_label", "text": "全款预售"}, None, "风控"]
    assert parse(order(shop_order_tag_ui=tags)).status is PlatformStatus.READY


def test_nineteen_digit_ids_as_numbers_stay_exact():
    made = order(order_id=6979800000000017919, line={"product_id_str": ..., "room_id_str": ...})
    snapshot = parse(made)
    assert snapshot.order_ref == "6979800000000017919"
    assert snapshot.lines[0].product_ref == "3603410716076201730"
    assert snapshot.lines[0].room_ref == "7301234567890123456"


def test_zero_means_no_room_and_no_talent():
    (line,) = parse(order(line={"room_id": 0, "room_id_str": "0", "author_id": 0})).lines
    assert (line.room_ref, line.author_ref) == ("", "")


@pytest.mark.parametrize(
    ("number", "problem"), [(0, False), (10**9, False), (-1, True), ("viele", True), (None, True)]
)
def test_quantity_is_kept_or_named(number, problem):
    """0 and 10^9 are numbers: the checks of channel orders refuse them with the same type."""
    made = order(line={"item_num": number, "sum_amount": 1990 * number if not problem else 0})
    assert ("quantity" in kinds(parse(made))) is problem


@pytest.mark.parametrize(
    "made",
    [
        order(order_id=...),
        order(order_id=6.9798e18),
        order(order_id=True),
        order(update_time=...),
        order(update_time="gestern"),
        order(sku_order_list=[]),
        order(sku_order_list=None),
        order(sku_order_list=["x"]),
        order(line={"order_id": ...}),
        order(sku_order_list=ORDER["sku_order_list"] * 2),
        [],
        "text",
    ],
)
def test_what_cannot_be_an_order_is_stopped_with_a_reason(made):
    with pytest.raises(Malformed, match=r"."):
        parse(made)


@pytest.mark.parametrize("body", ["", "{", "null", "[" * 100000])
def test_broken_json_is_stopped(body):
    with pytest.raises(Malformed):
        parse_order(body)


def test_control_characters_go_and_emoji_stay():
    snapshot = parse(order(buyer_words="a\x00b\x1f\nc\t\ud800😀", line={"author_name": "小\x07鹿"}))
    assert snapshot.buyer_note == "ab\nc\ufffd😀"
    assert snapshot.lines[0].author_name == "小鹿"


def test_long_texts_are_cut():
    assert len(parse(order(buyer_words="长" * 5000)).buyer_note) == 500


def test_gift_lines_keep_their_masters():
    line = {"given_product_type": "FREE", "master_sku_order_id_list": [6979800000000017999, "x1"]}
    (read,) = parse(order(line=line)).lines
    assert read.gift
    assert read.master_line_ids == ("6979800000000017999", "x1")


@pytest.mark.parametrize(
    ("info", "opened", "refunded"),
    [
        ({"after_sale_status": 6, "after_sale_type": 2, "refund_status": 1}, True, False),
        ({"after_sale_status": 28, "after_sale_type": 2, "refund_status": 1}, False, False),
        ({"after_sale_status": 12, "after_sale_type": 2, "refund_status": 3}, False, True),
        ({"after_sale_status": 12, "after_sale_type": 3}, False, False),
        ({"after_sale_status": 27, "after_sale_type": 2}, False, False),
        ("odd", False, False),
    ],
)
def test_after_sale_of_a_line(info, opened, refunded):
    (line,) = parse(order(line={"after_sale_info": info})).lines
    assert (line.refund_open, line.refunded) == (opened, refunded)


def test_receiver_is_masked_and_found_by_the_platforms_index():
    receiver = parse(order()).receiver
    assert (receiver.province, receiver.city, receiver.district) == ("福建省", "厦门市", "思明区")
    assert (receiver.name_masked, receiver.phone_masked) == ("张**", "1********00")
    assert receiver.phone_token == "douyin:MzKcdq044C+uMn24vLT="
    assert receiver.name_token == "douyin:TfqadNPm/8KG="
    assert receiver.address_token == "douyin:jhd1GQhnKZ/jMhGz="
    assert receiver.merge_token == "douyin:#jLofJklzcyzQqTej/6Y"
    assert json.loads(receiver.secret)["phone"] == ORDER["encrypt_post_tel"]


def test_plain_receiver_is_kept_apart_from_the_body():
    made = order(
        post_receiver="张三",
        post_tel="13800138000",
        encrypt_post_receiver=...,
        encrypt_post_tel=...,
        mask_post_receiver=...,
        mask_post_tel=...,
    )
    made["post_addr"] |= {"detail": "人民路1号3栋502", "encrypt_detail": ""}
    message = raw_order(made, 1)
    for plain in ("张三", "13800138000", "人民路1号"):
        assert plain not in message.body
        assert plain in message.secret
    receiver = parse_order(message.body, message.secret).receiver
    assert receiver.phone_token == "plain:13800138000"
    assert (receiver.name_masked, receiver.phone_masked) == ("张*", "138****8000")
    assert json.loads(receiver.secret)["address"] == "人民路1号3栋502"


@pytest.mark.parametrize("text", ["", "13800138000", "$$a$$", "##*x#1##", "$$a b*c$1$$"])
def test_what_is_no_cipher_has_no_index(text):
    assert search_index(text) == ""


def test_a_message_is_named_dated_and_digested():
    message = raw_order(order(), 5)
    assert (message.ref, message.updated_at) == ("6979800000000017919", 1795319420)
    assert raw_order(order(), 6).digest == message.digest
    assert raw_order(order(pay_amount=1), 5).digest != message.digest


@pytest.mark.parametrize("made", [None, 7, "x", [], {}, {"order_id": [1]}, {"update_time": -1}])
def test_an_unreadable_row_is_still_kept(made):
    message = raw_order(made, 1795319000)
    assert message.ref.startswith("?")
    assert message.updated_at == 1795319000
    with pytest.raises(Malformed):
        parse_order(message.body, message.secret)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.sampled_from(sorted(ORDER)), JSON),
    st.dictionaries(st.sampled_from(sorted(ORDER["sku_order_list"][0])), JSON),
)
def test_nothing_a_platform_sends_raises(changes, line):
    made = order(line=line) | changes
    message = raw_order(made, 1)
    message.body.encode()
    try:
        snapshot = parse_order(message.body, message.secret)
    except Malformed:
        return
    assert snapshot.order_ref
    assert all(
        isinstance(line.paid, int) and line.paid >= 0 and 0 <= line.quantity < 2**31
        for line in snapshot.lines
    )
    assert "\x00" not in repr(snapshot.receiver) + snapshot.buyer_note
