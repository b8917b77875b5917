"""The books of a planted month, written as the intake would leave them; also for the bench."""

from datetime import timedelta

from odoo.tools import SQL

from odoo.addons.channel_order.batch_sql import copy_rows, next_ids

ORDER = (
    "id", "shop_id", "company_id", "currency_id", "order_ref", "stage", "platform_status",
    "created_at", "updated_at", "received_at", "amount_paid", "amount_owed", "amount_freight",
)  # fmt: skip
PAYMENT = ("merchant_id", "company_id", "transaction_ref", "order_id", "amount", "fee", "paid_at")
AFTERSALE = (
    "shop_id", "company_id", "aftersale_ref", "order_id", "order_ref", "kind", "status", "step",
    "amount", "freight", "applied_at", "updated_at",
)  # fmt: skip
CHINA = timedelta(hours=8)


def write(env, merchant, shop, planted):
    """Orders, payments and refunds of a planted month."""
    orders, payments, refunds = [], [], []
    company, currency = shop.company_id.id, shop.company_id.currency_id.id
    numbers = sorted({entry.order for each in planted for entry in each.entries})
    ids = dict(zip(numbers, next_ids(env.cr, "channel_order", len(numbers)), strict=True))
    seen = set()
    for each in planted:
        for entry in each.entries:
            order, at = ids[entry.order], str(entry.at - CHINA)
            amount = f"{entry.amount // 100}.{entry.amount % 100:02d}"
            if order not in seen:
                seen.add(order)
                orders.append(
                    (order, shop.id, company, currency, f"O{entry.order}", "shipped", "shipped",
                     at, at, at, amount, amount, "0")
                )  # fmt: skip
            if entry.kind == "payment":
                payments.append((merchant.id, company, entry.key, order, amount, "0", at))
            else:
                refunds.append(
                    (shop.id, company, entry.key, order, f"O{entry.order}", "refund_only",
                     "succeeded", "done", amount, "0", at, at)
                )  # fmt: skip
    copy_rows(env.cr, "channel_order", ORDER, orders)
    copy_rows(env.cr, "channel_payment", PAYMENT, payments)
    copy_rows(env.cr, "channel_aftersale", AFTERSALE, refunds)
    for table in ("channel_order", "channel_payment", "channel_aftersale"):
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    env.invalidate_all()
