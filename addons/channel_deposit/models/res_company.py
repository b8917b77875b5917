from dataclasses import dataclass

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL
from odoo.tools.translate import LazyGettext, LazyTranslate

from ..core.posting import Role

_lt = LazyTranslate(__name__)


@dataclass(frozen=True, slots=True)
class RoleAccount:
    """How the ledger account of a role is found and made.

    :ivar near: where China's charts keep such accounts: the first one that the chart has gives
        the code of the new account, which is made beside it
    """

    field: str
    name: LazyGettext
    account_type: str
    reconcile: bool
    near: tuple[str, ...]


ROLES = {
    Role.GOODS: RoleAccount(
        "channel_deposit_goods_account_id", _lt("Goods Deposits of Members"),
        "liability_current", True, ("2205", "2203"),
    ),
    Role.GUARANTEE: RoleAccount(
        "channel_deposit_guarantee_account_id", _lt("Guarantees of Members"),
        "liability_current", True, ("2241",),
    ),
    Role.REBATE: RoleAccount(
        "channel_deposit_rebate_account_id", _lt("Rebates Owed to Members"),
        "liability_current", True, ("2205", "2203"),
    ),
    Role.CONTRA: RoleAccount(
        "channel_deposit_contra_account_id", _lt("Rebates (Less Revenue)"),
        "income", False, ("6001", "5001"),
    ),
    Role.RECEIPTS: RoleAccount(
        "channel_deposit_receipts_account_id", _lt("Receipts to Claim"),
        "liability_current", True, ("2241",),
    ),
}  # fmt: skip
ROLE_FIELDS = [role.field for role in ROLES.values()]


