"""What must hold in the database after every fault: the controls, and sums they do not make."""

from __future__ import annotations

from odoo.tools import SQL

SHIPPED_UNITS = """
    WITH shipped AS (
        SELECT product_id, sum(units) AS units FROM (
            SELECT l.product_id, l.quantity AS units
              FROM channel_order_line l JOIN channel_order o ON o.id = l.order_id
             WHERE o.stage IN ('shipped', 'done') AND l.state = 'live'
            UNION ALL
            SELECT n.product_id, n.units FROM channel_replacement_line n
              JOIN channel_replacement r ON r.id = n.replacement_id WHERE r.state = 'sent') left_us
         GROUP BY product_id),
    moved AS (
        SELECT ml.product_id, sum(ml.quantity_product_uom)::int AS units
          FROM stock_move_line ml JOIN stock_location dest ON dest.id = ml.location_dest_id
         WHERE ml.state = 'done' AND dest.usage = 'customer' GROUP BY ml.product_id)
    SELECT coalesce(shipped.product_id, moved.product_id), shipped.units, moved.units
      FROM shipped FULL JOIN moved ON moved.product_id = shipped.product_id
     WHERE shipped.units IS DISTINCT FROM moved.units
"""

RESERVED = """
    WITH held AS (
        SELECT product_id, sum(quantity_product_uom) AS units FROM stock_move_line
         WHERE state NOT IN ('done', 'cancel') GROUP BY product_id),
    quants AS (
        SELECT q.product_id, sum(q.reserved_quantity) AS units
          FROM stock_quant q JOIN stock_location loc ON loc.id = q.location_id
         WHERE loc.usage = 'internal' GROUP BY q.product_id)
    SELECT quants.product_id, quants.units, held.units
      FROM quants LEFT JOIN held ON held.product_id = quants.product_id
     WHERE quants.units <> coalesce(held.units, 0)
"""

# Stock that is reserved serves an offer's quota or the units of orders in a wave, no more, no less.
RESERVED_FOR = """
    WITH wanted AS (
        SELECT product_id, sum(units) AS units FROM (
            SELECT l.product_id, l.quantity AS units
              FROM channel_order_line l JOIN channel_order o ON o.id = l.order_id
             WHERE o.stage IN ('waved', 'picked', 'packed') AND l.state <> 'refunded'
            UNION ALL
            SELECT c.product_id, (q.quantity - q.waved) * c.quantity
              FROM channel_pool_quota q JOIN channel_pool p ON p.id = q.pool_id
              JOIN channel_link_component c ON c.link_id = p.link_id
            UNION ALL
            SELECT n.product_id, n.units FROM channel_replacement_line n
              JOIN channel_replacement r ON r.id = n.replacement_id
             WHERE r.state = 'to_send' AND r.picking_id IS NOT NULL) need
         GROUP BY product_id),
    held AS (
        SELECT product_id, sum(quantity_product_uom) AS units FROM stock_move_line
         WHERE state NOT IN ('done', 'cancel') GROUP BY product_id)
    SELECT wanted.product_id, wanted.units, held.units
      FROM wanted FULL JOIN held ON held.product_id = wanted.product_id
     WHERE coalesce(wanted.units, 0) <> coalesce(held.units, 0)
"""

INVOICED = """
    SELECT owed.amount, invoiced.amount FROM
        (SELECT coalesce(sum(amount_owed), 0) AS amount FROM channel_order
          WHERE stage IN ('shipped', 'done')) owed,
        (SELECT coalesce(sum(amount_total), 0) AS amount FROM account_move
          WHERE move_type = 'out_invoice' AND state = 'posted') invoiced
     WHERE owed.amount <> invoiced.amount
"""

PARCELS = """
    SELECT o.order_ref, o.stage, p.name, p.state
      FROM channel_order o LEFT JOIN channel_parcel p ON p.id = o.parcel_id
     WHERE (o.stage IN ('shipped', 'done')) <> (coalesce(p.state, '') = 'handed')
        OR (o.stage IN ('waved', 'picked', 'packed')) AND (p.id IS NULL OR o.wave_id IS NULL)
        OR o.stage IN ('queued', 'allocated') AND (p.id IS NOT NULL OR o.wave_id IS NOT NULL)
        OR o.stage = 'packed' AND p.state NOT IN ('packed', 'stopped')
"""

