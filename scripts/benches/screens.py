"""How fast screens open on a million channel orders, beside Odoo's sale order list on 1,000.

Measured in Chromium on a warm browser: from the address to the last row or figure on the screen,
median of five. A member's user is a portal user without the back end, so the order list under the
member's record rules is measured where its time goes, in the answer of the server, against the
same call on the 1,000 sale orders.
"""

import shutil
import statistics
import time

from odoo.sql_db import db_connect
from odoo.tools import SQL

from . import market

ORDERS = 1_000_000
SEED = 2_000
SALES = 1_000
ROUNDS = 5
PHONE = "13800000007"  # of the eighth order of the market

STAGES = ["queued", "allocated", "exception", "waved", "shipped", "shipped", "shipped", "done"]


def run(env, report):
    """Fill the tables, open the screens, report opens a second and ratios."""
    place = market.build(env)
    member = _member(env)
    session = _session(env, place)
    env["channel.order"]._ingest(place.shop, market.orders(SEED))
    env.cr.commit()
    wave = env["channel.wave"]._build(place.shop, place.fulfiller, limit=1)
    env.cr.commit()
    _multiply(env, session, member)
    _sales(env, place)
    _vacuum(env)
    [(count,)] = env.execute_query(SQL("SELECT count(*) FROM channel_order"))
    report.note(f"{count:,} channel orders, {SALES:,} sale orders")
    _browser(env, report, session, wave)
    _member_list(env, report, member)


def _member(env):
    """A dealer with a portal user: (member, user)."""
    partner = env["res.partner"].create({"name": "Bench dealer", "is_company": True})
    member = env["channel.member"].create({"partner_id": partner.id, "kind": "dealer"})
    user = env["res.users"].create(
        {
            "name": "Bench dealer",
            "login": "bench_member",
            "partner_id": env["res.partner"].create({"name": "Clerk", "parent_id": partner.id}).id,
            "group_ids": [(6, 0, env.ref("channel_network.group_member_user").ids)],
        }
    )
    return member, user


def _session(env, place):
    """An open session whose items stand beside the market's standing offers."""
    session = env["channel.session"].create(
        {
            "name": "Bench session",
            "shop_id": place.shop.id,
            "room_ref": "7300000000000000001",
            "item_ids": [
                (0, 0, {"shop_id": place.shop.id, "link_id": link.id, "price": 1, "quota": 100})
                for link in env["channel.link"].search([("shop_id", "=", place.shop.id)], limit=20)
            ],
        }
    )
    session.action_open()
    env.cr.commit()
    return session


def _multiply(env, session, member):
    """Copies of the first orders up to a million: every stage, a tenth of them the member's."""
    names = [
        name
        for (name,) in env.execute_query(
            SQL(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_name = 'channel_order' AND column_name <> 'id'"
            )
        )
    ]
    special = {
        "order_ref": SQL("(7000000000000000000 + n * 10000 + o.id)::text"),
        "paid_at": SQL("o.paid_at + n * interval '1 minute'"),
        "received_at": SQL("now() at time zone 'utc' - random() * interval '20 minutes'"),
        "stage": SQL("(%s)[1 + (n + o.id) %% 8]", STAGES),
        "phone_key": SQL("'bench' || n || '-' || o.id"),
        "merge_key": SQL("'bench' || n || '-' || o.id"),
        "member_id": SQL("CASE WHEN (n + o.id) %% 10 = 0 THEN %s END", member[0].id),
        "session_id": SQL("CASE WHEN n < 50 THEN %s END", session.id),
        "wave_id": SQL("NULL::int"),
        "parcel_id": SQL("NULL::int"),
    }
    values = [special.get(name, SQL.identifier("o", name)) for name in names]
    copies = ORDERS // SEED - 1
    env.cr.execute(
        SQL(
            "INSERT INTO channel_order (%s) SELECT %s FROM channel_order o, generate_series(1, %s) n",
            SQL(", ").join(map(SQL.identifier, names)),
            SQL(", ").join(values),
            copies,
        )
    )
    env.cr.commit()


def _sales(env, place):
    """Odoo's own list: 1,000 quotations of one line."""
    partner = env["res.partner"].create({"name": "Reference buyer"})
    env["sale.order"].create(
        [
            {
                "partner_id": partner.id,
                "order_line": [(0, 0, {"product_id": place.products[0].id})],
            }
            for _n in range(SALES)
        ]
    )
    env.cr.commit()


