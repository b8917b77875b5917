from datetime import timedelta
from unittest.mock import patch

from odoo.addons.channel_network import china
from odoo.addons.channel_network.core.money import to_fen
from odoo.addons.channel_settlement.tests.common import SettlementCommon

RUN = "odoo.addons.channel_statement.models.settlement_statement_run"


class StatementCommon(SettlementCommon):
    """Three orders that left; the agent gets 20 % of each; terms: due when they left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Statement = cls.env["settlement.statement"]
        cls.Line = cls.env["settlement.statement.line"]
        cls.Payout = cls.env["settlement.payout"]
        cls.today = china.today(cls.env)
        cls.terms = cls.env["settlement.terms"].create(
            {
                "name": "Agent, weekly",
                "partner_ids": cls.agent.ids,
                "period": "week",
                "due_from": "sale",
                "due_days": 0,
                "sequence": 1,
            }
        )
        cls.agent.bank_ids = [(0, 0, {"acc_number": "6222000011112222"})]

    def later(self, weeks=1):
        """The end of a week that is over then: the first in which today's shares are due."""
        return self.today + timedelta(6 - self.today.weekday() + 7 * (weeks - 1))

    def over(self, day):
        """A context in which a day is over."""
        return patch(f"{RUN}.china.today", return_value=day + timedelta(1))

    def run_until(self, day, partners=None):
        """Statements until a day, as if it was over."""
        self.env.flush_all()
        with self.over(day):
            made = self.Statement.sudo()._run(self.env.company, day, partners)
        self.env.invalidate_all()
        return made.filtered(lambda statement: statement.partner_id == self.agent)

    def clerk(self, records):
        return records.with_user(self.users["finance"])

    def agreed(self, statement):
        """Sent and confirmed."""
        self.clerk(statement).action_send()
        self.clerk(statement).action_confirm()
        return statement

    def balance(self, use, partner=None):
        """Fen on an account of settlements."""
        account = self.env.company._settlement_account(use)
        domain = [("account_id", "=", account.id), ("parent_state", "=", "posted")]
        domain += [("partner_id", "=", partner.id)] if partner else []
        return to_fen(round(sum(self.env["account.move.line"].search(domain).mapped("balance")), 2))
