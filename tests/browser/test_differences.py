"""A finance clerk goes from a day to its differences, looks at both sides, settles one."""

import pytest
from playwright.sync_api import expect
from simulators import bill_files, planted

expect.set_options(timeout=30_000)  # the first page in each language builds its assets
WORDS = {
    "en_US": {"only_bill": "Only in the Bill", "settle": "Settled", "settled": "Settled",
              "reopen": "Open Again", "open": "Open", "why": "Say in a note"},
    "zh_CN": {"only_bill": "长款", "settle": "已处理", "settled": "已处理", "reopen": "重新打开",
              "open": "待处理", "why": "请在备注中说明"},
}  # fmt: skip


@pytest.fixture(scope="module")
def month(odoo_env):
    """A month with each cause planted once, for each language; the clerk."""
    from odoo.addons.channel_reconcile.tests import books

    env = odoo_env
    for place, lang in enumerate(WORDS):
        number = f"190000009{place}"
        merchant = env["channel.payment.merchant"].create(
            {"name": f"Mini {lang}", "number": number, "app_ref": planted.APP,
             "credential_ref": "TEST"}
        )  # fmt: skip
        account = env["reconcile.account"].create(
            {"name": f"WeChat {lang}", "kind": "wechat", "number": number, "fee_rate": 0.6,
             "shop_refs": planted.APP, "merchant_id": merchant.id}
        )  # fmt: skip
        shop = env["channel.shop"].create(
            {"name": f"Mini {lang}", "code": f"MINI{place}", "platform": "file",
             "platform_shop_ref": f"mini{place}"}
        )  # fmt: skip
        found = list(planted.month(60, every=60))
        books.write(env, merchant, shop, found)
        trades = [trade for each in found for trade in each.trades]
        data = b"".join(bill_files.wechat(trades, merchant=number))
        bill = env["reconcile.bill"]._receive(env.company, f"{lang}.csv", data)
        assert bill._job_read() == "done", bill.trouble
        begin = planted.BEGIN.date()
        account._match(begin, begin.replace(day=30))
    env["res.users"].create(
        {"name": "Dee", "login": "difference_clerk", "password": "difference_clerk",
         "tz": "Asia/Shanghai",
         "group_ids": [(6, 0, env.ref("channel_network.group_finance_clerk").ids)]}
    )  # fmt: skip
    env.cr.commit()


@pytest.mark.parametrize("lang", list(WORDS))
def test_from_a_day_to_a_settled_difference(page, month, lang):
    words = WORDS[lang]
    desk = page("difference_clerk", lang)
    desk.goto("/odoo/reconciled-days")
    expect(desk.locator(".o_data_row").first).to_be_visible()
    page.shot(desk, f"reconciled_days_{lang}")
    desk.goto("/odoo/reconcile-differences")
    group = desk.locator(".o_group_header", has_text=words["only_bill"])
    page.shot(desk, f"differences_{lang}")
    group.click()
    desk.locator(".o_data_row", has_text=f"WeChat {lang}").locator("[name=key]").click()
    expect(desk.locator(".o_form_view [name=amount_bill]")).to_be_visible()
    page.shot(desk, f"difference_{lang}")
    bar = desk.locator(".o_form_statusbar")
    bar.get_by_role("button", name=words["settle"], exact=True).first.click()
    expect(desk.locator(".modal")).to_contain_text(words["why"])
    desk.locator(".modal .btn-primary").click()
    desk.locator("[name=note] input").fill("Test payment")
    bar.get_by_role("button", name=words["settle"], exact=True).first.click()
    expect(desk.locator(".o_arrow_button_current")).to_have_text(words["settled"])
    bar.get_by_role("button", name=words["reopen"], exact=True).click()
    expect(desk.locator(".o_arrow_button_current")).to_have_text(words["open"])
