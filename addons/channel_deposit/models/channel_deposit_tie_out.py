from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..core.posting import day_of, end_of
from .channel_deposit_posting import IN_BOOKS, UNPOSTED

# Sub-ledger and general ledger side by side at the end of a day, by company, purpose and partner;
# and the sums by company and purpose. Ids stay the same and fit into a column: that of the deposit
# account, else of the first journal item in the upper half; sums count from the top.
QUERY = """
WITH ledger_account AS (
    SELECT c.id AS company_id, r.purpose, r.account_id
      FROM res_company c
     CROSS JOIN LATERAL (VALUES
           ('goods', c.channel_deposit_goods_account_id),
           ('guarantee', c.channel_deposit_guarantee_account_id),
           ('rebate', CASE WHEN c.channel_rebate_accrual
                           THEN c.channel_deposit_rebate_account_id END)) r(purpose, account_id)),
movement AS (
    SELECT e.account_id, sum(e.posted) AS entries, 0.0 AS waiting
      FROM channel_deposit_entry e
     WHERE e.posted <> 0 AND e.at < %(bound)s GROUP BY e.account_id
     UNION ALL
    SELECT e.account_id, 0.0, sum(e.posted)
      FROM channel_deposit_entry e
     WHERE e.posted <> 0 AND e.at < %(bound)s AND %(unposted)s GROUP BY e.account_id
     UNION ALL
    SELECT e.account_id, 0.0, sum(e.posted)
      FROM ledger_account r
      JOIN account_move_line item ON item.account_id = r.account_id AND item.date > %(day)s
      JOIN channel_deposit_posting p ON p.move_line_id = item.id
      JOIN channel_deposit_entry e ON e.id = p.entry_id AND e.at < %(bound)s
     GROUP BY e.account_id),
both_sides AS (
    SELECT a.company_id, a.purpose, m.partner_id, e.entries, e.waiting, 0.0 AS ledger,
           a.id AS deposit_id, NULL::int AS item_id
      FROM movement e
      JOIN channel_deposit_account a ON a.id = e.account_id
      JOIN channel_member m ON m.id = a.member_id
      JOIN res_company c ON c.id = a.company_id
     WHERE %(in_books)s
     UNION ALL
    SELECT r.company_id, r.purpose, item.partner_id, 0.0, 0.0, -sum(item.balance),
           NULL, min(item.id)
      FROM ledger_account r
      JOIN account_move_line item
        ON item.account_id = r.account_id AND item.company_id = r.company_id
     WHERE item.date <= %(day)s AND item.parent_state = 'posted'
     GROUP BY r.company_id, r.purpose, item.partner_id),
side_by_side AS (
    SELECT company_id, purpose, partner_id, grouping(partner_id) AS total,
           sum(entries) AS entries, sum(waiting) AS waiting, sum(ledger) AS ledger,
           min(deposit_id) AS deposit_id, min(item_id) AS item_id
      FROM both_sides
     GROUP BY GROUPING SETS ((company_id, purpose), (company_id, purpose, partner_id)))
SELECT CASE WHEN s.total = 1 THEN 2147483647 - s.company_id * 3 - array_position(
                 ARRAY['goods', 'guarantee', 'rebate'], s.purpose::text)
            ELSE COALESCE(s.deposit_id, 1073741824 + s.item_id) END AS id,
       CASE WHEN s.total = 1 THEN 'purpose' ELSE 'member' END AS level,
       %(day)s::date AS day, s.company_id, s.purpose, r.account_id, s.partner_id,
       m.id AS member_id, s.entries, s.waiting, s.ledger,
       s.ledger - (s.entries - s.waiting) AS difference
  FROM side_by_side s
  LEFT JOIN ledger_account r ON r.company_id = s.company_id AND r.purpose = s.purpose
  LEFT JOIN channel_member m ON m.partner_id = s.partner_id
"""


