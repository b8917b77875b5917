"""Allocated orders to validated deliveries, parcels and posted invoices, beside stock Odoo.

Ours: 20,000 allocated channel orders; timed from building the waves to the posted invoices.
Packing is a person's work at the scan station and stock Odoo's chain has none, so parcels are
packed in one statement; how fast the scan station answers is a rate of its own.
Reference: a `sale.order` an order with the same lines, confirmed, delivered, invoiced and posted one
by one, a commit each, in the same database.
"""

import time

from odoo.tools import SQL

from . import market

ORDERS = 20_000
REFERENCE_ORDERS = 100
BATCH = 2_000
SCANS = 200


def run(env, report):
    """Measure both and report orders a second and their ratio."""
    place = market.build(env)
    for first in range(0, ORDERS + SCANS, BATCH):
        count = min(BATCH, ORDERS + SCANS - first)
        env["channel.order"]._ingest(place.shop, market.orders(count, first=first))
        env.cr.commit()
    allocated = env["channel.order"].search_count(
        [("shop_id", "=", place.shop.id), ("stage", "=", "allocated")]
    )
    if allocated != ORDERS + SCANS:
        raise RuntimeError(f"{allocated} orders allocated, {ORDERS + SCANS} expected")
    theirs = reference(env, place)
    ours, lines = waves(env, place, report)
    report.rate("orders_ours", ours, "allocated orders to posted wave invoices, orders/s")
    report.rate("orders_reference", theirs, "sale.order each, create to posted invoice, orders/s")
    report.rate("wave_lines", lines, "sale order lines of the waves, lines/s")
    report.ratio("vs_reference", ours, theirs)


def waves(env, place, report):
    """Build, pick, pack and hand over everything; (orders a second, lines a second)."""
    started = time.perf_counter()
    built = env["channel.wave"]._build(place.shop, place.fulfiller)
    env.cr.commit()
    built_at = time.perf_counter()
    built.action_picking_done()
    env.cr.commit()
    pick_done = time.perf_counter()
    scan_rate = scans(env, built[-1])
    report.rate("scans", scan_rate, "parcels scanned and packed, scans/s (one station, no person)")
    paused = time.perf_counter() - pick_done
    _pack_all(env, built)
    manifest = env["channel.manifest"].create(
        {"carrier_id": place.carrier.id, "warehouse_id": place.warehouse.id}
    )
    manifest._hand_over()
    env.cr.commit()
    ended = time.perf_counter()
    _check(env, place, built)
    orders = ORDERS + SCANS
    lines = sum(len(wave.sale_id.order_line) for wave in built)
    spent = ended - started - paused
    report.note(
        f"{len(built)} waves, {lines} lines; built in {built_at - started:.1f} s, "
        f"packed in one statement and handed over in {ended - pick_done - paused:.1f} s"
    )
    return orders / spent, lines / spent


def scans(env, wave):
    """Parcels a second through the scan station's method, a commit each as a request does."""
    parcels = env["channel.parcel"].search([("wave_id", "=", wave.id)], limit=SCANS)
    station = {}
    started = time.perf_counter()
    for number, parcel in enumerate(parcels):
        answer = env["channel.parcel"].scan(parcel.name, station)
        env["channel.parcel"].scan(f"SCAN{number:08d}", answer["station"])
        env.cr.commit()
    return len(parcels) / (time.perf_counter() - started)


def _pack_all(env, built):
    env.flush_all()
    env.execute_query(
        SQL(
            """
            UPDATE channel_parcel SET state = 'packed', packed_at = now() at time zone 'utc',
                   waybill = 'BX' || id
             WHERE wave_id IN %s AND state = 'waiting' RETURNING id
            """,
            tuple(built.ids),
        )
    )
    orders = built._orders_in("picked")
    orders._advance(orders, "packed", "packed")
    env.invalidate_all()


def _check(env, place, built):
    """The work was really done: everything shipped, delivered, and invoiced for what is owed."""
    [(shipped, owed)] = env.execute_query(
        SQL(
            "SELECT count(*), sum(amount_owed) FROM channel_order"
            " WHERE shop_id = %s AND stage = 'shipped'",
            place.shop.id,
        )
    )
    invoices = built.sale_id.invoice_ids
    [(invoiced,)] = env.execute_query(
        SQL("SELECT sum(amount_total) FROM account_move WHERE id IN %s", tuple(invoices.ids))
    )
    states = set(invoices.mapped("state")) | set(built.picking_ids.mapped("state"))
    if shipped != ORDERS + SCANS or owed != invoiced or states != {"posted", "done"}:
        raise RuntimeError(f"shipped {shipped}, owed {owed}, invoiced {invoiced}, states {states}")


def reference(env, place):
    """Orders a second through stock Odoo's documents, one order and one commit at a time."""
    partner = env["res.partner"].create({"name": "Reference buyer"})
    by_sku = {f"S{n:03d}": product for n, product in enumerate(place.products)}
    told = market.orders(REFERENCE_ORDERS, first=10_000_000)
    env.cr.commit()
    started = time.perf_counter()
    for order in told:
        sale = env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [
                    (
                        0,
                        0,
                        {"product_id": by_sku[line.sku_ref].id, "product_uom_qty": line.quantity},
                    )
                    for line in order.lines
                ],
            }
        )
        sale.action_confirm()
        picking = sale.picking_ids
        for move in picking.move_ids:
            move.write({"quantity": move.product_uom_qty, "picked": True})
        picking._action_done()
        sale._create_invoices().action_post()
        env.cr.commit()
    return REFERENCE_ORDERS / (time.perf_counter() - started)
