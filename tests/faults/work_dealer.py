"""A dealer's day: the bank slip is approved, an order confirmed, half of it shipped and invoiced."""

from __future__ import annotations

from odoo import Command

TEA = "DEALER-TEA"
PAID_IN = 1000
UNITS, SHIPPED = 10, 4


def set_up(env):
    """Books, goods and two people of finance; what they are called."""
    if not env.company.chart_template:
        env["account.chart.template"].try_loading("cn", env.company, install_demo=False)
    product = env["product.product"].create(
        {
            "name": "Dealer Tea",
            "default_code": TEA,
            "is_storable": True,
            "invoice_policy": "delivery",
            "list_price": 9.99,
        }
    )
    warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, 100_000)
    users = env["res.users"].with_context(no_reset_password=True)
    clerk = env.ref("channel_network.group_finance_clerk")
    for login in ("slip-maker", "slip-checker"):
        users.create({"name": login, "login": login, "group_ids": [Command.set(clerk.ids)]})


def dealer(env, name):
    """A dealer with an open account, a slip that waits for approval and a draft order."""
    member = make_member(env, name)
    account = env["channel.deposit.account"]._ensure(member)
    account.action_open()
    bank = [("type", "=", "bank"), ("company_id", "=", env.company.id)]
    voucher = _as(env, "slip-maker")["channel.deposit.voucher"].create(
        {
            "account_id": account.id,
            "journal_id": env["account.journal"].search(bank, limit=1).id,
            "reference": name,
            "amount": PAID_IN,
            "slip": "c2xpcA==",
            "slip_name": "slip.txt",
        }
    )
    voucher.action_submit()
    return {"voucher": voucher.id, "order": draft_order(env, member).id}


def make_member(env, name):
    """A dealer under contract."""
    partner = env["res.partner"].create({"name": name, "is_company": True})
    member = env["channel.member"].create(
        {"partner_id": partner.id, "kind": "dealer", "state": "active"}
    )
    env["channel.contract"].create(
        {"member_id": member.id, "date_start": "2020-01-01", "date_end": "2099-12-31"}
    ).action_activate()
    return member


def draft_order(env, member):
    product = env["product.product"].search([("default_code", "=", TEA)])
    line = {"product_id": product.id, "product_uom_qty": UNITS}
    return env["sale.order"].create(
        {"partner_id": member.partner_id.id, "order_line": [Command.create(line)]}
    )


def day(env, voucher, order):
    """Everything that is still to do, each step committed as a button's press is."""
    slip = _as(env, "slip-checker")["channel.deposit.voucher"].browse(voucher)
    if slip.state == "submitted":
        slip.action_approve()
        env.cr.commit()
    sell(env, order)


def sell(env, order):
    """An order confirmed, half of it shipped and invoiced; what is still to do of it."""
    sale = env["sale.order"].browse(order)
    if sale.state == "draft":
        sale.action_confirm_dealer()
        env.cr.commit()
    if not any(sale.order_line.mapped("qty_delivered")):
        move = sale.picking_ids.move_ids
        move.write({"quantity": SHIPPED, "picked": True})
        sale.picking_ids.with_context(skip_backorder=True).button_validate()
        env.cr.commit()
    if not sale.invoice_ids:
        sale._create_invoices()
        env.cr.commit()
    if sale.invoice_ids.state == "draft":
        sale.invoice_ids.action_post()
        env.cr.commit()
    env["channel.deposit.posting"]._cron_post()
    env.cr.commit()


def stands(env, voucher, order):
    """What a finance clerk sees of it."""
    slip = env["channel.deposit.voucher"].browse(voucher)
    sale = env["sale.order"].browse(order)
    account = slip.account_id
    entries = env["channel.deposit.entry"].search([("account_id", "=", account.id)])
    money = entries.filtered("posted")
    ledger = account.company_id._deposit_account_for("goods")
    balance = sum(
        env["account.move.line"]
        .search(
            [
                ("account_id", "=", ledger.id),
                ("partner_id", "=", account.member_id.partner_id.id),
                ("parent_state", "=", "posted"),
            ]
        )
        .mapped("balance")
    )
    invoiced = sum(sale.invoice_ids.mapped("amount_total"))
    return {
        "slip": slip.state,
        "order": sale.state,
        "invoices": sale.invoice_ids.mapped("payment_state"),
        "open": sum(sale.invoice_ids.mapped("amount_residual")),
        "kinds": sorted(money.mapped("kind")),
        "spent": round(PAID_IN - account.posted - invoiced, 2),
        "held": round(account.held - (sale.amount_total - invoiced), 2),
        "ledger": round(balance + account.posted, 2),
        "unposted": len(money.filtered(lambda entry: not entry.posting_ids)),
    }


def _as(env, login):
    return env(user=env["res.users"].search([("login", "=", login)]).id)
