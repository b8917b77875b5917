"""What fault scenarios do in Odoo: the suite's public methods on a small world of their own.

Every function runs in a forked child (see README.md). A ``UserError`` is an answer here
(``{"refused": text}``), because "done already" is what the second of two people must be told.
"""

from __future__ import annotations

import functools
import random
import time
from contextlib import suppress
from datetime import UTC, datetime

import psycopg2

from odoo import Command
from odoo.exceptions import UserError
from odoo.service import model as service

from odoo.addons.channel_intake.core.platforms.base import ORDER, seal
from odoo.addons.channel_intake.models import shop_pull
from odoo.addons.channel_intake.worker.materialiser import Materialiser
from odoo.addons.channel_order.core.snapshot import (
    AfterSaleKind,
    AfterSaleSnapshot,
    AfterSaleStatus,
    LineSnapshot,
    OrderSnapshot,
    PlatformStatus,
    ReceiverSnapshot,
)

from .work_bills import (  # noqa: F401  # scenes find their work here
    accounts,
    bill_rows,
    read_bill,
    received,
)
from .work_names import SKUS
from .work_returns import (  # noqa: F401  # scenes find their work here
    accrue,
    accrued,
    ask,
    came_back,
    counted,
    credit,
    credited,
    decide,
    desk,
    fresh_trolley,
    hire,
    into_stock,
    paid_small,
    post_small,
    refunded,
    replacement_of,
    send,
    send_row,
    shipped,
    small_posted,
    steps,
    to_accrue,
)
from .work_settlement import (  # noqa: F401  # scenes find their work here
    shares_of,
    split,
    to_split_anew,
)
from .work_split_pay import (  # noqa: F401  # scenes find their work here
    divide,
    merchant,
    paid_to_us,
    refunded_later,
    take_back,
    to_share,
)
from .work_statement import (  # noqa: F401  # scenes find their work here
    owed,
    settle,
    settled,
    to_earn,
    to_settle,
)
from .work_stock import (  # noqa: F401  # scenes find their work here
    all_is_read,
    raise_quota,
    sell_out,
    tell,
    tell_for_good,
    tell_stock,
)

START = 1_780_000_000  # unix seconds; the orders of a scene are paid one second apart
STOCK = 100_000
SHOP_REF = "4463798"
PACKERS = ("packer1", "packer2")
OPERATOR = "operator1"


def asked(work):
    """A refusal is an answer: nothing of it is committed."""

    @functools.wraps(work)
    def answering(env, **arguments):
        try:
            return work(env, **arguments)
        except UserError as error:
            env.cr.rollback()
            env.invalidate_all(flush=False)
            return {"refused": str(error)}

    return answering


# --- the world ---------------------------------------------------------------------------------


def set_up(env, base_url=""):
    """A Douyin shop with two goods and a bundle of them on sale, a warehouse and a carrier."""
    env = env(context={"tracking_disable": True, "no_reset_password": True})
    warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    warehouse.delivery_steps = "ship_only"
    fulfiller = env["channel.fulfiller"].create(
        {"name": "South", "code": "SOUTH", "warehouse_id": warehouse.id}
    )
    goods = {
        "TEA": _product(env, "Tea", 13, warehouse),
        "RICE": _product(env, "Rice", 9, warehouse),
    }
    shop = env["channel.shop"].create(
        {
            "name": "Live",
            "code": "LIVE",
            "platform": "douyin",
            "platform_shop_ref": SHOP_REF,
            "credential_ref": "DEMO",
            "base_url": base_url,
            "fulfiller_ids": [Command.set(fulfiller.ids)],
        }
    )
    parts = {
        "TEA": [("TEA", 1, 1)],
        "RICE": [("RICE", 1, 1)],
        "BOX": [("TEA", 2, 7), ("RICE", 1, 3)],
    }
    links = {
        sku: _link(env, shop, SKUS[sku], [(goods[good], n, share) for good, n, share in components])
        for sku, components in parts.items()
    }
    session = env["channel.session"].create(
        {
            "name": "Everyday",
            "shop_id": shop.id,
            "item_ids": [
                Command.create({"link_id": link.id, "price": 10, "quota": 5000})
                for link in links.values()
            ],
        }
    )
    session.action_open()
    _carrier(env, fulfiller)
    for login in PACKERS:
        _user(env, login, "channel_network.group_warehouse")
    _user(env, OPERATOR, "channel_network.group_livestream_operator")


