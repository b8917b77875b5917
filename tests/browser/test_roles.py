"""The day of each role in a browser, and a picture of every main screen in both languages."""

import re
import time
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import expect

STORY_ORDERS = 200
SESSION = "双十一返场直播"
expect.set_options(timeout=30_000)  # the first page in each language builds its assets


def call(view, model, method, *args, **kwargs):
    """What the signed-in user of this page gets from the server."""
    reply = view.request.post(
        f"/web/dataset/call_kw/{model}/{method}",
        data={
            "jsonrpc": "2.0",
            "params": {"model": model, "method": method, "args": args, "kwargs": kwargs},
        },
    ).json()
    assert "error" not in reply, reply["error"]["data"]["message"]
    return reply["result"]


def first(view, model, domain, order="id"):
    """Id of the first record."""
    found = call(view, model, "search", domain, order=order, limit=1)
    assert found, f"no {model} with {domain}"
    return found[0]


@pytest.fixture
def desk(page):
    """``desk(login, lang)`` → a page of the size of the pictures."""

    def opened(login, lang="en_US"):
        view = page(login, lang)
        view.set_viewport_size({"width": 1400, "height": 900})
        return view

    return opened


def scan(view, code, colour):
    """Type what a keyboard-wedge scanner types; the station answers in this colour."""
    field = view.locator(".o_channel_scan_input")
    rows = view.locator(".o_channel_scan_history > div")
    before = rows.count()
    expect(field).to_be_focused()
    field.press_sequentially(code)
    field.press("Enter")
    expect(rows).to_have_count(before + 1)
    expect(view.locator(".o_channel_scan")).to_have_class(re.compile(f"o_channel_scan_{colour}"))
    return view.locator(".o_channel_scan_answer")


def parcels(view, wave, *states):
    """Bar codes of the wave's parcels in these states."""
    rows = call(
        view, "channel.parcel", "search_read",
        [("wave_id", "=", wave), ("state", "in", states)], ["name"], order="seq",
    )  # fmt: skip
    return [row["name"] for row in rows]


# --- pictures first: the story as it was played ------------------------------------------------

HEADINGS = {
    "session": ("Sessions", "直播场次"),
    "exception_desk": ("Exception Desk", "异常处理台"),
    "waves": ("Waves", "发货波次"),
    "wave": ("Waves", "发货波次"),
    "parcels": ("Parcels", "包裹"),
    "manifest": ("Hand-over manifests", "交接单"),
    "control_board": ("Control Board", "核对看板"),
    "channel_orders": ("Channel Orders", "终端订单"),
}
LANGUAGES = ("en_US", "zh_CN")


def keep(artefacts, view, name):
    """A picture as soon as every image of the page is there; `page.shot` waits for silence, which
    the session and the cockpit never give.
    """
    view.wait_for_function(
        """() => !document.querySelector(".o_loading_indicator")
            && [...document.images].every((image) => image.complete)"""
    )
    view.evaluate("document.fonts.ready")
    view.screenshot(path=artefacts / f"{name}.png", animations="disabled")


