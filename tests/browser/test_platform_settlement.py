"""A file of a platform's settlement: refused, mended, imported, and what differs looked into."""

import pytest
from playwright.sync_api import expect

expect.set_options(timeout=30_000)  # the first page in each language builds its assets
WORDS = {
    "en_US": {
        "import": "Import File", "check": "Check File", "keep": "Import", "other": "Other File",
        "line": "Line 4", "differences": "Differences", "fine": "Fines",
    },
    "zh_CN": {
        "import": "导入文件", "check": "检查文件", "keep": "导入", "other": "换一个文件",
        "line": "第 4 行", "differences": "差异", "fine": "罚款",
    },
}  # fmt: skip
HEADER = (
    "动账时间,动帐流水号,动账方向,动账金额,动账账户,动账场景,子订单号,订单号,订单实付应结,"
    "平台服务费,佣金,备注"
)


def _file(lang, off=0):
    """An order of 150.00 that agrees, one that was paid 2.00 too little, a fine, a stranger."""
    rows = [
        f"2026-11-20 10:00:00,'1,入账,112.50,聚合账户,订单结算,'A-{lang}-1,'A-{lang},150.00,-7.50,-30.00,",
        f"2026-11-20 10:00:00,'2,入账,110.50,聚合账户,订单结算,'B-{lang}-1,'B-{lang},148.00,-7.50,-30.00,",
        f"2026-11-20 11:00:00,'3,出账,{20 + off}.00,聚合账户,违规罚款,,'B-{lang},{off},0,0,虚假发货",
        f"2026-11-20 12:00:00,'4,入账,95.00,聚合账户,订单结算,'C-{lang}-1,'C-{lang},100.00,-5.00,0,",
    ]
    return "\n".join([HEADER, *rows]).encode("gb18030")


@pytest.fixture(scope="module")
def shops(odoo_env):
    """A shop with two orders for each language; the finance clerk."""
    from odoo.addons.channel_order.tests.common import OrderCommon  # with the server's paths

    env = odoo_env
    shops = {}
    for lang in WORDS:
        shop = env["channel.shop"].create({"name": f"茶香旗舰店 {lang}", "code": f"PS{lang[:2]}"})
        orders = [
            OrderCommon.order(f"{letter}-{lang}",
                              OrderCommon.line(f"{letter}-{lang}-1", paid=15000))
            for letter in "AB"
        ]  # fmt: skip
        env["channel.order"]._ingest(shop, orders)
        shops[lang] = shop.name
    env["res.users"].create(
        {"name": "Fay", "login": "ps_finance", "password": "ps_finance", "tz": "Asia/Shanghai",
         "group_ids": [(6, 0, env.ref("channel_network.group_finance_clerk").ids)]}
    )  # fmt: skip
    env.cr.commit()
    return shops


@pytest.mark.parametrize("lang", list(WORDS))
def test_a_file_is_imported_and_its_differences_are_opened(page, shops, lang):
    words = WORDS[lang]
    mine = page("ps_finance", lang)
    if lang == "en_US":
        mine.goto("/odoo/platform-settlement-differences")
        expect(mine.locator(".o_view_nocontent")).to_be_visible()
        page.shot(mine, f"settlement_nothing_{lang}")
    mine.goto("/odoo/platform-settlement-imports")
    mine.get_by_role("button", name=words["import"]).click()
    box = mine.locator(".modal")
    box.locator(".o_field_widget[name=shop_id] input").fill(shops[lang])
    mine.locator(".o-autocomplete--dropdown-item", has_text=shops[lang]).first.click()
    _choose(box, "bad.csv", _file(lang, off=1))
    box.get_by_role("button", name=words["check"]).click()
    expect(box.locator(".alert-danger")).to_contain_text(words["line"])
    page.shot(mine, f"settlement_refused_{lang}")
    box.get_by_role("button", name=words["other"]).click()
    _choose(box, f"{lang}.csv", _file(lang))
    box.get_by_role("button", name=words["check"]).click()
    expect(box.locator(".o_field_widget[name=row_count]")).to_have_text("4")
    expect(box.locator(".o_field_widget[name=amount]")).to_contain_text("298.00")
    page.shot(mine, f"settlement_checked_{lang}")
    box.get_by_role("button", name=words["keep"], exact=True).click()

    expect(mine.locator(".o_field_widget[name=difference_count]")).to_contain_text("4")
    page.shot(mine, f"settlement_import_{lang}")
    mine.locator("button[name=action_open_differences]").click()
    group = mine.locator(".o_group_header", has_text=words["fine"])
    expect(group).to_contain_text("20.00")
    group.click()
    row = mine.locator(".o_data_row")
    expect(row).to_have_count(1)
    page.shot(mine, f"settlement_differences_{lang}")
    row.locator("button[name=action_open_rows]").click()
    rows = mine.locator(".o_data_row")
    expect(rows).to_have_count(2)
    page.shot(mine, f"settlement_rows_{lang}")
    rows.last.locator("td[name=order_ref]").click()
    expect(mine.locator(".o_field_widget[name=commission]")).to_contain_text("30.00")
    page.shot(mine, f"settlement_row_{lang}")
    mine.locator("button[name=action_open_order]").click()
    expect(mine.locator(".o_breadcrumb")).to_contain_text(f"B-{lang}")


def _choose(box, name, data):
    box.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": data}
    )
    expect(box.locator(".o_field_widget[name=data] input.o_input").first).to_have_value(name)
