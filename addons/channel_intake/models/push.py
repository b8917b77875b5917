import json

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.channel_network.fields import LeanMany2one

from .message import _hide

GUARD = """
CREATE OR REPLACE FUNCTION channel_push_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
    RAISE EXCEPTION 'pushes are kept as they were received' USING ERRCODE = 'check_violation';
END $guard$;
CREATE OR REPLACE TRIGGER channel_push_guard
    BEFORE UPDATE OR DELETE OR TRUNCATE ON channel_push
    FOR EACH STATEMENT EXECUTE FUNCTION channel_push_guard();
"""

# The gateway may only insert into channel_push: what else a new push needs is done here, with
# the rights of the table's owner.
QUEUE = """
CREATE OR REPLACE FUNCTION channel_push_queue() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $queue$
BEGIN
    INSERT INTO channel_push_todo (id, push_id, shop_id, attempts, next_attempt)
    SELECT id, id, shop_id, 0, received_at FROM fresh;
    IF FOUND THEN
        PERFORM pg_notify('channel_push', '');
    END IF;
    RETURN NULL;
END $queue$;
CREATE OR REPLACE TRIGGER channel_push_queue
    AFTER INSERT ON channel_push REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION channel_push_queue();
REVOKE ALL ON FUNCTION channel_push_queue() FROM PUBLIC;
"""


class ChannelPush(models.Model):
    """An event that a platform pushed: which order or after-sale changed, not what it is now.

    Written by the push gateway (``gateway/``), append-only (a trigger refuses changes). What a
    platform says again under the same number is absorbed: shop, number and tag make it unique.
    """

    _name = "channel.push"
    _description = "Push"
    _log_access = False
    _order = "id desc"
    _rec_name = "msg_id"

    shop_id = LeanMany2one("channel.shop", string="Shop", required=True, readonly=True)
    tag = fields.Char("Event", required=True, readonly=True, help="The platform's own number.")
    msg_id = fields.Char("Push Number", required=True, readonly=True)
    order_ref = fields.Char("Platform Order", readonly=True)
    aftersale_ref = fields.Char("Platform After-sale", readonly=True)
    data = fields.Text(
        required=True,
        readonly=True,
        groups=fields.NO_ACCESS,
        help="The event as received, without what it says about the receiver.",
    )
    received_at = fields.Datetime("Received", required=True, readonly=True)
    data_shown = fields.Text("Content", compute="_compute_data_shown")
    is_waiting = fields.Boolean(
        "Waiting", compute="_compute_is_waiting", search="_search_is_waiting"
    )

    _event_uniq = models.UniqueIndex("(shop_id, msg_id, tag)")
    _shop_idx = models.Index("(shop_id, id DESC)")
    _order_ref_idx = models.Index("(order_ref text_pattern_ops) WHERE order_ref IS NOT NULL")

    def init(self):
        self.env.cr.execute(GUARD)
        self.env.cr.execute(QUEUE)

    def _compute_data_shown(self):
        for push in self.sudo():
            try:
                content = json.loads(push.data or "null")
            except ValueError:
                content = push.data
            push.data_shown = json.dumps(_hide(content), indent=2, ensure_ascii=False)

    def _compute_is_waiting(self):
        waiting = self.env["channel.push.todo"].sudo().search([("push_id", "in", self.ids)])
        for push in self:
            push.is_waiting = push in waiting.push_id

    @api.model
    def _search_is_waiting(self, operator, value):
        if operator != "in":
            return NotImplemented
        waiting = SQL("SELECT push_id FROM channel_push_todo")
        if set(value) == {True}:
            return [("id", "in", waiting)]
        return [("id", "not in", waiting)] if set(value) == {False} else []
