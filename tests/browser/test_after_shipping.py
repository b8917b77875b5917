"""After the parcel has left: the returns desk by scanner alone, the after-sale clerk at the desk, new
goods from the shelf; in both languages."""

import os
import re
import time
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import expect

SLOW = 60_000  # ms; the first page of a new server
HOUR = 3600
LANGS = ("en_US", "zh_CN")
WORDS = {
    "en_US": {
        "grant": "Grant", "refuse": "Refuse", "send": "Send", "left": "46 h",
        "changed": "Read it again, then decide",
        "kind": "Refund only", "owner": "Find the owner", "search": "Search", "choose": "This one",
        "timeline": "Timeline", "no_owner": "No owner", "wrong": "Wrong",
        "story": ("After-sale asked", "After-sale granted by us", "Replacement sent", "Shipped"),
    },
    "zh_CN": {
        "grant": "同意", "refuse": "拒绝", "send": "发出", "left": "46 小时", "changed": "请重新查看后再处理",
        "kind": "仅退款", "owner": "查找归属", "search": "搜索", "choose": "就是它",
        "timeline": "时间线", "no_owner": "无主件", "wrong": "错件",
        "story": ("买家申请售后", "我方同意售后", "补发已寄出", "已发货"),
    },
}  # fmt: skip


@dataclass(frozen=True)
class Shop:
    """A shop whose orders have left."""

    env: object
    record: object
    product: str  # its bar code at the desk
    orders: dict

    def ask(self, order, kind, status="applied", amount=5000, newer=0, **values):
        """An after-sale ``A<order>`` as the platform tells it now."""
        from odoo.addons.channel_order.core import snapshot

        now = int(time.time())
        told = snapshot.AfterSaleSnapshot(
            platform="manual", aftersale_ref=f"A{order.order_ref}", order_ref=order.order_ref,
            line_ref=f"{order.order_ref}-1", kind=snapshot.AfterSaleKind(kind),
            status=snapshot.AfterSaleStatus(status), amount=amount, items=amount // 10000 or 1,
            applied_at=now - HOUR, updated_at=now - HOUR + newer, deadline=now + 47 * HOUR,
            reason="尺码不合适", **values,
        )  # fmt: skip
        self.env["channel.order"]._ingest_aftersales(self.record, [told])
        self.env.cr.commit()
        return self.find(told.aftersale_ref)

    def units(self):
        """Units of the product in the stock and among the defects."""
        company = self.record.company_id
        stock = self.env["stock.warehouse"].search([("company_id", "=", company.id)]).lot_stock_id
        places = (stock, company.channel_defect_location_id)
        quants = self.env["stock.quant"].search([("product_id.default_code", "=", self.product)])
        return tuple(
            sum(quants.filtered(lambda one, at=at: one.location_id == at).mapped("quantity"))
            for at in places
        )

    def find(self, ref):
        return self.env["channel.aftersale"].search(
            [("shop_id", "=", self.record.id), ("aftersale_ref", "=", ref)]
        )

    def fresh(self):
        """See what the browser did."""
        self.env.cr.rollback()
        self.env.invalidate_all()


def phone_of(lang, number):
    """The phone of the buyer of a language's order."""
    return f"1380013{LANGS.index(lang)}00{number}"


@pytest.fixture(scope="module")
def shop(odoo_env):
    """For each language an order of four units, and single ones of buyers with phones; all shipped."""
    from odoo.addons.channel_fulfilment.tests import common, world
    from odoo.addons.channel_order.tests.common import OrderCommon

    os.environ.setdefault("QUDAO_DATA_KEY", "k" * 40)
    env = odoo_env
    made = world.create_world(env, orders=0)
    env.user.company_ids |= env["res.company"].browse(made["company"])
    env = env(context={"allowed_company_ids": [made["company"]]})
    shop = env["channel.shop"].browse(made["shop"])
    maker = type("Maker", (common.FulfilmentCommon,), {"env": env, "shop": shop, "orders_seen": 0})
    orders, now = {}, int(time.time()) - HOUR
    for lang in LANGS:
        told = [maker.snapshot(maker.line("TEA", 4, paid=40000))]
        for n in range(1, 6):
            single = maker.snapshot(maker.line("TEA"))
            buyer = OrderCommon.receiver(phone=phone_of(lang, n))
            told.append(
                replace(single, receiver=buyer, created_at=now, paid_at=now, updated_at=now)
            )
        orders[lang] = maker.ingest(*told)
    _ship(env, made)
    company = env["res.company"].browse(made["company"])
    company.channel_release_clean = True
    for role in ("warehouse", "livestream_operator"):
        _user(env, role, company)
    env.cr.commit()
    product = env["product.product"].browse(made["product"])
    return Shop(env, shop, product.default_code, orders)


