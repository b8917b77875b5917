from math import ceil

from psycopg2.errors import UniqueViolation

from odoo import api, models
from odoo.exceptions import ConcurrencyError, UserError

from odoo.addons.channel_network.core.money import to_fen
from odoo.addons.channel_sale.core.order_file import MAX_QUANTITY, parse_quantity

LONGEST = 60  # characters of a draft's name
# The review stands for a signature, the deposit for a payment, and a cart is no offer.
CART = {
    "is_portal": True,
    "is_cart": True,
    "require_signature": False,
    "require_payment": False,
    "validity_date": False,
}


class SaleOrderCart(models.Model):
    """What a dealer does with the cart, with drafts and with orders that wait."""

    _inherit = "sale.order"

    @api.model
    def _cart(self, member):
        """The member's cart, or nothing."""
        return self.search([("member_id", "=", member.id), ("is_cart", "=", True)])

    @api.model
    def _cart_or_blank(self, member):
        """The member's cart, or an order that is not stored: to ask what it could order."""
        return self._cart(member) or self.new({"partner_id": member.partner_id.id})

    @api.model
    def _cart_values(self, member):
        return {
            "partner_id": member.partner_id.id,
            "company_id": member.company_id.id,
            "user_id": member.user_id.id,
            **CART,
        }

    @api.model
    def _cart_or_new(self, member):
        """The member's cart, made when there is none.

        :raises UserError: the member may not order
        """
        if member.state != "active":
            raise UserError(
                self.env._("Your company cannot order at present: call your sales representative.")
            )
        cart = self._cart(member) or self._new_cart(member)
        cart._lock_rows()
        return cart

    @api.model
    def _new_cart(self, member):
        """Two who open the first cart at once: one of them is run again, and finds it."""
        try:
            with self.env.cr.savepoint():
                return self.with_company(member.company_id).create(self._cart_values(member))
        except UniqueViolation as error:
            raise ConcurrencyError("a cart was made meanwhile") from error

    # -- quantities --------------------------------------------------------------------------

    def _put(self, quantities):
        """Make the order so many units of each product, at the price list's prices.

        :param quantities: {product id: whole units, 0 takes it off}
        :raises UserError: not the dealer's any more, not offered, or no quantity
        """
        self._check_with_dealer()
        wanted = {product for product, quantity in quantities.items() if quantity}
        if wanted - set(self._offered_products().ids):
            raise UserError(
                self.env._("This product cannot be ordered: it is not on offer for you now.")
            )
        if any(not 0 <= quantity <= MAX_QUANTITY for quantity in quantities.values()):
            raise UserError(self._quantity_words("too_much", ""))
        self._set_quantities(quantities)
        self.order_line.filtered(lambda line: line.product_id.id in wanted)._take_list_price()

    @api.model
    def _typed_quantity(self, text):
        """Whole units as a person typed them.

        :raises UserError: in words, what is wrong
        """
        quantity = parse_quantity(str(text))
        if isinstance(quantity, str):
            raise UserError(self._quantity_words(quantity, str(text)[:20]))
        return quantity

    def _quantity_words(self, code, text):
        words = {
            "negative": self.env._("A quantity is 0 or more; 0 takes the product off."),
            "decimal": self.env._("%s is no whole number: order whole units.", text),
            "too_much": self.env._(
                "More than 999,999 of one product: ask your sales representative for an offer."
            ),
        }
        return words.get(code) or self.env._("%s is no quantity: write a whole number.", text)

    def _put_again(self, order):
        """Put the products of an older order into this one.

        :return: the products that are not offered any more, which are left out
        """
        quantities = order._ordered_units()
        offered = set(self._offered_products().ids)
        self._put(
            {
                product: min(ceil(quantity), MAX_QUANTITY)
                for product, quantity in quantities.items()
                if product in offered and quantity > 0
            }
        )
        return self.env["product.product"].browse([p for p in quantities if p not in offered])

    def _ordered_units(self):
        """{product id: how many are ordered and paid for, in the product's own unit}."""
        units = {}
        for line in self._goods_lines().filtered(lambda line: not line.rebate):
            product = line.product_id
            quantity = line.product_uom_id._compute_quantity(
                line.product_uom_qty, product.uom_id, round=False
            )
            units[product.id] = units.get(product.id, 0) + quantity
        return units

    # -- drafts ------------------------------------------------------------------------------

    def _keep(self, name=""):
        """Put the cart aside under a name; the dealer begins a new one."""
        self._check_with_dealer()
        self.write({"is_cart": False, **self._name_values(name)})

    def _name_values(self, name):
        name = (name or "").strip()[:LONGEST]
        return {"client_order_ref": name} if name else {}

    def _open_as_cart(self):
        """Go on with this order; what was in the cart stays as a draft.

        An order of the sales desk that was returned is the dealer's from now on.
        """
        self._check_with_dealer()
        if self.state == "sent":
            self.action_draft()
        other = self._cart(self.member_id) - self
        if other:
            if other.order_line:
                other.is_cart = False
            else:
                other._discard()
            other.flush_recordset(["is_cart"])
        self.write(CART)

    def _discard(self):
        """Throw a draft away; what was reviewed is kept, cancelled."""
        self._check_with_dealer()
        if self.decision_ids:
            self._cancel_for_dealer()
        else:
            self.is_cart = False
            self.unlink()

    # -- rebate ------------------------------------------------------------------------------

    def _use_rebate_typed(self, text):
        """Lower the price by so much of the dealer's rebate, in all; nothing typed: as much as may be.

        :raises UserError: no amount, or more than may be used
        """
        self._check_with_dealer()
        text = str(text).strip()
        fen = self.env["channel.deposit.account"]._fen(text) if text else None
        self._use_rebate(self._rebate_offer().discount_most if fen is None else fen)

    # -- sending -----------------------------------------------------------------------------

    def _submit(self, seen, name="", address_id=None):
        """Send the order as the dealer's own: it is confirmed at once, waits, or is refused.

        :param seen: the total that the dealer has seen, in fen
        :param address_id: a contact to deliver to; None leaves the address
        :return: False when the total is another one now; nothing is sent then
        :raises UserError: it cannot be sent, with what to do
        """
        self._wait_for_dealers()
        with self.env.cr.savepoint():
            self._check_with_dealer()
            if address_id is not None:
                self._choose_address(address_id)
            self._check_sendable()
            self.order_line._take_list_price(granted=True)
            if to_fen(self.amount_total) != seen:
                return False
            self.write({"is_cart": False, **self._name_values(name)})
            self.action_confirm()
            if self.review_state == "refused":
                self._open_as_cart()
        return True

    def _check_sendable(self):
        self._check_address()
        if not self._goods_lines():
            raise UserError(self.env._("The cart is empty: choose a product first."))
        gone = self._goods_lines().product_id - self._offered_products()
        if gone:
            raise UserError(
                self.env._(
                    "No longer on offer, take it out of the cart: %s",
                    ", ".join(gone.mapped("display_name")),
                )
            )

    # -- orders that wait --------------------------------------------------------------------

    def _take_back(self):
        """The dealer changes an order that waits: it is the cart, and is reviewed when sent again."""
        self._check_waiting()
        self.review_state = "none"
        self.message_post(body=self.env._("Taken back by the dealer, to change it."))
        self._open_as_cart()

    def _cancel_waiting(self):
        """The dealer does not want an order any more that waits."""
        self._check_waiting()
        self._cancel_for_dealer()

    def _cancel_for_dealer(self):
        self._action_cancel()
        self.message_post(body=self.env._("Cancelled by the dealer."))

    def _take_substitute(self, line_id, product_id):
        """Order a substitute instead of a line that is short of stock; the order is the cart then.

        :raises UserError: it is no substitute of that line
        """
        chosen = None
        for line, products in self._substitutes().items():
            if line.id == line_id and product_id in products.ids and not line.rebate:
                chosen = line
        if not chosen:
            raise UserError(self.env._("This is not offered instead any more: look again."))
        short, product = chosen.product_id, self.env["product.product"].browse(product_id)
        ordered = self._ordered_units()
        quantity = ceil(ordered[short.id] + ordered.get(product_id, 0))
        if self._is_waiting():
            self._take_back()
        elif not self.is_cart:
            self._open_as_cart()
        self._put({short.id: 0, product_id: self._steps(product)[product_id].fit(quantity)})


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _take_list_price(self, granted=False):
        """Take the price list's price of today.

        :param granted: leave prices and discounts that the sales desk has set by hand
        """
        lines = self.filtered(
            lambda line: line.product_id and not line.display_type and not line.rebate
        )
        if granted:
            lines = lines.filtered(
                lambda line: (
                    line.price_unit == line.technical_price_unit
                    and (line.create_uid.share or not line.discount)
                )
            )
        else:
            lines = lines.filtered(
                lambda line: line.price_unit != line.technical_price_unit or line.discount
            )
        if not lines:
            return
        lines._compute_pricelist_item_id()
        lines.with_context(force_price_recomputation=True)._compute_price_unit()
        if not granted:
            lines.discount = 0
        lines._compute_discount()