def picture(artefacts, view, screen, lang, ready):
    """Keep a picture of a screen once its content is there, and look at its heading."""
    expect(view.locator(ready).first).to_be_visible()
    if screen in HEADINGS:
        heading = view.locator(".o_control_panel_breadcrumbs")
        expect(heading).to_contain_text(HEADINGS[screen][LANGUAGES.index(lang)])
    keep(artefacts, view, f"{screen}_{lang}")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pictures_of_the_main_screens(artefacts, desk, lang):
    view = desk("boss", lang)
    session = first(view, "channel.session", [("name", "=", SESSION)])
    view.goto(f"/odoo/channel-sessions/{session}")
    picture(artefacts, view, "session", lang, "div[name=item_ids] .o_data_row")
    view.goto("/odoo/channel-cockpit")
    picture(artefacts, view, "cockpit", lang, ".o_cockpit_item")
    view.goto("/odoo/channel-orders")
    picture(artefacts, view, "channel_orders", lang, ".o_data_row")
    order = first(view, "channel.order", [("stage", "=", "shipped")])
    view.goto(f"/odoo/channel-orders/{order}")
    picture(artefacts, view, "channel_order", lang, "div[name=line_ids] .o_data_row")
    view.goto("/odoo/channel-exceptions")
    picture(artefacts, view, "exception_desk", lang, ".o_data_row")
    view.locator(".o_data_row td[name=explanation]").first.click()
    picture(artefacts, view, "exception", lang, ".o_form_view .alert-info")
    view.goto("/odoo/channel-waves")
    picture(artefacts, view, "waves", lang, ".o_kanban_record")
    wave = first(view, "channel.wave", [])
    view.goto(f"/odoo/channel-waves/{wave}")
    picture(artefacts, view, "wave", lang, "div[name=parcel_ids] .o_data_row")
    view.goto("/odoo/channel-parcels")
    picture(artefacts, view, "parcels", lang, ".o_data_row")
    manifest = first(view, "channel.manifest", [])
    view.goto(f"/odoo/channel-manifests/{manifest}")
    picture(artefacts, view, "manifest", lang, "button[name=action_view_parcels]")
    view.goto("/odoo/channel-controls")
    picture(artefacts, view, "control_board", lang, ".o_channel_control_green")


def test_the_people_of_the_story_did_their_own_steps(desk):
    view = desk("boss")
    users = call(view, "res.users", "search_read", [], ["login"])
    login = {user["id"]: user["login"] for user in users}
    for model, person, by, domain in (
        ("channel.session", "create_uid", "operator", []),
        ("channel.session", "user_id", "operator", []),
        ("channel.wave", "create_uid", "warehouse", []),
        ("channel.wave", "picker_id", "warehouse", [("picked_at", "!=", False)]),
        ("channel.parcel", "packed_by", "warehouse", [("packed_at", "!=", False)]),
        ("channel.manifest", "handed_by", "warehouse", [("state", "=", "handed")]),
    ):
        rows = call(view, model, "search_read", domain, [person])
        assert {login.get(row[person] and row[person][0]) for row in rows} == {by}, (model, person)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pictures_of_the_scan_station(artefacts, desk, lang):
    view = desk("warehouse", lang)
    wave = call(
        view, "channel.wave", "search_read",
        [("state", "=", "packing"), ("parcel_ids.state", "=", "waiting")], ["name"], limit=1,
    )[0]["id"]  # fmt: skip
    view.goto("/odoo/channel-scan")
    prompt = {"en_US": "Scan a parcel", "zh_CN": "扫描包裹"}[lang]
    expect(view.locator(".o_channel_scan_answer")).to_contain_text(prompt)
    keep(artefacts, view, f"scan_idle_{lang}")
    answer = scan(view, parcels(view, wave, "waiting")[0], "green")
    expect(answer).to_contain_text({"en_US": "Packed", "zh_CN": "已打包"}[lang])
    keep(artefacts, view, f"scan_green_{lang}")
    stopped = call(
        view,
        "channel.parcel",
        "search_read",
        [("state", "in", ("stopped", "cancelled"))],
        ["name"],
        limit=1,
    )[0]["name"]
    answer = scan(view, stopped, "red")
    expect(answer).to_contain_text({"en_US": "Stop", "zh_CN": "停"}[lang])
    keep(artefacts, view, f"scan_red_{lang}")


# --- livestream operator -----------------------------------------------------------------------


def test_the_operator_watches_the_session_and_adds_units(desk):
    view = desk("operator")
    view.goto("/odoo/channel-sessions")
    view.locator(".o_data_row", has_text=SESSION).locator("td[name=name]").click()
    item = view.locator("div[name=item_ids] .o_data_row").first
    left = int(item.locator("td[name=left]").inner_text())
    item.locator("button[name=action_change]").click()
    dialog = view.locator(".modal")
    dialog.locator("div[name=add_units] input").fill("3")
    dialog.get_by_role("button", name="Apply").click()
    expect(item.locator("td[name=left]")).to_have_text(str(left + 3))

    view.locator(".o_statusbar_buttons button[name=action_cockpit]").click()
    figure = view.locator(".o_cockpit_orders")
    expect(figure).to_have_text(re.compile(r"[1-9]\d*"))
    expect(view.locator(".o_cockpit_paid")).to_have_text(re.compile(r"[1-9]"))
    expect(view.locator(".o_cockpit_left").first).to_have_text(str(left + 3))
    orders = figure.inner_text()
    figure.click()
    expect(view.locator(".o_data_row").first).to_be_visible()
    expect(view.locator(".o_pager_limit")).to_have_text(orders)


