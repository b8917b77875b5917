from odoo import Command, fields

from odoo.addons.channel_deposit.core.operations import Capture, PlaceHold, TopUp

from .common import DepositCommon


class PostingCommon(DepositCommon):
    """Nothing is posted yet; ``self.account`` has 10.00 by an entry that waits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.entries = cls.env["channel.deposit.entry"]
        cls.postings = cls.env["channel.deposit.posting"]

    def _entry(self, key, leg=0):
        return self.entries.search([("key", "=", key), ("leg", "=", leg)])

    def _book(self, *batch):
        return self.accounts._book_or_raise(batch)

    def _top_up(self, key, fen=100, account=None):
        self._book(TopUp(key=key, account=(account or self.account).id, amount=fen))
        return self._entry(key)

    def _spend(self, key, fen, source="", account=None):
        """A hold of so many fen and its capture; the capture's entry."""
        account = account or self.account
        self._book(
            PlaceHold(key=f"{key} hold", account=account.id, amount=fen),
            Capture(key=key, hold=f"{key} hold", amount=fen, source=source),
        )
        return self._entry(key)

    def _invoice(self, amount, member=None):
        """A posted invoice to the member over exactly so many yuan."""
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (member or self.dealer_a).partner_id.id,
                "invoice_date": fields.Date.today(),
                "company_id": self.company.id,
                "invoice_line_ids": [
                    Command.create({"name": "Tea", "price_unit": amount, "tax_ids": []})
                ],
            }
        )
        invoice.action_post()
        return invoice

    def _lines(self, move):
        """(account, partner, balance) of a move's items, in the order they were made."""
        return [
            (line.account_id, line.partner_id, line.balance) for line in move.line_ids.sorted("id")
        ]

    def _role(self, role):
        return self.company._deposit_account_for(role)

    def _waiting(self):
        return self.postings._waiting(company=self.company)
