"""The integration administrator's screens: monitor, messages, import; English and Chinese."""

import json

import pytest
from playwright.sync_api import expect

FIRST_PAGE = 60_000  # ms: the assets of a language are built for its first page
CIPHER = "$$IDX*ciphertext$1$$"


def _picture(page, view, name):
    """What the page shows now, among the artefacts; the bus keeps the network busy for ever."""
    view.screenshot(path=page.artefacts / f"{name}.png", animations="disabled")


def _order(ref, **changes):
    order = {
        "order_id": ref, "order_status": 2, "create_time": 1795319400, "pay_time": 1795319415,
        "update_time": 1795319420, "pay_amount": 1990, "post_amount": 0, "encrypt_post_tel": CIPHER,
        "sku_order_list": [
            {"order_id": ref + "1", "sku_id": 7, "item_num": 1, "origin_amount": 1990,
             "sum_amount": 1990, "pay_amount": 1990}
        ],
    }  # fmt: skip
    return order | changes


@pytest.fixture(scope="module")
def monitor(odoo_env):
    """A Douyin shop with one good and one unreadable message, a shop for files, a user."""
    from odoo.addons.channel_intake.core.platforms.douyin.orders import raw_order

    env = odoo_env
    shop, _files = env["channel.shop"].create(
        [
            {"name": "Screen Douyin", "code": "SC-DY", "platform": "douyin",
             "platform_shop_ref": "990011"},
            {"name": "Screen Files", "code": "SC-FI", "platform": "file"},
        ]
    )  # fmt: skip
    messages = env["channel.message"]
    rows = [_order("8800100"), _order("8800101", sku_order_list=[])]
    messages._store(shop, [raw_order(json.loads(json.dumps(row)), 1) for row in rows])
    messages._process()
    env["res.users"].create(
        {
            "name": "Integration",
            "login": "screen_integration",
            "password": "screen_integration",
            "group_ids": [(6, 0, env.ref("channel_network.group_integration_admin").ids)],
        }
    )
    env.cr.commit()
    return shop


@pytest.mark.parametrize(
    ("lang", "stopped", "step"),
    [
        ("en_US", "Messages stopped", "Open the stopped messages"),
        ("zh_CN", "已停止报文", "打开已停止的报文"),
    ],
)
def test_the_monitor_leads_to_what_is_stopped(page, monitor, lang, stopped, step):
    view = page("screen_integration", lang)
    view.goto("/odoo/channel-platforms")
    card = view.locator(".o_kanban_record", has_text=monitor.name)
    expect(card).to_contain_text(step, timeout=FIRST_PAGE)
    _picture(page, view, f"platform_monitor_{lang}")
    card.get_by_text(stopped, exact=True).click()
    expect(view.locator(".o_data_row")).to_have_count(1)
    expect(view.locator(".o_data_row")).to_contain_text("8800101")
    _picture(page, view, f"messages_{lang}")


def test_a_message_shows_its_content_without_the_receiver(page, monitor):
    view = page("screen_integration")
    view.goto("/odoo/channel-messages")
    view.locator(".o_data_row", has_text="8800100").locator("td[name=ref]").click()
    content = view.locator("div[name=body_shown]")
    expect(content).to_contain_text("sku_order_list")
    expect(content).not_to_contain_text("ciphertext")
    _picture(page, view, "message_en_US")


def test_a_file_is_checked_before_it_is_imported(page, monitor):
    view = page("screen_integration", "zh_CN")
    view.goto("/odoo/action-channel_intake.action_import")
    view.locator("div[name=shop_id] input").fill("Screen Files")
    view.get_by_role("option", name="Screen Files").or_(
        view.locator(".o-autocomplete--dropdown-item", has_text="Screen Files")
    ).first.click()
    table = "订单号,商家编码,数量,实付金额,收件人,手机号,省,市,详细地址\n"
    table += "S1,A,1,9.90,张三,13800138000,福建省,厦门市,人民路1号\n"
    table += "S2,A,0,9.90,张三,13800138000,福建省,厦门市,人民路1号\n"
    view.locator("input[type=file]").set_input_files(
        {"name": "orders.csv", "mimeType": "text/csv", "buffer": table.encode("gbk")}
    )
    view.get_by_role("button", name="检查文件").click()
    expect(view.locator("div[name=error_ids]")).to_contain_text("第 3 行")
    _picture(page, view, "import_zh_CN")
    view.get_by_text("跳过有误的订单").click()
    view.get_by_role("button", name="导入", exact=True).click()
    expect(view.locator("div[name=report]")).to_contain_text("读取 1 个订单")
