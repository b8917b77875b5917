from odoo import fields, models

GUARD = """
CREATE OR REPLACE FUNCTION channel_deposit_hold_guard() RETURNS trigger
LANGUAGE plpgsql AS $guard$
BEGIN
    RAISE EXCEPTION 'a hold is resolved once and kept as it was'
          USING ERRCODE = 'check_violation';
END $guard$;
CREATE OR REPLACE TRIGGER channel_deposit_hold_guard
    BEFORE UPDATE ON channel_deposit_hold FOR EACH ROW
    WHEN (OLD.state <> 'active' OR NEW.state = 'active'
          OR (NEW.id, NEW.key, NEW.account_id, NEW.company_id, NEW.amount, NEW.expires_at,
              NEW.source)
             IS DISTINCT FROM
             (OLD.id, OLD.key, OLD.account_id, OLD.company_id, OLD.amount, OLD.expires_at,
              OLD.source))
    EXECUTE FUNCTION channel_deposit_hold_guard();
CREATE OR REPLACE TRIGGER channel_deposit_hold_kept
    BEFORE DELETE OR TRUNCATE ON channel_deposit_hold FOR EACH STATEMENT
    EXECUTE FUNCTION channel_deposit_hold_guard();
"""


class ChannelDepositHold(models.Model):
    """Money set aside for a document. Resolved once; what resolves it is an entry."""

    _name = "channel.deposit.hold"
    _inherit = ["channel.deposit.written", "channel.deposit.source"]
    _description = "Deposit Hold"
    _order = "id desc"
    _rec_name = "key"
    _log_access = False

    key = fields.Char(required=True, readonly=True)
    account_id = fields.Many2one(
        "channel.deposit.account", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="account_id.currency_id")
    amount = fields.Monetary(required=True, readonly=True)
    captured = fields.Monetary(required=True, readonly=True, default=0)
    state = fields.Selection(
        [
            ("active", "On Hold"),
            ("captured", "Spent"),
            ("released", "Released"),
            ("expired", "Expired"),
        ],
        required=True,
        readonly=True,
        default="active",
        help="Spent: the amount captured was paid, the rest is available again.",
    )
    expires_at = fields.Datetime("Expires", readonly=True, help="Empty: it does not expire.")
    source = fields.Char("Document", readonly=True)
    at = fields.Datetime("Placed", required=True, readonly=True, default=fields.Datetime.now)

    _key_uniq = models.Constraint("UNIQUE(key)", "A hold has a key of its own.")
    _amount_check = models.Constraint("CHECK (amount > 0)", "A hold is above 0.")
    _captured_check = models.Constraint(
        "CHECK (captured >= 0 AND captured <= amount AND (captured > 0) = (state = 'captured'))",
        "What is spent of a hold is above 0 and at most the hold.",
    )
    _active_idx = models.Index("(account_id) WHERE state = 'active'")
    _due_idx = models.Index("(expires_at) WHERE state = 'active' AND expires_at IS NOT NULL")

    def init(self):
        self.env.cr.execute(GUARD)