# --- warehouse ---------------------------------------------------------------------------------


def ask_refund(boss, server, parcel):
    """The buyer of this parcel asks for the money back on the platform; wait until we know it."""
    [row] = call(boss, "channel.parcel", "search_read", [("name", "=", parcel)], ["order_ids"])
    order_id = row["order_ids"][0]
    [order] = call(boss, "channel.order", "read", [order_id], ["order_ref", "shop_id"])
    told = requests.post(
        f"{server.simulator_url}/_sim/refund_order",
        json={"order_id": order["order_ref"], "fast": False},
        timeout=30,
    )
    assert told.status_code == requests.codes.ok, told.text
    call(boss, "channel.shop", "action_pull_now", [order["shop_id"][0]])
    # a predicate in the page may not be asynchronous: its promise would count as true at once
    end = time.monotonic() + 60
    while not call(boss, "channel.order", "read", [order_id], ["refund_open"])[0]["refund_open"]:
        assert time.monotonic() < end, f"the refund of {order['order_ref']} did not arrive"
        boss.wait_for_timeout(200)


def build_waves(view):
    """Build waves from what is allocated; returns the name of the one with most parcels."""
    view.goto("/odoo/action-channel_fulfilment.action_channel_wave_build")
    view.get_by_role("button", name="Build waves").click()
    expect(view.locator(".o_breadcrumb")).to_contain_text("New waves")
    rows = call(
        view, "channel.wave", "search_read", [("state", "=", "new")], ["name", "parcel_count"]
    )
    row = max(rows, key=lambda wave: wave["parcel_count"])
    assert row["parcel_count"] >= 3, f"no wave is large enough for the scenario: {rows}"
    return row["id"], row["name"]


def test_the_warehouse_picks_packs_and_hands_over(desk, odoo_server):
    boss = desk("boss")
    boss.goto("/odoo/channel-waves")
    view = desk("warehouse")
    wave, name = build_waves(view)
    view.goto("/odoo/channel-waves")
    view.locator(".o_kanban_record", has_text=name).click()
    view.get_by_role("button", name="Start picking").click()
    view.get_by_role("button", name="Picking done").click()
    packed, typed, refunded = parcels(view, wave, "waiting")[:3]
    ask_refund(boss, odoo_server, refunded)

    view.locator(".o_statusbar_buttons").get_by_role("button", name="Scan station").click()
    expect(scan(view, packed, "green")).to_contain_text("Packed")
    expect(scan(view, packed, "amber")).to_contain_text("Packed by 李仓管")
    expect(scan(view, refunded, "red")).to_contain_text("asked for a refund")
    expect(scan(view, "W000000-9999", "red")).to_contain_text("no parcel of ours")
    scan(view, typed, "green")
    waybill = "9876543210123"
    expect(scan(view, waybill, "green")).to_contain_text("Waybill noted")

    view.goto("/odoo/channel-manifests/new")
    [row] = call(view, "channel.wave", "read", [wave], ["carrier_id", "warehouse_id"])
    for field in ("carrier_id", "warehouse_id"):
        view.locator(f"div[name={field}] input").fill(row[field][1])
        view.locator(".o-autocomplete--dropdown-item", has_text=row[field][1]).first.click()
    view.locator(".o_form_button_save").click()
    view.locator("button[name=action_hand_over]").click()
    view.locator(".modal").get_by_role("button", name="Ok").click()
    state = view.locator(".o_statusbar_status .o_arrow_button_current")
    expect(state).to_have_text("Handed over")

    assert sorted(parcels(view, wave, "handed")) == sorted([packed, typed])
    assert waybill in [
        row["waybill"]
        for row in call(
            view, "channel.parcel", "search_read", [("wave_id", "=", wave)], ["waybill"]
        )
    ]
    finance = desk("finance")
    finance.goto(f"/odoo/channel-waves/{wave}")
    finance.locator("button[name=action_view_invoices]").click()
    expect(finance.locator(".o_form_view, .o_list_view").first).to_contain_text("Posted")


