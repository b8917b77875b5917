from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.channel_network.append_only import make_append_only
from odoo.addons.channel_network.fields import LeanMany2one

KINDS = [
    ("payment", "Payment"),
    ("refund", "Refund"),
    ("fee", "Fee"),
    ("split", "Split"),
    ("transfer", "Transfer"),
    ("settlement", "Settlement"),
    ("adjustment", "Adjustment"),
    ("income", "Income"),
    ("expense", "Expense"),
]


class ReconcileBillRow(models.Model):
    """A row of a bill, as it was told: never changed, and once for each movement.

    Amounts are yuan, above 0 towards us; ``fee`` is above 0 where it was taken from us.
    """

    _name = "reconcile.bill.row"
    _description = "Row of a Bill"
    _order = "at desc, id desc"
    _rec_name = "key"
    _log_access = False

    company_id = LeanMany2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    account_id = LeanMany2one("reconcile.account", required=True, readonly=True)
    bill_id = LeanMany2one("reconcile.bill", "Bill", required=True, readonly=True, index=True)
    form = fields.Char("Format", required=True, readonly=True, groups=fields.NO_ACCESS)
    line = fields.Integer(required=True, readonly=True, help="In the file.")
    day = fields.Date(required=True, readonly=True, help="The channel's day.")
    at = fields.Datetime("Time", required=True, readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    key = fields.Char("Movement", required=True, readonly=True)
    ref = fields.Char("Channel's Number", readonly=True)
    own = fields.Char("Our Number", readonly=True)
    refund_ref = fields.Char("Channel's Refund Number", readonly=True)
    refund_own = fields.Char("Our Refund Number", readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    gross = fields.Monetary(readonly=True, help="With discounts that the channel does not settle.")
    fee = fields.Float(required=True, readonly=True, digits=(16, 5))
    balance = fields.Monetary(readonly=True, help="Of the account after this row.")
    status = fields.Char(readonly=True, help="In the channel's words, when the file was written.")
    party = fields.Char("Other Side", readonly=True)
    memo = fields.Char("Text", readonly=True)
    extra = fields.Json(readonly=True)
    extra_text = fields.Text("Other Columns", compute="_compute_extra_text")

    _once = models.UniqueIndex("(account_id, form, key)", "This movement is here already.")
    _day_idx = models.Index("(account_id, day, kind)")
    _list_idx = models.Index("(at DESC, id DESC)")
    _ref_idx = models.Index("(ref) WHERE ref IS NOT NULL")
    _refund_idx = models.Index("(refund_own) WHERE refund_own IS NOT NULL")
    _own_idx = models.Index("(own) WHERE own IS NOT NULL")

    def init(self):
        make_append_only(self.env.cr, self._table, "UPDATE OR TRUNCATE")
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION reconcile_bill_row_stays() RETURNS trigger
                LANGUAGE plpgsql AS $$
                BEGIN
                    IF EXISTS (SELECT FROM reconcile_bill
                                WHERE id = OLD.bill_id AND state <> 'withdrawn') THEN
                        RAISE EXCEPTION 'rows go only with a bill that is taken back'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN OLD;
                END $$;
                CREATE OR REPLACE TRIGGER reconcile_bill_row_stays BEFORE DELETE
                ON reconcile_bill_row FOR EACH ROW EXECUTE FUNCTION reconcile_bill_row_stays()
                """
            )
        )

    def _compute_extra_text(self):
        for row in self:
            told = row.extra or {}
            row.extra_text = "\n".join(f"{name}: {text}" for name, text in told.items())

    @api.model
    def _remove(self, bill):
        """Delete the rows of a bill that is taken back."""
        self.env.cr.execute(SQL("DELETE FROM reconcile_bill_row WHERE bill_id = %s", bill.id))
        self.invalidate_model()
