"""Receiver data: encrypted, masked, searchable, merged, and opened only by decrypting."""

import json
import random
import re
from base64 import b64decode, b64encode

import pytest
from simulators.douyin.receivers import mask_detail, mask_name, mask_phone, random_receiver
from simulators.douyin.regions import REGIONS

RECEIVER = {"name": "㛃𠮷", "phone": "13700137001", "detail": "学府路8号3栋🏠", "region": 28}
PHONE_FORM = re.compile(r"\$\$[A-Za-z0-9+/=]+\*[A-Za-z0-9+/=]+\$1\$\$")
TEXT_FORM = re.compile(r"##[A-Za-z0-9+/=]+\*[A-Za-z0-9+/=]+#1##")


@pytest.fixture
def bought(sim, sku):
    """An order to RECEIVER."""
    return sim.buy([{"sku_id": sku}], RECEIVER)


def ciphers(order):
    return {
        1: order["post_addr"]["encrypt_detail"],
        2: order["encrypt_post_receiver"],
        3: order["encrypt_post_tel"],
    }


def index_of(cipher):
    return cipher.strip("$#").partition("*")[0]


def test_forms_and_masks(client, bought):
    order = client.detail(bought)
    texts = ciphers(order)
    assert PHONE_FORM.fullmatch(texts[3])
    assert TEXT_FORM.fullmatch(texts[1])
    assert TEXT_FORM.fullmatch(texts[2])
    assert order["mask_post_receiver"] == "㛃*"
    assert order["mask_post_tel"] == "1********01"
    assert order["mask_post_addr"]["detail"] == "学府******"
    assert (order["post_receiver"], order["post_tel"], order["post_addr"]["detail"]) == ("",) * 3
    assert order["post_addr"]["province"] == {"name": "广东省", "id": "44"}
    assert order["post_addr"]["city"] == {"name": "佛山市", "id": "440600"}
    assert order["post_addr"]["town"] == {"name": "顺德区", "id": "440606"}


def test_nothing_plain_leaves_by_reading(sim, client, bought):
    answers = json.dumps([client.detail(bought), client.search()], ensure_ascii=False)
    sim.apply_refund(bought)
    answers += json.dumps([client.aftersales(), sim.books(), sim.requests()], ensure_ascii=False)
    for secret in ("㛃𠮷", "13700137001", "8号3栋", client.token, sim.app.secret):
        assert secret not in answers


def test_cipher_is_new_each_time_but_the_index_stays(sim, client, bought, sku):
    first, second = ciphers(client.detail(bought)), ciphers(client.detail(bought))
    other = ciphers(client.detail(sim.buy([{"sku_id": sku}], RECEIVER)))
    for kind in (1, 2, 3):
        assert len({first[kind], second[kind], other[kind]}) == 3
        assert len({index_of(x[kind]) for x in (first, second, other)}) == 1


def test_search_index_is_what_orders_carry(client, bought):
    texts = ciphers(client.detail(bought))
    plain = {1: RECEIVER["detail"], 2: RECEIVER["name"], 3: RECEIVER["phone"]}
    asked = [{"encrypt_type": kind, "plain_text": plain[kind]} for kind in (1, 2, 3)]
    data = client.data("/order/BatchSearchIndex", {"plain_text_list": asked})
    indexes = [index_of(texts[kind]) for kind in (1, 2, 3)]
    assert data["encrypt_index_text_list"] == indexes
    pairs = data["plain_to_encrypt_index_list"]
    assert [x["search_index"] for x in pairs] == indexes
    assert [x["plain"] for x in pairs] == [plain[1], plain[2], plain[3]]
    one_text = [{"encrypt_type": kind, "plain_text": "1"} for kind in (1, 2, 3)]
    data = client.data("/order/BatchSearchIndex", {"plain_text_list": one_text})
    assert len(set(data["encrypt_index_text_list"])) == 3


def test_decrypt(client, bought):
    texts = ciphers(client.detail(bought))
    infos = [{"auth_id": bought, "cipher_text": text} for text in texts.values()]
    opened = client.data("/order/batchDecrypt", {"cipher_infos": infos})["decrypt_infos"]
    plain = [RECEIVER["detail"], RECEIVER["name"], RECEIVER["phone"]]
    assert [x["decrypt_text"] for x in opened] == plain
    assert [(x["err_no"], x["auth_id"], x["cipher_text"]) for x in opened] == [
        (0, bought, text) for text in texts.values()
    ]


