from datetime import date

from odoo.tests import tagged

from odoo.addons.channel_network.core.money import to_fen

from .common import BooksCommon


@tagged("post_install", "-at_install")
class TestDue(BooksCommon):
    def test_a_share_is_due_when_the_platform_has_settled(self):
        self.env["settlement.terms"].create(
            {"name": "Agent", "partner_ids": self.agent.ids, "sequence": 1, "period": "week",
             "due_from": "settlement", "due_days": 3}
        )  # fmt: skip
        self.load(self.told(self.orders[1], 90, fee=4.5))
        sale = self.Event.search([("order_id", "=", self.orders[1].id)])
        self.force_day(sale, date(2026, 2, 1))
        statements = self.env["settlement.statement"]
        company = self.env.company
        self.assertFalse(statements._run(company, date(2026, 2, 8), self.agent))
        made = statements._run(company, date(2026, 2, 15), self.agent)  # settled on the 8th
        self.assertEqual(to_fen(made.amount_share), 1800)

    def force_day(self, event, day):
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE settlement_event DISABLE TRIGGER USER")
        self.env.cr.execute("UPDATE settlement_event SET day = %s WHERE id = %s", [day, event.id])
        self.env.cr.execute("ALTER TABLE settlement_event ENABLE TRIGGER USER")
        self.env.invalidate_all()
