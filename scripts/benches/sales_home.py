"""The sales manager's home over 100,000 dealer orders of 5,000 members.

The orders are copies of one real order, spread over 200 days. Measured is the server's answer as
the screen asks for it, median of five; for the scale beside it the list of quotations that stock
Odoo opens on the same database (``web_search_read`` of its first 80 rows and their number).
"""

import statistics
import time

from odoo.tools import SQL

MEMBERS = 5_000
ORDERS = 100_000
DAYS = 200
WAITING = 2_000
ROUNDS = 5


def run(env, report):
    """Fill the tables, then ask."""
    order, account = _templates(env)
    _multiply(env, order, account)
    user = env["res.users"].create(
        {
            "name": "Bench manager",
            "login": "bench_manager",
            "tz": "Asia/Shanghai",
            "group_ids": [(6, 0, env.ref("channel_network.group_sales_manager").ids)],
        }
    )
    env.cr.commit()
    desk = env(user=user.id)
    home = desk["channel.sales.home"]
    parts = {
        "whole": home.figures,
        "waiting": home._waiting,
        "near their limit": home._near,
        "gone quiet": home._quiet,
        "today": home._today,
        "stock list": lambda: _stock_list(desk),
    }
    seconds = {name: _median(desk, call) for name, call in parts.items()}
    for name, taken in seconds.items():
        report.rate(name, 1 / taken, f"a second; {taken * 1000:.0f} ms")
    figures = home.figures()
    report.note(
        f"{ORDERS:,} dealer orders, {MEMBERS:,} members: {figures['waiting']['count']:,} wait,"
        f" {figures['near']['count']:,} near their limit, {figures['quiet']['count']:,} quiet"
    )


def _median(env, call):
    found = []
    for _round in range(ROUNDS):
        env.invalidate_all()
        begin = time.monotonic()
        call()
        found.append(time.monotonic() - begin)
    return statistics.median(found)


def _stock_list(env):
    fields = ("name", "partner_id", "date_order", "amount_total", "state", "user_id")
    env["sale.order"].web_search_read([], {name: {} for name in fields}, limit=80)


def _templates(env):
    """An order and a goods account of a member, to be copied."""
    partner = env["res.partner"].create({"name": "Bench", "is_company": True})
    member = env["channel.member"].create({"partner_id": partner.id, "state": "active"})
    account = env["channel.deposit.account"]._ensure(member)
    product = env["product.product"].create({"name": "Bench", "list_price": 100})
    line = (0, 0, {"product_id": product.id, "product_uom_qty": 1})
    order = env["sale.order"].create({"partner_id": partner.id, "order_line": [line]})
    env.flush_all()
    return order, account


def _multiply(env, order, account):
    """Copies of the member with its account, and of the order, by the database alone."""
    member = account.member_id
    for query in (
        SQL(
            """WITH p AS (
                   INSERT INTO res_partner
                   SELECT r.* FROM res_partner o, generate_series(1, %s) n, LATERAL
                       jsonb_populate_record(o, jsonb_build_object(
                           'id', nextval('res_partner_id_seq'), 'name', 'Member ' || n)) r
                    WHERE o.id = %s
                RETURNING id, name)
               INSERT INTO channel_member
               SELECT r.* FROM p, channel_member o, LATERAL
                   jsonb_populate_record(o, jsonb_build_object(
                       'id', nextval('channel_member_id_seq'), 'partner_id', p.id,
                       'name', p.name, 'code', 'B' || p.id, 'parent_path', NULL)) r
                WHERE o.id = %s""",
            MEMBERS,
            member.partner_id.id,
            member.id,
        ),
        SQL(
            """INSERT INTO channel_deposit_account
                   (member_id, company_id, currency_id, purpose, state, posted, held,
                    credit_line, number)
               SELECT m.id, a.company_id, a.currency_id, 'goods', 'open',
                      (m.id %% 100) * 20, 0, (m.id %% 7 / 6) * 1000, 1
                 FROM channel_member m, channel_deposit_account a
                WHERE a.id = %s AND m.id <> a.member_id""",
            account.id,
        ),
        SQL(
            """INSERT INTO sale_order
               SELECT r.* FROM sale_order o, generate_series(1, %(orders)s) n
                 JOIN (SELECT id, partner_id, row_number() OVER (ORDER BY id) AS place
                         FROM channel_member) m ON m.place = 1 + n %% %(members)s, LATERAL
                   jsonb_populate_record(o, jsonb_build_object(
                       'id', nextval('sale_order_id_seq'), 'name', 'B' || n,
                       'member_id', m.id, 'partner_id', m.partner_id,
                       'date_order', now() AT TIME ZONE 'UTC'
                                     - make_interval(mins => (random() * 1440 * %(days)s)::int),
                       'amount_total', 10 + n %% 500,
                       'state', CASE WHEN n <= %(waiting)s THEN 'draft' ELSE 'sale' END,
                       'review_state', CASE WHEN n <= %(waiting)s THEN 'waiting' ELSE 'passed' END,
                       'review_kind', CASE WHEN n <= %(waiting)s THEN
                           (ARRAY['stock', 'deposit', 'contract'])[1 + n %% 3] END)) r
                WHERE o.id = %(order)s""",
            days=DAYS,
            waiting=WAITING,
            orders=ORDERS,
            members=MEMBERS,
            order=order.id,
        ),
    ):
        env.cr.execute(query)
    env.cr.commit()
    env.invalidate_all()
    env.cr.execute("ANALYZE")
