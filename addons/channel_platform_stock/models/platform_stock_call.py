import uuid
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

KEPT = timedelta(days=90)

GUARD = """
CREATE OR REPLACE FUNCTION channel_platform_stock_call_guard() RETURNS trigger
LANGUAGE plpgsql AS $guard$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.outcome = 'sent'
       AND (OLD.stock_id, OLD.key, OLD.kind, OLD.units, OLD.create_date)
           IS NOT DISTINCT FROM (NEW.stock_id, NEW.key, NEW.kind, NEW.units, NEW.create_date)
    THEN RETURN NEW; END IF;
    IF TG_OP = 'DELETE' AND OLD.outcome <> 'sent'
       AND OLD.create_date < (now() AT TIME ZONE 'UTC') - interval '89 days'
    THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'what a platform was told is kept as it was told'
          USING ERRCODE = 'check_violation';
END $guard$;
CREATE OR REPLACE TRIGGER channel_platform_stock_call_guard
    BEFORE UPDATE OR DELETE ON channel_platform_stock_call
    FOR EACH ROW EXECUTE FUNCTION channel_platform_stock_call_guard();
"""


class PlatformStockCall(models.Model):
    """What a platform was told, or is about to be: written before the call, ended after it.

    The key goes with the call, so that the platform counts it once however often it is made. A
    SKU has one call under way at most. A trigger refuses any other change for 90 days.
    """

    _name = "channel.platform.stock.call"
    _description = "Told Stock"
    _order = "id desc"
    _rec_name = "key"

    stock_id = fields.Many2one(
        "channel.platform.stock", "Platform Stock", required=True, readonly=True, index=True,
        ondelete="restrict",
    )  # fmt: skip
    shop_id = fields.Many2one(related="stock_id.shop_id", store=True, index=True)
    company_id = fields.Many2one(related="stock_id.company_id")
    key = fields.Char(required=True, readonly=True, default=lambda self: uuid.uuid4().hex)
    kind = fields.Selection([("zero", "Set to 0"), ("add", "Add")], required=True, readonly=True)
    units = fields.Integer(required=True, readonly=True)
    wanted = fields.Integer("Should Show", readonly=True)
    base = fields.Integer("Counts From", readonly=True)
    is_known = fields.Boolean("Base Known", readonly=True)
    outcome = fields.Selection(
        [
            ("sent", "Under Way"),
            ("done", "Done"),
            ("refused", "Refused"),
            ("given_up", "Given Up"),
        ],
        required=True,
        default="sent",
        readonly=True,
        help="Under way: not answered yet; the same call is made again under the same key."
        " Given up: the item was sold out before an answer came, so 0 was told instead.",
    )
    error = fields.Char(readonly=True)
    ended_at = fields.Datetime("Answered", readonly=True)

    _key_uniq = models.Constraint("UNIQUE(key)", "A call has a key of its own.")
    _under_way_uniq = models.UniqueIndex(
        "(stock_id) WHERE outcome = 'sent'", "A SKU has one call under way at most."
    )
    _units_check = models.Constraint(
        "CHECK (kind = 'zero' AND units = 0 OR kind = 'add' AND units <> 0)",
        "Nothing is told twice: a call sets 0 or adds units.",
    )

    def init(self):
        self.env.cr.execute(GUARD)

    def _end(self, outcome, error=None) -> None:
        """Keep how the calls ended."""
        self.write({"outcome": outcome, "error": error, "ended_at": fields.Datetime.now()})
        self.flush_recordset()  # the next call of the SKU must find no other under way

    @api.autovacuum
    def _gc(self):
        """Forget what was told long ago."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM channel_platform_stock_call"
                " WHERE create_date < %s AND outcome <> 'sent'",
                fields.Datetime.now() - KEPT,
            )
        )
