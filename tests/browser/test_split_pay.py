"""A finance clerk prepares a split instruction that does not fit, and settles it by a statement."""

import pytest
from playwright.sync_api import expect

expect.set_options(timeout=30_000)  # the first page in each language builds its assets
WORDS = {
    "en_US": {"prepare": "Prepare Instructions", "misfit": "Not registered",
              "by_statement": "Settle by Statement", "cancelled": "Cancelled",
              "refund": "The buyer got money back", "off": "Take off the Statement"},
    "zh_CN": {"prepare": "生成分账指令", "misfit": "未在渠道登记",
              "by_statement": "改由对账单结算", "cancelled": "已取消",
              "refund": "买家获得退款", "off": "从对账单扣除"},
}  # fmt: skip


@pytest.fixture(scope="module")
def payments(odoo_env):
    """For each language a payment of 100.00 of which a host gets 20.00; the clerk."""
    env = odoo_env
    now = env.cr.now().replace(microsecond=0)
    merchant = env["channel.payment.merchant"].create(
        {"name": "Mini", "number": "1900000001", "app_ref": "wx1", "credential_ref": "TEST"}
    )
    host = env["res.partner"].create({"name": "Coco"})
    env["settlement.scheme"].create(
        {
            "name": "Our payments",
            "rule_ids": [
                (0, 0, {"role": "other", "partner_id": host.id, "percent": 20,
                        "settled_by": "channel"}),
                (0, 0, {"role": "brand", "basis": "remainder"}),
            ],
        }
    ).action_publish()  # fmt: skip
    env["channel.payment.receiver"].create(
        {"merchant_id": merchant.id, "partner_id": host.id, "account": "19001"}
    )
    shop = env["channel.shop"].create(
        {"name": "Mini", "code": "MINI", "platform": "file", "platform_shop_ref": "mini"}
    )
    orders = {}
    for ref in [*WORDS, *(f"R-{lang}" for lang in WORDS)]:
        orders[ref] = order = env["channel.order"].create(
            {"shop_id": shop.id, "company_id": env.company.id, "order_ref": f"MINI-{ref}",
             "currency_id": env.company.currency_id.id, "stage": "packed",
             "platform_status": "ready", "created_at": now, "paid_at": now, "updated_at": now,
             "received_at": now, "amount_owed": 100, "amount_paid": 100}
        )  # fmt: skip
        env["channel.order.line"].create(
            {"order_id": order.id, "line_ref": "L1", "part": 0, "quantity": 1, "item_quantity": 1,
             "title": "Tea", "amount_list": 120, "amount_paid": 100, "amount_owed": 100}
        )  # fmt: skip
        order._advance(order, "shipped", "shipped")
        env["channel.payment"].create(
            {"merchant_id": merchant.id, "transaction_ref": f"T-{ref}", "order_id": order.id,
             "amount": 100, "fee": 0.6, "paid_at": now}
        )  # fmt: skip
    env["settlement.event"]._split_waiting()
    for lang in WORDS:
        _refunded_after(env, orders[f"R-{lang}"], lang)
    env["res.users"].create(
        {"name": "Fay", "login": "divide_clerk", "password": "divide_clerk", "tz": "Asia/Shanghai",
         "group_ids": [(6, 0, env.ref("channel_network.group_finance_clerk").ids)]}
    )  # fmt: skip
    env.cr.commit()


def _refunded_after(env, order, lang):
    """Half of an order was refunded after its host was paid: a return is to be sent."""
    payment = env["channel.payment"].search([("order_id", "=", order.id)])
    instruction = payment._prepare(payment)
    instruction.write({"state": "done", "attempts": 1, "sent_at": payment.paid_at})
    instruction.part_ids.result = "SUCCESS"
    env.cr.execute(
        "INSERT INTO channel_order_credit (company_id, shop_id, wave_id, order_id, aftersale_id,"
        " line_id, units, amount, day) VALUES (%s, %s, 0, %s, %s, %s, 0, 50, current_date)",
        [order.company_id.id, order.shop_id.id, order.id, order.id, order.line_ids.id],
    )
    env["settlement.event"]._split_waiting()
    payment._prepare_returns(payment).number = f"QDR-{lang}"


@pytest.mark.parametrize("lang", list(WORDS))
def test_what_does_not_fit_is_read_before_it_is_sent(page, payments, lang, odoo_env):
    words = WORDS[lang]
    desk = page("divide_clerk", lang)
    desk.goto("/odoo/payments-to-us")
    row = desk.locator(".o_data_row", has_text=f"T-{lang}")
    row.locator(".o_list_record_selector input").click()
    page.shot(desk, f"payments_to_us_{lang}")
    desk.get_by_role("button", name=words["prepare"], exact=True).click()
    expect(desk.locator(".alert-warning")).to_contain_text(words["misfit"])
    expect(desk.locator(".o_field_widget[name=amount]").first).to_contain_text("20.00")
    page.shot(desk, f"split_instruction_{lang}")
    _press(desk, words["by_statement"], words["cancelled"])

    odoo_env.cr.rollback()
    payment = odoo_env["channel.payment"].search([("transaction_ref", "=", f"T-{lang}")])
    assert payment.instruction_ids.state == "cancelled"
    assert payment.divided == 0
    links = odoo_env["channel.split.share"].search(
        [("share_id.order_id", "=", payment.order_id.id), ("is_free", "=", False)]
    )
    assert links.by_statement


@pytest.mark.parametrize("lang", list(WORDS))
def test_a_return_is_taken_off_the_statement(page, payments, lang, odoo_env):
    words = WORDS[lang]
    desk = page("divide_clerk", lang)
    desk.goto("/odoo/split-returns")
    desk.locator(".o_data_row", has_text=f"R-{lang}").click()
    expect(desk.locator(".alert-info")).to_contain_text(words["refund"])
    page.shot(desk, f"split_return_{lang}")
    _press(desk, words["off"], words["cancelled"])

    odoo_env.cr.rollback()
    made = odoo_env["channel.split.return"].search([("number", "=", f"QDR-{lang}")])
    assert made.state == "cancelled"
    link = odoo_env["channel.split.share"].search(
        [("share_id", "in", made.link_ids.share_id.ids), ("is_free", "=", False)]
    )
    assert link.by_statement and link.share_id.amount < 0


def _press(desk, button, state):
    """A button that asks whether it is meant, and the state that it leads to."""
    desk.locator(".o_form_statusbar").get_by_role("button", name=button, exact=True).click()
    desk.locator(".modal-footer .btn-primary").click()
    expect(desk.locator(".o_arrow_button_current")).to_contain_text(state)