class ChannelDepositTieOut(models.Model):
    """Deposits against the general ledger at the end of a day (Asia/Shanghai), to the fen.

    Entries, less those that are not in the ledger by that day, equal the ledger account's balance.
    The day comes from the context (``tie_out_date``), today without. Rows of the level "purpose"
    sum up those of the level "member".
    """

    _name = "channel.deposit.tie.out"
    _description = "Deposits against the Ledger"
    _auto = False
    _order = "company_id, purpose, partner_id, id"
    _rec_name = "purpose"

    level = fields.Selection([("purpose", "Purpose"), ("member", "Member")], readonly=True)
    day = fields.Date("As Of", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    purpose = fields.Selection(
        [("goods", "Goods"), ("guarantee", "Guarantee"), ("rebate", "Rebate")], readonly=True
    )
    account_id = fields.Many2one("account.account", "Ledger Account", readonly=True)
    partner_id = fields.Many2one("res.partner", readonly=True)
    member_id = fields.Many2one("channel.member", "Holder", readonly=True)
    entries = fields.Monetary("Deposits", readonly=True, help="Sum of the deposit entries.")
    waiting = fields.Monetary(
        "Not Posted", readonly=True,
        help="Deposit entries that are not in the ledger by that day: not posted yet, or posted"
        " later because their period was closed.",
    )  # fmt: skip
    ledger = fields.Monetary(
        readonly=True, help="Balance of the ledger account; what is owed is above 0."
    )
    difference = fields.Monetary(
        readonly=True, help="Ledger, less the deposits that are posted. It must be 0.00."
    )

    @property
    def _table_query(self):
        day, bound = self._bounds()
        return SQL(QUERY, day=day, bound=bound, unposted=UNPOSTED, in_books=IN_BOOKS)

    @api.model
    def _bounds(self):
        """The day that is looked at, and the first moment after it (UTC)."""
        day = fields.Date.to_date(self.env.context.get("tie_out_date"))
        day = day or day_of(fields.Datetime.now())
        return day, end_of(day)

    @api.model
    def _as_of(self, day):
        """This model at the end of another day.

        :param day: a date; None: today
        """
        model = self.with_context(tie_out_date=fields.Date.to_string(day) if day else False)
        model.env.invalidate_all()
        return model

    @api.depends("company_id", "purpose", "partner_id", "level")
    @api.depends_context("lang")
    def _compute_display_name(self):
        purposes = dict(self._fields["purpose"]._description_selection(self.env))
        for row in self:
            words = [row.company_id.display_name, purposes.get(row.purpose)]
            if row.level == "member":
                words.append(row.partner_id.display_name or self.env._("no partner"))
            row.display_name = " · ".join(filter(None, words))

    # -- the way to the rows ---------------------------------------------------------------------

    def action_view_members(self):
        """Button “Members”: this row, member by member."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "channel_deposit.action_deposit_tie_out_member"
        ) | {
            "domain": [
                ("level", "=", "member"),
                ("company_id", "=", self.company_id.id),
                ("purpose", "=", self.purpose),
            ],
            "context": {"tie_out_date": fields.Date.to_string(self.day), "tie_out_level": "member"},
        }

    def action_view_waiting(self):
        """Button “Not Posted”: the deposit entries that are not in the ledger by that day."""
        self.ensure_one()
        domain = [
            ("company_id", "=", self.company_id.id),
            ("account_id.purpose", "=", self.purpose),
            ("account_id.creditor_id", "=", False),
            ("posted", "!=", 0),
            ("at", "<", self._bounds()[1]),
            "|", ("posting_ids", "=", False), ("posting_ids.move_id.date", ">", self.day),
        ]  # fmt: skip
        if self.level == "member":
            domain.append(("account_id.member_id", "=", self.member_id.id))
        return self.env["channel.deposit.account"]._open_rows(
            "channel_deposit.action_deposit_entry", domain
        )

    def action_view_ledger(self):
        """Button “Ledger”: the journal items on the ledger account up to that day."""
        return self._lines(Domain.TRUE)

    def action_view_by_hand(self):
        """Button “By Hand”: the journal items on the ledger account that no deposit entry made."""
        self.ensure_one()
        return self._lines(Domain("channel_deposit_posting_ids", "=", False))

    def _lines(self, domain):
        self.ensure_one()
        domain &= Domain(
            [
                ("account_id", "=", self.account_id.id),
                ("company_id", "=", self.company_id.id),
                ("parent_state", "=", "posted"),
                ("date", "<=", self.day),
            ]
        )
        if self.level == "member":
            domain &= Domain("partner_id", "=", self.partner_id.id)
        return self.env["channel.deposit.account"]._open_rows(
            "account.action_account_moves_all", list(domain)
        )

    def action_post_now(self):
        """Button “Post Now”: post all that is left, then look again."""
        self.env["channel.deposit.posting"]._post_now()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