def test_cipher_opens_only_with_its_order(sim, client, bought, sku):
    other = sim.buy([{"sku_id": sku}], RECEIVER)
    text = ciphers(client.detail(bought))[3]
    head, _star, cipher = text[:-4].partition("*")
    raw = bytearray(b64decode(cipher))
    raw[-1] ^= 1  # the last digit of the phone, if nothing checks it
    forged = f"{head}*{b64encode(raw).decode()}$1$$"
    for auth_id, cipher_text in ((other, text), (bought, forged), (bought, "密")):
        info = {"auth_id": auth_id, "cipher_text": cipher_text}
        data = client.data("/order/batchDecrypt", {"cipher_infos": [info]})
        answer = data["decrypt_infos"][0]
        assert answer["err_no"] != 0
        assert answer["decrypt_text"] == ""


@pytest.mark.parametrize("count", [0, 51])
def test_limits(client, bought, count):
    refused = (40004, "isv.parameter-invalid:11000")
    infos = [{"auth_id": bought, "cipher_text": "x"}] * count
    assert client.refused("/order/batchDecrypt", {"cipher_infos": infos}) == refused
    asked = [{"encrypt_type": 3, "plain_text": "1"}] * count
    assert client.refused("/order/BatchSearchIndex", {"plain_text_list": asked}) == refused


def test_fifty_are_allowed(client, bought):
    infos = [{"auth_id": bought, "cipher_text": "x"}] * 50
    data = client.data("/order/batchDecrypt", {"cipher_infos": infos})
    assert len(data["decrypt_infos"]) == 50


@pytest.mark.parametrize("asked", [{"encrypt_type": 4, "plain_text": "1"}, {"encrypt_type": 1}, 7])
def test_index_refusals(client, asked):
    refused = client.refused("/order/BatchSearchIndex", {"plain_text_list": [asked]})
    assert refused == (40004, "isv.parameter-invalid:11000")


def test_open_address_id_joins_equal_receivers_only(sim, client, bought, sku):
    same = client.detail(sim.buy([{"sku_id": sku}], dict(RECEIVER)))["open_address_id"]
    assert client.detail(bought)["open_address_id"] == same
    for change in ({"name": "吉"}, {"phone": "13700137002"}, {"detail": "9号"}, {"region": 2}):
        order_id = sim.buy([{"sku_id": sku}], {**RECEIVER, **change})
        assert client.detail(order_id)["open_address_id"] != same


def test_control_characters_survive_the_journey(sim, client, sku):
    name = "小\u0000明\u0007🎁"
    order_id = sim.buy([{"sku_id": sku}], {**RECEIVER, "name": name}, buyer_words="\u0000\u001f")
    order = client.detail(order_id)
    assert order["buyer_words"] == "\u0000\u001f"
    info = {"auth_id": order_id, "cipher_text": order["encrypt_post_receiver"]}
    data = client.data("/order/batchDecrypt", {"cipher_infos": [info]})
    assert data["decrypt_infos"][0]["decrypt_text"] == name


def test_masks():
    assert (mask_name("王"), mask_name("欧阳娜娜")) == ("王*", "欧***")
    assert mask_phone("13912345678") == "1********78"
    assert mask_detail("人民路1号") == "人民******"


def test_places_are_consistent():
    assert len({region.province_id for region in REGIONS}) == 31
    assert len({region.town_id for region in REGIONS}) == len(REGIONS) >= 40
    for region in REGIONS:
        assert len(region.province_id) == 2
        assert len(region.city_id) == 6
        assert region.city_id.startswith(region.province_id)
        assert len(region.street_id) == 9
        assert region.street_id.startswith(region.town_id)


def test_made_up_receivers():
    rng = random.Random(5)
    people = [random_receiver(rng) for _ in range(500)]
    assert {person["region"] for person in people} == set(range(len(REGIONS)))
    assert all(re.fullmatch(r"1[3-9]\d{9}", person["phone"]) for person in people)
    assert any(ord(char) > 0xFFFF for person in people for char in person["name"])
