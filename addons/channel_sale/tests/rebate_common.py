from odoo.addons.channel_deposit.core.operations import Open, TopUp

from .common import SaleCommon


class RebateCommon(SaleCommon):
    """``self.rebate``: Dealer A's rebate account with 500.00; an order may use 50 %."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.channel_rebate_percent = 50
        cls.rebate = cls.accounts._ensure(cls.dealer_a, "rebate")
        cls.accounts._book_or_raise(
            [
                Open(key=f"open {cls.rebate.id}", account=cls.rebate.id),
                TopUp(key="bonus", account=cls.rebate.id, amount=50000),
            ]
        )

    @classmethod
    def _with_rebate(cls, *quantities, fen=10000, **values):
        """A draft order that uses so much rebate as a discount."""
        order = cls._order(*quantities, **values)
        order._use_rebate(fen)
        return order

    @classmethod
    def _confirmed(cls, *quantities, fen=10000, **values):
        order = cls._with_rebate(*quantities, fen=fen, **values)
        order.action_confirm()
        assert order.state == "sale", order.review_text
        return order

    def _discounts(self, order):
        """What the discount lines come to, with tax."""
        return order.order_line.filtered(lambda line: line.rebate == "discount").mapped(
            "price_total"
        )

    def _all_amounts(self):
        """Balance and on hold: of the goods account, of the rebate account."""
        return (*self._amounts(), *self._amounts(self.rebate))