def _ship(env, made):
    """Everything that is allocated is packed and handed over."""
    shop, fulfiller = (env[f"channel.{key}"].browse(made[key]) for key in ("shop", "fulfiller"))
    waves = env["channel.wave"]._build(shop, fulfiller)
    for parcel in waves.parcel_ids:
        answer = env["channel.parcel"].scan(parcel.name, {})
        env["channel.parcel"].scan(f"SF{parcel.id:08d}", answer["station"])
    place = {f"{key}_id": made[key] for key in ("carrier", "warehouse", "company")}
    env["channel.manifest"].create(place).action_hand_over()
    env.invalidate_all()


def _user(env, role, company):
    env["res.users"].with_context(no_reset_password=True).create(
        {
            "name": role,
            "login": f"after_{role}",
            "password": f"after_{role}",
            "company_id": company.id,
            "company_ids": [(6, 0, company.ids)],
            "group_ids": [(6, 0, env.ref(f"channel_network.group_{role}").ids)],
        }
    )


@pytest.mark.parametrize("lang", LANGS)
def test_the_returns_desk_with_the_scanner_alone(shop, page, lang):
    words = WORDS[lang]
    mixed, clean, lost = shop.orders[lang][:3]
    shop.ask(mixed, "return", "returned", 40000, return_waybill=f"B{mixed.order_ref}")
    shop.ask(clean, "return", "returned", return_waybill=f"B{clean.order_ref}")
    before = shop.units()

    desk = page("after_warehouse", lang)
    desk.goto("/odoo/channel-returns-desk")
    station = desk.locator(".o_channel_desk")
    expect(station).to_have_attribute("data-answer", "idle", timeout=SLOW)

    history = desk.locator(".o_channel_scan_history > div")

    def scan(*codes, state="ok"):
        for code in codes:
            expect(desk.locator(".o_channel_desk input").first).to_have_value("")
            desk.keyboard.type(code)
            desk.keyboard.press("Enter")
            expect(history.first).to_contain_text(code)
        expect(station).to_have_attribute("data-answer", state)

    # four units were sent: one is good, one spoilt, one another product, one not in the parcel
    scan(f"B{mixed.order_ref}")
    expect(station).to_contain_text(f"A{mixed.order_ref}")
    expect(station).to_contain_text(mixed.order_ref)
    scan(shop.product, "R-GOOD", shop.product, "R-GOOD")
    desk.keyboard.press("F2")
    expect(history.first).to_contain_text("R-UNDO")
    scan(shop.product, "R-DEFECT", "R-WRONG", "R-MISSING", state="left")
    expect(station).to_contain_text(words["wrong"])
    page.shot(desk, f"returns_desk_count_{lang}")
    scan("R-CONFIRM", state="left")
    # all units of the next one are good: its money goes back by itself
    scan(f"B{clean.order_ref}", shop.product, "R-GOOD", "R-CONFIRM")
    # nobody told this waybill
    scan(f"SF77{lost.id:07d}", state="already")
    expect(station).to_contain_text(words["no_owner"])
    scan(phone_of(lang, 2), shop.product, "R-GOOD", "R-CONFIRM", state="already")
    page.shot(desk, f"returns_desk_orphan_{lang}")
    scan("R-STOCK")

    shop.fresh()
    parcel = shop.env["channel.return"].search([("waybill", "=", f"B{mixed.order_ref}")])
    counted = [sum(parcel.line_ids.mapped(name)) for name in ("good", "defect", "wrong", "missing")]
    assert counted == [1, 1, 1, 2], counted
    assert parcel.state == "stocked"
    # the parcel without owner waits outside the stock
    assert shop.units() == (before[0] + 2, before[1] + 1)
    assert shop.find(f"A{mixed.order_ref}").step == "goods", "held for a person"
    assert shop.find(f"A{clean.order_ref}").step == "tell", "released by itself"

    _match(page, desk, f"SF77{lost.id:07d}", lost, words, lang)
    shop.fresh()
    found = shop.env["channel.return"].search([("waybill", "=", f"SF77{lost.id:07d}")])
    assert found.order_ids == lost
    desk.goto("/odoo/channel-returns-desk")
    expect(station).to_have_attribute("data-answer", "idle", timeout=SLOW)
    scan("R-STOCK")
    shop.fresh()
    assert shop.units() == (before[0] + 3, before[1] + 1), "with the unit whose owner was found"