def _product(env, name, vat, warehouse):
    tax = env["account.tax"].search(
        [
            ("company_id", "=", env.company.id),
            ("type_tax_use", "=", "sale"),
            ("amount_type", "=", "percent"),
            ("amount", "=", vat),
            ("price_include_override", "!=", "tax_included"),
        ],
        limit=1,
    )
    product = env["product.product"].create(
        {
            "name": name,
            "default_code": name.upper(),
            "is_storable": True,
            "taxes_id": [Command.set(tax.ids)],
        }
    )
    env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, STOCK)
    return product


def _link(env, shop, sku, components):
    return env["channel.link"].create(
        {
            "shop_id": shop.id,
            "title": sku,
            "sku_ref": sku,
            "component_ids": [
                Command.create({"product_id": product.id, "quantity": n, "price_share": share})
                for product, n, share in components
            ],
        }
    )


def _carrier(env, fulfiller):
    service_product = env["product.product"].create({"name": "Delivery", "type": "service"})
    carrier = env["delivery.carrier"].create(
        {
            "name": "ZTO",
            "product_id": service_product.id,
            "channel_code": "zhongtong",
            "channel_waybill_source": "pool",
        }
    )
    env["channel.waybill.pool"].create(
        {
            "carrier_id": carrier.id,
            "prefix": "75",
            "width": 12,
            "next_number": 1,
            "last_number": 999_999,
        }
    )
    env["channel.wave.rule"].create(
        {
            "fulfiller_id": fulfiller.id,
            "carrier_id": carrier.id,
            "max_orders": 100,
            "hot_minimum": 3,
        }
    )


def _user(env, login, group):
    group = env.ref(group)
    env["res.users"].create(
        {"name": login.title(), "login": login, "group_ids": [Command.set(group.ids)]}
    )


def _shop(env):
    return env["channel.shop"].search([("code", "=", "LIVE")])


def _fulfiller(env):
    return env["channel.fulfiller"].search([("code", "=", "SOUTH")])


def _as(env, login):
    return env(user=env["res.users"].search([("login", "=", login)])) if login else env


def _orders(env, refs):
    return env["channel.order"].search([("order_ref", "in", list(refs))], order="id")


# --- orders and after-sales, straight into the batch path ----------------------------------------


def snapshot(ref, sku, *, quantity=1, paid=1000, freight=0, at=START, receiver=""):
    """An order of one line, ready to ship."""
    line = LineSnapshot(
        line_id=f"{ref}-1",
        product_ref=sku,
        sku_ref=SKUS.get(sku, sku),
        quantity=quantity,
        list_amount=paid,
        paid=paid,
    )
    return OrderSnapshot(
        platform="douyin",
        order_ref=ref,
        status=PlatformStatus.READY,
        created_at=at,
        paid_at=at,
        updated_at=at,
        freight=freight,
        paid=paid + freight,
        receiver=ReceiverSnapshot(
            name_masked="张*",
            phone_masked="1********00",
            address_masked="***",
            province="广东省",
            city="深圳市",
            secret='{"name": "张三"}',
            merge_token=f"plain:{receiver or ref}",
        ),
        lines=(line,),
    )


def bring(env, refs, sku="", freight=0, at=START):
    """Bring orders in, of the three links by turns unless one is named; {order number: stage}."""
    kinds = [sku] if sku else list(SKUS)
    snapshots = [
        snapshot(
            ref,
            kinds[n % len(kinds)],
            paid=1000 + 7 * n,
            freight=freight if n % 2 else 0,
            at=at + n,
        )
        for n, ref in enumerate(refs)
    ]
    env["channel.order"]._ingest(_shop(env), snapshots)
    return stages(env, refs)


def refund(env, refs, status="succeeded"):
    """After-sales before shipment of whole orders."""
    at = int(time.time()) - 60
    snapshots = [
        AfterSaleSnapshot(
            platform="douyin",
            aftersale_ref=f"A-{ref}",
            order_ref=ref,
            line_ref="",
            kind=AfterSaleKind.REFUND_BEFORE_SHIP,
            status=AfterSaleStatus(status),
            amount=1000,
            applied_at=at,
            updated_at=at,
        )
        for ref in refs
    ]
    env["channel.order"]._ingest_aftersales(_shop(env), snapshots)
    return stages(env, refs)


