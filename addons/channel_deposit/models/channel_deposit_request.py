from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.operations import Refund, Reverse, SetCreditLine, Transfer
from .channel_deposit_approval import UNDOABLE, frozen_sql


class ChannelDepositRequest(models.Model):
    """What else finance does with a deposit: pay back, move, grant credit, undo an entry.

    One table, so that whoever approves has one list.
    """

    _name = "channel.deposit.request"
    _inherit = "channel.deposit.banked"
    _description = "Deposit Request"
    _order = "id desc"

    kind = fields.Selection(
        [
            ("refund", "Refund"),
            ("transfer", "Transfer"),
            ("credit_line", "Credit Line"),
            ("correction", "Correction"),
        ],
        required=True,
        default="refund",
        tracking=True,
        help="Refund: unspent money goes back to the member. Transfer: unspent money goes to"
        " another account. Credit Line: the line becomes the amount. Correction: an entry is"
        " booked the other way round.",
    )
    account_id = fields.Many2one(domain=[("state", "=", "open")])
    target_account_id = fields.Many2one(
        "channel.deposit.account",
        "To Account",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('state', '=', 'open'), ('purpose', '!=', 'rebate'), ('id', '!=', account_id),"
        " ('company_id', '=', company_id)]",
        tracking=True,
    )
    entry_id = fields.Many2one(
        "channel.deposit.entry",
        "Entry to Undo",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('account_id', '=', account_id),"
        " ('kind', 'in', ('top_up', 'refund', 'transfer', 'capture', 'lapse'))]",
        help="The whole entry is booked the other way round; a top-up together with its bonus.",
    )
    reason = fields.Char(required=True, tracking=True, help="Kept with the entry for ever.")
    available = fields.Monetary(related="account_id.available")

    _amount_check = models.Constraint("CHECK (amount >= 0)", "An amount is not below 0.")
    _kind_check = models.Constraint(
        "CHECK ((kind = 'transfer') = (target_account_id IS NOT NULL)"
        " AND (kind = 'correction') = (entry_id IS NOT NULL))",
        "A transfer needs the receiving account, a correction the entry to undo.",
    )
    _target_check = models.Constraint(
        "CHECK (target_account_id <> account_id)",
        "A transfer goes to another account: choose the receiving one.",
    )
    _reason_check = models.Constraint("CHECK (btrim(reason) <> '')", "Say why.")

    def init(self):
        self.env.cr.execute(
            frozen_sql(
                self._table,
                ("kind", "target_account_id", "entry_id", "reason", "payee_bank_id"),
                once=("statement_line_id",),
            )
        )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._take_entry(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._take_entry(vals)
        return super().write(vals)

    def _take_entry(self, vals):
        """A correction is of the whole entry, on its account."""
        if vals.get("entry_id"):
            entry = self.env["channel.deposit.entry"].browse(vals["entry_id"])
            vals |= {"account_id": entry.account_id.id, "amount": abs(entry.posted)}

    @api.constrains("entry_id", "amount", "account_id")
    def _check_entry(self):
        for request in self.filtered("entry_id"):
            entry = request.entry_id.sudo()
            if entry.account_id != request.account_id or abs(entry.posted) != request.amount:
                raise UserError(
                    self.env._("A correction undoes the whole entry, on the entry's account.")
                )

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.kind != "transfer":
            self.target_account_id = False
        if self.kind != "correction":
            self.entry_id = False
        if self.kind == "credit_line":
            self.amount = self.account_id.credit_line

    @api.onchange("entry_id")
    def _onchange_entry_id(self):
        if self.entry_id:
            self.account_id = self.entry_id.account_id
            self.amount = abs(self.entry_id.posted)

    # -- approval ------------------------------------------------------------------------------

    def _check_complete(self):
        for request in self:
            entry = request.entry_id.sudo()
            if entry and entry.kind not in UNDOABLE:
                raise UserError(
                    self.env._(
                        "Only top-ups, refunds, transfers, what was spent and what lapsed can be undone."
                        " Release a hold or change the credit line instead."
                    )
                )

    def _operations(self):
        """What approving books. Keys: ``refund,5``, ``transfer,5``, ``credit,5``, ``reverse,5``."""
        self.ensure_one()
        account, target = self.account_id.id, self.target_account_id.id
        fen = self.env["channel.deposit.account"]._fen(self.amount)
        facts = {"source": self._source(), "note": self.reason}
        if self.kind == "refund":
            return [Refund(key=f"refund,{self.id}", account=account, amount=fen, **facts)]
        if self.kind == "transfer":
            key = f"transfer,{self.id}"
            return [Transfer(key=key, account=account, target=target, amount=fen, **facts)]
        if self.kind == "credit_line":
            return [SetCreditLine(key=f"credit,{self.id}", account=account, line=fen, **facts)]
        return self._reversals(facts)

    def _reversals(self, facts):
        """The entry the other way round, and with a top-up its bonus, unless undone already."""
        key = self.entry_id.sudo().key
        bonus = self.env["channel.deposit.account"]._bonus_key(key)
        operations = [Reverse(key=f"reverse,{self.id}", of=key, **facts)]
        Entry = self.env["channel.deposit.entry"].sudo()
        if Entry.search_count([("key", "=", bonus)]) and not Entry.search_count(
            [("reverses", "=", bonus)]
        ):
            operations.append(Reverse(key=f"reverse,{self.id},bonus", of=bonus, **facts))
        return operations

    def _book_approved(self):
        done = super()._book_approved()
        if self.kind == "correction":
            self._mark_reversed(self.entry_id.sudo())
        return done

    def _mark_reversed(self, entry):
        """The document behind an undone entry says so; its slip or bank line can be used again."""
        model, _comma, number = (entry.source or "").partition(",")
        if model not in ("channel.deposit.voucher", self._name) or not number.isdigit():
            return
        document = self.env[model].sudo().browse(int(number)).exists()
        is_bonus = entry.key.endswith(self.env["channel.deposit.account"]._bonus_key(""))
        if document.state == "approved" and not is_bonus:
            document.state = "reversed"
            document.flush_recordset()  # its slip or bank line is free from now on
            document._release_bank()
            document.message_post(
                body=self.env._("Undone by %(name)s: %(why)s", name=self.name, why=self.reason)
            )
