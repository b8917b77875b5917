from decimal import Decimal

from odoo import fields, models
from odoo.tools import SQL, format_date

from odoo.addons.channel_deposit.core.sheet import write_sheet

CHUNK = 2000  # lines read at once
PAGE = 50  # lines of a page in the portal
PRINTED = 1000  # lines of a PDF; the file has all


class SettlementStatement(models.Model):
    """A statement in words: sums, pages, files."""

    _inherit = "settlement.statement"

    line_count = fields.Integer("Number of Shares", compute="_compute_line_count")

    def _compute_line_count(self):
        counts = dict(
            self.env["settlement.statement.line"]
            .sudo()
            ._read_group([("statement_id", "in", self.ids)], ["statement_id"], ["__count"])
        )
        for statement in self:
            statement.line_count = counts.get(statement, 0)

    def _clerk(self):
        """Who answers for the statement: who made it, or the system's user."""
        return self.create_uid if self.create_uid.active else self.env.ref("base.user_admin")

    def _sums(self):
        """What the amount to pay is made of: list of (words, yuan), without what is 0."""
        self.ensure_one()
        roles = dict(self.env["settlement.share"]._fields["role"]._description_selection(self.env))
        kinds = dict(self.env["settlement.fee"]._fields["kind"]._description_selection(self.env))
        self.env.flush_all()
        shares = self.env.execute_query(
            SQL(
                """
                SELECT share.role, share.amount < 0, sum(share.amount)
                  FROM settlement_statement_line AS line
                  JOIN settlement_share AS share ON share.id = line.share_id
                 WHERE line.statement_id = %s GROUP BY 1, 2 ORDER BY 1, 2
                """,
                self.id,
            )
        )
        rows = [(self.env._("Brought On"), self.amount_brought)]
        for role, back, amount in shares:
            words = (
                self.env._("%s: taken back after refunds", roles[role])
                if back
                else self.env._("%s: shares of orders", roles[role])
            )
            rows.append((words, float(amount)))
        rows += [(f"{kinds[fee.kind]}: {fee.name}", fee.amount) for fee in self.sudo().fee_ids]
        rows += [
            (self.env._("Reserve Released"), self.amount_freed),
            (self.env._("Kept in Reserve"), -self.amount_kept),
            (self.env._("Carried On"), -self.amount_carried),
        ]
        return [(words, amount) for words, amount in rows if amount]

    def _page(self, after=0, limit=PAGE):
        """Lines of a statement in their order, a page at a time, for who may read it.

        :param after: id of the line before the page
        """
        self.ensure_one()
        self.check_access("read")
        domain = [("statement_id", "=", self.id), ("id", ">", after)]
        return self.env["settlement.statement.line"].sudo().search(domain, limit=limit, order="id")

    def _facts(self, limit=None):
        """The lines as rows of text: order, day, product, after-sale, amount."""
        after, left = 0, limit
        goods = self.env._("Freight")
        while page := self._page(after, min(CHUNK, left) if limit else CHUNK):
            after = page[-1].id
            shares = page.share_id
            for share in shares:
                yield (
                    share.order_id.order_ref,
                    format_date(self.env, share.event_id.day),
                    share.line_id.title if share.line_id else goods,
                    share.aftersale_id.aftersale_ref or "",
                    Decimal(f"{share.amount:.2f}"),
                )
            if limit:
                left -= len(page)
                if left <= 0:
                    return
            page.invalidate_recordset()
            shares.invalidate_recordset()

    def _headers(self):
        return [
            self.env._("Order"), self.env._("Day"), self.env._("Item"), self.env._("After-sale"),
            self.env._("Amount"),
        ]  # fmt: skip

    def _sheet(self):
        """The statement as XLSX, however many lines.

        :return: bytes
        """
        self.ensure_one()
        self.check_access("read")
        states = dict(self._fields["state"]._description_selection(self.env))
        facts = [
            (self.env._("Party"), self.sudo().partner_id.name),
            (self.env._("Period"), self._days()),
            (self.env._("State"), states[self.state]),
            *((words, Decimal(f"{amount:.2f}")) for words, amount in self._sums()),
            (self.env._("To Pay"), Decimal(f"{self.amount_payable:.2f}")),
        ]
        title = self.env._("Settlement Statement %s", self.name)
        return write_sheet(title, facts, self._headers(), self._facts())

    def _pdf(self):
        """The statement as PDF; of many lines the first ``PRINTED``.

        The caller answers for the rights.

        :return: bytes
        """
        report = self.env["ir.actions.report"].sudo()
        return report._render_qweb_pdf("channel_statement.action_report_statement", self.ids)[0]

    def _printed(self):
        return list(self._facts(PRINTED))

    def _days(self):
        first, last = (format_date(self.env, day) for day in (self.date_start, self.date_end))
        return f"{first} – {last}"
