from dataclasses import dataclass
from typing import Any

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.channel_sale.core.order_file import MAX_QUANTITY
from odoo.addons.channel_sale.core.review import MILLI


@dataclass(frozen=True, slots=True)
class Usual:
    """What a dealer reorders: whole units of a product, and how many days it lasts.

    :ivar days: None where no pace is known
    """

    product: Any
    quantity: int
    days: int | None


class SaleOrderUsual(models.Model):
    """What the dealer of an order usually reorders and runs short of now. Works as the system."""

    _inherit = "sale.order"

    def _usual(self):
        """What the restock reminder knows, without what is in the cart already.

        :return: [Usual], what runs out first before the others
        """
        self.ensure_one()
        if self.member_id.state != "active":
            return []
        advice = self.member_id._restock_advice().get(self.member_id.id, {})
        there = self._goods_lines().product_id
        products = self._offered_products().filtered(lambda p: p.id in advice) - there
        steps = self._steps(products)
        usual = []
        for product in products:
            quantity, shelf = advice[product.id]
            units = steps[product.id].fit(-(-quantity // MILLI))
            usual.append(Usual(product, min(units, MAX_QUANTITY), shelf.days))
        return sorted(usual, key=lambda one: (one.days or 0, one.product.id))

    def _put_usual(self, product_id=None):
        """Put what is usually reordered into the order: one product of it, or all.

        :raises UserError: it does not run short, or is in the cart already
        """
        chosen = [one for one in self._usual() if product_id in (None, one.product.id)]
        if not chosen:
            raise UserError(self.env._("This need not be reordered any more: look at the cart."))
        self._put({one.product.id: one.quantity for one in chosen})
