"""The warehouse in a browser: build waves, scan by keyboard, hand over; both languages."""

import os
import re

import pytest
from playwright.sync_api import expect

SLOW = 60_000  # ms; the first page of a new server


@pytest.fixture(scope="module")
def place(odoo_env):
    """A company with four allocated orders and a packer; what ``create_world`` returns."""
    from odoo.addons.channel_fulfilment.tests.world import create_world

    os.environ.setdefault("QUDAO_DATA_KEY", "k" * 40)
    env = odoo_env
    made = create_world(env, orders=4)
    group = env.ref("channel_network.group_warehouse")
    env["res.users"].create(
        {
            "name": "Packer",
            "login": "screen_packer",
            "password": "screen_packer",
            "company_id": made["company"],
            "company_ids": [(6, 0, [made["company"]])],
            "group_ids": [(6, 0, group.ids)],
        }
    )
    env.cr.commit()
    return made | {"env": env}


def scan(desk, code):
    """What a keyboard-wedge scanner does: types into whatever has the focus, then Enter."""
    before = desk.locator(".o_channel_scan_history > div").count()
    desk.keyboard.type(code)
    desk.keyboard.press("Enter")
    expect(desk.locator(".o_channel_scan_history > div")).to_have_count(before + 1)


def test_from_wave_to_hand_over(place, page, artefacts):
    env = place["env"]
    desk = page("screen_packer")
    desk.goto("/odoo/channel-waves")
    expect(desk.locator(".o_view_nocontent")).to_contain_text("No wave here", timeout=SLOW)

    desk.goto("/odoo/action-channel_fulfilment.action_channel_wave_build")
    dialog = desk.locator(".modal, .o_action_manager").last
    expect(dialog.get_by_role("button", name="Build waves")).to_be_visible(timeout=SLOW)
    page.shot(desk, "wave_build_en")
    dialog.get_by_role("button", name="Build waves").click()
    expect(desk.locator(".o_breadcrumb")).to_contain_text("New waves", timeout=SLOW)
    expect(desk.locator(".o_list_view .o_data_row")).to_have_count(1)

    env.invalidate_all()
    env.cr.rollback()
    orders = env["channel.order"].browse(place["orders"])
    wave = orders.wave_id
    first, second, third, _fourth = wave.parcel_ids.sorted("seq").mapped("name")

    desk.goto("/odoo/channel-scan")
    station = desk.locator(".o_channel_scan")
    expect(station).to_have_attribute("data-answer", "idle", timeout=SLOW)
    expect(desk.locator(".o_channel_scan_input")).to_be_focused()
    scan(desk, first)
    expect(station).to_have_attribute("data-answer", "ok")
    expect(station).to_contain_text("Scan or type the waybill.")
    scan(desk, "ZT00000001")
    expect(station).to_contain_text("Waybill noted")
    desk.screenshot(path=artefacts / "scan_ok_en.png", animations="disabled")
    scan(desk, first)
    expect(station).to_have_attribute("data-answer", "already")
    scan(desk, "NONSENSE")
    expect(station).to_have_attribute("data-answer", "unknown")

    # a click elsewhere does not take the scanner away
    desk.locator(".o_channel_scan_history").click()
    scan(desk, second)
    expect(station).to_have_attribute("data-answer", "ok")
    desk.keyboard.press("F2")
    expect(station).to_contain_text("Packing undone")

    env.cr.execute(
        "UPDATE channel_order SET refund_open = TRUE WHERE parcel_id ="
        " (SELECT id FROM channel_parcel WHERE name = %s)",
        [third],
    )
    env.cr.commit()
    scan(desk, third)
    expect(station).to_have_attribute("data-answer", "stop")
    # the colour changes by a transition
    station.evaluate("node => Promise.all(node.getAnimations().map(one => one.finished))")
    colour = station.evaluate("node => getComputedStyle(node).backgroundColor")
    red, green, blue = map(int, re.findall(r"\d+", colour)[:3])
    assert red > 2 * green and red > 2 * blue, f"{colour} is no red"
    desk.screenshot(path=artefacts / "scan_stop_en.png", animations="disabled")

    manifest = env["channel.manifest"].create(
        {
            "carrier_id": place["carrier"],
            "warehouse_id": place["warehouse"],
            "company_id": place["company"],
        }
    )
    env.cr.commit()
    desk.goto(f"/odoo/channel-manifests/{manifest.id}")
    expect(desk.locator(".alert-warning")).to_contain_text("Left behind", timeout=SLOW)
    page.shot(desk, "manifest_en")
    desk.get_by_role("button", name="Hand over", exact=True).click()
    desk.locator(".modal .btn-primary").click()
    current = desk.locator(".o_statusbar_status .o_arrow_button_current")
    expect(current).to_have_text("Handed over", timeout=SLOW)

    desk.goto(f"/odoo/channel-waves/{wave.id}")
    expect(desk.locator(".o_form_view")).to_contain_text(wave.name, timeout=SLOW)
    page.shot(desk, "wave_en")


def test_the_screens_in_chinese(place, page, artefacts):
    desk = page("screen_packer", "zh_CN")
    desk.goto("/odoo/channel-scan")
    station = desk.locator(".o_channel_scan")
    expect(station).to_contain_text("请扫描包裹", timeout=SLOW)
    desk.screenshot(path=artefacts / "scan_zh.png", animations="disabled")
    scan(desk, "NONSENSE")
    expect(station).to_contain_text("未知条码")
    desk.goto("/odoo/channel-waves")
    expect(desk.locator(".o_kanban_view")).to_contain_text("待打包", timeout=SLOW)
    page.shot(desk, "waves_zh")
    desk.goto("/odoo/channel-manifests")
    expect(desk.locator(".o_list_view")).to_contain_text("已交接", timeout=SLOW)
