from dataclasses import dataclass

from odoo import fields, models
from odoo.tools.translate import LazyGettext, LazyTranslate

_lt = LazyTranslate(__name__)


@dataclass(frozen=True, slots=True)
class RoleAccount:
    """How the account of a use is made when it is missing; ``near``: starts of codes, with spaces."""

    name: LazyGettext
    account_type: str
    near: str
    reconcile: bool = False


ACCOUNTS = {
    "commission": RoleAccount(_lt("Commissions and service fees"), "expense", "6601 5601"),
    "supply": RoleAccount(_lt("Supply by members"), "expense_direct_cost", "6401 5401 6601 5601"),
    "payable": RoleAccount(
        _lt("Settlements to pay"), "liability_payable", "2241 2202", reconcile=True
    ),
    "tax": RoleAccount(_lt("Income tax withheld"), "liability_current", "2221"),
    "transit": RoleAccount(
        _lt("Payouts on their way"), "asset_current", "1012 1002", reconcile=True
    ),
}


class ResCompany(models.Model):
    """Where statements and payouts are posted. Accounts are made when they are missing."""

    _inherit = "res.company"

    settlement_commission_account_id = fields.Many2one(
        "account.account", "Commissions", check_company=True, ondelete="restrict",
        help="Expense of what hosts, affiliates, colonels and MCNs earn. Made when it is missing.",
    )  # fmt: skip
    settlement_supply_account_id = fields.Many2one(
        "account.account", "Supply by members", check_company=True, ondelete="restrict",
        help="Cost of what dealers and retailers delivered for us. Made when it is missing.",
    )  # fmt: skip
    settlement_payable_account_id = fields.Many2one(
        "account.account", "Settlements to pay", check_company=True, ondelete="restrict",
        domain="[('account_type', '=', 'liability_payable')]",
        help="What confirmed statements owe, reserves included. Made when it is missing.",
    )  # fmt: skip
    settlement_tax_account_id = fields.Many2one(
        "account.account", "Income tax withheld", check_company=True, ondelete="restrict",
        help="Of persons' pay, to be paid to the tax bureau. Made when it is missing.",
    )  # fmt: skip
    settlement_transit_account_id = fields.Many2one(
        "account.account", "Payouts on their way", check_company=True, ondelete="restrict",
        domain="[('reconcile', '=', True)]",
        help="Between the payout and the bank's line that shows it. Made when it is missing.",
    )  # fmt: skip
    settlement_journal_id = fields.Many2one(
        "account.journal", "Settlement journal", check_company=True, ondelete="restrict",
        domain="[('type', '=', 'general')]", help="Made when it is missing.",
    )  # fmt: skip

    def _settlement_account(self, use):
        """The account of a use, made when it is missing.

        :param use: a key of ``ACCOUNTS``, or ``deposit``: where money for deposits arrives
        :raise UserError: the company has no chart of accounts yet
        """
        self.ensure_one()
        if use == "deposit":
            return self._deposit_account_for("receipts")
        return self._role_account(f"settlement_{use}_account_id", ACCOUNTS[use])

    def _role_account(self, field, role):
        """The account in a field, made when it is missing.

        :param role: ``RoleAccount``
        """
        self.ensure_one()
        company = self.sudo().with_company(self)
        if not company[field]:
            company[field] = company._channel_make_account(
                lambda env: env._(role.name),  # pylint: disable=prefer-env-translation,translation-not-lazy
                role.account_type, reconcile=role.reconcile, near=role.near.split(),
            )  # fmt: skip
        return company[field]

    def _settlement_journal(self):
        """The company's journal for settlements, made when it is missing."""
        self.ensure_one()
        company = self.sudo().with_company(self)
        if not company.settlement_journal_id:
            words = company.with_context(lang=self.partner_id.lang)
            company.settlement_journal_id = company._channel_make_journal(
                words.env._("Settlements"), "STL"
            )
        return company.settlement_journal_id
