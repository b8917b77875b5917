from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

KEPT = timedelta(days=30)

REASONS = [
    ("unknown_app", "App not set up"),
    ("bad_signature", "Wrong signature"),
    ("unknown_shop", "Shop not set up"),
    ("malformed", "Not readable"),
    ("too_large", "Too large"),
    ("slow", "Too slow"),
    ("busy", "Too many at once"),
    ("unavailable", "Database away"),
]

# The gateway may only insert; its counts are added up here, so that a minute is one row.
ADD_UP = """
CREATE OR REPLACE FUNCTION channel_push_refusal_add() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $add$
BEGIN
    UPDATE channel_push_refusal r SET times = r.times + NEW.times
     WHERE (r.minute, r.reason, r.app, r.shop_ref)
         = (NEW.minute, NEW.reason, NEW.app, NEW.shop_ref);
    IF FOUND THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $add$;
CREATE OR REPLACE TRIGGER channel_push_refusal_add
    BEFORE INSERT ON channel_push_refusal
    FOR EACH ROW EXECUTE FUNCTION channel_push_refusal_add();
REVOKE ALL ON FUNCTION channel_push_refusal_add() FROM PUBLIC;
"""


class ChannelPushRefusal(models.Model):
    """How often the push gateway refused, by minute, reason, app and shop. Never what was sent."""

    _name = "channel.push.refusal"
    _description = "Refused pushes"
    _log_access = False
    _order = "minute desc, id desc"
    _rec_name = "reason"

    minute = fields.Datetime(required=True, readonly=True)
    reason = fields.Selection(REASONS, required=True, readonly=True)
    app = fields.Char(
        "Credentials",
        required=True,
        readonly=True,
        help="The name of the credentials; empty when no shop uses the app that was named.",
    )
    shop_ref = fields.Char("Platform Shop Number", required=True, readonly=True)
    times = fields.Integer(required=True, readonly=True)

    _count_uniq = models.UniqueIndex("(minute, reason, app, shop_ref)")
    _times_check = models.Constraint("CHECK (times > 0)", "A refusal counts at least once.")

    def init(self):
        # '' and not NULL, so that the unique index sees equal rows: Odoo writes NULL for ''.
        self.env.cr.execute(ADD_UP)

    @api.autovacuum
    def _gc_old(self):
        """Forget counts older than a month."""
        self.env.execute_query(
            SQL(
                "DELETE FROM channel_push_refusal WHERE minute < %s RETURNING id",
                fields.Datetime.now() - KEPT,
            )
        )
