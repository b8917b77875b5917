"""The livestream cockpit in a browser: figures from afar, refresh, empty state, Chinese."""

import re

import pytest
from playwright.sync_api import expect

SLOW = 60_000  # ms; the first page of a new server


@pytest.fixture(scope="module")
def session(odoo_env):
    """An open session with one item of 321 units, and an operator."""
    env = odoo_env
    warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    fulfiller = env["channel.fulfiller"].search([("warehouse_id", "=", warehouse.id)])
    fulfiller = fulfiller or env["channel.fulfiller"].create(
        {"name": "Screen", "code": "SCREEN", "warehouse_id": warehouse.id}
    )
    product = env["product.product"].create({"name": "Lip Balm", "is_storable": True})
    env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, 500)
    shop = env["channel.shop"].create(
        {"name": "Screen Shop", "code": "SCREEN", "fulfiller_ids": [(6, 0, fulfiller.ids)]}
    )
    link = env["channel.link"].create(
        {
            "shop_id": shop.id,
            "title": "Lip Balm",
            "sku_ref": "LIP",
            "component_ids": [(0, 0, {"product_id": product.id})],
        }
    )
    group = env.ref("channel_network.group_livestream_operator")
    env["res.users"].create(
        {
            "name": "Operator",
            "login": "screen_operator",
            "password": "screen_operator",
            "group_ids": [(6, 0, group.ids)],
        }
    )
    session = env["channel.session"].create(
        {
            "name": "Screen Test",
            "shop_id": shop.id,
            "room_ref": "screen",
            "item_ids": [(0, 0, {"link_id": link.id, "price": 29.9, "quota": 321})],
        }
    )
    env.cr.commit()
    return session


def test_empty_state_then_figures_then_refresh(session, page, artefacts):
    desk = page("screen_operator", size="tablet")
    desk.goto("/odoo/channel-cockpit")
    expect(desk.locator(".o_cockpit_empty")).to_contain_text("No session is open", timeout=SLOW)

    session.action_open()
    session.env.cr.commit()
    desk.locator(".o_cockpit_refresh").click()
    left = desk.locator(".o_cockpit_left")
    expect(left).to_have_text("321")
    expect(desk.locator(".o_cockpit_item_name")).to_have_text("Lip Balm", timeout=SLOW)
    expect(desk.locator(".o_cockpit_orders")).to_have_text("0")
    size = left.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    assert size >= 48, f"{size} px are not read from three metres"
    assert desk.evaluate("document.querySelector('.o_channel_cockpit').scrollWidth") <= 1024
    desk.screenshot(path=artefacts / "cockpit_en.png", animations="disabled")

    quota = session.item_ids.pool_id.quota_ids
    session.env.cr.execute(
        "UPDATE channel_pool_quota SET allocated = 300 WHERE id = %s", [quota.id]
    )
    session.env.cr.commit()
    # nobody presses anything: the screen reads again by itself
    expect(left).to_have_text("21", timeout=20_000)
    expect(desk.locator(".o_cockpit_item")).to_have_class(re.compile("o_cockpit_item_low"))


def test_chinese_labels(session, page, artefacts):
    if session.state == "draft":
        session.action_open()
        session.env.cr.commit()
    desk = page("screen_operator", "zh_CN", size="tablet")
    desk.goto("/odoo/channel-cockpit")
    expect(desk.locator(".o_cockpit_refresh")).to_contain_text("刷新", timeout=SLOW)
    expect(desk.locator(".o_cockpit_left")).to_have_text(re.compile(r"\d+"))
    text = desk.locator(".o_channel_cockpit").inner_text()
    for word in ("每分钟订单", "异常", "退款", "已售", "共 321", "排队"):
        assert word in text, f"{word} is missing in: {text}"
    english = re.findall(r"\b(Orders|Paid|Refunds|Exceptions|left|Refresh|Session)\b", text)
    assert english == [], f"not translated: {english}"
    desk.screenshot(path=artefacts / "cockpit_zh.png", animations="disabled")


def test_session_form_opens_the_cockpit(session, page, artefacts):
    if session.state == "draft":
        session.action_open()
        session.env.cr.commit()
    desk = page("screen_operator")
    desk.goto(f"/odoo/channel-sessions/{session.id}")
    expect(desk.locator("h1 input")).to_have_value("Screen Test", timeout=SLOW)
    desk.screenshot(path=artefacts / "session_form.png")
    desk.get_by_role("button", name="Cockpit").first.click()
    expect(desk.locator(".o_cockpit_item_name")).to_have_text("Lip Balm", timeout=SLOW)
