import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

_NOTHING_KEPT = ("refused", "cancelled", "withdrawn")


class ReconcileBill(models.Model):
    """A file of movements as a channel, platform or bank wrote it: 支付账单.

    Its rows are taken once, when it has been read to its end and agrees with its own sums.
    """

    _name = "reconcile.bill"
    _description = "Bill"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char("File Name", required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True,
        default=lambda self: self.env.company,
    )  # fmt: skip
    currency_id = fields.Many2one(related="company_id.currency_id")
    account_id = fields.Many2one(
        "reconcile.account", check_company=True, ondelete="restrict", index=True, readonly=True,
        help="Found by the number in the file where none was chosen.",
    )  # fmt: skip
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("reading", "Reading"),
            ("done", "Read"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
            ("withdrawn", "Taken Back"),
        ],
        required=True,
        readonly=True,
        default="waiting",
        tracking=True,
    )
    file = fields.Binary(required=True, readonly=True, attachment=True)
    sha256 = fields.Char("Checksum", required=True, readonly=True, help="SHA-256 of the file.")
    digest = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)
    form = fields.Char("Format", readonly=True)
    for_day = fields.Date(
        "Settlement Day", readonly=True, help="Of files that do not tell their year."
    )
    layout_id = fields.Many2one("reconcile.layout", readonly=True, index="btree_not_null")
    refusal = fields.Json(readonly=True, copy=False, groups=fields.NO_ACCESS)
    trouble = fields.Text("What is Wrong", compute="_compute_trouble")
    is_unknown = fields.Boolean(compute="_compute_trouble", help="No reader knows its columns.")
    ignored = fields.Char("Other Files in It", readonly=True)
    row_count = fields.Integer("Rows", readonly=True)
    new_count = fields.Integer("New Rows", readonly=True)
    income = fields.Monetary("Came", readonly=True)
    outcome = fields.Monetary("Went", readonly=True)
    fee = fields.Float("Fees", readonly=True, digits=(16, 5))
    new_amount = fields.Monetary(readonly=True, groups=fields.NO_ACCESS)
    new_fee = fields.Float(readonly=True, digits=(16, 5), groups=fields.NO_ACCESS)
    opening = fields.Monetary("Opening Balance", readonly=True)
    closing = fields.Monetary("Closing Balance", readonly=True)
    has_balance = fields.Boolean(readonly=True)
    first_at = fields.Datetime("From", readonly=True)
    last_at = fields.Datetime("To", readonly=True)
    progress_ids = fields.One2many(
        "reconcile.bill.progress", "bill_id", readonly=True, groups=fields.NO_ACCESS
    )
    percent = fields.Float("Progress", compute="_compute_percent")
    rows_so_far = fields.Integer(compute="_compute_percent")

    _digest_uniq = models.UniqueIndex(
        "(account_id, form, digest) WHERE state = 'done'", "This bill was read before."
    )
    _sha_idx = models.Index("(company_id, sha256)")
    _counts = models.Constraint(
        "CHECK (row_count >= new_count AND new_count >= 0)", "No more rows are new than there are."
    )
    _done_check = models.Constraint(
        "CHECK (state <> 'done' OR account_id IS NOT NULL AND form IS NOT NULL"
        " AND digest IS NOT NULL)",
        "A bill that was read is of an account.",
    )

    @api.depends("state", "progress_ids.percent", "progress_ids.row_count")
    def _compute_percent(self):
        for bill in self:
            progress = bill.sudo().progress_ids[:1]
            is_reading = bill.state == "reading"
            bill.percent = progress.percent if is_reading else 100 * (bill.state == "done")
            bill.rows_so_far = progress.row_count if is_reading else bill.row_count

    @api.model
    def _receive(self, company, name: str, data: bytes, account=None, day=None):
        """Keep a file and queue its reading.

        :param data: the file, packed or not
        :param account: the ``reconcile.account`` it is of, where that is known
        :param day: the settlement day of a file that tells none
        :raises UserError: the same file is here already, or there is nothing in it
        """
        if not data:
            raise UserError(self.env._("%(file)s is empty. Export it once more.", file=name))
        sha256 = hashlib.sha256(data).hexdigest()
        before = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("sha256", "=", sha256),
                ("state", "in", ("waiting", "reading", "done")),
            ],
            limit=1,
        )
        if before:
            raise UserError(
                self.env._(
                    "%(file)s is here already: %(before)s, on %(day)s. Nothing was added.",
                    file=name, before=before.name,
                    day=fields.Datetime.context_timestamp(self, before.create_date).date(),
                )
            )  # fmt: skip
        bill = self.sudo().create(
            {
                "name": name, "company_id": company.id, "account_id": account and account.id,
                "for_day": day, "sha256": sha256, "file": base64.b64encode(data),
            }
        )  # fmt: skip
        bill._enqueue()
        return bill

    def _enqueue(self):
        for bill in self:
            bill.with_delay(
                identity_key=f"channel_reconcile.read.{bill.id}",
                description=self.env._("Read the bill %(file)s", file=bill.name),
                priority=15,
            )._job_read()

    def action_read_again(self):
        """Read a bill of which nothing is kept once more."""
        for bill in self.filtered(lambda bill: bill.state in _NOTHING_KEPT):
            bill.sudo().progress_ids.unlink()
            bill.sudo().write({"state": "waiting", "refusal": False})
            bill._enqueue()

    def action_cancel(self):
        """Stop the reading: nothing of the file is kept."""
        for bill in self.sudo():
            if bill.state == "waiting":
                bill.state = "cancelled"
            elif bill.state == "reading":
                bill.progress_ids.is_cancelled = True

    def action_take_back(self):
        """Remove the rows of a bill that should not have been read; the file stays.

        :raises UserError: a later bill leans on its rows
        """
        for bill in self.sudo().filtered(lambda bill: bill.state == "done"):
            later = bill._leaning()
            if later:
                raise UserError(
                    self.env._(
                        "%(later)s has rows that stand in %(bill)s: take it back first.",
                        later=", ".join(later.mapped("name")), bill=bill.name,
                    )
                )  # fmt: skip
            bill.state = "withdrawn"
            bill.flush_recordset()
            self.env["reconcile.bill.row"]._remove(bill)
            bill._match_days()

    def _leaning(self):
        """Later bills of the same account and days some of whose rows were here already."""
        self.ensure_one()
        return self.search(
            [
                ("account_id", "=", self.account_id.id),
                ("form", "=", self.form),
                ("state", "=", "done"),
                ("id", "!=", self.id),
                ("first_at", "<=", self.last_at),
                ("last_at", ">=", self.first_at),
            ]
        ).filtered(lambda bill: bill.new_count < bill.row_count)

    def action_open_rows(self):
        """The rows that this bill brought."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "channel_reconcile.action_reconcile_bill_row"
        )
        return action | {"domain": [("bill_id", "in", self.ids)], "context": {}}

    def action_map(self):
        """Say which column of this file is what: a new layout, as far as it can be guessed."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Columns of %(file)s", file=self.name),
            "res_model": "reconcile.layout",
            "view_mode": "form",
            "context": self.env["reconcile.layout"]._defaults_for(self),
        }

    def _open_form(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }
