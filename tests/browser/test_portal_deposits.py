"""A dealer looks at the deposit on a phone, in both languages, and confirms a balance."""

import pytest
from playwright.sync_api import expect

SLOW = 60_000  # ms; the first page of a new database builds its assets
WORDS = {
    "en_US": ("Opening", "Nothing happened", "Yes, it is right", "Top-up"),
    "zh_CN": ("期初余额", "没有流水", "核对无误", "充值"),
}


@pytest.fixture(scope="module")
def dealer(odoo_env):
    """A dealer with 5,000.00, 1,200.00 of it on hold; returns its account."""
    from odoo import Command, fields

    from odoo.addons.channel_deposit.core.operations import Open, PlaceHold, TopUp

    env = odoo_env
    partner = env["res.partner"].create({"name": "上海申渠商贸有限公司", "is_company": True})
    member = env["channel.member"].create(
        {"partner_id": partner.id, "kind": "dealer", "state": "active"}
    )
    contact = env["res.partner"].create({"name": "郑老板", "parent_id": partner.id})
    group = env.ref("channel_network.group_member_user")
    env["res.users"].with_context(no_reset_password=True).create(
        {
            "name": "郑老板",
            "login": "phone_dealer",
            "password": "phone_dealer",
            "partner_id": contact.id,
            "group_ids": [Command.set(group.ids)],
        }
    )
    account = env["channel.deposit.account"]._ensure(member)
    account._book_or_raise(
        [
            Open(key="open", account=account.id),
            TopUp(key="slip", account=account.id, amount=500_000),
            PlaceHold(key="order", account=account.id, amount=120_000),
        ]
    )
    env["channel.deposit.confirmation"]._make(fields.Date.add(fields.Date.today(), days=1))
    env["channel.deposit.confirmation"].search([("account_id", "=", account.id)]).action_send()
    env.cr.commit()
    return account


@pytest.mark.parametrize("lang", ["en_US", "zh_CN"])
def test_a_dealer_reads_the_deposit_on_a_phone(dealer, page, lang):
    opening, nothing, _right, top_up = WORDS[lang]
    phone = page("phone_dealer", lang, size="phone")
    phone.goto("/my")
    # the card with the available amount leads to the statement, the entry below it to all accounts
    phone.locator("a[href$='/my/deposits']").first.click(timeout=SLOW)
    card = phone.locator(".o_deposit_account")
    expect(card).to_contain_text("3,800.00", timeout=SLOW)
    expect(card).to_contain_text("1,200.00")
    page.shot(phone, f"portal_deposits_{lang}")
    card.click()
    expect(phone.locator(".o_deposit_entry")).to_have_count(3)
    expect(phone.locator("main")).to_contain_text(opening)
    expect(phone.locator(".o_deposit_entry").nth(1)).to_contain_text(top_up)
    expect(phone.locator(".o_deposit_closing")).to_contain_text("5,000.00")
    wide = phone.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{wide} px wider than the phone"
    page.shot(phone, f"portal_statement_{lang}")
    for button, ending in ((".o_deposit_file", ".xlsx"), (".o_deposit_pdf", ".pdf")):
        with phone.expect_download() as download:
            phone.locator(button).click()
        assert download.value.suggested_filename.endswith(ending)
    assert download.value.path().read_bytes().startswith(b"%PDF")
    phone.locator("input[name=first]").fill("2020-01-01")
    phone.locator("input[name=last]").fill("2020-01-31")
    phone.locator("form button[type=submit]").first.click()
    expect(phone.locator(".alert-info")).to_contain_text(nothing)


def test_a_dealer_confirms_the_balance(dealer, page):
    phone = page("phone_dealer", "zh_CN", size="phone")
    phone.goto("/my/deposits")
    asked = phone.locator(".o_deposit_confirmation")
    expect(asked).to_contain_text("5,000.00", timeout=SLOW)
    phone.get_by_role("button", name=WORDS["zh_CN"][2]).click()
    expect(asked).to_have_count(0)
    expect(phone.locator(".o_deposit_account")).to_be_visible()