def _vacuum(env):
    """What PostgreSQL does by itself minutes after rows came in, for both sides."""
    with db_connect(env.cr.dbname).cursor() as cr:
        cr._cnx.autocommit = True
        cr.execute("VACUUM ANALYZE")


def _browser(env, report, session, wave):
    from playwright.sync_api import sync_playwright

    admin = env.ref("base.user_admin")
    admin.write({"password": "admin", "company_ids": [(4, env.company.id)]})
    env.cr.commit()
    server = report.serve()
    screens = {
        "reference": ("/odoo/action-sale.action_quotations", ".o_data_row"),
        "orders": ("/odoo/channel-orders", ".o_data_row"),
        "session": (f"/odoo/channel-sessions/{session.id}", ".o_form_view .o_data_row"),
        "wave": (f"/odoo/channel-waves/{wave.id}", ".o_form_view .o_field_widget"),
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.set_default_timeout(120_000)
        page.goto(f"{server.url}/web/login")
        page.fill("input[name=login]", "admin")
        page.fill("input[name=password]", "admin")
        page.click("button[type=submit]")
        page.wait_for_selector(".o_main_navbar")
        spent = {name: _open(page, server.url, *screen) for name, screen in screens.items()}
        page.goto(server.url + screens["orders"][0])
        page.wait_for_selector(".o_data_row")
        spent["orders_grouped"] = _grouped(page, server.url)
        spent["orders_by_phone"] = _by_phone(page, server.url)
        browser.close()
    theirs = 1 / spent.pop("reference")
    report.rate("reference", theirs, "sale order list, 1,000 orders, opens/s")
    worst = None
    for name, seconds in spent.items():
        report.rate(name, 1 / seconds, f"opens/s ({seconds * 1000:.0f} ms)")
        report.ratio(f"vs_reference_{name}", 1 / seconds, theirs)
        worst = min(worst or 1 / seconds, 1 / seconds)
    report.ratio("vs_reference", worst, theirs, "the slowest of the screens above")


def _open(page, url, path, selector):
    """Median seconds from the address to the last thing on the screen."""
    taken = []
    for _round in range(ROUNDS + 1):
        page.goto("about:blank")
        started = time.perf_counter()
        page.goto(url + path, wait_until="commit")
        page.wait_for_selector(selector)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken[1:])


def _grouped(page, url):
    """Seconds to open the list grouped by stage, from the address."""
    taken = []
    for _round in range(ROUNDS):
        page.goto(url + "/odoo/channel-orders")
        page.wait_for_selector(".o_data_row")
        page.click(".o_searchview_dropdown_toggler")
        started = time.perf_counter()
        page.click(".o_group_by_menu .o_menu_item >> text=/^(Stage|阶段)$/")
        page.wait_for_selector(".o_group_header")
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def _by_phone(page, url):
    """Seconds from the choice of the search to the one order of a phone number."""
    taken = []
    for _round in range(ROUNDS):
        page.goto(url + "/odoo/channel-orders")
        page.wait_for_selector(".o_data_row")
        page.fill(".o_searchview_input", PHONE)
        page.wait_for_selector(".o_searchview_autocomplete")
        started = time.perf_counter()
        page.click(".o_searchview_autocomplete >> text=/Phone|手机|电话/")
        page.wait_for_function("document.querySelectorAll('.o_data_row').length === 1")
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def _member_list(env, report, member):
    """The first page of the list as a member's user, against sale orders as administrator."""
    columns = {"order_ref": {}, "stage": {}, "paid_at": {}, "amount_paid": {}}
    sale_columns = {"name": {}, "state": {}, "date_order": {}, "amount_total": {}}
    ours = _answer(env(user=member[1].id)["channel.order"], columns)
    theirs = _answer(env(user=env.ref("base.user_admin").id)["sale.order"], sale_columns)
    report.rate(
        "orders_member", 1 / ours, f"answers/s under a member's rules ({ours * 1000:.0f} ms)"
    )
    report.rate(
        "reference_answer", 1 / theirs, f"answers/s of 1,000 sale orders ({theirs * 1000:.0f} ms)"
    )
    report.ratio("vs_reference_member", 1 / ours, 1 / theirs)


def _answer(model, columns):
    taken = []
    for _round in range(ROUNDS):
        model.env.invalidate_all()
        started = time.perf_counter()
        answer = model.web_search_read([], columns, limit=80, count_limit=10_001)
        taken.append(time.perf_counter() - started)
        if len(answer["records"]) != 80:
            raise RuntimeError(f"{len(answer['records'])} records of {model._name}")
    return statistics.median(taken)
