"""A rebate used on a dealer order in a browser, and the account that it comes from, in both languages."""

import pytest
from playwright.sync_api import expect

SLOW = 60_000  # ms; the first page of a new server
WORDS = {
    "en_US": {"discount": "Lower the price", "used": "Rebate", "lapses": "Amount to Lapse"},
    "zh_CN": {"discount": "票折", "used": "返利", "lapses": "即将失效金额"},
}


@pytest.fixture(scope="module")
def world(odoo_env):
    """A dealer with 5,000.00 for goods and 300.00 of rebate, and a draft order for each language."""
    from datetime import date, timedelta

    from odoo.addons.channel_deposit.core.operations import Open, TopUp

    env = odoo_env
    users = env["res.users"].create(
        [
            {
                "name": name,
                "login": login,
                "password": login,
                "group_ids": [(6, 0, env.ref(f"channel_network.{group}").ids)],
            }
            for name, login, group in (
                ("Representative", "rebate_rep", "group_sales_rep"),
                ("Finance", "rebate_finance", "group_finance_clerk"),
            )
        ]
    )
    partner = env["res.partner"].create({"name": "Harbour Trading", "is_company": True})
    member = env["channel.member"].create(
        {"partner_id": partner.id, "state": "active", "user_id": users[0].id}
    )
    accounts = env["channel.deposit.account"]
    goods = accounts._ensure(member)
    accounts._book_or_raise([Open(key="o", account=goods.id)])
    env["channel.deposit.bonus.rule"].create(
        {"name": "Spring", "method": "fixed", "fixed": 300, "valid_days": 30}
    )
    goods.top_up(5000, "paid", "res.partner,1", day=date.today() - timedelta(days=20))
    accounts._book_or_raise([TopUp(key="more", account=accounts._ensure(member, "rebate").id,
                                   amount=5000)])  # fmt: skip
    tax = env["account.tax"].search(
        [("type_tax_use", "=", "sale"), ("amount", "=", 13), ("company_id", "=", env.company.id)]
    )[:1]
    tea = env["product.product"].create(
        {"name": "Green Tea", "is_storable": True, "list_price": 10, "taxes_id": tax.ids}
    )
    orders = env["sale.order"].create(
        [
            {
                "partner_id": partner.id,
                "user_id": users[0].id,
                "order_line": [(0, 0, {"product_id": tea.id, "product_uom_qty": 50})],
            }
            for _lang in WORDS
        ]
    )
    with_tax = orders[0].amount_total
    env.cr.commit()
    return {
        "orders": dict(zip(WORDS, orders, strict=True)),
        "account": accounts._ensure(member, "rebate"),
        "total": with_tax,
    }


@pytest.mark.parametrize("lang", WORDS)
def test_a_representative_uses_it(world, page, artefacts, lang):
    order, words = world["orders"][lang], WORDS[lang]
    desk = page("rebate_rep", lang=lang, size="desktop")
    desk.goto(f"/odoo/my-dealer-orders/{order.id}")
    desk.locator("button[name=action_use_rebate]").click(timeout=SLOW)
    dialog = desk.locator(".modal")
    expect(dialog).to_contain_text(words["discount"], timeout=SLOW)
    amount = dialog.locator("div[name=amount] input")
    most = round(world["total"] * 0.3, 2)
    expect(amount).to_have_value(f"{most:,.2f}")
    desk.screenshot(path=artefacts / f"rebate_dialog_{lang}.png", animations="disabled")
    amount.fill("100")
    dialog.locator("button[name=action_apply]").click()
    lines = desk.locator("div[name=order_line] .o_data_row")
    expect(lines).to_have_count(2, timeout=SLOW)
    expect(lines.nth(1)).to_contain_text(words["used"])
    desk.screenshot(path=artefacts / f"rebate_order_{lang}.png", animations="disabled")
    order.env.cr.rollback()
    order.invalidate_recordset()
    assert order.amount_total == pytest.approx(world["total"] - 100)


@pytest.mark.parametrize("lang", WORDS)
def test_finance_sees_what_lapses(world, page, artefacts, lang):
    desk = page("rebate_finance", lang=lang, size="desktop")
    desk.goto(f"/odoo/channel-deposits/{world['account'].id}")
    expect(desk.locator(".o_form_view")).to_contain_text(WORDS[lang]["lapses"], timeout=SLOW)
    expect(desk.locator("div[name=next_lapse]")).to_contain_text("300.00")
    desk.screenshot(path=artefacts / f"rebate_account_{lang}.png", animations="disabled")


@pytest.mark.parametrize("lang", WORDS)
def test_the_settings(world, page, artefacts, lang):
    desk = page("admin", lang=lang, size="desktop")
    desk.goto("/odoo/settings")
    desk.locator(".settings_tab .tab[data-key=account]").click(timeout=SLOW)
    desk.locator("div[name=channel_hold_days]").scroll_into_view_if_needed()
    expect(desk.locator("div[name=channel_rebate_percent]")).to_be_visible()
    desk.screenshot(path=artefacts / f"rebate_settings_{lang}.png", animations="disabled")
