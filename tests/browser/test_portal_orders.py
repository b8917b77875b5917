"""A dealer orders on a phone, in both languages: steps, cart, sending, a file, an order that waits."""

import io

import pytest
from playwright.sync_api import expect

SLOW = 60_000  # ms; the first page of a new database builds its assets
WORDS = {
    "en_US": {"send": "is confirmed", "waits": "Waits for the sales manager", "stock": "In stock"},
    "zh_CN": {"send": "已确认", "waits": "等待销售经理审核", "stock": "有货"},
}
USUAL = 3 * 2 * 420_00 * 113 // 100  # fen, what the dealer has ordered before
GOODS = [
    ("T-1001", "明前龙井 250g 罐装", "茶叶", 168.0, 500),
    ("T-1002", "武夷大红袍 礼盒 300g", "茶叶", 298.0, 12),
    ("T-1004", "武夷肉桂 礼盒 300g", "茶叶", 318.0, 400),
    ("T-1003", "安吉白茶 100g", "茶叶", 88.0, 0),
    ("C-2001", "景德镇青花盖碗", "茶具", 56.0, 300),
    ("C-2002", "紫砂壶 西施 240ml", "茶具", 420.0, 80),
]


@pytest.fixture(scope="module")
def dealers(odoo_env):
    """For each language a dealer with 20,000.00 who may order tea in packs of six, and cups."""
    from odoo import Command

    from odoo.addons.channel_deposit.core.operations import Open, TopUp

    env = odoo_env
    warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    categories = {name: env["product.category"].create({"name": name}) for name in ("茶叶", "茶具")}
    products = env["product.product"]
    for code, name, category, price, stock in GOODS:
        product = env["product.product"].create(
            {
                "name": name,
                "default_code": code,
                "categ_id": categories[category].id,
                "list_price": price,
                "is_storable": True,
            }
        )
        if stock:
            env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, stock)
        products |= product
    env["channel.review.rule"].with_context(active_test=False).search(
        [("company_id", "=", env.company.id), ("kind", "=", "pack")]
    ).write({"active": True, "quantity": 6, "category_ids": [Command.set(categories["茶叶"].ids)]})
    env["channel.assortment"].create(
        {"name": "All", "line_ids": [Command.create({"product_id": p.id}) for p in products]}
    )
    group = env.ref("channel_network.group_member_user")
    orders = {}
    for number, lang in enumerate(WORDS):
        partner = env["res.partner"].create(
            {"name": f"上海申渠商贸有限公司 {number}", "is_company": True}
        )
        member = env["channel.member"].create({"partner_id": partner.id, "state": "active"})
        env["channel.contract"].create(
            {"member_id": member.id, "date_start": "2020-01-01", "date_end": "2099-12-31"}
        ).action_activate()
        contact = env["res.partner"].create({"name": "郑老板", "parent_id": partner.id})
        env["res.users"].with_context(no_reset_password=True).create(
            {
                "name": "郑老板",
                "login": f"orders_{lang}",
                "password": f"orders_{lang}",
                "partner_id": contact.id,
                "group_ids": [Command.set(group.ids)],
            }
        )
        account = env["channel.deposit.account"]._ensure(member)
        account._book_or_raise(
            [Open(key=f"open {number}", account=account.id),
             TopUp(key=f"slip {number}", account=account.id, amount=2_000_000 + USUAL)]
        )  # fmt: skip
        _sold(env, member, products[-1])
        env["res.partner"].create(
            {
                "name": "东莞仓",
                "parent_id": partner.id,
                "type": "delivery",
                "street": "松山湖大道 8 号",
            }
        )
        orders[lang] = member
    env.cr.commit()
    return orders


def _sold(env, member, product):
    """The member has ordered two of a product every ten days: enough is left for six days."""
    from datetime import timedelta

    from odoo import fields

    for back in (24, 14, 4):
        line = (0, 0, {"product_id": product.id, "product_uom_qty": 2})
        order = env["sale.order"].create({"partner_id": member.partner_id.id, "order_line": [line]})
        order.action_confirm()
        assert order.state == "sale", order.review_text
        order.date_order = fields.Datetime.now() - timedelta(days=back)


