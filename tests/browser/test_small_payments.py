"""A small payment from the order to the platform's number, by an operator and a manager."""

import pytest
from playwright.sync_api import expect

expect.set_options(timeout=30_000)  # the first page in each language builds its assets
WORDS = {
    "en_US": {
        "button": "Small Payment", "submit": "Submit", "approve": "Approve", "paid": "Paid",
        "waits": "A colleague has to approve it", "number": "Platform Number",
    },
    "zh_CN": {
        "button": "小额打款", "submit": "提交", "approve": "审批通过", "paid": "已打款",
        "waits": "须由同事审批", "number": "平台流水号",
    },
}  # fmt: skip
PEOPLE = (
    ("Mia", "small_operator", "group_livestream_operator"),
    ("Max", "small_manager", "group_sales_manager"),
)


@pytest.fixture(scope="module")
def orders(odoo_env):
    """A paid order for each language, by its number; the people."""
    from odoo.addons.channel_order.tests.common import OrderCommon  # with the server's paths

    env = odoo_env
    shop = env["channel.shop"].create({"name": "茶香旗舰店", "code": "SMALL"})
    refs = {lang: f"SMALL-{lang}" for lang in WORDS}
    env["channel.order"]._ingest(
        shop, [OrderCommon.order(ref, OrderCommon.line(paid=15000)) for ref in refs.values()]
    )
    env["res.users"].create(
        [
            {"name": name, "login": login, "password": login, "tz": "Asia/Shanghai",
             "group_ids": [(6, 0, env.ref(f"channel_network.{group}").ids)]}
            for name, login, group in PEOPLE
        ]
    )  # fmt: skip
    env.cr.commit()
    return {
        lang: env["channel.order"].search([("order_ref", "=", ref)]).id
        for lang, ref in refs.items()
    }


def _press(view, words):
    view.locator(".o_form_statusbar").get_by_role("button", name=words, exact=True).click()


@pytest.mark.parametrize("lang", list(WORDS))
def test_from_the_order_to_the_platforms_number(page, orders, lang, odoo_env):
    words = WORDS[lang]
    mine = page("small_operator", lang)
    mine.goto(f"/odoo/channel-orders/{orders[lang]}")
    expect(mine.locator(".o_form_statusbar")).to_contain_text(words["button"])
    page.shot(mine, f"small_order_{lang}")
    _press(mine, words["button"])
    page.settle(mine)  # a form that is still being drawn loses what is chosen
    purpose = mine.locator(".o_field_widget[name=purpose] input")
    purpose.click()
    mine.locator(".o_select_menu_item").nth(2).click()
    expect(purpose).not_to_have_value("")
    mine.locator(".o_field_widget[name=amount] input").fill("60")
    mine.locator(".o_field_widget[name=reason] input").fill("杯子有磕碰，客户留用")
    page.shot(mine, f"small_new_{lang}")
    _press(mine, words["submit"])
    expect(mine.locator(".alert", has_text=words["waits"])).to_be_visible()
    page.shot(mine, f"small_waits_{lang}")

    other = page("small_manager", lang)
    other.goto("/odoo/small-payments")
    row = other.locator(".o_data_row", has_text=f"SMALL-{lang}")
    expect(row).to_have_count(1)
    page.shot(other, f"small_desk_{lang}")
    row.locator("td[name=reason]").click()
    _press(other, words["approve"])
    expect(other.locator(".o_form_statusbar").get_by_role("button", name=words["paid"],
                                                          exact=True)).to_be_visible()  # fmt: skip
    page.shot(other, f"small_to_pay_{lang}")

    mine.reload()
    _press(mine, words["paid"])
    box = mine.locator(".modal")
    box.locator(".o_field_widget[name=number] input").fill(f"XE-{lang}")
    expect(box.locator(".o_field_widget[name=amount]")).to_contain_text("60.00")
    page.shot(mine, f"small_paid_box_{lang}")
    box.locator("footer").get_by_role("button", name=words["paid"], exact=True).click()
    expect(mine.locator(".o_field_widget[name=number]")).to_have_text(f"XE-{lang}")
    page.shot(mine, f"small_paid_{lang}")
    mine.goto(f"/odoo/channel-orders/{orders[lang]}")
    expect(mine.locator("button[name=action_open_small_payments]")).to_contain_text("60.00")
    odoo_env.cr.rollback()
    payment = odoo_env["channel.small.payment"].search([("order_id", "=", orders[lang])])
    assert (payment.state, payment.number, payment.approver_id.name) == (
        "paid", f"XE-{lang}", "Max",
    )  # fmt: skip
