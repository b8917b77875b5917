"""A period from its run to the payout: the clerk's desk, and the host who disputes on a phone."""

import pytest
from playwright.sync_api import expect

expect.set_options(timeout=30_000)  # the first page in each language builds its assets
WORDS = {
    "en_US": {
        "make": "Make Statements", "send": "Send", "again": "Send Again", "answer": "Answer",
        "file": "Make a Bank File", "bank": "The Bank Has Paid", "done": "Done",
        "disputed": "Disputed", "wrong": "This is wrong",
    },
    "zh_CN": {
        "make": "生成对账单", "send": "发送", "again": "重新发送", "answer": "答复",
        "file": "生成银行文件", "bank": "银行已付款", "done": "完成",
        "disputed": "有异议", "wrong": "有异议",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def hosts(odoo_env):
    """For each language a host with a share of 20.00 from forty days ago: {lang: contact id}."""
    env = odoo_env
    now = env.cr.now().replace(microsecond=0)
    found = {}
    for lang in WORDS:
        contact = env["res.partner"].create({"name": f"Mimi {lang}"})
        contact.bank_ids = [(0, 0, {"acc_number": f"62220000{lang}"})]
        host = env["channel.talent"].create({"name": f"Mimi {lang}", "partner_id": contact.id})
        host.account_ids = [(0, 0, {"platform": "douyin", "author_ref": f"mimi-{lang}"})]
        shop = env["channel.shop"].create(
            {"name": f"State {lang}", "code": f"STATE{lang}", "platform": "douyin",
             "platform_shop_ref": f"state-{lang}"}
        )  # fmt: skip
        order = env["channel.order"].create(
            {"shop_id": shop.id, "company_id": env.company.id, "order_ref": f"STATE-{lang}",
             "currency_id": env.company.currency_id.id, "stage": "packed",
             "platform_status": "ready", "created_at": now, "paid_at": now, "updated_at": now,
             "received_at": now, "amount_owed": 100, "amount_paid": 100}
        )  # fmt: skip
        env["channel.order.line"].create(
            {"order_id": order.id, "line_ref": "L1", "part": 0, "quantity": 1, "item_quantity": 1,
             "title": "Tea", "amount_list": 120, "amount_paid": 100, "amount_owed": 100,
             "author_ref": f"mimi-{lang}"}
        )  # fmt: skip
        order._advance(order, "shipped", "shipped")
        env["res.users"].with_context(no_reset_password=True).create(
            {"name": f"Mimi {lang}", "login": f"mimi_{lang}", "password": f"mimi_{lang}",
             "partner_id": contact.id, "group_ids": [(6, 0, env.ref("base.group_portal").ids)]}
        )  # fmt: skip
        found[lang] = contact.id
    env["settlement.scheme"].create(
        {
            "name": "Statements",
            "rule_ids": [
                (0, 0, {"role": "host", "percent": 20}),
                (0, 0, {"role": "brand", "basis": "remainder"}),
            ],
        }
    ).action_publish()
    env["settlement.terms"].create(
        {"name": "Hosts", "role": "host", "due_from": "sale", "due_days": 0, "sequence": 1}
    )
    env["settlement.event"]._split_waiting()
    env.flush_all()
    env.cr.execute("ALTER TABLE settlement_event DISABLE TRIGGER USER")
    env.cr.execute("UPDATE settlement_event SET day = day - 40")
    env.cr.execute("ALTER TABLE settlement_event ENABLE TRIGGER USER")
    env["res.users"].create(
        {"name": "Fay", "login": "state_clerk", "password": "state_clerk", "tz": "Asia/Shanghai",
         "group_ids": [(6, 0, env.ref("channel_network.group_finance_clerk").ids)]}
    )  # fmt: skip
    env.cr.commit()
    return found


def _press(view, words):
    view.locator(".o_form_statusbar").get_by_role("button", name=words, exact=True).click()


@pytest.mark.parametrize("lang", list(WORDS))
def test_a_period(page, hosts, lang, odoo_env):
    words = WORDS[lang]
    desk = page("state_clerk", lang)
    desk.goto("/odoo/statements")
    desk.locator("[data-menu-xmlid='channel_settlement.menu_settlement']").click()
    desk.locator("[data-menu-xmlid='channel_statement.menu_settlement_run']").click()
    box = desk.locator(".modal")
    page.settle(desk)
    box.locator(".o_field_widget[name=partner_ids] input").fill(f"Mimi {lang}")
    desk.locator(".o-autocomplete--dropdown-item", has_text=f"Mimi {lang}").first.click()
    expect(box.locator(".o_tag")).to_have_count(1)
    page.shot(desk, f"statement_run_{lang}")
    box.get_by_role("button", name=words["make"], exact=True).click()
    row = desk.locator(".o_data_row", has_text=f"Mimi {lang}")
    expect(row).to_contain_text("20.00")
    page.shot(desk, f"statement_list_{lang}")
    row.locator("td[name=name]").click()
    desk.locator("button[name=action_shares]").click()
    expect(desk.locator(".o_data_row")).to_contain_text(f"STATE-{lang}")
    desk.go_back()
    _press(desk, words["send"])
    expect(desk.locator("button[name=action_withdraw]")).to_be_visible()
    page.shot(desk, f"statement_sent_{lang}")

    phone = page(f"mimi_{lang}", lang, size="phone")
    phone.goto("/my/settlements")
    phone.locator(".o_settlement").click()
    expect(phone.locator(".o_settlement_payable")).to_contain_text("20.00")
    line = phone.locator(".o_settlement_line")
    line.get_by_text(words["wrong"]).click()
    line.locator("textarea").fill("25 %")
    page.shot(phone, f"portal_settlement_{lang}")
    line.locator("button[type=submit]").click()
    expect(phone.locator(".o_settlement_dispute")).to_contain_text("25 %")
    expect(phone.locator(".o_settlement_confirm")).to_have_count(0)

    desk.reload()
    expect(desk.locator(".alert-danger")).to_be_visible()
    page.shot(desk, f"statement_disputed_{lang}")
    desk.locator("button[name=action_answer]").click()
    box = desk.locator(".modal")
    page.settle(desk)
    box.locator(".o_field_widget[name=amount] input").fill("5")
    box.locator(".o_field_widget[name=answer] textarea").fill("OK")
    page.shot(desk, f"statement_answer_{lang}")
    box.get_by_role("button", name=words["answer"], exact=True).click()
    expect(box).to_have_count(0)
    _press(desk, words["again"])
    expect(desk.locator(".o_field_widget[name=amount_payable]")).to_contain_text("25.00")

    phone.reload()
    expect(phone.locator(".o_settlement_payable")).to_contain_text("25.00")
    expect(phone.locator(".o_settlement_dispute")).to_contain_text("OK")
    wide = phone.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{wide} px wider than the phone"
    with phone.expect_download() as download:
        phone.locator("a[href$='.pdf']").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    phone.locator(".o_settlement_confirm").click()
    expect(phone.locator(".o_settlement_confirm")).to_have_count(0)
    page.shot(phone, f"portal_settlement_agreed_{lang}", full=True)

    desk.goto("/odoo/payouts")
    row = desk.locator(".o_data_row", has_text=f"Mimi {lang}")
    row.locator("td[name=partner_id]").click()
    expect(desk.locator(".o_field_widget[name=net]")).to_contain_text("25.00")
    page.shot(desk, f"payout_{lang}")
    _press(desk, words["file"])
    expect(desk.locator(".o_field_widget[name=amount]").first).to_contain_text("25.00")
    page.shot(desk, f"payout_file_{lang}")
    _press(desk, words["bank"])
    expect(desk.locator(".o_arrow_button_current")).to_contain_text(words["done"])

    odoo_env.cr.rollback()
    statement = odoo_env["settlement.statement"].search([("partner_id", "=", hosts[lang])])
    assert (statement.state, statement.amount_payable) == ("paid", 25.0)
    assert statement.confirmed_by.login == f"mimi_{lang}"
    assert statement.payout_ids.state == "paid"
