"""Dealer orders in a browser: the sales manager's queue, many decided at once, in both languages."""

import pytest
from playwright.sync_api import expect

SLOW = 60_000  # ms; the first page of a new database builds its assets


@pytest.fixture(scope="module")
def orders(odoo_env):
    """Three orders of a dealer with 1,000.00: one passes, two wait for want of money or stock."""
    from odoo.addons.channel_deposit.core.operations import Open, TopUp

    env = odoo_env
    partner = env["res.partner"].create({"name": "Harbour Trading", "is_company": True})
    member = env["channel.member"].create({"partner_id": partner.id, "state": "active"})
    env["channel.contract"].create(
        {"member_id": member.id, "date_start": "2020-01-01", "date_end": "2099-12-31"}
    ).action_activate()
    account = env["channel.deposit.account"]._ensure(member)
    account._book_or_raise(
        [Open(key="o", account=account.id), TopUp(key="t", account=account.id, amount=100000)]
    )
    warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    tea = env["product.product"].create(
        {"name": "Green Tea", "is_storable": True, "list_price": 10, "taxes_id": False}
    )
    env["stock.quant"]._update_available_quantity(tea, warehouse.lot_stock_id, 50)
    made = env["sale.order"].create(
        [
            {
                "partner_id": partner.id,
                "order_line": [(0, 0, {"product_id": tea.id, "product_uom_qty": quantity})],
            }
            for quantity in (5, 60, 120)
        ]
    )
    made.action_confirm()
    env["res.users"].create(
        {
            "name": "Manager",
            "login": "screen_manager",
            "password": "screen_manager",
            "group_ids": [(6, 0, env.ref("channel_network.group_sales_manager").ids)],
        }
    )
    env.cr.commit()
    return made


def test_the_queue_says_what_is_missing(orders, page, artefacts):
    assert orders.mapped("state") == ["sale", "draft", "draft"]
    desk = page("screen_manager", size="desktop")
    desk.goto("/odoo/dealer-orders-review")
    rows = desk.locator(".o_data_row")
    expect(rows).to_have_count(2, timeout=SLOW)
    expect(desk.locator(".o_list_view")).to_contain_text("60 ordered, 45 in stock: 15 missing")
    expect(desk.locator(".o_list_view")).to_contain_text(
        "1,200.00 is needed, 950.00 is available, 250.00 is missing"
    )
    desk.screenshot(path=artefacts / "dealer_queue_en.png", animations="disabled")
    rows.filter(has_text="60 ordered").locator(".o_data_cell[name=name]").click()
    expect(desk.locator(".alert-warning", has_text="15 missing")).to_be_visible(timeout=SLOW)
    expect(desk.locator("button[name=action_confirm]:visible")).to_have_count(0)
    desk.screenshot(path=artefacts / "dealer_order_en.png", animations="disabled")


def test_many_are_decided_at_once_each_with_a_result(orders, page, artefacts):
    desk = page("screen_manager", lang="zh_CN", size="desktop")
    desk.goto("/odoo/dealer-orders-review")
    expect(desk.locator(".o_data_row")).to_have_count(2, timeout=SLOW)
    expect(desk.locator(".o_list_view")).to_contain_text("订购 60，库存 45，缺 15")
    desk.screenshot(path=artefacts / "dealer_queue_zh.png", animations="disabled")
    desk.locator("thead .o_list_record_selector input").check()
    desk.locator(".o_control_panel button[name=action_review_decide]").click()
    dialog = desk.locator(".modal")
    dialog.locator("div[name=reason] textarea").fill("明天到货")
    desk.screenshot(path=artefacts / "dealer_decide_zh.png", animations="disabled")
    dialog.locator("button[name=action_apply]").click()
    expect(dialog.locator("div[name=line_ids]")).to_contain_text("目前不能批准", timeout=SLOW)
    expect(dialog.locator("div[name=line_ids]")).to_contain_text("已确认")
    desk.screenshot(path=artefacts / "dealer_result_zh.png", animations="disabled")
    orders.env.cr.rollback()
    orders.invalidate_recordset()
    assert orders.mapped("state") == ["sale", "sale", "draft"]
