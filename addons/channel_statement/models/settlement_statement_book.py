from odoo import Command, models
from odoo.tools import SQL

from odoo.addons.channel_network import china
from odoo.addons.channel_network.core.money import from_fen, to_fen

from ..core.entry import Earned, lines


class SettlementStatement(models.Model):
    """What a party earned, in the general ledger: one entry a statement, when it is confirmed.

    Source: ``accounting.md``, "share due, settled by us". Revenue and VAT were posted by the wave's
    invoice; here stand only expenses and the payable. What is kept in reserve is a blocked part of
    the payable, what is carried on is still owed by the party: neither is posted.
    """

    _inherit = "settlement.statement"

    def _post_earned(self):
        """Post the statements that have something to post."""
        today = china.today(self.env)
        for statement in self:
            values = statement._entry(today)
            if values:
                move = self.env["account.move"].create(values)
                move._post(soft=False)
                statement.move_id = move

    def _reverse_earned(self):
        """Reverse the entries; both stay, reconciled with each other."""
        for statement in self.filtered("move_id"):
            reversal = [{"date": china.today(self.env)}]
            statement.move_id._reverse_moves(reversal, cancel=True)
            statement.move_id = False

    def _entry(self, day):
        """The values of a statement's ``account.move``; None when nothing was earned or owed."""
        self.ensure_one()
        company = self.company_id
        words = self.with_context(lang=company.partner_id.lang).env
        ref = words._(
            "Settlement %(number)s: %(party)s", number=self.name, party=self.partner_id.name
        )
        items = lines(self._earned())
        if not items:
            return None
        return {
            "move_type": "entry",
            "journal_id": company._settlement_journal().id,
            "company_id": company.id,
            "date": day,
            "ref": ref,
            "line_ids": [
                Command.create(
                    {
                        "name": ref,
                        "account_id": company._settlement_account(item.role).id,
                        "partner_id": self.partner_id.id,
                        "balance": float(from_fen(item.balance)),
                        "tax_ids": [],
                    }
                )
                for item in items
            ],
        }

    def _earned(self):
        """What stands on the statement, by what it is: ``core.entry.Earned``."""
        self.env.flush_all()
        shares = self.env.execute_query(
            SQL(
                """
                SELECT share.role, (sum(share.amount) * 100)::bigint
                  FROM settlement_statement_line AS line
                  JOIN settlement_share AS share ON share.id = line.share_id
                 WHERE line.statement_id = %s GROUP BY share.role ORDER BY share.role
                """,
                self.id,
            )
        )
        fees = [("fee", to_fen(fee.amount)) for fee in self.fee_ids]
        return [Earned(what, fen) for what, fen in [*shares, *fees]]

    def _open_payables(self):
        """Open items on the payables of statements, of these parties."""
        found = self.env["account.move.line"]
        for company, statements in self.grouped("company_id").items():
            found |= self.env["account.move.line"].search(
                [
                    ("account_id", "=", company._settlement_account("payable").id),
                    ("partner_id", "in", statements.partner_id.ids),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                ]
            )
        return found