def stages(env, refs):
    """{order number: stage}"""
    return {order.order_ref: order.stage for order in _orders(env, refs)}


# --- intake --------------------------------------------------------------------------------------


def pull(env, page_size=4):
    """What the job does to one shop, with pages small enough that there are several."""
    shop_pull.PAGE_SIZE = page_size
    result = _shop(env)._pull()
    return {"read": result.read, "new": result.new, "error": result.error}


def rewind(env, to):
    """The next pull begins here (unix seconds)."""
    moment = datetime.fromtimestamp(to, UTC).replace(tzinfo=None)
    _shop(env).write({"pull_orders_cursor": moment, "pull_aftersales_cursor": moment})


def store(env, refs, sku="TEA", at=START):
    """Messages of new orders, as the platform words them; stored and not yet worked on."""
    bodies = []
    for n, ref in enumerate(refs):
        line = {
            "order_id": f"{ref}1",
            "sku_id": int(SKUS[sku]) if sku in SKUS else sku,
            "item_num": 1,
            "origin_amount": 1990,
            "sum_amount": 1990,
            "pay_amount": 1990,
        }
        body = {
            "order_id": ref,
            "order_status": 2,
            "create_time": at + n,
            "pay_time": at + n,
            "update_time": at + n,
            "pay_amount": 1990,
            "post_amount": 0,
            "post_addr": {"province": "广东省", "city": "深圳市", "town": "南山区"},
            "sku_order_list": [line],
        }
        bodies.append(seal(ORDER, body, ref, at + n, at + n))
    return len(env["channel.message"]._store(_shop(env), bodies))


def process(env, at_once=4):
    """The job that turns messages into orders, in several batches."""
    shop_pull.PROCESS_AT_ONCE = at_once
    return env["channel.shop"]._job_process()


def process_once(env):
    """One batch of messages in the caller's transaction."""
    return env["channel.message"]._process(1000).total


def materialise(env, at_once=3, gate=0):
    """What a materialiser process does with what waits, one batch a transaction.

    :return: how many messages it took in all
    """
    worker = Materialiser(env.cr.dbname, at_once)
    if gate:
        _pass(env.cr, gate)
    env.cr.commit()
    done = 0
    while taken := worker.work():
        done += taken
    return done


def materialise_for_good(env, gate):
    """A materialiser's own loop, which outlives the database, until nothing waits any more.

    :return: how often it lost the database
    """
    worker = Materialiser(env.cr.dbname, 3)
    lost, forget = 0, worker._forget_connections

    def forgetting():
        nonlocal lost
        lost += 1
        forget()

    def working():
        taken = Materialiser.work(worker)
        if not taken and not worker_waits():
            worker._end()
        return taken

    def worker_waits():
        with worker.environment() as own:
            return bool(own["channel.message.todo"].search([], limit=1))

    worker._forget_connections, worker.work = forgetting, working
    with suppress(psycopg2.Error):  # the database may be gone before the gate has opened
        _pass(env.cr, gate)
        env.cr.commit()
    worker.run()
    return lost - 1  # the last time it ends


def materialise_slowly(env, gate):
    """One batch of a materialiser that stands still after it has read its messages."""
    messages = type(env["channel.message"])
    waiting = messages._await_turn

    def slowly(self, ticket):
        _pass(self.env.cr, gate)
        waiting(self, ticket)

    messages._await_turn = slowly
    env.cr.commit()
    return Materialiser(env.cr.dbname, 3).work()


def drain(env):
    """The job that tells the platform what was shipped."""
    result = env["channel.outbox"]._drain()
    return {"done": result.done, "retried": result.retried, "stopped": result.stopped}


def due_now(env):
    """What waits for a later attempt is due."""
    env.cr.execute(
        "UPDATE channel_outbox SET next_attempt = NULL WHERE state IN ('todo', 'failed')"
    )
    env.cr.execute("UPDATE channel_message_todo SET next_attempt = '2000-01-01'")


# --- sessions ------------------------------------------------------------------------------------


