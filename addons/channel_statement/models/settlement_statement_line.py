from odoo import fields, models

from odoo.addons.channel_network.append_only import make_append_only
from odoo.addons.channel_network.fields import LeanMany2one

GUARD = """
CREATE OR REPLACE FUNCTION settlement_statement_line_drafts() RETURNS trigger
LANGUAGE plpgsql AS $guard$
BEGIN
    IF EXISTS (SELECT FROM changed JOIN settlement_statement s ON s.id = changed.statement_id
                WHERE s.state <> 'draft') THEN
        RAISE EXCEPTION 'only a draft takes shares in or lets them go'
              USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $guard$;
CREATE OR REPLACE TRIGGER settlement_statement_line_added AFTER INSERT ON settlement_statement_line
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
    EXECUTE FUNCTION settlement_statement_line_drafts();
CREATE OR REPLACE TRIGGER settlement_statement_line_gone AFTER DELETE ON settlement_statement_line
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT
    EXECUTE FUNCTION settlement_statement_line_drafts();
"""


class SettlementStatementLine(models.Model):
    """A share stands on a statement, and on one only. Narrow: shares themselves never change."""

    _name = "settlement.statement.line"
    _description = "Share on a Statement"
    _order = "id"
    _rec_name = "share_id"
    _log_access = False

    statement_id = LeanMany2one("settlement.statement", required=True, readonly=True)
    share_id = LeanMany2one("settlement.share", required=True, readonly=True)
    order_id = fields.Many2one(related="share_id.order_id")
    role = fields.Selection(related="share_id.role")
    amount = fields.Monetary(related="share_id.amount")
    currency_id = fields.Many2one(related="share_id.currency_id")
    day = fields.Date(related="share_id.event_id.day")
    aftersale_id = fields.Many2one(related="share_id.event_id.aftersale_id")

    _once = models.UniqueIndex("(share_id)", "This share is on a statement already.")
    _statement_idx = models.Index("(statement_id, id)")

    def init(self):
        self.env.cr.execute(GUARD)
        make_append_only(self.env.cr, self._table, "UPDATE OR TRUNCATE")