def _match(page, desk, waybill, order, words, lang):
    """The owner of a parcel is found by the sender's phone."""
    desk.goto("/odoo/channel-returns-without-owner")
    desk.get_by_text(waybill).click(timeout=SLOW)
    desk.get_by_role("button", name=words["owner"]).click()
    dialog = desk.locator(".modal")
    dialog.get_by_role("button", name=words["search"]).click()
    row = dialog.locator(".o_data_row").first
    expect(row).to_contain_text(order.order_ref)
    page.shot(desk, f"returns_desk_owner_{lang}")
    row.get_by_role("button", name=words["choose"]).click()
    expect(desk.locator(".modal")).to_have_count(0)
    expect(desk.locator(".o_form_view")).to_contain_text(order.order_ref)


@pytest.mark.parametrize("lang", LANGS)
def test_the_clerk_decides_and_new_goods_leave(shop, page, lang):
    words = WORDS[lang]
    refund, refused, again = shop.orders[lang][3:]
    rows = [
        shop.ask(refund, "refund_only"),
        shop.ask(refused, "refund_only"),
        shop.ask(again, "resend", amount=0),
    ]
    clerk = page("after_livestream_operator", lang)
    clerk.goto("/odoo/channel-aftersales")
    table = clerk.locator(".o_list_view")
    expect(table).to_contain_text(rows[0].aftersale_ref, timeout=SLOW)
    expect(table).to_contain_text(words["left"])
    page.shot(clerk, f"aftersale_desk_{lang}")
    clerk.locator(".o_search_panel").get_by_text(words["kind"]).click()
    expect(table).not_to_contain_text(again.order_ref)
    expect(table).to_contain_text(refund.order_ref)

    # the buyer asks for more while the clerk looks at it: nothing is granted blindly
    clerk.goto(f"/odoo/channel-aftersales/{rows[0].id}")
    _press(clerk, words["grant"])
    shop.ask(refund, "refund_only", amount=9000, newer=5)
    _confirm(clerk, words["grant"])
    expect(clerk.locator(".modal").last).to_contain_text(words["changed"])
    page.shot(clerk, f"aftersale_changed_{lang}")
    clerk.goto(f"/odoo/channel-aftersales/{rows[0].id}")
    expect(clerk.locator(".o_form_view")).to_contain_text("90.00", timeout=SLOW)
    _press(clerk, words["grant"])
    _confirm(clerk, words["grant"])
    expect(clerk.locator(".modal")).to_have_count(0)

    clerk.goto(f"/odoo/channel-aftersales/{rows[1].id}")
    _press(clerk, words["refuse"])
    clerk.locator(".modal div[name=reason] textarea").fill("吊牌已剪")
    _confirm(clerk, words["refuse"])
    expect(clerk.locator(".modal")).to_have_count(0)

    clerk.goto(f"/odoo/channel-aftersales/{rows[2].id}")
    _press(clerk, words["grant"])
    _confirm(clerk, words["grant"])
    expect(clerk.locator(".modal")).to_have_count(0)
    shop.fresh()
    assert {row.step for row in rows} == {"tell"}
    answers = [(row.answer_ids[:1].accept, row.answer_ids[:1].reason) for row in rows]
    assert answers == [(True, False), (False, "吊牌已剪"), (True, False)]

    shop.ask(again, "resend", "agreed", amount=0, newer=5)
    keeper = page("after_warehouse", lang)
    keeper.goto("/odoo/channel-replacements")
    row = keeper.locator(".o_data_row", has_text=again.order_ref)
    expect(row).to_contain_text("× 1", timeout=SLOW)
    page.shot(keeper, f"replacements_{lang}")
    row.get_by_role("button", name=words["send"]).click()
    waybill = keeper.locator(".modal div[name=waybill] input")
    expect(waybill).to_be_focused()
    keeper.keyboard.type(f"SF66{again.id:07d}")
    page.shot(keeper, f"replacement_send_{lang}")
    _confirm(keeper, words["send"])
    expect(keeper.locator(".modal")).to_have_count(0)
    shop.fresh()
    assert rows[2].replacement_ids.waybill == f"SF66{again.id:07d}"

    clerk.goto(f"/odoo/channel-orders/{again.id}")
    clerk.get_by_role("tab", name=words["timeline"]).click(timeout=SLOW)
    events = clerk.locator("div[name=event_ids]")
    for words_of_event in words["story"]:
        expect(events).to_contain_text(words_of_event)
    page.shot(clerk, f"order_timeline_{lang}", full=True)


def _press(desk, name):
    exact = re.compile(f"^{name}$")
    desk.locator(".o_form_statusbar").get_by_role("button", name=exact).click(timeout=SLOW)


def _confirm(desk, name):
    footer = desk.locator(".modal footer").last
    footer.get_by_role("button", name=name, exact=True).click()