def plan_session(env, name, quotas):
    """A session in a room of its own; ``quotas`` planned units by link."""
    links = {link.sku_ref: link.id for link in env["channel.link"].search([])}
    session = env["channel.session"].create(
        {
            "name": name,
            "shop_id": _shop(env).id,
            "room_ref": name,
            "item_ids": [
                Command.create({"link_id": links[SKUS[sku]], "price": 10, "quota": quota})
                for sku, quota in quotas.items()
            ],
        }
    )
    return session.id


def plan_scarce(env, name, quota):
    """A link of its own with a few units on offer; the offer is open. Returns its pool's id."""
    tea = env["product.product"].search([("default_code", "=", "TEA")])
    link = _link(env, _shop(env), name, [(tea, 1, 1)])
    pool = env["channel.pool"].create(
        {"shop_id": _shop(env).id, "link_id": link.id, "price": 10, "quota": quota}
    )
    pool._open()
    return pool.id


def add_quota(env, pool, units):
    env["channel.pool"].browse(pool)._add_quota(units)


def hold(env, pool):
    """The operator puts an offer on hold."""
    _as(env, OPERATOR)["channel.pool"].browse(pool).action_hold("the price is wrong")


def release(env, pool):
    """The operator releases an offer."""
    _as(env, OPERATOR)["channel.pool"].browse(pool).action_release()


def plan_change(env, pool, units):
    """The dialog in which the operator has typed a change of units; it is applied later."""
    values = {"pool_id": pool, "add_units": units}
    return _as(env, OPERATOR)["channel.pool.change"].create(values).id


def change(env, dialog):
    """The operator applies the dialog."""
    _as(env, OPERATOR)["channel.pool.change"].browse(dialog).action_apply()


def evaluate_alarms(env):
    """What the live worker and the job do; how many alarms were raised."""
    sessions = env["channel.session"].search([("state", "=", "open")])
    return len(env["channel.alarm"]._evaluate(sessions))


@asked
def open_session(env, session):
    env["channel.session"].browse(session).action_open()
    return session_state(env, session)


@asked
def close_session(env, session):
    env["channel.session"].browse(session)._close()
    return session_state(env, session)


def session_state(env, session):
    """State of a session, and how many units its offers hold in stock."""
    env.invalidate_all()
    record = env["channel.session"].browse(session)
    quotas = record.item_ids.pool_id.quota_ids
    lines = quotas.lock_move_ids.filtered(lambda move: move.state != "cancel").move_line_ids
    return {
        "state": record.state,
        "pools": sorted(set(record.item_ids.mapped("state"))),
        "locked": sum(quotas.mapped("quantity")),
        "reserved": sum(lines.mapped("quantity_product_uom")),
    }


def allocate_waiting(env):
    """The job that gives units to orders that wait."""
    env["channel.order"]._cron_allocate_waiting()


# --- warehouse -----------------------------------------------------------------------------------


@asked
def build(env, login=""):
    """Build every wave there is to build; {wave: order numbers}."""
    env = _as(env, login)
    waves = env["channel.wave"]._build(_shop(env), _fulfiller(env))
    return {wave.name: wave.sudo().order_ids.mapped("order_ref") for wave in waves}


def waves_of(env, refs):
    """{order number: wave} of the orders that are in one."""
    return {order.order_ref: order.wave_id.name for order in _orders(env, refs) if order.wave_id}


def pick(env, refs):
    waves = _orders(env, refs).wave_id
    waves.action_picking_done()


def parcels(env, refs):
    """{order number: bar code of its parcel}"""
    return {order.order_ref: order.parcel_id.name for order in _orders(env, refs)}


@asked
def scan(env, code, login=""):
    """One scan at a packing station."""
    answer = _as(env, login)["channel.parcel"].scan(code, {})
    return {"state": answer["state"], "message": answer["message"]}


def pack(env, refs):
    """Scan the parcels of these orders; what the station answered, by order."""
    return {
        ref: env["channel.parcel"].scan(code, {})["state"]
        for ref, code in parcels(env, refs).items()
    }


def plan_manifest(env, refs=None):
    """An open manifest: of the waves of these orders, or of whatever is packed."""
    fulfiller = _fulfiller(env)
    carrier = env["channel.wave.rule"].search([("fulfiller_id", "=", fulfiller.id)]).carrier_id
    waves = _orders(env, refs).wave_id if refs else env["channel.wave"]
    return (
        env["channel.manifest"]
        .create(
            {
                "carrier_id": carrier.id,
                "warehouse_id": fulfiller.warehouse_id.id,
                "wave_ids": [Command.set(waves.ids)],
            }
        )
        .id
    )