# --- sales manager -----------------------------------------------------------------------------


def open_exception(view, reason):
    """Open the first exception of this reason at the desk, as a person does."""
    view.goto("/odoo/channel-exceptions")
    view.locator(".o_data_row", has_text=reason).first.locator("td[name=explanation]").click()
    expect(view.locator(".o_form_view h1")).to_contain_text(reason)


def test_the_manager_accepts_a_price_and_retries_an_unknown_sku(desk):
    boss = desk("boss")
    view = desk("manager")
    open_exception(view, "Price outside the band")
    view.get_by_role("button", name="Accept").click()
    dialog = view.locator(".modal")
    dialog.locator("div[name=reason] :is(input, textarea)").fill("Agreed with the buyer")
    dialog.get_by_role("button", name="Confirm").click()
    expect(view.locator(".o_form_view div[name=note]")).to_have_text("Agreed with the buyer")
    expect(view.get_by_role("button", name="Accept")).to_have_count(0)

    unknown = [("type", "=", "sku_unknown"), ("state", "=", "open")]
    exception = first(view, "channel.exception", unknown)
    [row] = call(view, "channel.exception", "read", [exception], ["order_id", "shop_id"])
    open_exception(view, "Unknown SKU")
    view.get_by_role("button", name="Retry").click()
    expect(view.get_by_role("button", name="Retry")).to_be_enabled()
    assert first(view, "channel.exception", unknown), "nothing was set right, yet it is gone"
    line = call(
        boss, "channel.order.line", "search_read",
        [("order_id", "=", row["order_id"][0])], ["sku_ref", "title"],
    )[0]  # fmt: skip
    product = first(boss, "product.product", [("default_code", "=", "SL001")])
    call(
        boss, "channel.link", "create",
        [{"shop_id": row["shop_id"][0], "title": line["title"], "sku_ref": line["sku_ref"],
          "component_ids": [(0, 0, {"product_id": product})]}],
    )  # fmt: skip
    view.get_by_role("button", name="Retry").click()
    expect(view.get_by_role("button", name="Retry")).to_have_count(0)
    [row] = call(view, "channel.exception", "read", [exception], ["state"])
    assert row["state"] != "open"


def test_the_control_board_is_green_for_the_manager(desk, odoo_server):
    """After everything the others did above."""
    view = desk("manager")
    view.goto("/odoo/channel-controls")
    view.get_by_role("button", name="Check now").click()
    expect(view.locator(".o_channel_control_green").first).to_be_visible()
    broken = view.locator(".o_channel_control_red, .o_channel_control_error")
    expect(broken).to_have_count(0)
    assert view.locator(".o_channel_control_green").count() >= 5
    assert odoo_server.log_errors() == {}


# --- dealer ------------------------------------------------------------------------------------


def test_a_dealer_stays_in_the_portal(desk):
    view = desk("dealer")
    for path in ("sessions", "cockpit", "orders", "exceptions", "waves", "scan", "controls"):
        view.goto(f"/odoo/channel-{path}")
        assert urlsplit(view.url).path.startswith("/my"), f"{path} opened {view.url}"
    for model in ("channel.session", "channel.wave", "channel.parcel", "channel.exception"):
        reply = view.request.post(
            f"/web/dataset/call_kw/{model}/search_read",
            data={"jsonrpc": "2.0", "params": {
                "model": model, "method": "search_read", "args": [[], ["id"]], "kwargs": {}}},
        ).json()  # fmt: skip
        assert reply.get("error", {}).get("data", {}).get("name", "").endswith("AccessError"), (
            f"{model}: {reply}"
        )