def _fits(phone):
    wide = phone.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{wide} px wider than the phone"


def _card(phone, name):
    return phone.locator(".o_order_product", has_text=name)


@pytest.mark.parametrize("lang", list(WORDS))
def test_a_dealer_orders_on_a_phone(dealers, page, lang):
    words = WORDS[lang]
    phone = page(f"orders_{lang}", lang, size="phone")
    phone.goto("/my")
    expect(phone.locator(".o_dealer_available")).to_contain_text("20,000.00", timeout=SLOW)
    _fits(phone)
    page.shot(phone, f"portal_home_{lang}")
    phone.locator(".o_dealer_start").click()
    expect(phone.locator(".o_order_product")).to_have_count(len(GOODS), timeout=SLOW)
    expect(phone.locator(".o_order_live")).to_be_visible(timeout=SLOW)
    expect(_card(phone, "龙井")).to_contain_text(words["stock"])
    _card(phone, "龙井").locator(".o_order_up").click()
    _card(phone, "龙井").locator(".o_order_up").click()
    _card(phone, "盖碗").locator(".o_order_quantity").fill("20")
    _card(phone, "盖碗").locator(".o_order_quantity").press("Tab")
    expect(phone.locator(".o_bar_lines")).to_have_text("2")
    assert _card(phone, "龙井").locator(".o_order_quantity").input_value() == "12"
    _card(phone, "紫砂").locator(".o_order_quantity").fill("1.5")
    _card(phone, "紫砂").locator(".o_order_quantity").press("Tab")
    expect(_card(phone, "紫砂").locator(".o_order_error")).to_contain_text("1.5")
    _fits(phone)
    page.shot(phone, f"portal_catalogue_{lang}")
    phone.locator(".o_order_bar a").click()
    expect(phone.locator(".o_cart_line")).to_have_count(2)
    expect(phone.locator(".o_cart_total")).to_contain_text("3,")
    _fits(phone)
    page.shot(phone, f"portal_cart_{lang}", full=True)
    phone.locator("#o_cart_name").fill("新年备货")
    phone.locator(".o_cart_send").click()
    expect(phone.locator(".o_order_notice")).to_contain_text(words["send"], timeout=SLOW)
    _fits(phone)
    page.shot(phone, f"portal_order_{lang}", full=True)
    member = dealers[lang]
    member.env.cr.rollback()
    member.env.invalidate_all()
    order = member.env["sale.order"].search([("member_id", "=", member.id)], limit=1)
    assert (order.state, order.client_order_ref) == ("sale", "新年备货")


@pytest.mark.parametrize("lang", list(WORDS))
def test_an_order_that_waits_and_its_substitute(dealers, page, lang):
    words = WORDS[lang]
    phone = page(f"orders_{lang}", lang, size="phone")
    phone.goto("/my/order?q=大红袍")
    expect(phone.locator(".o_order_live")).to_be_visible(timeout=SLOW)
    phone.locator(".o_order_quantity").fill("48")
    phone.locator(".o_order_quantity").press("Tab")
    expect(phone.locator(".o_bar_lines")).to_have_text("1")
    phone.goto("/my/order/cart")
    expect(phone.locator(".o_cart_foreseen")).to_contain_text("48")
    page.shot(phone, f"portal_foreseen_{lang}", full=True)
    phone.locator(".o_cart_send").click()
    expect(phone.locator(".o_dealer_review")).to_contain_text(words["waits"], timeout=SLOW)
    _fits(phone)
    page.shot(phone, f"portal_waiting_{lang}", full=True)
    phone.goto("/my/orders")
    cards = phone.locator(".o_dealer_orders")
    expect(cards.locator(".o_order_review")).to_contain_text(words["waits"])
    _fits(phone)
    page.shot(phone, f"portal_orders_{lang}")
    cards.locator("a", has_text="16,163.52").click()
    phone.locator(".o_dealer_change").click()
    expect(phone.locator(".o_cart_line")).to_have_count(1)
    expect(phone.locator(".o_order_live")).to_be_visible()
    phone.locator(".o_order_quantity").fill("12")
    phone.locator(".o_order_quantity").press("Tab")
    expect(phone.locator(".o_cart_foreseen")).to_have_count(0)
    phone.locator(".o_cart_keep button").click()
    expect(phone.locator(".o_cart_draft")).to_have_count(1)
    page.shot(phone, f"portal_drafts_{lang}")