@asked
def hand_over(env, manifest, login=""):
    record = _as(env, login)["channel.manifest"].browse(manifest)
    record.action_hand_over()
    return {"parcels": len(record.parcel_ids)}


# --- scenes: everything a kill needs before it, in one run ------------------------------------------


def scene_packed(env, refs, left=1):
    """Orders in waves, all but the last ``left`` parcels packed; the manifest that takes them."""
    bring(env, refs, freight=500)
    build(env)
    pick(env, refs)
    if packed := refs[: len(refs) - left]:
        pack(env, packed)
    return plan_manifest(env, refs)


def spread_over_stages(env, refs):
    """Two orders in each stage from allocated to packed (8 allocated orders)."""
    held = _orders(env, refs[:2])
    held.refund_open = True  # keeps them out of the waves for a moment
    build(env)
    held.refund_open = False
    picked = _orders(env, refs[4:])
    picked._advance(picked, "picked", "picked")
    pack(env, refs[6:])
    return stages(env, refs)


def ship_all(env, refs):
    """Allocated orders all the way to the carrier."""
    build(env)
    pick(env, refs)
    pack(env, refs)
    return hand_over(env, manifest=plan_manifest(env, refs))


# --- two at once ----------------------------------------------------------------------------------


def request(env, what, arguments, start_gate=0, hold_gate=0, pause_gate=0, pause_at=0):
    """Run a function of this module as Odoo runs a request: again after a conflict.

    Gates are advisory locks that the test holds until it opens them. The first try stops at
    ``start_gate`` (its snapshot of the database is taken before), at ``pause_gate`` when it has
    sent ``pause_at`` statements, and at ``hold_gate`` when it has done all but commit.

    :return: the function's answer, how often it was tried, and how many seconds it took
    """
    tries, began = 0, time.monotonic()
    random.uniform = lambda *_range: 0.0  # Odoo waits that long between two tries

    def once():
        nonlocal tries
        tries += 1
        if tries == 1:
            if start_gate:
                env.cr.execute("SELECT 1")
                _pass(env.cr, start_gate)
            if pause_gate:
                _pause(env.cr, pause_gate, pause_at)
        value = globals()[what](env, **arguments)
        env.flush_all()
        if hold_gate and tries == 1:
            _pass(env.cr, hold_gate)
        return value

    try:
        value = service.retrying(once, env)
    except UserError as error:  # the database refused, and the constraint says why
        value = {"refused": str(error)}
    return {"value": value, "tries": tries, "seconds": time.monotonic() - began}


def _pass(cr, gate):
    cr.execute("SELECT pg_advisory_xact_lock_shared(%s)", [gate])


def _pause(cr, gate, at):
    """Stop at the gate before the ``at``-th statement from now on; the COPYs do not count."""
    sent, execute = 0, cr.execute

    def counting(*args, **kwargs):
        nonlocal sent
        sent += 1
        if sent == at:
            _pass_with(execute, gate)
        return execute(*args, **kwargs)

    cr.execute = counting


def _pass_with(execute, gate):
    execute("SELECT pg_advisory_xact_lock_shared(%s)", [gate])


def count_statements(env, what, arguments):
    """How many statements the function sends; nothing of it is kept."""
    before = env.cr.sql_log_count
    globals()[what](env, **arguments)
    env.flush_all()
    count = env.cr.sql_log_count - before
    env.cr.rollback()
    return count


# --- a process that outlives its database ------------------------------------------------------------


def survive(env, what, arguments, pause_gate, pause_at):
    """Run, lose the database while paused, and run again in this same process when it is back."""
    lost = ""
    try:
        with env.registry.cursor() as cr:
            _pause(cr, pause_gate, pause_at)
            globals()[what](env(cr=cr), **arguments)
    except psycopg2.Error as error:
        lost = type(error).__name__
    end = time.monotonic() + 60
    while True:
        try:
            with env.registry.cursor() as cr:
                value = globals()[what](env(cr=cr), **arguments)
            return {"lost": lost, "value": value}
        except psycopg2.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)  # until PostgreSQL has recovered
