"""A voucher entered by one clerk and approved by another, a claim, and the statement, in both languages."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

FIRST_PAGE = 60_000  # ms: the assets of a language are built for its first page


@pytest.fixture(scope="module")
def account(odoo_env):
    """An open account of a dealer, two clerks, two receipts, one of them of the dealer."""
    from odoo.addons.channel_deposit.core.operations import Open, TopUp  # with the server's paths

    env = odoo_env
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading("cn", company=company, install_demo=False)
    bank = env["account.journal"].search(
        [("company_id", "=", company.id), ("type", "=", "bank")], limit=1
    )
    for lang in WORDS:
        bank.with_context(lang=lang).name = "工商银行 0123"
    partner = env["res.partner"].create({"name": "广州茶香贸易有限公司", "is_company": True})
    member = env["channel.member"].create({"partner_id": partner.id, "state": "active"})
    account = env["channel.deposit.account"]._ensure(member)
    account._book_or_raise(
        [
            Open(key=f"open,{account.id}", account=account.id),
            *(TopUp(key=f"start {n}", account=account.id, amount=100_00) for n in range(85)),
        ]
    )
    env["account.bank.statement.line"].create(
        [
            {"journal_id": bank.id, "date": "2026-03-16", "amount": 3000, "partner_name": name,
             "payment_ref": "货款"}
            for name in ("广州茶香贸易有限公司", "李四")
        ]
    )  # fmt: skip
    clerk = env.ref("channel_network.group_finance_clerk")
    env["res.users"].create(
        [
            {"name": name, "login": login, "password": login, "tz": "Asia/Shanghai",
             "group_ids": [(6, 0, clerk.ids)]}
            for name, login in (("Anna", "cash_maker"), ("Ben", "cash_checker"))
        ]
    )  # fmt: skip
    env.cr.commit()
    return account


WORDS = {
    "en_US": {
        "submit": "Submit for Approval",
        "approve": "Approve",
        "waits": "To Approve",
        "approved": "Approved",
        "claim": "Claim",
        "sign": "Name of the member",
    },
    "zh_CN": {
        "submit": "提交审批",
        "approve": "审批通过",
        "waits": "待审批",
        "approved": "已审批",
        "claim": "认领",
        "sign": "渠道商名称",
    },
}


def _picture():
    image = io.BytesIO()
    Image.new("RGB", (320, 200), "#eef").save(image, "PNG")
    return {"name": "slip.png", "mimeType": "image/png", "buffer": image.getvalue()}


def _many2one(view, field, text):
    view.locator(f"[name={field}] input").fill(text)
    view.locator(".o-autocomplete--dropdown-item", has_text=text).first.click()


def _state(view):
    return view.locator(".o_statusbar_status .o_arrow_button_current")


@pytest.mark.parametrize("lang", list(WORDS))
def test_a_slip_is_entered_by_one_and_approved_by_another(account, page, lang):
    words = WORDS[lang]
    view = page("cash_maker", lang)
    view.goto("/odoo/deposit-vouchers/new")
    expect(view.locator(".o_form_view")).to_be_visible(timeout=FIRST_PAGE)
    _many2one(view, "account_id", "茶香")
    view.locator("[name=amount] input").fill("12345.67")
    _many2one(view, "journal_id", "工商银行")
    view.locator("[name=reference] input").fill(f"2026 {lang}")
    view.locator("[name=slip] input[type=file]").set_input_files(_picture())
    view.get_by_role("button", name=words["submit"]).click()
    expect(_state(view)).to_have_text(words["waits"])
    expect(view.get_by_role("button", name=words["approve"], exact=True)).to_be_hidden()
    page.shot(view, f"deposit-voucher-{lang}", full=True)
    number = view.locator("h1 [name=name]").inner_text()

    other = page("cash_checker", lang)
    other.goto("/odoo/deposit-vouchers-to-approve")
    row = other.locator(".o_data_row", has_text=number)
    expect(row).to_contain_text("12,345.67", timeout=FIRST_PAGE)
    page.shot(other, f"deposit-vouchers-to-approve-{lang}")
    row.locator("td", has_text=number).click()
    other.get_by_role("button", name=words["approve"], exact=True).click()
    expect(_state(other)).to_have_text(words["approved"])
    page.shot(other, f"deposit-voucher-approved-{lang}", full=True)


@pytest.mark.parametrize("lang", list(WORDS))
def test_a_receipt_is_claimed(account, page, lang):
    words = WORDS[lang]
    view = page("cash_maker", lang)
    view.goto("/odoo/deposit-receipts")
    row = view.locator(".o_data_row", has_text="广州茶香").first
    expect(row).to_contain_text(words["sign"], timeout=FIRST_PAGE)
    page.shot(view, f"deposit-receipts-{lang}")
    row.get_by_role("button", name=words["claim"], exact=True).click()
    view.get_by_role("button", name=words["submit"]).click()
    expect(_state(view)).to_have_text(words["waits"])
    page.shot(view, f"deposit-claim-{lang}", full=True)
    view.locator("button[name=action_cancel]").click()  # the next language claims it again


@pytest.mark.parametrize("lang", list(WORDS))
def test_the_statement_page_by_page(account, page, lang):
    view = page("cash_maker", lang)
    view.goto("/odoo/deposit-statement")
    expect(view.locator(".o_form_view")).to_be_visible(timeout=FIRST_PAGE)
    _many2one(view, "account_id", "茶香")
    rows = view.locator("[name=entry_ids] .o_data_row")
    expect(rows).to_have_count(80)
    page.shot(view, f"deposit-statement-{lang}")
    view.locator("button[name=action_next]").click()
    expect(rows).not_to_have_count(80)
    view.locator("button[name=action_previous]").click()
    expect(rows).to_have_count(80)


def _refund(env, account, amount):
    """A refund that one clerk asked for and the other approved, and its line of the bank."""
    partner = account.member_id.partner_id
    if not partner.bank_ids:
        env["res.partner.bank"].create({"partner_id": partner.id, "acc_number": "6222 0012 3456"})

    def acting(login):
        user = env["res.users"].search([("login", "=", login)])
        return env(user=user, su=False)["channel.deposit.request"]

    refund = acting("cash_maker").create(
        {"kind": "refund", "account_id": account.id, "amount": amount, "reason": "合同到期"}
    )
    refund.action_submit()
    refund.with_env(acting("cash_checker").env).action_approve()
    bank = env["account.journal"].search(
        [("company_id", "=", env.company.id), ("type", "=", "bank")], limit=1
    )
    env["account.bank.statement.line"].create(
        {"journal_id": bank.id, "date": env.cr.now().date(), "amount": -amount,
         "partner_name": partner.name, "account_number": "622200123456", "payment_ref": "退款"}
    )  # fmt: skip
    env.cr.commit()
    return refund


@pytest.mark.parametrize(("lang", "amount"), [("en_US", 12.0), ("zh_CN", 13.0)])
def test_a_refund_meets_its_bank_line(account, odoo_env, page, lang, amount):
    refund = _refund(odoo_env, account, amount)
    view = page("cash_maker", lang)
    view.goto("/odoo/deposit-refunds-to-pay")
    row = view.locator(".o_data_row", has_text=refund.name)
    expect(row).to_contain_text("6222", timeout=FIRST_PAGE)
    page.shot(view, f"deposit-refunds-to-pay-{lang}")
    row.locator("button[name=action_match_bank]").click()
    expect(row).to_have_count(0)
    view.goto(f"/odoo/deposit-requests/{refund.id}")
    expect(view.locator("[name=statement_line_id]")).to_be_visible()
    page.shot(view, f"deposit-refund-paid-{lang}", full=True)


@pytest.mark.parametrize("lang", list(WORDS))
def test_the_ledger_agrees(account, odoo_env, page, lang):
    odoo_env["channel.deposit.posting"].sudo()._post_entries(
        odoo_env["channel.deposit.entry"].search([("account_id", "=", account.id)])
    )
    odoo_env.cr.commit()
    view = page("cash_maker", lang)
    view.goto("/odoo/channel-deposit-tie-out")
    expect(view.locator(".o_data_row").first).to_be_visible(timeout=FIRST_PAGE)
    page.shot(view, f"deposit-tie-out-{lang}")
    admin = page("admin", lang)
    admin.goto("/odoo/settings")
    admin.locator(".settings_tab .tab[data-key=account]").click(timeout=FIRST_PAGE)
    admin.locator("[name=channel_deposit_goods_account_id]").scroll_into_view_if_needed()
    page.shot(admin, f"deposit-settings-{lang}")
