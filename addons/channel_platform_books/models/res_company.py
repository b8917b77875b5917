from odoo import fields, models
from odoo.tools.translate import LazyTranslate

from odoo.addons.channel_statement.models.res_company import RoleAccount

_lt = LazyTranslate(__name__)
ACCOUNTS = {
    "fee": RoleAccount(_lt("Platform fees"), "expense", "6601 5601"),
    "cost": RoleAccount(_lt("Other costs at platforms"), "expense", "6601 5601"),
    "deductions": RoleAccount(
        _lt("Deductions of platforms"), "liability_current", "2241", reconcile=True
    ),
    "balance": RoleAccount(
        _lt("Balances at platforms"), "asset_current", "1012 1002", reconcile=True
    ),
}


class ResCompany(models.Model):
    """Where the platforms' settlement is posted. Accounts are made when they are missing."""

    _inherit = "res.company"

    platform_fee_account_id = fields.Many2one(
        "account.account", "Platform fees", check_company=True, ondelete="restrict",
        help="Expense of what platforms keep by our schemes. Made when it is missing.",
    )  # fmt: skip
    platform_cost_account_id = fields.Many2one(
        "account.account", "Other costs at platforms", check_company=True, ondelete="restrict",
        help="Freight insurance, promotion, fines. Made when it is missing.",
    )  # fmt: skip
    platform_deductions_account_id = fields.Many2one(
        "account.account", "Deductions of platforms", check_company=True, ondelete="restrict",
        domain="[('reconcile', '=', True)]",
        help="Between a share that the platform settles and its settlement. Made when it is missing.",
    )  # fmt: skip
    platform_balance_account_id = fields.Many2one(
        "account.account", "Balances at platforms", check_company=True, ondelete="restrict",
        domain="[('reconcile', '=', True)]",
        help="What platforms have paid out and the bank has not got yet. Made when it is missing.",
    )  # fmt: skip

    def _platform_account(self, use):
        """The account of a use (``core.books.Item.use``), made when it is missing.

        :raise UserError: the company has no chart of accounts yet
        """
        self.ensure_one()
        if use == "clearing":
            return self._channel_clearing_account()
        if use not in ACCOUNTS:
            return self._settlement_account(use)
        return self._role_account(f"platform_{use}_account_id", ACCOUNTS[use])
