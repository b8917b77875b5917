"""What the platforms show of each SKU: the operator's list and form, in English and Chinese."""

import pytest
from playwright.sync_api import expect

FIRST_PAGE = 60_000  # ms: the assets of a language are built for its first page


@pytest.fixture(scope="module")
def stock(odoo_env):
    """A SKU in step, one that differs and one that the platform refused; an operator."""
    env = odoo_env
    shop = env["channel.shop"].create(
        {"name": "Stock Douyin", "code": "ST-DY", "platform": "douyin", "stock_source": "quota"}
    )
    product = env["product.product"].create({"name": "Tea", "is_storable": True})
    links = env["channel.link"].create(
        [
            {
                "shop_id": shop.id,
                "title": title,
                "sku_ref": sku,
                "component_ids": [(0, 0, {"product_id": product.id, "quantity": 1})],
            }
            for sku, title in (("101", "龙井 100g"), ("102", "龙井 250g"), ("103", "铁观音 250g"))
        ]
    )
    known = {"shop_id": shop.id, "told_at": "2026-11-22 10:00:00", "is_known": True,
             "read_at": "2026-11-22 10:01:00", "base": 80}  # fmt: skip
    env["channel.platform.stock"].create(
        [
            {**known, "link_id": links[0].id, "sku_ref": "101", "state": "in_step", "wanted": 80,
             "told": 80, "read_number": 80},
            {**known, "link_id": links[1].id, "sku_ref": "102", "state": "differs", "wanted": 80,
             "told": 80, "read_number": 95, "difference": 15},
            {**known, "link_id": links[2].id, "sku_ref": "103", "state": "stopped", "wanted": 5,
             "error": "sku不存在 (isv.business-failed:80004)"},
        ]
    )  # fmt: skip
    env["res.users"].create(
        {
            "name": "Operator",
            "login": "stock_operator",
            "password": "stock_operator",
            "group_ids": [(6, 0, env.ref("channel_network.group_livestream_operator").ids)],
        }
    )
    env.cr.commit()
    return shop


@pytest.mark.parametrize(
    ("lang", "differs", "accept", "in_step"),
    [("en_US", "Differs", "Accept", "In Step"), ("zh_CN", "有差异", "接受", "一致")],
)
def test_a_difference_is_seen_and_accepted(stock, page, odoo_env, lang, differs, accept, in_step):
    view = page("stock_operator", lang)
    view.goto("/odoo/channel-platform-stock")
    row = view.locator(".o_data_row", has_text="102")
    expect(row).to_contain_text(differs, timeout=FIRST_PAGE)
    expect(row).to_contain_text("95")
    view.screenshot(path=page.artefacts / f"platform-stock-{lang}.png", animations="disabled")
    row.locator("td", has_text="250g").first.click()
    expect(view.locator(".o_form_view")).to_contain_text("95")
    view.screenshot(path=page.artefacts / f"platform-stock-form-{lang}.png", animations="disabled")
    view.get_by_role("button", name=accept, exact=True).click()
    expect(view.locator(".o_statusbar_status .o_arrow_button_current")).to_have_text(in_step)
    odoo_env.cr.execute(
        "UPDATE channel_platform_stock SET state = 'differs', difference = 15, accepted = 0"
        " WHERE sku_ref = '102'"
    )
    odoo_env.cr.commit()
