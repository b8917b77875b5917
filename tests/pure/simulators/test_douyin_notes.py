import pytest

OTHER = {"name": "李四", "phone": "13900139000", "detail": "路2号", "region": 3}


def test_a_note_and_a_flag_are_read_back_and_pushed(sim, client, pushed, sku):
    order_id = sim.buy([{"sku_id": sku}])
    sim.pushes.settle()
    pushed.posts.clear()
    client.data(
        "/order/addOrderRemark",
        {"order_id": order_id, "remark": "加急", "is_add_star": "true", "star": "5"},
    )
    sim.pushes.settle()
    [(tag, data)] = [(m["tag"], m["data"]) for m in pushed.messages]
    assert (tag, data["remark"], data["star"]) == ("113", "加急", 5)
    order = sim.order(order_id)
    assert (order["seller_words"], order["seller_remark_stars"]) == ("加急", 5)


def test_a_note_alone_keeps_the_flag(sim, client, sku):
    order_id = sim.buy([{"sku_id": sku}])
    sim.remark(order_id, "old", 3)
    client.data("/order/addOrderRemark", {"order_id": order_id, "remark": "new"})
    assert (sim.order(order_id)["seller_words"], sim.order(order_id)["seller_remark_stars"]) == (
        "new",
        3,
    )


def test_an_agreed_address_changes_the_order(sim, client, sku):
    order_id = sim.buy([{"sku_id": sku}])
    sim.ask_address(order_id, OTHER)
    for _again in range(2):
        client.data("/order/addressConfirm", {"order_id": order_id, "is_approved": 0})
    assert sim.receiver(order_id)["name"] == "李四"
    assert [ask["answer"] for ask in sim.address_asks(order_id)] == [0]


def test_a_refused_address_changes_nothing(sim, client, sku):
    order_id = sim.buy([{"sku_id": sku}])
    before = sim.receiver(order_id)
    sim.ask_address(order_id, OTHER)
    client.data("/order/addressConfirm", {"order_id": order_id, "is_approved": 1001})
    assert sim.receiver(order_id) == before


@pytest.mark.parametrize(
    ("asked", "answer", "code"),
    [(False, 0, "80011"), (True, 7, "80012"), (True, 1001, "80011")],
)
def test_what_is_refused(sim, client, sku, asked, answer, code):
    order_id = sim.buy([{"sku_id": sku}])
    if asked:
        sim.ask_address(order_id, OTHER)
        client.data("/order/addressConfirm", {"order_id": order_id, "is_approved": 0})
    found = client.call("/order/addressConfirm", {"order_id": order_id, "is_approved": answer})
    assert found["sub_code"].endswith(code)
