"""An operator works in the cockpit while a rush of orders comes in by pushes."""

import json
import re
import urllib.request

import pytest
from devkit.processes import free_port
from playwright.sync_api import expect

STORY_ORDERS = 200
SLOW = 60_000  # ms; the first page of a new server
RATE, SECONDS = 50, 120  # orders a second; longer than the scenario takes
SHORT = re.compile("o_cockpit_item_(low|out)")


def _tell(server, name, **arguments):
    """Ask the simulated platform for something."""
    request = urllib.request.Request(
        f"{server.simulator_url}/_sim/{name}",
        json.dumps(arguments).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=120) as reply:
        return json.loads(reply.read() or "null")


@pytest.fixture(scope="module")
def evening(odoo_env, odoo_server):
    """The story's session with units for a rush, and all that makes orders of pushes at once."""
    env = odoo_env
    session = env["channel.session"].search([("state", "=", "open"), ("room_ref", "!=", "")])
    for number, item in enumerate(session.item_ids):
        pool = item.pool_id
        for product, each in pool._stock_components().items():
            for holder in pool._holders():
                env["stock.quant"]._update_available_quantity(
                    product, holder.warehouse_id.lot_stock_id, 9000 * each
                )
        if number:
            pool._add_quota(3000)
    env.cr.commit()
    odoo_server.start_materialisers()
    odoo_server.wait_until_ready()
    odoo_server.start_gateway(free_port())
    odoo_server.subscribe_to_pushes()
    _tell(
        odoo_server,
        "rush/prepare",
        n=RATE * SECONDS,
        sku_ids=[int(item.link_id.sku_ref) for item in session.item_ids],
        room_id=int(session.room_ref),
    )
    yield session
    _tell(odoo_server, "rush/stop")


class Screen:
    """A cockpit as a person sees it; counts how often it asked the server."""

    def __init__(self, view):
        self.view = view
        self.asked = 0
        view.on("request", self._count)

    def _count(self, request):
        self.asked += "/cockpit" in request.url and "call_kw" in request.url

    def open(self):
        self.view.goto("/odoo/channel-cockpit")
        expect(self.view.locator(".o_cockpit_live")).to_be_visible(timeout=SLOW)
        return self

    def orders(self):
        return self._number(".o_cockpit_orders")

    def card(self, item):
        return self.view.locator(f".o_cockpit_item[data-item='{item.id}']")

    def left(self, item):
        return self._number(f".o_cockpit_item[data-item='{item.id}'] .o_cockpit_left")

    def _number(self, selector):
        return int(re.sub(r"\D", "", self.view.locator(selector).inner_text()) or 0)

    def wait_for_orders(self, more):
        """Until so many more orders are shown than now; nobody touches the screen."""
        wanted = self.orders() + more
        self.view.wait_for_function(
            "n => +document.querySelector('.o_cockpit_orders').innerText.replace(/\\D/g, '') >= n",
            arg=wanted,
            timeout=SLOW,
        )

    def wait_for_sales(self, item):
        """Until fewer units of an item are left than now."""
        self.view.wait_for_function(
            "([card, n]) => +document.querySelector(card + ' .o_cockpit_left')"
            ".innerText.replace(/\\D/g, '') < n",
            arg=[f".o_cockpit_item[data-item='{item.id}']", self.left(item)],
            timeout=SLOW,
        )

    def shot(self, place, name):
        self.view.screenshot(path=place / f"{name}.png", animations="disabled")


