"""A dealer asks for a return on a phone, the sales manager approves it, the warehouse counts it, the
dealer reads the credit; in both languages."""

import io

import pytest
from playwright.sync_api import expect

SLOW = 60_000  # ms; the first page of a new database builds its assets
WORDS = {
    "en_US": {
        "reason": "Defective",
        "wait": "You need do nothing",
        "good": "good 2",
        "stop": "picture",
    },
    "zh_CN": {"reason": "质量问题", "wait": "您无需操作", "good": "良品 2", "stop": "照片"},
}
TEA = "明前龙井 250g 罐装"


@pytest.fixture(scope="module")
def dealers(odoo_env):
    """For each language a dealer who has received and paid for ten tins of tea at 168.00."""
    from odoo import Command

    from odoo.addons.channel_deposit.core.operations import Open, TopUp

    env = odoo_env
    warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    tea = env["product.product"].create(
        {"name": TEA, "default_code": "T-1001", "is_storable": True, "list_price": 168,
         "invoice_policy": "delivery", "taxes_id": False}
    )  # fmt: skip
    env["stock.quant"]._update_available_quantity(tea, warehouse.lot_stock_id, 100)
    dealers = {}
    for lang in WORDS:
        partner = env["res.partner"].create({"name": f"上海申渠商贸 {lang}", "is_company": True})
        member = env["channel.member"].create({"partner_id": partner.id, "state": "active"})
        env["channel.contract"].create(
            {"member_id": member.id, "date_start": "2020-01-01", "date_end": "2099-12-31"}
        ).action_activate()
        account = env["channel.deposit.account"]._ensure(member)
        account._book_or_raise(
            [Open(key=f"o {lang}", account=account.id),
             TopUp(key=f"t {lang}", account=account.id, amount=500_000)]
        )  # fmt: skip
        contact = env["res.partner"].create({"name": "郑老板", "parent_id": partner.id})
        _user(env, f"returns_{lang}", "group_member_user", partner_id=contact.id)
        line = Command.create({"product_id": tea.id, "product_uom_qty": 10})
        order = env["sale.order"].create({"partner_id": partner.id, "order_line": [line]})
        order.action_confirm()
        order.picking_ids.move_ids.write({"quantity": 10, "picked": True})
        order.picking_ids.button_validate()
        order._create_invoices().action_post()
        dealers[lang] = member
    _user(env, "returns_manager", "group_sales_manager")
    _user(env, "returns_warehouse", "group_warehouse")
    env.cr.commit()
    return dealers


def _user(env, login, group, **values):
    group = env.ref(f"channel_network.{group}")
    return (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": login,
                "login": login,
                "password": login,
                "group_ids": [(6, 0, group.ids)],
                **values,
            }
        )
    )


def _picture():
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (640, 480), (150, 60, 40)).save(out, "JPEG")
    return {"name": "tin.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def _fits(phone):
    wide = phone.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{wide} px wider than the phone"


def _ask(phone, page, lang):
    """The dealer asks for three tins, first without the picture that the reason wants."""
    words = WORDS[lang]
    phone.goto("/my/returns")
    phone.locator(".o_return_new").click()
    phone.locator(".o_return_order").first.click()
    expect(phone.locator(".o_return_line")).to_contain_text(TEA, timeout=SLOW)
    for picture in (False, True):
        phone.locator(".o_return_line input[type=number]").fill("3")
        phone.locator(".o_return_line select").select_option(index=1)
        if picture:
            phone.locator("input[type=file]").set_input_files(_picture())
        page.shot(phone, f"return_form_{lang}", full=True)
        phone.locator(".o_return_submit").click()
        if not picture:
            expect(phone.locator(".o_return_error")).to_contain_text(words["stop"], timeout=SLOW)
            _fits(phone)
    expect(phone.locator(".alert-warning")).to_contain_text(words["wait"], timeout=SLOW)
    expect(phone.locator(".o_return_line")).to_contain_text(words["reason"])
    _fits(phone)
    page.shot(phone, f"return_asked_{lang}", full=True)


def _open_mine(desk, path, number):
    desk.goto(path)
    desk.locator(".o_data_row", has_text=number).locator("[name=name]").click(timeout=SLOW)


@pytest.mark.parametrize("lang", list(WORDS))
def test_from_the_phone_to_the_credit(dealers, page, lang):
    member = dealers[lang]
    phone = page(f"returns_{lang}", lang, size="phone")
    _ask(phone, page, lang)
    mine = phone.url
    member.env.cr.rollback()
    request = member.env["channel.dealer.return"].search([("member_id", "=", member.id)])

    desk = page("returns_manager", lang)
    _open_mine(desk, "/odoo/dealer-returns-to-decide", request.name)
    desk.locator("button[name=action_decide]").click()
    desk.locator(".modal button[name=action_approve]").click()
    expect(desk.locator("button[name=action_decide]:visible")).to_have_count(0, timeout=SLOW)
    page.shot(desk, f"return_approved_{lang}")
    phone.goto(mine)
    expect(phone.locator(".o_return_send")).to_contain_text(request.name)
    _fits(phone)
    page.shot(phone, f"return_send_{lang}", full=True)

    desk = page("returns_warehouse", lang)
    _open_mine(desk, "/odoo/dealer-returns-to-count", request.name)
    desk.locator("button[name=action_receive]").click()
    good = desk.locator(".modal .o_data_row [name=good]")
    good.click(timeout=SLOW)
    good.locator("input").fill("2")
    page.shot(desk, f"return_count_{lang}")
    desk.locator(".modal button[name=action_count]").click()
    expect(desk.locator(".modal")).to_have_count(0, timeout=SLOW)
    page.shot(desk, f"return_counted_{lang}")

    phone.goto(mine)
    expect(phone.locator(".o_return_found")).to_contain_text(WORDS[lang]["good"])
    expect(phone.locator(".o_return_credit")).to_contain_text("336.00")
    _fits(phone)
    page.shot(phone, f"return_done_{lang}", full=True)
    member.env.cr.rollback()
    member.env.invalidate_all()
    account = member.env["channel.deposit.account"]._ensure(member)
    assert (request.state, account.posted) == ("done", 5000 - 1680 + 336)