@pytest.mark.parametrize("lang", list(WORDS))
def test_a_dealer_orders_with_a_file(dealers, page, lang):
    phone = page(f"orders_{lang}", lang, size="phone")
    phone.goto("/my/order/file")
    _fits(phone)
    page.shot(phone, f"portal_file_{lang}")
    with phone.expect_download() as download:
        phone.locator(".o_file_template").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    rows = "商品编码,数量\nT-1001,12\nC-2001,5\nX-9,3\nC-2002,-1\n"
    file = {"name": "订单.csv", "mimeType": "text/csv", "buffer": io.BytesIO(rows.encode()).read()}
    phone.locator("input[type=file]").set_input_files(file)
    phone.locator(".o_file_send").click()
    expect(phone.locator(".o_file_error")).to_have_count(2, timeout=SLOW)
    _fits(phone)
    page.shot(phone, f"portal_file_errors_{lang}", full=True)
    with phone.expect_download() as download:
        phone.locator(".o_file_report").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    phone.locator(".o_file_apply").click()
    expect(phone.locator(".o_cart_line")).to_have_count(2, timeout=SLOW)


USUALLY = {"en_US": ("You usually reorder", "6 days"), "zh_CN": ("您常补的货", "6 天")}


@pytest.mark.parametrize("lang", list(USUALLY))
def test_a_dealer_reorders_and_takes_what_is_in_stock_instead(dealers, page, lang):
    phone = page(f"orders_{lang}", lang, size="phone")
    phone.goto("/my")
    for words in USUALLY[lang]:
        expect(phone.locator(".o_order_usual")).to_contain_text(words, timeout=SLOW)
    _fits(phone)
    page.shot(phone, f"portal_home_usual_{lang}", full=True)
    phone.goto("/my/order")
    page.shot(phone, f"portal_usual_{lang}")
    phone.locator(".o_usual_all").click()
    expect(phone.locator(".o_cart_line", has_text="紫砂")).to_have_count(1, timeout=SLOW)
    phone.goto("/my/order?q=大红袍")
    expect(phone.locator(".o_order_usual")).to_have_count(0)
    expect(phone.locator(".o_order_live")).to_be_visible(timeout=SLOW)
    lines = int(phone.locator(".o_bar_lines").inner_text())
    phone.locator(".o_order_quantity").fill("24")
    phone.locator(".o_order_quantity").press("Tab")
    expect(phone.locator(".o_bar_lines")).to_have_text(str(lines + 1))
    phone.goto("/my/order/cart")
    short = phone.locator(".o_cart_line", has_text="大红袍")
    expect(short.locator(".o_cart_instead")).to_contain_text("肉桂", timeout=SLOW)
    _fits(phone)
    page.shot(phone, f"portal_instead_{lang}", full=True)
    short.locator(".o_cart_take").click()
    expect(short).to_have_count(0, timeout=SLOW)
    expect(phone.locator(".o_cart_line", has_text="肉桂")).to_have_count(1)
    where = phone.locator("#o_cart_address")
    expect(where.locator("option:checked")).to_contain_text("东莞仓")
    where.select_option(index=0)
    phone.locator(".o_cart_send").click()
    expect(phone.locator(".o_order_notice")).to_contain_text(WORDS[lang]["send"], timeout=SLOW)
    member = dealers[lang]
    member.env.cr.rollback()
    member.env.invalidate_all()
    order = member.env["sale.order"].search([("member_id", "=", member.id), ("state", "=", "sale")])
    assert order[:1].partner_shipping_id == member.partner_id
