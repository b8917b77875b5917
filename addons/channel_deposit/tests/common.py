from odoo.addons.channel_deposit.core.operations import Open, TopUp
from odoo.addons.channel_network.tests.common import ChannelCommon


class DepositCommon(ChannelCommon):
    """``self.account``: Dealer A's open goods account with 10.00; ``self.other``: Dealer B's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accounts = cls.env["channel.deposit.account"]
        cls.account = cls._open(cls.dealer_a, 1000)
        cls.other = cls._open(cls.dealer_b, 1000)

    @classmethod
    def _open(cls, member, fen=0, purpose="goods", creditor=None):
        account = cls.accounts._ensure(member, purpose, creditor)
        batch = [Open(key=f"open {account.id}", account=account.id)]
        if fen:
            batch.append(TopUp(key=f"start {account.id}", account=account.id, amount=fen))
        cls.accounts._book_or_raise(batch)
        return account