class ResCompany(models.Model):
    """Which ledger accounts and journal deposits are posted to, and how."""

    _inherit = "res.company"

    channel_deposit_goods_account_id = fields.Many2one(
        "account.account", "Goods deposits", check_company=True, ondelete="restrict",
        help="What members have paid for goods to come (contract liability). Made when missing.",
    )  # fmt: skip
    channel_deposit_guarantee_account_id = fields.Many2one(
        "account.account", "Guarantees", check_company=True, ondelete="restrict",
        help="Securities of members, to be paid back (other payable). Made when missing.",
    )  # fmt: skip
    channel_deposit_rebate_account_id = fields.Many2one(
        "account.account", "Rebates owed", check_company=True, ondelete="restrict",
        help="Rebates earned and not used yet. Made when missing.",
    )  # fmt: skip
    channel_deposit_contra_account_id = fields.Many2one(
        "account.account", "Rebates, less revenue", check_company=True, ondelete="restrict",
        help="Lowers revenue when a rebate is earned. Made when missing.",
    )  # fmt: skip
    channel_deposit_receipts_account_id = fields.Many2one(
        "account.account", "Receipts to claim", check_company=True, ondelete="restrict",
        help="Between the bank and the deposits: the bank line brings money here, the approved"
        " voucher takes it. Made when missing.",
    )  # fmt: skip
    channel_deposit_journal_id = fields.Many2one(
        "account.journal", "Deposit journal", check_company=True, ondelete="restrict",
        domain="[('type', '=', 'general')]", help="Made when missing.",
    )  # fmt: skip
    channel_rebate_accrual = fields.Boolean(
        "Accrue rebates",
        help="Rebates are a liability from the day they are earned. Otherwise they are kept in"
        " the deposit accounts only and lower the price when they are used.",
    )
    channel_rebate_warn_days = fields.Integer(
        "Warn before rebates lapse (days)", required=True, default=14,
        help="So many days before, the member's representative gets a to-do. 0: nobody is told.",
    )  # fmt: skip
    channel_capture_posting = fields.Selection(
        [("each", "One by one"), ("day", "One entry a day and account")],
        "Spent deposits are posted",
        required=True,
        default="each",
        help="One entry a day and account is made when the day is over: for many deliveries a day.",
    )

    _rebate_warn_check = models.Constraint(
        "CHECK (channel_rebate_warn_days >= 0)", "Days are 0 (nobody is told) or more."
    )

    @api.constrains(*ROLE_FIELDS)
    def _check_deposit_accounts(self):
        for company in self:
            chosen = [company[name] for name in ROLE_FIELDS if company[name]]
            if len(set(chosen)) < len(chosen):
                raise ValidationError(
                    self.env._("Deposits need an account of its own for each use: choose another.")
                )
            for role in ROLES.values():
                account = company[role.field]
                if account and not _fits(account, role):
                    raise ValidationError(company._unfit_words(account, role))

    def _unfit_words(self, account, role):
        types = dict(account._fields["account_type"]._description_selection(self.env))
        words = {
            "account": account.display_name,
            "use": self.env._(role.name),
            "type": types[role.account_type],
        }
        if role.reconcile:
            return self.env._(
                "%(account)s does not suit “%(use)s”: choose an account of the type “%(type)s” that"
                " allows reconciliation, or leave it empty to have one made.",
                **words,
            )
        return self.env._(
            "%(account)s does not suit “%(use)s”: choose an account of the type “%(type)s”, or"
            " leave it empty to have one made.",
            **words,
        )

    def write(self, vals):
        self._refuse_posted_change(vals)
        return super().write(vals)

    def _refuse_posted_change(self, vals):
        """Deposits that are posted keep their accounts: the tie-out looks at one account a use."""
        names = [
            ROLES[role].field for role in (Role.GOODS, Role.GUARANTEE, Role.REBATE)
            if ROLES[role].field in vals
        ]  # fmt: skip
        for company in self:
            changed = [
                company[name] for name in names if company[name] and company[name].id != vals[name]
            ]
            if vals.get("channel_rebate_accrual") is False and company.channel_rebate_accrual:
                changed.append(company.channel_deposit_rebate_account_id)
            for account in changed:
                if company._has_deposits(account):
                    raise UserError(
                        self.env._(
                            "Deposits are posted to %(account)s: this setting stays as it is.",
                            account=account.display_name,
                        )
                    )

    def _has_deposits(self, account):
        return bool(
            self.env.execute_query(
                SQL(
                    """SELECT 1 FROM account_move_line l
                        WHERE l.account_id = %s AND EXISTS (
                              SELECT 1 FROM channel_deposit_posting p WHERE p.move_line_id = l.id)
                        LIMIT 1""",
                    account.id or None,
                )
            )
        )

    # -- made when missing -----------------------------------------------------------------------

    def _deposit_account_for(self, role):
        """The company's ledger account for a use; made, beside its like, when there is none.

        :param role: a ``core.posting.Role`` or its value: goods, guarantee, rebate, contra, receipts
        :raise UserError: the company has no chart of accounts
        """
        self.ensure_one()
        role = ROLES[Role(role)]
        company = self.sudo().with_company(self)
        if not company[role.field]:
            company[role.field] = company._make_deposit_account(role)
        return company[role.field]

    def _make_deposit_account(self, role):
        accounts = self.env["account.account"].with_context(lang="en_US")
        chart = accounts.search([("company_ids", "parent_of", self.ids)], order="code")
        if not chart:
            raise UserError(
                self.env._(
                    "%(company)s has no chart of accounts yet. Choose one under Accounting >"
                    " Configuration > Settings, then post deposits.",
                    company=self.display_name,
                )
            )
        alike = chart.filtered(lambda account: account.account_type == role.account_type)
        near = [
            account for code in role.near for account in alike
            if (account.code or "").startswith(code)
        ]  # fmt: skip
        code = (near[0] if near else alike[:1]).code or role.near[-1]
        # the first child: of 2203 it is 220301, also where the chart fills codes up to 220300
        code = f"{code[:-1]}1" if code.endswith("00") else f"{code}01"
        account = accounts.create(
            {
                "name": accounts.env._(role.name),
                "code": accounts._search_new_account_code(code, cache=set()),
                "account_type": role.account_type,
                "reconcile": role.reconcile,
                "tax_ids": [],
                "company_ids": [(6, 0, self.ids)],
            }
        )
        for lang, _name in self.env["res.lang"].get_installed():
            here = account.with_context(lang=lang)
            here.name = here.env._(role.name)
        return account.with_env(self.env)

    def _deposit_journal(self):
        """The company's journal for deposits; made when there is none."""
        self.ensure_one()
        company = self.sudo().with_company(self)
        if not company.channel_deposit_journal_id:
            journals = self.env["account.journal"].sudo().with_context(active_test=False)
            used = set(journals.search([("company_id", "=", self.id)]).mapped("code"))
            code = next(
                code for number in range(1, 100)
                if (code := f"DEP{number if number > 1 else ''}") not in used
            )  # fmt: skip
            company.channel_deposit_journal_id = journals.create(
                {
                    "name": company.with_context(lang=company._deposit_lang()).env._("Deposits"),
                    "code": code,
                    "type": "general",
                    "company_id": self.id,
                }
            )
        return company.channel_deposit_journal_id

    def _deposit_lang(self):
        """The language of what stands in the books: the company's, not that of a job's user."""
        if self.partner_id.lang:
            return self.partner_id.lang
        here = self.country_id.code == "CN" and self.env["res.lang"]._get_data(code="zh_CN")
        return "zh_CN" if here else None


def _fits(account, role):
    return account.account_type == role.account_type and (account.reconcile or not role.reconcile)
