from odoo import api, fields, models

from ..core.values import account_number


class ReconcileAccount(models.Model):
    """Where money lies that others keep books of: a merchant number, a bank account, a POS.

    Its bills are told apart by ``number``, as they write it.
    """

    _name = "reconcile.account"
    _description = "Reconciled Account"
    _inherit = ["mail.thread"]
    _order = "sequence, name"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [
            ("wechat", "WeChat Pay"),
            ("alipay", "Alipay"),
            ("unionpay", "UnionPay"),
            ("pos", "POS Terminal"),
            ("platform", "Platform"),
            ("bank", "Bank"),
            ("other", "Other"),
        ],
        required=True,
        default="bank",
        tracking=True,
    )
    number = fields.Char(
        required=True, tracking=True, copy=False,
        help="As its bills write it: the merchant number, the PID, the number of the bank account.",
    )  # fmt: skip
    number_key = fields.Char(compute="_compute_number_key", store=True, groups=fields.NO_ACCESS)
    day_cut = fields.Selection(
        [("0", "Midnight"), ("23", "23:00, as UnionPay does")], required=True, default="0",
        tracking=True, help="When the channel's day ends, China's time.",
    )  # fmt: skip
    layout_id = fields.Many2one(
        "reconcile.layout", check_company=True, index="btree_not_null", tracking=True,
        help="How to read its files when they are in no format that Qudao knows.",
    )  # fmt: skip
    bill_ids = fields.One2many("reconcile.bill", "account_id")
    bill_count = fields.Integer(compute="_compute_bill_count")

    _number_uniq = models.UniqueIndex(
        "(company_id, number_key)", "An account with this number is here already."
    )
    _number_check = models.Constraint(
        "CHECK (number_key <> '')", "The number of an account has letters or digits."
    )

    @api.depends("number")
    def _compute_number_key(self):
        for account in self:
            account.number_key = account_number(account.number or "")

    def _compute_bill_count(self):
        counts = dict(
            self.env["reconcile.bill"]._read_group(
                [("account_id", "in", self.ids)], ["account_id"], ["__count"]
            )
        )
        for account in self:
            account.bill_count = counts.get(account, 0)

    @api.onchange("kind")
    def _onchange_kind(self):
        self.day_cut = "23" if self.kind == "unionpay" else "0"

    @api.model
    def _of_number(self, company, number: str):
        """The company's account with a number as bills write it; empty when there is none."""
        key = account_number(number)
        return self.search([("company_id", "=", company.id), ("number_key", "=", key)], limit=1)

    def action_open_bills(self):
        """The bills of this account."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "channel_reconcile.action_reconcile_bill"
        )
        return action | {
            "domain": [("account_id", "in", self.ids)],
            "context": {"default_account_id": self[:1].id},
        }
