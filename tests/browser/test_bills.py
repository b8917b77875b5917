"""A finance clerk uploads bills: one that is read, one that is refused, one whose columns she maps."""

import pytest
from playwright.sync_api import expect
from simulators import bill_files

expect.set_options(timeout=30_000)  # the first page in each language builds its assets
WORDS = {
    "en_US": {"upload": "Upload Bills", "read": "Upload", "done": "Read", "map": "Map Columns",
              "wrong": "but its rows come to", "rows": "New Rows", "take": "Read the File",
              "sample": "What It Reads", "again": "Read Again"},
    "zh_CN": {"upload": "上传账单", "read": "上传", "done": "已读取", "map": "对应列",
              "wrong": "但各行合计为", "rows": "新增行", "take": "读取该文件",
              "sample": "读取结果", "again": "重新读取"},
}  # fmt: skip
TABLE = """某银行交易明细,,,,
交易日期,收入,支出,余额,摘要
2026-11-20 09:00:00,100.00,,1100.00,货款
2026-11-20 10:00:00,,30.50,1069.50,手续费
"""


@pytest.fixture(scope="module")
def accounts(odoo_env):
    """For each language a merchant number and a bank account; the clerk."""
    env = odoo_env
    for number, lang in enumerate(WORDS):
        env["reconcile.account"].create(
            [
                {"name": f"WeChat {lang}", "kind": "wechat", "number": f"160000000{number}"},
                {"name": f"Bank {lang}", "kind": "bank", "number": f"62284800{number}"},
            ]
        )
    env["res.users"].create(
        {"name": "Bea", "login": "bill_clerk", "password": "bill_clerk", "tz": "Asia/Shanghai",
         "group_ids": [(6, 0, env.ref("channel_network.group_finance_clerk").ids)]}
    )  # fmt: skip
    env.cr.commit()


def _wechat(lang):
    number = list(WORDS).index(lang)
    trades = bill_files.trades(number, 300)
    return b"".join(bill_files.wechat(trades, merchant=f"160000000{number}"))


def _upload(desk, words, name, data, account=""):
    """What she does with a file; its form is open then."""
    desk.goto("/odoo/payment-bills")
    desk.get_by_role("button", name=words["upload"], exact=True).click()
    dialogue = desk.locator(".modal")
    dialogue.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": data}
    )
    expect(dialogue.locator(".o_attachment")).to_contain_text(name)
    if account:
        dialogue.locator(".o_field_widget[name=account_id] input").fill(account)
        desk.locator(".o-autocomplete--dropdown-item", has_text=account).first.click()
    return dialogue


def _take(desk, dialogue, words):
    """It is queued and read in the background; the page finds out by itself."""
    dialogue.get_by_role("button", name=words["read"], exact=True).click()
    expect(desk.locator(".o_form_view .o_arrow_button_current")).to_be_visible()


@pytest.mark.parametrize("lang", list(WORDS))
def test_a_bill_is_read(page, accounts, lang):
    words = WORDS[lang]
    desk = page("bill_clerk", lang)
    dialogue = _upload(desk, words, f"20261120-{lang}.csv", _wechat(lang))
    page.shot(desk, f"bill_upload_{lang}")
    _take(desk, dialogue, words)
    expect(desk.locator(".o_arrow_button_current")).to_have_text(words["done"])
    expect(desk.locator(".oe_stat_button")).to_contain_text("300")
    page.shot(desk, f"bill_{lang}")
    desk.locator(".oe_stat_button", has_text=words["rows"]).click()
    expect(desk.locator(".o_data_row").first).to_contain_text(f"WeChat {lang}")
    page.shot(desk, f"bill_rows_{lang}")
    desk.locator(".o_data_row").first.click()
    expect(desk.locator(".o_form_view")).to_be_visible()
    page.shot(desk, f"bill_row_{lang}")


@pytest.mark.parametrize("lang", list(WORDS))
def test_a_damaged_bill_says_what_is_wrong(page, accounts, lang):
    words = WORDS[lang]
    desk = page("bill_clerk", lang)
    damaged = _wechat(lang).replace(b"`300,", b"`301,")
    dialogue = _upload(desk, words, f"damaged-{lang}.csv", damaged)
    _take(desk, dialogue, words)
    expect(desk.locator(".alert-danger")).to_contain_text(words["wrong"])
    page.shot(desk, f"bill_refused_{lang}")
    expect(desk.get_by_role("button", name=words["again"], exact=True)).to_be_visible()


@pytest.mark.parametrize("lang", list(WORDS))
def test_an_unknown_table_is_mapped(page, accounts, lang, odoo_env):
    words = WORDS[lang]
    desk = page("bill_clerk", lang)
    name = f"bank-{lang}.csv"
    data = (TABLE + ("\n" if lang == "zh_CN" else "")).encode("gb18030")
    dialogue = _upload(desk, words, name, data, f"Bank {lang}")
    _take(desk, dialogue, words)
    desk.get_by_role("button", name=words["map"], exact=True).click()
    expect(desk.locator("[name=column_ids] .o_data_row")).to_have_count(5)
    page.shot(desk, f"bill_layout_{lang}")
    desk.locator(".o_form_button_save").click()
    desk.locator(".nav-link", has_text=words["sample"]).click()
    expect(desk.locator("[name=sample] tbody tr")).to_have_count(2)
    page.shot(desk, f"bill_layout_sample_{lang}")
    desk.get_by_role("button", name=words["take"], exact=True).click()
    expect(desk.locator(".o_form_view .o_arrow_button_current")).to_have_text(words["done"])
    expect(desk.locator(".oe_stat_button")).to_contain_text("2")
    odoo_env.cr.rollback()
    bill = odoo_env["reconcile.bill"].search([("name", "=", name)])
    assert bill.closing == 1069.50