OUTBOX = """
    SELECT o.order_ref, o.stage, count(b.id)
      FROM channel_order o LEFT JOIN channel_outbox b ON b.order_id = o.id AND b.action = 'ship'
     GROUP BY o.id HAVING count(b.id) <> (o.stage IN ('shipped', 'done'))::int
"""

BACK = """
    WITH counted AS (
        SELECT u.product_id, sum(u.good + u.defect) AS units
          FROM channel_return r JOIN channel_return_line u ON u.return_id = r.id
         WHERE r.state = 'stocked' AND u.order_line_id IS NOT NULL AND u.good + u.defect > 0
         GROUP BY u.product_id),
    moved AS (
        SELECT ml.product_id, sum(ml.quantity_product_uom)::int AS units
          FROM stock_move_line ml JOIN stock_location place ON place.id = ml.location_id
         WHERE ml.state = 'done' AND place.usage = 'customer' GROUP BY ml.product_id)
    SELECT coalesce(counted.product_id, moved.product_id), counted.units, moved.units
      FROM counted FULL JOIN moved ON moved.product_id = counted.product_id
     WHERE counted.units IS DISTINCT FROM moved.units
"""

TALLY = """
    SELECT t.order_line_id, t.shipped, t.returned, coalesce(sum(u.good + u.defect), 0)
      FROM channel_return_tally t
      LEFT JOIN channel_return_line u ON u.order_line_id = t.order_line_id
           AND EXISTS (SELECT FROM channel_return r WHERE r.id = u.return_id
                          AND r.state <> 'received')
     GROUP BY t.id HAVING t.returned <> coalesce(sum(u.good + u.defect), 0)
"""

CREDITED = """
    SELECT notes.amount, credits.amount FROM
        (SELECT coalesce(sum(amount_total), 0) AS amount FROM account_move
          WHERE move_type = 'out_refund' AND state = 'posted' AND channel_wave_id IS NOT NULL) notes,
        (SELECT coalesce(sum(c.amount), 0) AS amount FROM channel_order_credit c
          JOIN channel_order_credit_posting p ON p.credit_id = c.id) credits
     WHERE notes.amount <> credits.amount
"""

WAVED_ONCE = """
    SELECT order_id, count(*) FROM channel_order_event
     WHERE kind = 'waved' GROUP BY order_id HAVING count(*) > 1
"""

DRAFTS = """
    SELECT move.id, move.state FROM account_move move
     WHERE move.move_type = 'out_invoice' AND move.state <> 'posted'
    UNION ALL
    SELECT wave.id, 'no sale order' FROM channel_wave wave
     WHERE wave.state <> 'cancelled' AND wave.sale_id IS NULL
    UNION ALL
    SELECT sale.id, 'sale order without orders' FROM sale_order sale
     WHERE sale.channel_wave_id IS NOT NULL AND sale.state <> 'cancel'
       AND NOT EXISTS (SELECT FROM channel_order o WHERE o.wave_id = sale.channel_wave_id)
"""

SUMS = {
    "stock moved differs from units shipped (product, shipped, moved)": SHIPPED_UNITS,
    "quants and their reservations differ (product, quants, held)": RESERVED,
    "reserved differs from what offers and waves need (product, needed, reserved)": RESERVED_FOR,
    "posted invoices differ from what shipped orders owe (owed, invoiced)": INVOICED,
    "order and parcel disagree (order, stage, parcel, state)": PARCELS,
    "not exactly one notice of shipment (order, stage, notices)": OUTBOX,
    "stock taken back differs from units counted (product, counted, moved)": BACK,
    "tally differs from the parcels' counts (line, shipped, back, counted)": TALLY,
    "credit notes differ from credits (notes, credits)": CREDITED,
    "went into a wave twice (order, times)": WAVED_ONCE,
    "half-made documents": DRAFTS,
}


def broken(env):
    """Sentences about what does not hold; empty when all is well."""
    found = []
    counts = env["channel.control"]._run_all()
    for control in env["channel.control"].search(
        [("code", "in", [c for c, n in counts.items() if n])]
    ):
        rows = "; ".join(finding.text or "" for finding in control.finding_ids[:3])
        found.append(f"control {control.code}: {counts[control.code]} {control.error or rows}")
    if not {"exactly_once", "nothing_lost", "no_oversell", "clearing", "order_kept"} <= set(counts):
        found.append(f"controls not run: {sorted(counts)}")
    for text, query in SUMS.items():
        rows = env.execute_query(SQL(query))
        if rows:
            found.append(f"{text}: {rows[:5]}")
    return found
