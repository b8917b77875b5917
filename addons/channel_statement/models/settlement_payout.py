from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.channel_deposit.core.operations import TopUp
from odoo.addons.channel_network import china
from odoo.addons.channel_network.core.money import from_fen, to_fen

from ..core.entry import payout as payout_lines
from ..core.withhold import of_pay
from .settlement_statement import FINANCE

# what the buttons write, and nobody by hand
KEPT = frozenset(
    {"statement_id", "company_id", "partner_id", "way", "state", "amount", "tax", "net",
     "tax_month", "file_id", "paid_on", "move_id"}
)  # fmt: skip


class SettlementPayout(models.Model):
    """What is paid of a confirmed statement, once: by bank transfer or into the goods deposit.

    Amounts in yuan: ``amount`` is what the payable loses, ``net`` what the party gets, ``tax`` the
    income tax withheld from it.
    """

    _name = "settlement.payout"
    _description = "Payout"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _rec_name = "statement_id"

    statement_id = fields.Many2one(
        "settlement.statement", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", "Party", required=True, readonly=True, ondelete="restrict"
    )
    way = fields.Selection(
        [("bank", "Bank Transfer"), ("deposit", "Goods Deposit")], "Paid By", required=True,
        readonly=True,
    )  # fmt: skip
    state = fields.Selection(
        [
            ("waiting", "To Pay"),
            ("in_file", "At the Bank"),
            ("paid", "Paid"),
            ("failed", "Came Back"),
        ],
        required=True, default="waiting", readonly=True, tracking=True,
    )  # fmt: skip
    amount = fields.Monetary("To Pay", required=True, readonly=True)
    tax = fields.Monetary("Tax Withheld", required=True, readonly=True, default=0)
    net = fields.Monetary("Transferred", compute="_compute_net", store=True)
    tax_month = fields.Date(
        readonly=True, help="First day of the month, in China, whose pay the tax counts with."
    )
    bank_id = fields.Many2one(
        "res.partner.bank", "Bank Account", ondelete="restrict", index="btree_not_null"
    )
    file_id = fields.Many2one(
        "settlement.payout.file",
        "Bank File",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    paid_on = fields.Date(readonly=True)
    move_id = fields.Many2one(
        "account.move", "Journal Entry", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    trouble = fields.Char("Why Not", compute="_compute_trouble")

    _once = models.UniqueIndex(
        "(statement_id) WHERE state <> 'failed'", "This statement is paid once."
    )
    _partner_idx = models.Index("(partner_id, tax_month)")
    _list_idx = models.Index("(state, id DESC)")
    _amount_check = models.Constraint(
        "CHECK (amount > 0 AND tax >= 0 AND tax <= amount AND net = amount - tax)",
        "A payout is above 0, and the tax a part of it.",
    )
    _paid_check = models.Constraint(
        "CHECK (state NOT IN ('paid', 'failed') OR paid_on IS NOT NULL AND move_id IS NOT NULL)",
        "What is paid has a day and a journal entry.",
    )
    _file_check = models.Constraint(
        "CHECK (state <> 'in_file' OR file_id IS NOT NULL)", "At the bank: in a file."
    )

    def write(self, vals):
        if not self.env.su and (
            KEPT & vals.keys()
            or ("bank_id" in vals and any(payout.state != "waiting" for payout in self))
        ):
            raise UserError(
                self.env._("Use the buttons: only the bank account is chosen, before it is paid.")
            )
        return super().write(vals)

    @api.depends("amount", "tax")
    def _compute_net(self):
        for payout in self:
            payout.net = float(from_fen(to_fen(payout.amount) - to_fen(payout.tax)))

    @api.depends("state", "way", "bank_id", "partner_id", "statement_id.amount_invoice_missing")
    @api.depends_context("lang")
    def _compute_trouble(self):
        for payout in self:
            payout.trouble = payout.state == "waiting" and payout._trouble()

    def _trouble(self):
        """What keeps a waiting payout from being paid, and what to do; False: nothing."""
        statement = self.statement_id
        terms = statement.terms_id.sudo()
        if terms.paper == "invoice" and terms.invoice_first and statement.amount_invoice_missing:
            return self.env._("The party's invoice is missing: enter it on the statement.")
        if self.way == "bank" and not self.bank_id:
            return self.env._("No bank account: add one to the contact and choose it here.")
        if self.way == "deposit" and not self._deposit():
            return self.env._(
                "The party has no open goods deposit with us: open one, or pay by bank transfer."
            )
        return False

    def _deposit(self):
        """The party's open goods account with us, or nothing."""
        members = self.partner_id.commercial_partner_id.sudo().network_membership_ids
        return (
            self.env["channel.deposit.account"]
            .sudo()
            .search(
                [
                    ("member_id", "in", members.ids),
                    ("company_id", "=", self.company_id.id),
                    ("creditor_id", "=", False),
                    ("purpose", "=", "goods"),
                    ("state", "=", "open"),
                ],
                limit=1,
            )
        )

    # -- what people do --------------------------------------------------------------------------

    def action_to_bank(self):
        """Pay by bank transfer instead."""
        self._ask("waiting")
        self.sudo().write({"way": "bank"})

    def action_pay_deposit(self):
        """Top up the parties' goods deposits, all in one transaction."""
        self._ask("waiting")
        for payout in self.sudo():
            if payout.way != "deposit":
                raise UserError(
                    self.env._("%s is paid by bank transfer: make a bank file.", payout._words())
                )
            payout._refuse_trouble()
            payout._withhold()
            payout._top_up()

    def action_bank_file(self):
        """Put payouts into a new file for the bank.

        :return: the action that opens it
        """
        self._ask("waiting")
        payouts = self.sudo().filtered(lambda payout: payout.way == "bank")
        if not payouts:
            raise UserError(self.env._("Choose payouts by bank transfer."))
        if len(payouts.company_id) > 1:
            raise UserError(self.env._("A bank file is of one company: choose its payouts only."))
        for payout in payouts:
            payout._refuse_trouble()
        for payout in payouts:
            payout._withhold()
        file = self.env["settlement.payout.file"].sudo()._make(payouts)
        return file.with_env(self.env)._get_records_action(name=self.env._("Bank File"))

    def action_came_back(self):
        """The bank returned the money: the entry is reversed, and a new payout waits."""
        self._ask("paid")
        for payout in self.sudo():
            if payout.way != "bank":
                raise UserError(self.env._("Money in a deposit is taken back there, not here."))
            payout.move_id._reverse_moves([{"date": china.today(self.env)}], cancel=True)
            payout.write({"state": "failed"})
            payout.flush_recordset()  # before another takes its place
            payout.statement_id.write({"state": "confirmed"})
            payout.statement_id._make_payouts()

    def _ask(self, state):
        """Lock the payouts; whether the user may act and they are where they should be.

        :raise AccessError: no finance clerk
        :raise UserError: in words
        """
        if not self.env.su and not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Ask a finance clerk: payouts are in their hands."))
        self.check_access("write")
        payouts = self.sudo()
        payouts.lock_for_update(allow_referencing=True)
        names = dict(self._fields["state"]._description_selection(self.env))
        for payout in payouts:
            if payout.state != state:
                raise UserError(
                    self.env._(
                        "%(payout)s is “%(state)s” by now: reload the page.",
                        payout=payout._words(), state=names[payout.state],
                    )
                )  # fmt: skip

    def _refuse_trouble(self):
        if words := self._trouble():
            raise UserError(self.env._("%(payout)s: %(words)s", payout=self._words(), words=words))

    def _words(self):
        return f"{self.statement_id.name} {self.partner_id.name}"

    # -- money -----------------------------------------------------------------------------------

    def _withhold(self):
        """Fix the tax of a payout that is paid now, with what its party got in this month."""
        self.ensure_one()
        month = china.today(self.env).replace(day=1)
        tax = 0
        if self.statement_id.terms_id.paper == "withhold":
            self.env.flush_all()
            turn = SQL("SELECT pg_advisory_xact_lock(hashtext('settlement_tax'))")
            self.env.execute_query(turn)
            paid, withheld = self.env.execute_query(
                SQL(
                    """
                    SELECT coalesce(sum(amount) * 100, 0)::bigint,
                           coalesce(sum(tax) * 100, 0)::bigint
                      FROM settlement_payout
                     WHERE partner_id = %s AND company_id = %s AND tax_month = %s
                       AND state IN ('in_file', 'paid') AND id <> %s
                    """,
                    self.partner_id.id,
                    self.company_id.id,
                    month,
                    self.id,
                )
            )[0]
            tax = of_pay(to_fen(self.amount), paid, withheld)
        self.write({"tax": float(from_fen(tax)), "tax_month": month})

    def _top_up(self):
        """Into the deposit, by the payout's own key; in the ledger both entries meet."""
        self.ensure_one()
        source = f"{self._name},{self.id}"
        accounts = self.env["channel.deposit.account"]
        if to_fen(self.net):
            accounts._book_or_raise(
                [
                    TopUp(
                        key=source, account=self._deposit().id, amount=to_fen(self.net),
                        source=source,
                    )
                ]
            )  # fmt: skip
        self._paid(china.today(self.env))
        postings = self.env["channel.deposit.posting"]
        entries = accounts._entries_of([source])
        postings._post_entries(entries)
        account = self.company_id._settlement_account("deposit")
        met = postings.search([("entry_id", "in", entries.ids)]).counterpart_id
        met |= self.move_id.line_ids.filtered(lambda line: line.account_id == account)
        if {line.balance > 0 for line in met} == {True, False}:
            met.reconcile()

    def _paid(self, day):
        """Post a payout and end it; its statement is settled.

        :param day: a date: when the money moved
        """
        for payout in self:
            move = self.env["account.move"].create(payout._entry(day))
            move._post(soft=False)
            payout.write({"state": "paid", "paid_on": day, "move_id": move.id})
            payout.statement_id.write({"state": "paid"})
            lines = payout.statement_id._open_payables()
            if {line.balance > 0 for line in lines} == {True, False}:
                lines.reconcile()

    def _entry(self, day):
        company = self.company_id
        words = self.with_context(lang=company.partner_id.lang).env
        ref = words._("Payout of %(number)s: %(party)s", number=self.statement_id.name,
                      party=self.partner_id.name)  # fmt: skip
        to = "deposit" if self.way == "deposit" else "transit"
        return {
            "move_type": "entry",
            "journal_id": company._settlement_journal().id,
            "company_id": company.id,
            "date": day,
            "ref": ref,
            "line_ids": [
                Command.create(
                    {
                        "name": ref,
                        "account_id": company._settlement_account(item.role).id,
                        "partner_id": self.partner_id.id,
                        "balance": float(from_fen(item.balance)),
                        "tax_ids": [],
                    }
                )
                for item in payout_lines(to_fen(self.amount), to_fen(self.tax), to)
            ],
        }


class SettlementStatement(models.Model):
    _inherit = "settlement.statement"

    def _make_payouts(self):
        """A payout waits for each confirmed statement that pays something; others are settled."""
        due = self.filtered("amount_payable")
        (self - due).write({"state": "paid"})
        self.env["settlement.payout"].create(
            [
                {
                    "statement_id": statement.id,
                    "company_id": statement.company_id.id,
                    "partner_id": statement.partner_id.id,
                    "way": statement.terms_id.way,
                    "amount": statement.amount_payable,
                    "bank_id": statement.partner_id.bank_ids[:1].id,
                }
                for statement in due
            ]
        )
