"""The sales manager's screens in a browser, in both languages."""

import time
from datetime import timedelta

import pytest
from playwright.sync_api import expect

SLOW = 60_000  # ms; the first page of a new database builds its assets


@pytest.fixture(scope="module")
def market(odoo_env):
    """Three dealers: one is quiet, one is short of money, one has orders that wait."""
    from odoo import fields

    env = odoo_env
    env["res.users"].create(
        {
            "name": "孙经理",
            "login": "screen_sales",
            "password": "screen_sales",
            "tz": "Asia/Shanghai",
            "group_ids": [(6, 0, env.ref("channel_network.group_sales_manager").ids)],
        }
    )
    env.company.currency_id = env.ref("base.CNY")
    members = [_dealer(env, name, yuan) for name, yuan in (
        ("海岸商贸有限公司", 30_000), ("北山贸易行", 4_400), ("Riverside Retail", 2_500))]  # fmt: skip
    brand = env["channel.brand"].create({"name": "Sunny", "code": "SUN"})
    goods = env["product.product"].create(
        [
            {
                "name": name,
                "is_storable": True,
                "list_price": price,
                "taxes_id": False,
                "brand_id": brand.id,
                "invoice_policy": "delivery",
            }
            for name, price in (("Green Tea 250 g", 40), ("Black Tea 250 g", 50))
        ]
    )
    warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    for product in goods:
        env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, 300)
    now = fields.Datetime.now()
    quiet, short, busy = members
    for back in (60, 53, 46):
        _sold(env, quiet, goods, 20, now - timedelta(days=back))
    for back in (15, 8, 1):
        _sold(env, short, goods, 15, now - timedelta(days=back))
    for back in (7, 0):
        _sold(env, busy, goods, 5, now - timedelta(days=back))
    waiting = _order(env, busy, goods, 200) | _order(env, busy, goods, 24)
    waiting |= _order(env, quiet, goods, 200)
    waiting.action_confirm()
    assert set(waiting.mapped("review_state")) == {"waiting"}
    env["sale.order"]._cron_restock()
    _targets(env, members, brand)
    env.cr.commit()
    return members


def _targets(env, members, brand):
    from odoo import fields

    today = fields.Date.context_today(env.user)
    month = {"date_from": today - timedelta(days=20), "date_to": today + timedelta(days=9)}
    env["channel.target"].create(
        [
            {"member_id": members[1].id, "amount": 5_000, **month},
            {"member_id": members[2].id, "amount": 800, "brand_id": brand.id, **month},
            {"measure": "quantity", "quantity": 500, **month},
        ]
    )


def _dealer(env, name, yuan):
    from odoo.addons.channel_deposit.core.operations import Open, TopUp

    partner = env["res.partner"].create({"name": name, "is_company": True})
    member = env["channel.member"].create({"partner_id": partner.id, "state": "active"})
    env["channel.contract"].create(
        {"member_id": member.id, "date_start": "2020-01-01", "date_end": "2099-12-31"}
    ).action_activate()
    account = env["channel.deposit.account"]._ensure(member)
    account._book_or_raise(
        [
            Open(key=f"o{account.id}", account=account.id),
            TopUp(key=f"t{account.id}", account=account.id, amount=yuan * 100),
        ]
    )
    return member


def _order(env, member, goods, quantity):
    return env["sale.order"].create(
        {
            "partner_id": member.partner_id.id,
            "order_line": [
                (0, 0, {"product_id": product.id, "product_uom_qty": quantity}) for product in goods
            ],
        }
    )


def _sold(env, member, goods, quantity, when):
    order = _order(env, member, goods, quantity)
    order.action_confirm()
    assert order.state == "sale", order.review_text
    order.date_order = when
    return order


HOME = {
    "en_US": ("Waiting for Me", "Near Their Limit", "Gone Quiet", "every 7 days", "46 days ago"),
    "zh_CN": ("待我审核", "额度告急", "久未下单", "每 7 天", "46 天前"),
}


@pytest.mark.parametrize("lang", HOME)
def test_home(market, page, lang):
    desk = page("screen_sales", lang=lang)
    desk.goto("/odoo/sales-home")
    home = desk.locator(".o_channel_sales_home")
    expect(home.locator(".o_sales_home_waiting .o_sales_home_figure")).to_have_text(
        "3", timeout=SLOW
    )
    for words in HOME[lang]:
        expect(home).to_contain_text(words)
    expect(home.locator(".o_sales_home_quiet tbody")).to_contain_text("海岸商贸有限公司")
    expect(home.locator(".o_sales_home_near tbody")).to_contain_text("北山贸易行")
    page.shot(desk, f"sales_home_{lang}")
    home.locator("tr[data-kind=deposit] button").click()
    expect(desk.locator(".o_data_row")).to_have_count(2, timeout=SLOW)
    page.shot(desk, f"sales_home_rows_{lang}")


