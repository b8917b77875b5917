"""A settlement scheme from its first party to the shares of an order, by a finance clerk."""

import re

import pytest
from playwright.sync_api import expect

expect.set_options(timeout=30_000)  # the first page in each language builds its assets
WORDS = {
    "en_US": {
        "add": "Add a line", "host": "Host", "platform": "Platform", "brand": "Brand",
        "rest": "All the Rest", "save": "Save & Close", "publish": "Publish", "try": "Try It",
        "nobody": "nobody", "gets": "20 % of what is paid", "split": "Split Now",
        "ok": "Ok", "close": "Close",
    },
    "zh_CN": {
        "add": "添加一行", "host": "主播", "platform": "平台", "brand": "品牌方",
        "rest": "全部剩余", "save": "保存并关闭", "publish": "发布", "try": "试算",
        "nobody": "没有归属", "gets": "实付的 20 %", "split": "立即分成",
        "ok": "确定", "close": "关闭",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def orders(odoo_env):
    """For each language a shop with a host and an order of 99.99 that has left; the clerk."""
    env = odoo_env
    now = env.cr.now().replace(microsecond=0)
    found = {}
    for lang in WORDS:
        contact = env["res.partner"].create({"name": f"Lili {lang}"})
        host = env["channel.talent"].create({"name": f"Lili {lang}", "partner_id": contact.id})
        host.account_ids = [(0, 0, {"platform": "douyin", "author_ref": f"lili-{lang}"})]
        shop = env["channel.shop"].create(
            {"name": f"Split {lang}", "code": f"SPLIT{lang}", "platform": "douyin",
             "platform_shop_ref": f"split-{lang}"}
        )  # fmt: skip
        order = env["channel.order"].create(
            {"shop_id": shop.id, "company_id": env.company.id, "order_ref": f"SPLIT-{lang}",
             "currency_id": env.company.currency_id.id, "stage": "packed",
             "platform_status": "ready", "created_at": now, "paid_at": now, "updated_at": now,
             "received_at": now, "amount_owed": 99.99, "amount_paid": 99.99}
        )  # fmt: skip
        env["channel.order.line"].create(
            {"order_id": order.id, "line_ref": "L1", "part": 0, "quantity": 1, "item_quantity": 1,
             "title": "Tea", "amount_list": 120, "amount_paid": 99.99, "amount_owed": 99.99,
             "author_ref": f"lili-{lang}"}
        )  # fmt: skip
        order._advance(order, "shipped", "shipped")
        found[lang] = order.id
    env["res.users"].create(
        {"name": "Fay", "login": "split_clerk", "password": "split_clerk", "tz": "Asia/Shanghai",
         "group_ids": [(6, 0, env.ref("channel_network.group_finance_clerk").ids)]}
    )  # fmt: skip
    env.cr.commit()
    return found


def _choose(page, view, field, words):
    page.settle(view)  # a form that is still being drawn loses what is chosen
    chosen = view.locator(f".modal .o_field_widget[name={field}] input")
    chosen.click()
    view.locator(".o_select_menu_item", has_text=words).first.click()
    expect(chosen).to_have_value(words)
    page.settle(view)


def _party(page, view, words, role, percent=None):
    view.locator(".o_field_x2many_list_row_add a").click()
    box = view.locator(".modal")
    _choose(page, view, "role", words[role])
    if percent is None:
        _choose(page, view, "basis", words["rest"])
    else:
        field = box.locator(".o_field_widget[name=percent] input")
        field.fill(str(percent))
        field.press("Tab")
        expect(field).to_have_value(re.compile(rf"^{percent}\b"))
        page.settle(view)
    box.get_by_role("button", name=words["save"], exact=True).click()
    expect(box).to_have_count(0)


def _press(view, words):
    view.locator(".o_form_statusbar").get_by_role("button", name=words, exact=True).click()


@pytest.mark.parametrize("lang", list(WORDS))
def test_from_terms_to_shares(page, orders, lang, odoo_env):
    words = WORDS[lang]
    view = page("split_clerk", lang)
    view.goto("/odoo/settlement-schemes/new")
    view.locator(".o_field_widget[name=name] input").fill(f"Rooms {lang}")
    view.locator(".o_field_widget[name=shop_ids] input").fill(f"Split {lang}")
    view.locator(".o-autocomplete--dropdown-item", has_text=f"Split {lang}").first.click()
    _party(page, view, words, "platform", 5)
    _party(page, view, words, "host", 20)
    page.shot(view, f"scheme_parties_{lang}")
    view.locator(".o_form_button_save").click()
    expect(view.locator(".modal")).to_contain_text(words["nobody"])
    page.shot(view, f"scheme_refused_{lang}")
    view.locator(".modal footer button").first.click()
    _party(page, view, words, "brand")
    view.locator(".o_form_button_save").click()
    expect(view.locator(".o_data_row", has_text=words["gets"])).to_be_visible()

    _press(view, words["try"])
    box = view.locator(".modal")
    box.locator(".o_field_widget[name=amount_paid] input").fill("99.99")
    box.locator(".o_field_widget[name=amount_freight] input").click()
    expect(box.locator(".o_settlement_try")).to_contain_text("74.99")
    expect(box.locator(".o_settlement_try tfoot")).to_contain_text("99.99")
    page.shot(view, f"scheme_try_{lang}")
    box.locator("footer").get_by_role("button", name=words["close"], exact=True).click()

    _press(view, words["publish"])
    view.locator(".modal footer button.btn-primary").click()
    expect(view.locator("button[name=action_change_terms]")).to_be_visible()
    page.shot(view, f"scheme_published_{lang}")

    view.goto("/odoo/orders-to-split")
    view.get_by_role("button", name=words["split"], exact=True).click()
    expect(view.locator(".o_notification")).to_be_visible()
    page.shot(view, f"orders_to_split_{lang}")
    view.goto(f"/odoo/channel-orders/{orders[lang]}")
    view.locator("button[name=action_open_shares]").click()
    expect(view.locator(".o_group_header")).to_have_count(3)
    page.shot(view, f"order_shares_{lang}")

    odoo_env.cr.rollback()
    shares = odoo_env["settlement.share"].search([("order_id", "=", orders[lang])])
    assert {share.role: round(share.amount, 2) for share in shares} == {
        "platform": 5.00, "host": 20.00, "brand": 74.99,
    }  # fmt: skip
    assert shares.filtered(lambda s: s.role == "host").partner_id.name == f"Lili {lang}"