def test_a_rush_is_watched_and_steered(evening, odoo_server, page, artefacts):
    session = evening
    scarce, second, third = session.item_ids[0], session.item_ids[1], session.item_ids[2]
    operator = Screen(page("operator", "zh_CN", size="desktop")).open()
    watcher = Screen(page("manager", "en_US", size="tablet")).open()
    expect(watcher.view.locator(".o_cockpit_change")).to_have_count(0)  # may look, not change
    for screen in (operator, watcher):
        screen.asked = 0

    _tell(odoo_server, "rush/start", rate=RATE, seconds=SECONDS)
    shown = {watcher.orders()}
    for _step in range(5):
        watcher.wait_for_orders(RATE // 2)
        shown.add(watcher.orders())
    assert len(shown) == 6
    assert watcher.asked <= 2, "the figures came by themselves"
    expect(watcher.card(second).locator(".o_cockpit_lasts")).not_to_have_text("–", timeout=SLOW)
    expect(watcher.card(second).locator(".o_cockpit_rate")).to_have_text(re.compile(r"[1-9]"))
    operator.shot(artefacts, "cockpit_rush_zh")
    watcher.shot(artefacts, "cockpit_rush_en")

    # more units: the other screen sees them without doing anything
    # what is unpaid or under review is sold on the platform and still left here: low, or out
    expect(watcher.card(scarce)).to_have_class(SHORT, timeout=SLOW)
    before = scarce.quota
    operator.card(scarce).locator(".o_cockpit_change").click()
    dialog = operator.view.locator(".modal-dialog")
    expect(dialog.locator(".modal-title")).to_contain_text("修改")
    dialog.locator("[name=add_units] input").fill("2500")
    operator.shot(artefacts, "cockpit_change_zh")
    dialog.locator("button[name=action_apply]").click()
    expect(dialog).to_have_count(0, timeout=SLOW)
    of = re.compile(f"{before + 2500:,}")
    expect(watcher.card(scarce).locator(".o_cockpit_of")).to_have_text(of, timeout=SLOW)
    expect(watcher.card(scarce)).not_to_have_class(SHORT)
    watcher.wait_for_sales(scarce)  # the platform was told, and sells on

    _hold_and_release(operator, watcher, third, artefacts)

    _tell(odoo_server, "rush/stop")
    errors = odoo_server.log_errors()
    assert errors == {}, errors


def _hold_and_release(operator, watcher, item, artefacts):
    """Nothing of the item is given out until it is released, while the others go on."""
    operator.card(item).locator(".o_cockpit_hold").click()
    dialog = operator.view.locator(".modal-dialog")
    expect(dialog.locator("footer .btn-primary")).to_be_disabled()  # not without a reason
    dialog.locator(".o_cockpit_reason_input").fill("主播口播价格有误")
    operator.shot(artefacts, "cockpit_hold_dialog_zh")
    dialog.locator("footer .btn-primary").click()
    expect(dialog).to_have_count(0, timeout=SLOW)
    for screen in (operator, watcher):
        expect(screen.card(item)).to_have_class(re.compile("o_cockpit_item_hold"), timeout=SLOW)
    expect(watcher.card(item)).to_contain_text("主播口播价格有误")
    watcher.wait_for_orders(RATE)
    held = watcher.left(item)
    watcher.wait_for_orders(RATE)
    assert watcher.left(item) == held
    operator.shot(artefacts, "cockpit_hold_zh")
    watcher.shot(artefacts, "cockpit_hold_en")

    operator.card(item).locator(".o_cockpit_release").click()
    expect(watcher.card(item)).not_to_have_class(re.compile("o_cockpit_item_hold"), timeout=SLOW)
    expect(watcher.card(item).locator(".o_cockpit_left")).not_to_have_text(
        watcher.card(item).locator(".o_cockpit_left").inner_text(), timeout=SLOW
    )


def _stop_announcer(server):
    for service in [s for s in server.services if s.name == "materialisers"]:
        service.stop()
        server.services.remove(service)


def test_without_the_announcer_the_screen_reads_by_itself(evening, odoo_server, page, artefacts):
    watcher = Screen(page("manager", "zh_CN", size="tablet")).open()
    _stop_announcer(odoo_server)
    expect(watcher.view.locator(".o_cockpit_polling")).to_be_visible(timeout=SLOW)
    text = watcher.view.locator(".o_channel_cockpit").inner_text()
    english = re.findall(r"\b(?:Orders|Live|Lasts|Hold|Release|Change|oldest|min|ago)\b", text)
    assert english == [], f"not translated: {english}"
    watcher.shot(artefacts, "cockpit_polling_zh")


def test_alarms_stand_above_the_figures(evening, odoo_server, page, artefacts):
    """Drawn from what the server tells of them; their buttons press those of the alarm."""
    _stop_announcer(odoo_server)  # it would tell of none
    operator = Screen(page("operator", "zh_CN", size="desktop"))
    item = evening.item_ids[1]
    alarms = [
        {"id": 71, "kind": "price", "text": "面膜 3 笔订单低于最低价", "item_id": item.id,
         "state": "open", "can_hold": True, "since": 8},
        {"id": 72, "kind": "spike", "text": "精华液 1 分钟内售出 900 件", "item_id": item.id,
         "state": "held", "can_hold": True, "since": 75},
        *({"id": number, "kind": "waiting", "text": f"第 {number} 条", "item_id": False,
           "state": "open", "can_hold": False, "since": 90} for number in (73, 74, 75)),
    ]  # fmt: skip
    pressed = []

    def tell(route):
        reply = route.fetch()
        body = reply.json()
        if isinstance(body["result"], dict):  # not the list of sessions
            body["result"] |= {"alarms": alarms, "may": {"operate": True, "judge": True}}
        route.fulfill(response=reply, json=body)

    def press(route):
        pressed.append(route.request.post_data_json["params"])
        route.fulfill(json={"jsonrpc": "2.0", "result": False})

    operator.view.route("**/call_kw/channel.session/cockpit*", tell)
    operator.view.route("**/call_kw/channel.alarm/**", press)
    operator.view.goto("/odoo/channel-cockpit")
    rows = operator.view.locator(".o_cockpit_alarm_row")
    expect(rows).to_have_count(3, timeout=SLOW)
    operator.view.get_by_role("button", name="再显示 2 条预警").click()
    expect(rows).to_have_count(5)
    operator.view.get_by_role("button", name="收起预警").click()
    expect(rows).to_have_count(3)
    expect(rows.nth(0).locator("button")).to_have_text(["暂停", "忽略"])
    expect(rows.nth(1).locator("button")).to_have_text(["恢复", "忽略"])
    operator.shot(artefacts, "cockpit_alarms_zh")
    with operator.view.expect_response("**/call_kw/channel.alarm/**"):
        rows.nth(0).locator("button").nth(0).click()
    assert [(call["method"], call["args"]) for call in pressed] == [("action_hold", [[71]])]
    # the screen goes on asking: a reply may be under way
    operator.view.unroute_all(behavior="ignoreErrors")