RESTOCK = {"en_US": "about 13 left, enough for 6 days", "zh_CN": "约剩 13，够卖 6 天"}


@pytest.mark.parametrize("lang", RESTOCK)
def test_restock_suggestions(market, page, lang):
    desk = page("screen_sales", lang=lang)
    desk.goto("/odoo/restock")
    row = desk.locator(".o_data_row", has_text="北山贸易行")
    expect(row).to_contain_text(RESTOCK[lang], timeout=SLOW)
    page.shot(desk, f"restock_{lang}")
    row.locator(".o_data_cell[name=name]").click()
    expect(desk.locator(".alert-info")).to_contain_text(RESTOCK[lang], timeout=SLOW)
    page.shot(desk, f"restock_order_{lang}")


TARGETS = {"en_US": ("Behind", "Reached"), "zh_CN": ("落后", "已达成")}


@pytest.mark.parametrize("lang", TARGETS)
def test_targets(market, page, lang):
    desk = page("screen_sales", lang=lang)
    desk.goto("/odoo/sales-targets")
    rows = desk.locator(".o_data_row")
    expect(rows).to_have_count(3, timeout=SLOW)
    for words in TARGETS[lang]:
        expect(desk.locator(".o_list_view")).to_contain_text(words)
    expect(rows.filter(has_text="Riverside Retail")).to_contain_text("113")
    page.shot(desk, f"targets_{lang}")
    rows.filter(has_text="北山贸易行").locator(".o_data_cell[name=display_name]").click()
    expect(desk.locator("div[name=achieved_amount]")).to_contain_text("4,050.00", timeout=SLOW)
    page.shot(desk, f"target_{lang}")


STOPPED = {
    "en_US": (
        "Stopped after 1 of 3 orders",
        "Go On",
        "Refresh",
        "3 of 3 orders are back with their dealers",
    ),
    "zh_CN": ("3 张订单已处理 1 张后中断", "继续处理", "刷新", "3 张订单中有 3 张已退回经销商"),
}


# Odoo's own way of showing a window, which the list's button takes too.
OPEN = """(action) => [...odoo.loader.modules.get("@odoo/owl").App.apps]
    .find((app) => app.env.services?.action).env.services.action.doAction(action)"""


@pytest.fixture
def stopped(market):
    """The window of three orders that were to be returned; the job failed after the first."""
    env = market[0].env
    env.cr.rollback()
    goods = env["product.product"].search([("name", "=", "Green Tea 250 g")])
    orders = env["sale.order"].union(*(_order(env, market[2], goods, 999) for _n in range(3)))
    orders.action_confirm()
    mine = env["channel.review.decide"].with_user(
        env["res.users"].search([("login", "=", "screen_sales")])
    )
    window = mine.create(
        {"order_ids": [(6, 0, orders.ids)], "decision": "return", "reason": "请减少数量"}
    )
    window.running = True
    window._apply(window.line_ids[:1])
    window._enqueue()
    job = env["queue.job"].search([("uuid", "=", window.job_uuid)])
    job.write({"state": "failed", "exc_message": "could not extend file: no space left on device"})
    env.cr.commit()
    return window


@pytest.mark.parametrize("lang", STOPPED)
def test_a_mass_review_that_stopped_is_gone_on_with(stopped, page, lang):
    words, go_on, refresh, summary = STOPPED[lang]
    desk = page("screen_sales", lang=lang)
    desk.goto("/odoo/sales-home")
    expect(desk.locator(".o_channel_sales_home")).to_be_visible(timeout=SLOW)
    desk.evaluate(OPEN, stopped._window() | {"views": [[False, "form"]]})
    window = desk.locator(".modal")
    why = window.locator(".alert-danger")
    expect(why).to_contain_text("no space left on device", timeout=SLOW)
    expect(why).to_contain_text(words)
    page.shot(desk, f"mass_review_stopped_{lang}")
    window.get_by_role("button", name=go_on).click()
    expect(window.locator(".alert-info")).to_be_visible(timeout=SLOW)
    page.shot(desk, f"mass_review_running_{lang}")
    done = window.locator(".alert-info", has_text=summary)
    again = window.get_by_role("button", name=refresh)
    deadline = time.monotonic() + SLOW / 1000
    while not done.is_visible() and time.monotonic() < deadline:
        again.or_(done).first.click()
    expect(done).to_be_visible()
    page.shot(desk, f"mass_review_done_{lang}")
    env = stopped.env
    env.cr.rollback()
    env.invalidate_all()
    assert set(stopped.order_ids.mapped("review_state")) == {"returned"}
    assert [len(order.decision_ids.filtered(lambda d: d.verdict == "returned"))
            for order in stopped.order_ids.sudo()] == [1, 1, 1]  # fmt: skip
