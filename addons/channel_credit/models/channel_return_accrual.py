import logging
from datetime import timedelta
from fractions import Fraction

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_amount, format_date

from odoo.addons.channel_network import china
from odoo.addons.channel_network.core.money import from_fen, to_fen

from ..core.accrual import Sales, expect, measured_rate

_logger = logging.getLogger(__name__)

OLDER_DAYS = 90  # of sales that are final, before the ones that are not
ENOUGH_ORDERS = 200  # of them, to measure what comes back
CLERK = "channel_network.group_finance_clerk"


class ChannelReturnAccrual(models.Model):
    """What of a shop's sales was expected to come back at the end of a month, and its entries.

    Taken off the revenue on the last day, given back on the next one: what really comes back is
    credited by itself. Amounts are yuan without VAT; days are those of China.
    """

    _name = "channel.return.accrual"
    _description = "Expected Returns"
    _order = "month desc, shop_id, id desc"
    _rec_name = "shop_id"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    shop_id = fields.Many2one("channel.shop", required=True, readonly=True, ondelete="restrict")
    month = fields.Date("End of Month", required=True, readonly=True)
    revenue = fields.Monetary(
        "Not Final", required=True, readonly=True, help="Revenue that could still be returned."
    )
    credited = fields.Monetary(
        "Came Back", required=True, readonly=True, help="Credited of it by the end of the month."
    )
    percent = fields.Float(
        "Return Rate (%)", digits=(5, 2), readonly=True, aggregator=None,
        help="Part of the revenue that comes back in the end.",
    )  # fmt: skip
    measured = fields.Boolean(
        readonly=True, help="By the shop's older sales; else the percentage of the settings."
    )
    expected = fields.Monetary(required=True, readonly=True)
    cost = fields.Monetary(
        "Cost of Goods", required=True, readonly=True, help="At which they will come back."
    )
    state = fields.Selection(
        [("posted", "Accrued"), ("taken_back", "Taken back")],
        required=True, readonly=True, default="posted",
    )  # fmt: skip
    move_id = fields.Many2one("account.move", "Entry", readonly=True, ondelete="restrict")
    reversal_id = fields.Many2one("account.move", "Given Back", readonly=True, ondelete="restrict")

    _once = models.UniqueIndex(
        "(shop_id, month) WHERE state = 'posted'", "This month is accrued already."
    )
    _not_negative = models.Constraint(
        "CHECK (expected >= 0 AND cost >= 0)", "What is expected to come back is not negative."
    )
    _both_entries = models.Constraint(
        "CHECK ((move_id IS NULL) = (reversal_id IS NULL))",
        "What was taken off the revenue is given back on the next day.",
    )

    explanation = fields.Text("In Words", compute="_compute_explanation")

    @api.depends("revenue", "percent", "measured", "credited", "expected", "cost")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for row in self:
            facts = {
                name: format_amount(self.env, row[name], row.currency_id)
                for name in ("revenue", "credited", "expected", "cost")
            } | {"percent": f"{row.percent:.2f}", "month": format_date(self.env, row.month)}
            row.explanation = (
                self.env._(
                    "At the end of %(month)s sales of %(revenue)s could still be returned. Of older "
                    "sales of this shop %(percent)s%% came back; %(credited)s of these have. So "
                    "%(expected)s are still expected, and goods that cost %(cost)s.",
                    **facts,
                )
                if row.measured
                else self.env._(
                    "At the end of %(month)s sales of %(revenue)s could still be returned. As set "
                    "for shops with few orders, %(percent)s%% come back; %(credited)s have. So "
                    "%(expected)s are still expected, and goods that cost %(cost)s.",
                    **facts,
                )
            )

    # -- running -----------------------------------------------------------------------------

    @api.model
    def _cron_accrue(self):
        """The month that has ended, for companies that want it and have not got it."""
        month = self._last_month()
        for company in self.env["res.company"].search([("channel_return_accrual", "=", True)]):
            try:
                with self.env.cr.savepoint():
                    # the books are in the company's language
                    job = self.with_context(lang=company.partner_id.lang)
                    job.with_company(company)._accrue(company, month)
            except UserError as error:
                _logger.warning("Expected returns of %s: %s", company.name, error)
            self.env["ir.cron"]._commit_progress(1)

    @api.model
    def action_accrue(self):
        """What is expected to come back of the month that has ended.

        :raise AccessError: the user is no finance clerk
        :raise UserError: it is accrued already, switched off, or something is in its way
        """
        self._require_clerk()
        company, month = self.env.company, self._last_month()
        if not company.sudo().channel_return_accrual:
            raise UserError(
                self.env._(
                    "Expected returns are switched off for %s. Ask an administrator to switch "
                    "them on under Accounting > Configuration > Settings > Channel orders.",
                    company.name,
                )
            )
        made = self.sudo()._accrue(company, month)
        if not made:
            raise UserError(
                self.env._("%(month)s is accrued already, or nothing was shipped.", month=month)
            )
        return made.with_env(self.env)._get_records_action(
            name=self.env._("Expected Returns"),
            views=[(False, "list"), (False, "form")],
            domain=[("month", "=", month)],
        )

    @api.model
    def _last_month(self):
        """The last day of the month before today's, in China."""
        today = china.today(self.env)
        return today.replace(day=1) - timedelta(days=1)

    @api.model
    def _accrue(self, company, month):
        """Rows and entries of the company's shops that have none for the month.

        :param month: its last day
        :return: the rows; none while somebody else makes them
        :raise UserError: refunds of the month stand on no credit note yet; its books are closed
        """
        if not self.env["channel.order.credit"]._take_turn():
            return self.browse()
        self._require_credited(company, month)
        rows = []
        for shop_id, (recent, older) in self._gather(company, month).items():
            rate = measured_rate(older, ENOUGH_ORDERS)
            fixed = Fraction(str(company.channel_return_percent)) / 100
            found = expect(recent, fixed if rate is None else rate)
            rows.append(
                {
                    "company_id": company.id,
                    "shop_id": shop_id,
                    "month": month,
                    "revenue": from_fen(recent.revenue),
                    "credited": from_fen(recent.credited),
                    "percent": float(100 * (fixed if rate is None else rate)),
                    "measured": rate is not None,
                    "expected": from_fen(found.revenue),
                    "cost": from_fen(found.cost),
                }
            )
        made = self.create(rows)
        made.filtered(lambda row: row.expected or row.cost)._post(company)
        return made

    def _require_credited(self, company, month):
        """:raise UserError: something of the month was refunded and is on no credit note"""
        waiting = self.env["channel.order.credit"].search_count(
            [("company_id", "=", company.id), ("day", "<=", month),
             ("amount", ">", 0), ("move_id", "=", False)],
            limit=1,
        )  # fmt: skip
        if waiting:
            raise UserError(
                self.env._(
                    "Refunds until %s stand on no credit note yet. Write them first: Orders > "
                    "Refunds after Shipment > On No Credit Note.",
                    month,
                )
            )

    def _gather(self, company, month):
        """{shop id: (``Sales`` that can still be returned, older ones)} by one query over waves."""
        self.env.flush_all()
        final = month - timedelta(days=company.channel_return_days)
        rows = self.env.execute_query(
            SQL(
                """
                WITH sold AS (
                    SELECT m.channel_wave_id AS wave_id, max(m.invoice_date) AS day,
                           sum(m.amount_untaxed_signed) AS revenue
                      FROM account_move m
                     WHERE m.company_id = %(company)s AND m.channel_wave_id IS NOT NULL
                       AND m.move_type = 'out_invoice' AND m.state = 'posted'
                       AND m.invoice_date > %(first)s AND m.invoice_date <= %(month)s
                     GROUP BY m.channel_wave_id)
                SELECT w.shop_id, s.day > %(final)s AS recent,
                       sum(s.revenue), sum(back.revenue), sum(goods.cost), sum(goods.back),
                       sum(orders.n)::int
                  FROM sold s JOIN channel_wave w ON w.id = s.wave_id
                 CROSS JOIN LATERAL (
                       SELECT COALESCE(-sum(c.amount_untaxed_signed), 0) AS revenue
                         FROM account_move c
                        WHERE c.channel_wave_id = s.wave_id AND c.move_type = 'out_refund'
                          AND c.state = 'posted' AND c.date <= %(month)s) back
                 CROSS JOIN LATERAL (
                       SELECT COALESCE(sum(m.value), 0) AS cost,
                              COALESCE(sum(back.value), 0) AS back
                         FROM stock_picking p
                         JOIN stock_move m ON m.picking_id = p.id AND m.state = 'done' AND m.is_out
                         LEFT JOIN LATERAL (
                              SELECT sum(b.value) AS value FROM stock_move b
                               WHERE b.origin_returned_move_id = m.id AND b.state = 'done') back
                              ON TRUE
                        WHERE p.channel_wave_id = s.wave_id) goods
                 CROSS JOIN LATERAL (
                       SELECT count(*) AS n FROM channel_order o
                        WHERE o.wave_id = s.wave_id) orders
                 WHERE NOT EXISTS (
                       SELECT FROM channel_return_accrual a
                        WHERE a.shop_id = w.shop_id AND a.month = %(month)s
                          AND a.state = 'posted')
                 GROUP BY 1, 2 ORDER BY 1, 2
                """,
                company=company.id,
                month=month,
                final=final,
                first=final - timedelta(days=OLDER_DAYS),
            )
        )
        found = {}
        for shop_id, recent, *amounts, orders in rows:
            sales = Sales(*map(to_fen, amounts), orders)
            found.setdefault(shop_id, [Sales(), Sales()])[0 if recent else 1] = sales
        return found

    # -- books -------------------------------------------------------------------------------

    def _post(self, company):
        """An entry on the last day of the month, and its reversal on the next one."""
        moves = self.env["account.move"].with_company(company)
        entries = moves.create([row._entry_values() for row in self])
        entries.action_post()
        # Odoo moves an entry of closed books to the first open day
        if any(move.date != row.month for row, move in zip(self, entries, strict=True)):
            raise UserError(
                self.env._(
                    "The books of %s are closed. Ask an accountant to open them.", company.name
                )
            )
        following = [
            {"date": row.month + timedelta(days=1), "ref": move.ref, "auto_post": "no"}
            for row, move in zip(self, entries, strict=True)
        ]
        reversals = entries._reverse_moves(following)
        reversals.action_post()
        for row, move, reversal in zip(self, entries, reversals, strict=True):
            row.write({"move_id": move.id, "reversal_id": reversal.id})

    def _entry_values(self):
        self.ensure_one()
        amounts = {"revenue": self.expected, "liability": -self.expected,
                   "goods": self.cost, "cost": -self.cost}  # fmt: skip
        return {
            "move_type": "entry",
            "date": self.month,
            "ref": self.env._("Expected returns of %(shop)s, %(month)s", shop=self.shop_id.name,
                              month=self.month),
            "line_ids": [
                Command.create(
                    {"account_id": self.company_id._channel_return_account(role).id,
                     "partner_id": self.shop_id.clearing_partner_id.id, "balance": amount}
                )
                for role, amount in amounts.items()
                if amount
            ],
        }  # fmt: skip

    # -- buttons -----------------------------------------------------------------------------

    def action_take_back(self):
        """Cancel the entries, so that the month can be accrued anew.

        :raise AccessError: the user is no finance clerk
        :raise UserError: it is taken back already; Odoo's own, when the books are closed
        """
        self._require_clerk()
        rows = self.sudo()
        rows.lock_for_update()
        if any(row.state != "posted" for row in rows):
            raise UserError(self.env._("This was taken back already. Reload the page."))
        moves = rows.move_id | rows.reversal_id
        moves.button_draft()
        moves.button_cancel()
        rows.state = "taken_back"

    def action_open_entries(self):
        """The entry and its reversal."""
        self.ensure_one()
        return (self.move_id | self.reversal_id)._get_records_action(
            name=self.env._("Expected Returns")
        )

    def _require_clerk(self):
        if not self.env.su and not self.env.user.has_group(CLERK):
            raise AccessError(self.env._("Ask a finance clerk to accrue expected returns."))
        self.check_access("read")
