from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

# Changed by _book alone.
COUNTERS = {"state", "posted", "held", "credit_line", "number"}
# Whose account it is, and with whom.
IDENTITY = {"member_id", "creditor_id", "company_id", "currency_id", "purpose"}

GUARD = """
CREATE OR REPLACE FUNCTION channel_deposit_account_guard() RETURNS trigger
LANGUAGE plpgsql AS $guard$
BEGIN
    RAISE EXCEPTION 'a deposit account changes by numbered entries only, and keeps its holder'
          USING ERRCODE = 'check_violation';
END $guard$;
CREATE OR REPLACE TRIGGER channel_deposit_account_guard
    BEFORE UPDATE OF posted, held, credit_line, state, number ON channel_deposit_account
    FOR EACH ROW WHEN (NEW.number <= OLD.number)
    EXECUTE FUNCTION channel_deposit_account_guard();
CREATE OR REPLACE TRIGGER channel_deposit_account_kept
    BEFORE UPDATE OF member_id, creditor_id, company_id, currency_id, purpose
    ON channel_deposit_account FOR EACH ROW
    WHEN (OLD.number > 0
          AND (NEW.member_id, NEW.creditor_id, NEW.company_id, NEW.currency_id, NEW.purpose)
              IS DISTINCT FROM
              (OLD.member_id, OLD.creditor_id, OLD.company_id, OLD.currency_id, OLD.purpose))
    EXECUTE FUNCTION channel_deposit_account_guard();
"""


class ChannelDepositAccount(models.Model):
    """Prepaid money (or rebate) of a member with its creditor, for one purpose.

    The amounts are the sums of the account's entries; ``_book`` writes both. The table stays
    narrow and without stored computes because every order touches it.
    """

    _name = "channel.deposit.account"
    _description = "Deposit Account"
    _order = "member_id, purpose, id"
    _rec_name = "member_id"
    _log_access = False
    _check_company_auto = True

    member_id = fields.Many2one(
        "channel.member",
        "Holder",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        help="Whose money it is.",
    )
    creditor_id = fields.Many2one(
        "channel.member",
        "Kept by",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The dealer who keeps the money. Empty: the brand.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    purpose = fields.Selection(
        [("goods", "Goods"), ("guarantee", "Guarantee"), ("rebate", "Rebate")],
        required=True,
        default="goods",
        help="Goods: spent on orders. Guarantee: kept as a security, never spent on orders."
        " Rebate: lowers the price of orders, never paid out.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("open", "Open"), ("closed", "Closed")],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
    )
    posted = fields.Monetary("Balance", required=True, readonly=True, default=0, copy=False)
    held = fields.Monetary(
        "On Hold", required=True, readonly=True, default=0, copy=False,
        help="Set aside for confirmed orders.",
    )  # fmt: skip
    credit_line = fields.Monetary(required=True, readonly=True, default=0, copy=False)
    available = fields.Monetary(
        compute="_compute_available", help="Balance, less what is on hold, plus the credit line."
    )
    requested_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict",
        default=lambda self: self.env.user, help="Somebody else opens the account.",
    )  # fmt: skip
    number = fields.Integer(
        "Entries", required=True, readonly=True, default=0, copy=False,
        help="How many entries the account has.",
    )  # fmt: skip

    _available_check = models.Constraint(
        "CHECK (posted - held + credit_line >= 0 AND held >= 0 AND credit_line >= 0)",
        "The available amount of a deposit account cannot be below 0.",
    )
    _credit_check = models.Constraint(
        "CHECK (purpose = 'goods' OR credit_line = 0)", "Only a goods account has a credit line."
    )
    _guarantee_check = models.Constraint(
        "CHECK (purpose <> 'guarantee' OR held = 0)", "A guarantee is never set aside for orders."
    )
    _empty_check = models.Constraint(
        "CHECK (state = 'open' OR (posted = 0 AND held = 0 AND credit_line = 0))",
        "An account that is not open is empty.",
    )
    _holder_check = models.Constraint(
        "CHECK (creditor_id <> member_id)", "Nobody keeps a deposit with themselves."
    )
    _holder_uniq = models.UniqueIndex(
        "(member_id, COALESCE(creditor_id, 0), company_id, currency_id, purpose)"
        " WHERE state <> 'closed'",
        "This member has such an account already: open that one instead.",
    )

    def init(self):
        self.env.cr.execute(GUARD)

    @api.depends("posted", "held", "credit_line")
    def _compute_available(self):
        for account in self:
            account.available = account.posted - account.held + account.credit_line

    @api.depends("member_id", "purpose")
    @api.depends_context("lang")
    def _compute_display_name(self):
        purposes = dict(self._fields["purpose"]._description_selection(self.env))
        for account in self:
            member = account.member_id.display_name or ""
            account.display_name = f"{member} · {purposes.get(account.purpose, '')}"

    @api.constrains("currency_id", "company_id")
    def _check_currency(self):
        for account in self:
            if account.currency_id != account.company_id.currency_id:
                raise ValidationError(
                    self.env._(
                        "Deposits are kept in the company's currency, %(currency)s: choose it.",
                        currency=account.company_id.currency_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_counters(set().union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_counters(vals.keys())
        if IDENTITY & vals.keys() and any(account.number for account in self):
            raise UserError(
                self.env._(
                    "An account with entries keeps its holder, keeper, company, currency and"
                    " purpose. Open another account instead."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if any(account.number for account in self):
            raise UserError(
                self.env._("An account with entries is kept. Close it when it is empty.")
            )

    def _refuse_counters(self, names):
        if COUNTERS & set(names):
            raise UserError(
                self.env._("The amounts and the state of a deposit account change by entries only.")
            )

    @api.model
    def _ensure(self, member, purpose="goods", creditor=None):
        """The account of a member for a purpose that is not closed; a new draft when there is none.

        Two who ask at once get the same one.

        :param member: channel.member, the holder
        :param creditor: channel.member that keeps the money; None: the brand
        """
        member.ensure_one()
        company = member.company_id
        values = (member.id, creditor.id if creditor else None, company.id, company.currency_id.id)
        self.env.execute_query(
            SQL(
                """INSERT INTO channel_deposit_account
                          (member_id, creditor_id, company_id, currency_id, purpose,
                           requested_by_id, state, posted, held, credit_line, number)
                   VALUES (%s, %s, %s, %s, %s, %s, 'draft', 0, 0, 0, 0)
                   ON CONFLICT DO NOTHING RETURNING id""",
                *values,
                purpose,
                self.env.uid,
            )
        )
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM channel_deposit_account
                    WHERE member_id = %s AND creditor_id IS NOT DISTINCT FROM %s
                      AND company_id = %s AND currency_id = %s AND purpose = %s
                      AND state <> 'closed'""",
                *values,
                purpose,
            )
        )
        return self.browse([row[0] for row in rows])
