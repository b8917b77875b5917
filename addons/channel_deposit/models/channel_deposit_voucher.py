from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..core.operations import TopUp
from ..core.receipt import normal
from .channel_deposit_approval import frozen_sql

# States in which a slip or a bank receipt is taken.
LIVE = ("draft", "submitted", "approved")
NEAR = timedelta(days=7)  # a slip and its bank line are not further apart


class ChannelDepositVoucher(models.Model):
    """Money that a member paid in, with its evidence: a bank slip, a POS slip or a bank line.

    A slip counts once by receiver, reference and date, whatever the amount; a bank line once.
    """

    _name = "channel.deposit.voucher"
    _inherit = "channel.deposit.banked"
    _description = "Deposit Voucher"
    _order = "id desc"

    kind = fields.Selection(
        [("bank_slip", "Bank Slip"), ("pos_slip", "POS Slip"), ("bank_line", "Bank Receipt")],
        required=True,
        default="bank_slip",
        tracking=True,
        help="What shows that the money came in. Bank Receipt: a line of the bank statement that"
        " nobody was named for, claimed for an account.",
    )
    account_id = fields.Many2one(
        domain=[("state", "=", "open"), ("purpose", "in", ("goods", "guarantee"))]
    )
    journal_id = fields.Many2one(
        "account.journal",
        "Receiving Account",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain=[("type", "in", ("bank", "cash"))],
        tracking=True,
        help="Our account that the money went to.",
    )
    terminal = fields.Char(
        "Terminal Number", tracking=True, help="The number of the POS terminal, as on the slip."
    )
    reference = fields.Char(
        tracking=True,
        help="The serial number on the slip. Case, spaces and full-width characters make no"
        " difference.",
    )
    date = fields.Date(
        "Paid on",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="The date on the slip. It decides which top-up bonus counts.",
    )
    receiver_key = fields.Char(compute="_compute_keys", store=True)
    reference_key = fields.Char(compute="_compute_keys", store=True)
    slip = fields.Binary("Slip Picture", attachment=True, copy=False)
    slip_name = fields.Char(copy=False)
    third_party = fields.Boolean(
        "Paid by a Third Party",
        tracking=True,
        help="Somebody else paid for the member. Then a letter of both is needed.",
    )
    payer_name = fields.Char("Payer", tracking=True, help="As named on the slip or by the bank.")
    letter = fields.Binary("Third-party Payment Letter", attachment=True, copy=False)
    letter_name = fields.Char(copy=False)
    key = fields.Char(
        "Ledger Key", readonly=True, copy=False, help="Names this money in the deposits' journal."
    )
    other_payment = fields.Boolean(
        "Another Payment",
        tracking=True,
        help="Tick it when a slip and a bank receipt of the same amount are two payments.",
    )

    _slip_uniq = models.UniqueIndex(
        "(company_id, receiver_key, reference_key, date)"
        " WHERE state IN ('draft', 'submitted', 'approved')"
        " AND receiver_key IS NOT NULL AND reference_key IS NOT NULL",
        "This slip is entered already: same receiver, reference and date.",
    )
    _line_uniq = models.UniqueIndex(
        "(statement_line_id) WHERE state IN ('draft', 'submitted', 'approved')"
        " AND statement_line_id IS NOT NULL",
        "This bank receipt is claimed already.",
    )
    _key_uniq = models.UniqueIndex("(key) WHERE key IS NOT NULL", "Money is booked once.")
    _amount_check = models.Constraint("CHECK (amount >= 0)", "An amount is not below 0.")
    _kind_check = models.Constraint(
        "CHECK (state IN ('draft', 'cancelled') OR CASE kind"
        " WHEN 'bank_line' THEN statement_line_id IS NOT NULL"
        " ELSE receiver_key IS NOT NULL AND reference_key IS NOT NULL END)",
        "A slip needs receiver and reference, a bank receipt its bank line.",
    )

    def init(self):
        facts = ("kind", "journal_id", "receiver_key", "reference_key", "date", "payer_name")
        self.env.cr.execute(
            frozen_sql(self._table, (*facts, "third_party"), once=("statement_line_id", "key"))
        )

    @api.depends("kind", "journal_id", "terminal", "reference")
    def _compute_keys(self):
        for voucher in self:
            terminal, reference = normal(voucher.terminal), normal(voucher.reference)
            if voucher.kind == "bank_slip" and voucher.journal_id:
                receiver = f"journal,{voucher.journal_id.id}"
            elif voucher.kind == "pos_slip" and terminal:
                receiver = f"terminal,{terminal}"
            else:
                receiver = False
            voucher.receiver_key = receiver
            voucher.reference_key = (voucher.kind != "bank_line" and reference) or False

    @api.onchange("kind", "journal_id", "terminal", "reference", "date")
    def _onchange_slip(self):
        """Warn before saving; the database refuses the second one."""
        if not (self.receiver_key and self.reference_key):
            return {}
        twin = self.sudo().search(
            [
                ("id", "!=", self._origin.id),
                ("receiver_key", "=", self.receiver_key),
                ("reference_key", "=", self.reference_key),
                ("date", "=", self.date),
                ("company_id", "=", (self.company_id or self.env.company).id),
                ("state", "in", LIVE),
            ],
            limit=1,
        )
        if not twin:
            return {}
        words = self.env._(
            "This slip is entered already, as %(twin)s of %(member)s: same receiver, reference"
            " and date.",
            twin=twin.name,
            member=twin.member_id.display_name,
        )
        return {"warning": {"title": self.env._("Entered Already"), "message": words}}

    @api.onchange("statement_line_id")
    def _onchange_statement_line_id(self):
        if self.kind == "bank_line" and self.statement_line_id:
            self.update(self._from_line(self.statement_line_id))

    @api.model_create_multi
    def create(self, vals_list):
        vouchers = super().create(vals_list)
        for voucher in vouchers:
            voucher._take_line()
        return vouchers

    def write(self, vals):
        done = super().write(vals)
        if {"kind", "statement_line_id", "amount", "date", "journal_id"} & vals.keys():
            self.filtered(lambda each: each.state == "draft")._take_line()
        return done

    def _take_line(self):
        """What is claimed is what the bank says, whatever a form sends."""
        for voucher in self.filtered(lambda each: each.kind == "bank_line"):
            line = voucher.statement_line_id.sudo()
            facts = ("amount", "date", "journal_id")
            if line and any(voucher[name] != line[name] for name in facts):
                voucher.write(
                    {"amount": line.amount, "date": line.date, "journal_id": line.journal_id.id}
                )

    @api.model
    def _from_line(self, line):
        """Values of a voucher that claims a line of the bank statement."""
        line = line.sudo()
        return {
            "kind": "bank_line",
            "statement_line_id": line.id,
            "journal_id": line.journal_id.id,
            "amount": line.amount,
            "date": line.date,
            "reference": line.payment_ref,
            "payer_name": line.partner_name or line.partner_id.name,
        }

    # -- approval ------------------------------------------------------------------------------

    def _check_values(self, vals):
        if not self.env.su and {"receiver_key", "reference_key", "key"} & vals.keys():
            raise UserError(self.env._("Enter receiver and reference: their keys follow."))
        return super()._check_values(vals)

    def _check_complete(self):
        for voucher in self:
            if missing := voucher._missing():
                raise UserError(
                    self.env._(
                        "%(name)s is not complete. Missing: %(fields)s.",
                        name=voucher.name,
                        fields=", ".join(missing),
                    )
                )
            if voucher.kind == "bank_line":
                voucher._check_line()
            voucher._check_other_payment()

    def _missing(self):
        """The labels of what is still to be filled in."""
        self.ensure_one()
        wanted = {
            "bank_slip": ["journal_id", "reference_key", "slip"],
            "pos_slip": ["terminal", "reference_key", "slip"],
            "bank_line": ["statement_line_id"],
        }[self.kind]
        if self.third_party:
            wanted = [*wanted, "payer_name", "letter"]
        labels = {"reference_key": "reference"}
        empty = [name for name in wanted if not self[name]]
        fields_get = self.fields_get([labels.get(name, name) for name in empty], ["string"])
        return [fields_get[labels.get(name, name)]["string"] for name in empty]

    def _check_line(self):
        """:raise UserError: the bank line is no receipt that could still be claimed"""
        line = self.statement_line_id.sudo()
        if line.amount <= 0 or line.amount != self.amount or line.is_reconciled:
            raise UserError(
                self.env._(
                    "This bank line was settled or changed meanwhile: look at it in the bank"
                    " statement."
                )
            )

    def _check_other_payment(self):
        """Money is not booked twice, by its slip and by its bank line.

        :raise UserError: the other evidence of the same money may be here already
        """
        if self.kind == "pos_slip" or self.other_payment:
            return
        if twin := self._twin():
            raise UserError(
                self.env._(
                    "%(name)s may be the same money as %(twin)s of %(member)s: same receiving"
                    " account and amount, a few days apart at most. If it is, cancel one; a slip"
                    " that is approved is matched with its bank line in the list of receipts. If"
                    " these are two payments, tick Another Payment.",
                    name=self.name,
                    twin=twin.name,
                    member=twin.member_id.display_name,
                )
            )

    def _twin(self):
        """A voucher by the other evidence, of the same receiving account and amount."""
        other = "bank_line" if self.kind == "bank_slip" else "bank_slip"
        domain = Domain(
            [
                ("id", "!=", self.id),
                ("kind", "=", other),
                ("state", "in", ("submitted", "approved")),
                ("other_payment", "=", False),
                ("journal_id", "=", self.journal_id.id),
                ("amount", "=", self.amount),
                ("date", ">=", self.date - NEAR),
                ("date", "<=", self.date + NEAR),
            ]
        )
        if other == "bank_slip":
            domain &= Domain("statement_line_id", "=", False)
        return self.sudo().search(domain, limit=1)

    def _free_key(self):
        """Names the money in the ledger: by its bank line, or else by the voucher.

        A line that was claimed wrongly, and that claim undone, gets a new key.
        """
        self.ensure_one()
        if self.kind != "bank_line":
            return f"voucher,{self.id}"
        line = self.statement_line_id.id
        undone = self.sudo().search_count(
            [("statement_line_id", "=", line), ("state", "=", "reversed")]
        )
        return f"receipt,{line},{undone + 1}" if undone else f"receipt,{line}"

    def _operations(self):
        fen = self.env["channel.deposit.account"]._fen(self.amount)
        key = self.key or self._free_key()
        return [TopUp(key=key, account=self.account_id.id, amount=fen, source=self._source())]

    def _money_key(self):
        return self.key

    def _keys(self):
        return [self.key, self.env["channel.deposit.account"]._bonus_key(self.key)]

    def _book_approved(self):
        self.key = self.key or self._free_key()
        return self.account_id.top_up(self.amount, self.key, self._source(), day=self.date)

    def _match_line(self, line):
        """Note that an approved bank slip's money arrived by a bank line; books nothing."""
        self.ensure_one()
        self._check_role()
        if self.kind != "bank_slip" or self.state != "approved" or self.statement_line_id:
            raise UserError(
                self.env._("%s is no approved bank slip that waits for its bank line.", self.name)
            )
        if line.sudo().amount != self.amount or line.sudo().journal_id != self.journal_id:
            raise UserError(
                self.env._(
                    "%s and this bank line differ in amount or account: they are two payments.",
                    self.name,
                )
            )
        voucher = self.sudo()
        voucher.statement_line_id = line
        voucher._reconcile_bank()
