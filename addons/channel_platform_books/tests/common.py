from datetime import timedelta

from odoo.addons.channel_network import china
from odoo.addons.channel_network.core.money import to_fen
from odoo.addons.channel_platform_settlement.tests.common import SettlementCommon as Files
from odoo.addons.channel_settlement.tests.common import SettlementCommon as Shares


class BooksCommon(Shares, Files):
    """Three orders that left, split (the platform keeps 5 %), and files that settle them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Due = cls.env["settlement.posting"]
        cls.Settled = cls.env["channel.platform.settlement.posting"]
        cls.after_all = china.today(cls.env) + timedelta(1)

    def setUp(self):
        super().setUp()
        self.split()
        while self.Due._post_days(self.after_all):
            pass
        self.env.invalidate_all()

    def balance(self, use):
        """Fen of the shop on an account."""
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.env.company._platform_account(use).id),
                ("partner_id", "=", self.shop.clearing_partner_id.id),
                ("parent_state", "=", "posted"),
            ]
        )
        return to_fen(round(sum(lines.mapped("balance")), 2))

    def post_settled(self):
        count = self.Settled._post_days(self.after_all)
        self.env.invalidate_all()
        return count
