from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.channel_network.fields import LeanMany2one

from ..core.match import Standing

CAUSES = [
    ("only_bill", "Only in the Bill"),
    ("only_books", "Only in the Books"),
    ("amount", "Another Amount"),
    ("fee", "Another Fee"),
    ("status", "Refund Not Finished"),
    ("duplicate", "Twice"),
    ("day", "Another Day"),
    ("shop", "Unknown Shop"),
]
OPEN = ("open", "waiting")


class ReconcileDifference(models.Model):
    """A row of a bill or an entry of the books that does not match, with its one cause: 差异.

    Matching writes them, all of a day at once; what is not found any more is gone by itself.
    Amounts are yuan, above 0 towards us.
    """

    _name = "reconcile.difference"
    _description = "Difference"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "day desc, account_id, id"
    _rec_name = "key"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    account_id = fields.Many2one(
        "reconcile.account", required=True, readonly=True, ondelete="restrict", index=True
    )
    day = fields.Date(required=True, readonly=True, help="The channel's day.")
    cause = fields.Selection(CAUSES, required=True, readonly=True, tracking=True)
    state = fields.Selection(
        [
            ("open", "Open"),
            ("waiting", "Timing: Looked at Again"),
            ("settled", "Settled"),
            ("gone", "Matched Since"),
        ],
        required=True,
        readonly=True,
        default="open",
        tracking=True,
    )
    kind = fields.Selection(
        [("payment", "Payment"), ("refund", "Refund")], required=True, readonly=True
    )
    key = fields.Char("Number", required=True, readonly=True)
    row_id = LeanMany2one("reconcile.bill.row", "Row of the Bill", readonly=True)
    source = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    source_id = fields.Many2oneReference(
        "In the Books", model_field="source", readonly=True, groups=fields.NO_ACCESS
    )
    amount_bill = fields.Monetary("In the Bill", readonly=True)
    amount_books = fields.Monetary("In the Books", readonly=True)
    amount = fields.Monetary("Difference", required=True, readonly=True)
    fee_bill = fields.Float("Fee in the Bill", readonly=True, digits=(16, 5))
    fee_books = fields.Float("Fee as Agreed", readonly=True, digits=(16, 5))
    at_bill = fields.Datetime("Time in the Bill", readonly=True)
    at_books = fields.Datetime("Time in the Books", readonly=True)
    status = fields.Char(readonly=True)
    user_id = fields.Many2one("res.users", "Assigned To", index="btree_not_null", tracking=True)
    note = fields.Char(tracking=True)
    age = fields.Integer("Days Old", compute="_compute_age")
    has_entry = fields.Boolean(compute="_compute_has_entry")

    _row_uniq = models.UniqueIndex(
        "(row_id) WHERE row_id IS NOT NULL AND state <> 'gone'", "This row has a difference."
    )
    _entry_uniq = models.UniqueIndex(
        "(source, source_id) WHERE source_id IS NOT NULL AND state <> 'gone'",
        "This entry has a difference.",
    )
    _open_idx = models.Index("(account_id, day) WHERE state IN ('open', 'waiting')")
    _day_idx = models.Index("(day DESC, account_id, id)")
    _side_check = models.Constraint(
        "CHECK (row_id IS NOT NULL OR source_id IS NOT NULL)",
        "A difference is of a bill's row, of an entry, or of both.",
    )
    _sum_check = models.Constraint(
        "CHECK (amount = coalesce(amount_bill, 0) - coalesce(amount_books, 0))",
        "The difference is what the bill says less what the books say.",
    )

    def write(self, vals):
        if not self.env.su and any(self._fields[name].readonly for name in vals):
            raise AccessError(
                self.env._("What differs is found by matching. Use the buttons to decide about it.")
            )
        return super().write(vals)

    @api.depends("day")
    def _compute_age(self):
        today = fields.Date.context_today(self)
        for difference in self:
            difference.age = (today - difference.day).days if difference.day else 0

    @api.depends("source_id")
    def _compute_has_entry(self):
        for difference in self:
            difference.has_entry = bool(difference.sudo().source_id)

    def action_wait(self):
        """It is a matter of time: looked at again with the next bill."""
        self._step(("open",), "waiting")

    def action_settle(self):
        """Nothing more is to be done; a note says why.

        :raises UserError: a note is missing
        """
        for difference in self:
            if not difference.note:
                raise UserError(self.env._("Say in a note why %s is settled.", difference.key))
        self._step(OPEN, "settled")

    def action_reopen(self):
        """Take the last decision back."""
        self._step(("waiting", "settled"), "open")

    def _step(self, states, state):
        self.check_access("write")
        self.filtered(lambda each: each.state in states).sudo().state = state

    def action_open_row(self):
        """The row of the bill."""
        self.ensure_one()
        return _form("reconcile.bill.row", self.row_id.id)

    def action_open_entry(self):
        """What the books say."""
        self.ensure_one()
        difference = self.sudo()
        return _form(difference.source, difference.source_id)

    @api.model
    def _standing(self, account, start, end, found):
        """The differences that stand on an account's days, or of what was found elsewhere.

        :return: (``core.match.Standing``, state) pairs
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, row_id, source, source_id, state FROM reconcile_difference
                 WHERE account_id = %(account)s AND state <> 'gone'
                   AND (day BETWEEN %(start)s AND %(end)s OR row_id = ANY(%(rows)s)
                        OR (source, source_id) IN (
                            SELECT * FROM unnest(%(sources)s::text[], %(entries)s::int[])))
                """,
                account=account.id,
                start=start,
                end=end,
                rows=[each.told.id for each in found if each.told],
                sources=[each.known.source for each in found if each.known],
                entries=[each.known.id for each in found if each.known],
            )
        )
        return [
            (Standing(id_, row, (source, entry) if entry else None), state)
            for id_, row, source, entry, state in rows
        ]


def _form(model, record):
    return {
        "type": "ir.actions.act_window",
        "res_model": model,
        "res_id": record,
        "view_mode": "form",
    }
