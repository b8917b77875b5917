from odoo import fields, models


class ReconcileDay(models.Model):
    """A day of an account: what its bill says, what the books say, and what does not agree.

    Counts and sums are of payments and refunds; sums are yuan, above 0 towards us.
    """

    _name = "reconcile.day"
    _description = "Reconciled Day"
    _order = "day desc, account_id"
    _rec_name = "day"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    account_id = fields.Many2one(
        "reconcile.account", required=True, readonly=True, ondelete="restrict"
    )
    day = fields.Date(required=True, readonly=True, help="The channel's day.")
    bill_count = fields.Integer("Rows of the Bill", readonly=True)
    bill_amount = fields.Monetary("Bill", readonly=True)
    bill_fee = fields.Float("Fees", readonly=True, digits=(16, 5))
    books_count = fields.Integer("Entries of the Books", readonly=True)
    books_amount = fields.Monetary("Books", readonly=True)
    matched_count = fields.Integer("Matched", readonly=True)
    difference_count = fields.Integer("Rows with a Difference", readonly=True)
    difference_amount = fields.Monetary("Bill less Books", readonly=True)
    open_count = fields.Integer("Open Differences", compute="_compute_open_count")
    matched_at = fields.Datetime(readonly=True)

    _day_uniq = models.UniqueIndex("(account_id, day)", "This day is here already.")
    _list_idx = models.Index("(day DESC, account_id)")
    _counts = models.Constraint(
        "CHECK (bill_count = matched_count + difference_count)",
        "What matched and what differs is all of the bill.",
    )

    def _compute_open_count(self):
        differences = self.env["reconcile.difference"]
        for day in self:
            day.open_count = differences.search_count(
                [
                    ("account_id", "=", day.account_id.id),
                    ("day", "=", day.day),
                    ("state", "in", ("open", "waiting")),
                ]
            )

    def action_open_differences(self):
        """The differences of these days."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "channel_reconcile.action_reconcile_difference"
        )
        return action | {
            "domain": [("account_id", "=", self.account_id.id), ("day", "=", self.day)],
            "context": {"search_default_open": 1},
        }

    def action_match(self):
        """Match these days again now."""
        for day in self:
            day.account_id.sudo()._match(day.day, day.day)
