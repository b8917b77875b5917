from odoo.fields import Command

from odoo.addons.channel_credit.tests.test_credit import CreditCommon
from odoo.addons.channel_network.core.money import to_fen


def rule(role, percent=0, **values):
    """A command that adds a rule; without a percent the brand's remainder."""
    basis = "paid" if percent else "remainder"
    return Command.create({"role": role, "percent": percent, "basis": basis} | values)


class SettlementCommon(CreditCommon):
    """Three orders that left (see ``CreditCommon``), and a scheme: host 20 %, platform 5 %."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Scheme = cls.env["settlement.scheme"]
        cls.Share = cls.env["settlement.share"]
        cls.Event = cls.env["settlement.event"]
        cls.Todo = cls.env["settlement.todo"]
        cls.agent = cls.env["res.partner"].create({"name": "Agent"})
        cls.Todo.search([]).unlink()  # of orders that other tests have left behind
        cls.scheme = cls.publish(cls)

    def draft(self, *rules, name="All orders", **values):
        rules = rules or (
            rule("other", 20, partner_id=self.agent.id),
            rule("platform", 5, settled_by="platform"),
            rule("brand"),
        )
        return self.Scheme.create({"name": name, "rule_ids": list(rules)} | values)

    def publish(self, *rules, **values):
        scheme = SettlementCommon.draft(self, *rules, **values)
        scheme.with_user(self.users["finance"]).action_publish()
        return scheme

    def force(self, scheme, **values):
        """Write what the database keeps: as if it had been done at another time."""
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE settlement_scheme DISABLE TRIGGER USER")
        columns = ", ".join(f"{name} = %s" for name in values)
        self.env.cr.execute(
            f"UPDATE settlement_scheme SET {columns} WHERE id = %s", [*values.values(), scheme.id]
        )
        self.env.cr.execute("ALTER TABLE settlement_scheme ENABLE TRIGGER USER")
        self.env.invalidate_all()

    def split(self):
        """Split all that waits."""
        found = self.Event._split_waiting()
        self.env.invalidate_all()
        return found

    def fen(self, order, **by):
        """{role: fen} of an order's shares."""
        shares = self.Share.search([("order_id", "=", order.id)])
        return {
            role: sum(to_fen(share.amount) for share in shares if share.role == role)
            for role in dict.fromkeys(shares.mapped("role"))
        }
