from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

from odoo.addons.channel_network.append_only import make_append_only
from odoo.addons.channel_network.core.money import from_fen, to_fen

CLERK = "channel_network.group_finance_clerk"


class ChannelDepositEntry(models.Model):
    """One line of the deposits' journal: what changed on an account, and what stood then.

    Append-only: a trigger refuses changes, ``_book`` alone adds rows. A hold and a reversed
    operation are named by their keys, as in ``core/ledger.py``; nothing that comes later (its
    posting, its statement) is written here.
    """

    _name = "channel.deposit.entry"
    _inherit = ["channel.deposit.written", "channel.deposit.source"]
    _description = "Deposit Entry"
    _order = "id desc"
    _rec_name = "key"
    _rec_names_search = ["key", "source", "note"]
    _log_access = False

    key = fields.Char(required=True, readonly=True)
    leg = fields.Integer(
        required=True, readonly=True, help="0; 1 is the receiving account of a transfer."
    )
    account_id = fields.Many2one(
        "channel.deposit.account", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="account_id.currency_id")
    number = fields.Integer(required=True, readonly=True, help="1, 2, 3 … of the account.")
    kind = fields.Selection(
        [
            ("open", "Account Opened"),
            ("close", "Account Closed"),
            ("top_up", "Top-up"),
            ("refund", "Refund"),
            ("transfer", "Transfer"),
            ("credit_line", "Credit Line"),
            ("hold", "Hold"),
            ("refit", "Hold Changed"),
            ("capture", "Spent"),
            ("give_back", "Given Back"),
            ("release", "Hold Released"),
            ("expire", "Hold Expired"),
            ("lapse", "Lapsed"),
            ("reverse", "Reversal"),
        ],
        required=True,
        readonly=True,
    )
    digest = fields.Char("Fingerprint", required=True, readonly=True)
    posted = fields.Monetary("Amount", required=True, readonly=True)
    held = fields.Monetary("Change on Hold", required=True, readonly=True)
    credit_line = fields.Monetary("Change of Credit Line", required=True, readonly=True)
    posted_after = fields.Monetary("Balance", required=True, readonly=True)
    held_after = fields.Monetary("On Hold", required=True, readonly=True)
    credit_line_after = fields.Monetary("Credit Line Then", required=True, readonly=True)
    places = fields.Boolean("Places a Hold", required=True, readonly=True)
    resolves = fields.Char("Resolved Hold", readonly=True)
    reverses = fields.Char("Reversed Entry", readonly=True)
    source = fields.Char("Document", readonly=True)
    note = fields.Char("Reason", readonly=True)
    at = fields.Datetime("Time", required=True, readonly=True, default=fields.Datetime.now)
    lapses_at = fields.Datetime(
        "Valid until", readonly=True, help="What is left of a rebate lapses then. Empty: never."
    )
    user_id = fields.Many2one("res.users", "By", readonly=True, ondelete="restrict")
    posting_ids = fields.One2many(
        "channel.deposit.posting", "entry_id", "Postings", readonly=True, groups=CLERK
    )
    move_id = fields.Many2one(related="posting_ids.move_id", string="Journal Entry", groups=CLERK)

    _key_uniq = models.Constraint("UNIQUE(key, leg)", "An operation takes effect once.")
    _number_uniq = models.Constraint(
        "UNIQUE(account_id, number)", "The entries of an account follow one another."
    )
    _resolves_uniq = models.UniqueIndex(
        "(resolves) WHERE resolves IS NOT NULL", "A hold is resolved at most once."
    )
    _reverses_uniq = models.UniqueIndex(
        "(reverses, leg) WHERE reverses IS NOT NULL", "An operation is reversed at most once."
    )
    _available_check = models.Constraint(
        "CHECK (posted_after - held_after + credit_line_after >= 0"
        " AND held_after >= 0 AND credit_line_after >= 0)",
        "No entry leaves less than 0 available.",
    )
    # the tie-out sums amounts up to a moment, without reading the rows themselves
    _amount_idx = models.Index("(company_id, at) INCLUDE (account_id, posted) WHERE posted <> 0")
    # a period of an account is found by its first and last entry
    _at_idx = models.Index("(account_id, at, number)")
    _lapses_idx = models.Index("(account_id, lapses_at) WHERE lapses_at IS NOT NULL")
    _leg_check = models.Constraint("CHECK (leg IN (0, 1))", "An operation has two sides at most.")

    def init(self):
        make_append_only(self.env.cr, self._table)

    @api.depends("at", "kind", "posted", "held", "credit_line", "document")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        """Day, kind, amount and document: ``03/15/2026 · Top-up · $ 10.00 · V/0012``."""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for entry in self:
            at = entry.at and fields.Datetime.context_timestamp(entry, entry.at).date()
            amount = entry.posted or entry.held or entry.credit_line
            words = [
                at and format_date(self.env, at),
                kinds.get(entry.kind),
                amount and format_amount(self.env, amount, entry.currency_id),
                entry.document,
            ]
            entry.display_name = " · ".join(filter(None, words))

    @api.model
    def _search_display_name(self, operator, value):
        """By key, document and reason; a number is also looked for as an amount, in or out."""
        domain = super()._search_display_name(operator, value)
        if operator in Domain.NEGATIVE_OPERATORS or not isinstance(value, str):
            return domain
        try:
            amount = from_fen(to_fen(value.strip().replace(",", "")))
        except ValueError:
            return domain
        return Domain(domain) | Domain("posted", "in", [float(amount), -float(amount)])

    def action_post_now(self):
        """Button “Post Now”: the chosen entries that are not posted yet."""
        self.env["channel.deposit.posting"]._post_now(self)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
