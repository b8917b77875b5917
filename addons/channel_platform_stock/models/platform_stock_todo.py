from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.channel_network.fields import LeanMany2one

WAKE = "channel_stock"  # the notification that the stock of a SKU may have changed

NOTIFY = f"""
CREATE OR REPLACE FUNCTION channel_stock_notify() RETURNS trigger LANGUAGE plpgsql AS $notify$
BEGIN NOTIFY {WAKE}; RETURN NULL; END $notify$;
CREATE OR REPLACE TRIGGER channel_stock_notify AFTER INSERT ON channel_platform_stock_todo
FOR EACH STATEMENT EXECUTE FUNCTION channel_stock_notify();
"""

MARK = """
INSERT INTO channel_platform_stock_todo (shop_id, sku_ref)
SELECT DISTINCT s.id, l.sku_ref
  FROM channel_pool p
  JOIN channel_link l ON l.id = p.link_id
  JOIN channel_shop s ON s.id = p.shop_id
 WHERE COALESCE(l.stock_source, s.stock_source) <> 'off' AND p.id = ANY(pools)
"""

# An order gives out units without a word here, except the last ones: the platform counts its
# own sales. Rows are added and never looked up, so that no transaction waits for another.
TRIGGERS = f"""
CREATE OR REPLACE FUNCTION channel_stock_mark(pools integer[]) RETURNS void
LANGUAGE plpgsql AS $mark$
BEGIN
    IF pools IS NOT NULL THEN {MARK}; END IF;
END $mark$;

CREATE OR REPLACE FUNCTION channel_stock_quota_changed() RETURNS trigger LANGUAGE plpgsql AS $do$
BEGIN
    PERFORM channel_stock_mark((
        SELECT array_agg(DISTINCT n.pool_id) FROM fresh n JOIN stale o ON o.id = n.id
         WHERE n.quantity <> o.quantity
            OR (n.quantity = n.allocated) <> (o.quantity = o.allocated)));
    RETURN NULL;
END $do$;
CREATE OR REPLACE TRIGGER channel_stock_quota_changed AFTER UPDATE ON channel_pool_quota
REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION channel_stock_quota_changed();

CREATE OR REPLACE FUNCTION channel_stock_quota_made() RETURNS trigger LANGUAGE plpgsql AS $do$
BEGIN
    PERFORM channel_stock_mark((
        SELECT array_agg(DISTINCT n.pool_id) FROM fresh n WHERE n.quantity > 0));
    RETURN NULL;
END $do$;
CREATE OR REPLACE TRIGGER channel_stock_quota_made AFTER INSERT ON channel_pool_quota
REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION channel_stock_quota_made();

CREATE OR REPLACE FUNCTION channel_stock_pool_changed() RETURNS trigger LANGUAGE plpgsql AS $do$
BEGIN
    PERFORM channel_stock_mark((
        SELECT array_agg(n.id) FROM fresh n JOIN stale o ON o.id = n.id
         WHERE n.state <> o.state OR n.on_hold IS DISTINCT FROM o.on_hold));
    RETURN NULL;
END $do$;
CREATE OR REPLACE TRIGGER channel_stock_pool_changed AFTER UPDATE ON channel_pool
REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION channel_stock_pool_changed();
"""


class PlatformStockTodo(models.Model):
    """The work queue: SKUs whose offers were opened, changed, held, closed or sold out.

    Filled by triggers on the offers and their quotas; a new row wakes the worker. The same SKU
    may be here several times.
    """

    _name = "channel.platform.stock.todo"
    _description = "Platform Stock to Look At"
    _log_access = False
    _order = "id"
    _rec_name = "sku_ref"

    shop_id = LeanMany2one("channel.shop", string="Shop", required=True, readonly=True)
    sku_ref = fields.Char("Platform SKU", required=True, readonly=True)

    def init(self):
        self.env.cr.execute(NOTIFY)
        self.env.cr.execute(TRIGGERS)

    @api.model
    def _mark(self, pairs) -> None:
        """Have SKUs looked at.

        :param pairs: (shop id, platform SKU)
        """
        pairs = sorted(set(pairs))
        if pairs:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO channel_platform_stock_todo (shop_id, sku_ref)"
                    " SELECT * FROM unnest(%s::int[], %s::text[])",
                    [pair[0] for pair in pairs],
                    [pair[1] for pair in pairs],
                )
            )
            self.invalidate_model(flush=False)
