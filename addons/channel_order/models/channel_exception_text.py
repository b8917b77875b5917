from odoo import api, models

from odoo.addons.channel_network.core.money import from_fen

from ..fact_json import read_facts

UNITS = ("quantity", "short", "unfillable", "no_offer", "on_hold")


class ChannelException(models.Model):
    """What was seen, as sentences in the language of whoever reads it."""

    _inherit = "channel.exception"

    @api.depends_context("lang")
    @api.depends("type", "ref")
    def _compute_display_name(self):
        labels = dict(self._fields["type"]._description_selection(self.env))
        for exception in self:
            name = f"{labels.get(exception.type, '')} {exception.ref or ''}"
            exception.display_name = name.strip()

    @api.depends_context("lang")
    @api.depends("facts", "detail", "type")
    def _compute_explanation(self):
        told = {exception: read_facts(exception.sudo().facts) for exception in self}
        products = (
            self.env["product.product"]
            .sudo()
            .browse({fact.product_id for facts in told.values() for fact in facts})
            .exists()
        )
        names = {product.id: product.display_name for product in products}
        for exception, facts in told.items():
            if facts:
                texts = [exception._sentence(fact, names) for fact in facts]
            elif exception.type == "refund_unknown_order":
                texts = [self.env._("Refund %s, but its order has not come in.", exception.detail)]
            else:
                texts = [exception.detail or ""]
            exception.explanation = "\n".join(dict.fromkeys(texts))

    def _sentence(self, fact, product_names):
        """One fact as a sentence.

        :param product_names: {product id: name} for the products of the facts
        """
        if fact.kind.startswith(("below_", "above_")):
            return self._price_sentence(fact, product_names)
        if fact.kind.startswith(("line_", "order_", "freight_")):
            return self._amount_sentence(fact)
        if fact.kind in UNITS:
            return self._units_sentence(fact)
        return self._platform_sentence(fact)

    def _units_sentence(self, fact):
        """How many units an order wants, and why it cannot have them."""
        values = {"item": fact.item, "units": fact.units, "limit": fact.limit}
        match fact.kind:
            case "quantity":
                return self.env._(
                    "%(item)s: %(units)s units were ordered; 1 to %(limit)s are possible.", **values
                )
            case "short":
                return self.env._("%(item)s: %(units)s wanted, fewer are left.", **values)
            case "unfillable":
                return self.env._(
                    "%(item)s: %(units)s wanted; no single fulfiller has the whole order and may"
                    " ship it there.",
                    **values,
                )
            case "on_hold":
                return self.env._("%(item)s: %(units)s wanted; the offer is on hold.", **values)
        return self.env._("%(item)s: %(units)s wanted, but it is not on offer.", **values)

    def _platform_sentence(self, fact):
        """What the platform told of the goods, the receiver or the state of the order."""
        text = fact.text
        match fact.kind:
            case "sku_unknown":
                told = self.env._(
                    "%s: nobody has told yet which product this link sells.", fact.item
                )
            case "blocked_phone":
                told = self.env._("The receiver's phone %s is on the blocklist.", text)
            case "blocked_name":
                told = self.env._("The receiver's name %s is on the blocklist.", text)
            case "blocked_address":
                told = self.env._("The receiver's address %s is on the blocklist.", text)
            case "risk":
                told = self.env._("The receiver with the phone %s is held by an alarm.", text)
            case "address":
                told = self.env._("The parcel is packed already. The new address is %s.", text)
            case "lines_changed":
                told = self.env._(
                    "SKU or quantity is another one now in these platform lines: %s", text
                )
            case "platform_held":
                told = self.env._("The platform holds the order; here it is in work already.")
            case "platform_shipped":
                told = self.env._("The platform says shipped, but it was not shipped here.")
            case "platform_done":
                told = self.env._("The platform says received, but it was not shipped here.")
            case "no_lines":
                told = self.env._("The order has no lines.")
            case _other:
                told = self.env._("The platform sent: %s", text)
        return told

    def _price_sentence(self, fact, product_names):
        """What was asked, and the limit that it broke."""
        whole, rest = divmod(fact.amount, fact.units or 1)
        if rest:
            price = self.env._(
                "%(amount)s for %(units)s units", amount=self._money(fact.amount), units=fact.units
            )
        else:
            price = self.env._("%s a unit", self._money(whole))
        values = {
            "item": fact.item,
            "price": price,
            "limit": self._money(fact.limit),
            "product": product_names.get(fact.product_id, ""),
        }
        match fact.kind:
            case "below_offer":
                return self.env._(
                    "%(item)s was priced at %(price)s before discounts. Its offer allows no less"
                    " than %(limit)s a unit.",
                    **values,
                )
            case "above_offer":
                return self.env._(
                    "%(item)s was priced at %(price)s before discounts. Its offer allows no more"
                    " than %(limit)s a unit.",
                    **values,
                )
            case "below_band":
                return self.env._(
                    "%(item)s was priced at %(price)s of %(product)s before discounts. The price"
                    " band of the product allows no less than %(limit)s a unit.",
                    **values,
                )
        return self.env._(
            "%(item)s was priced at %(price)s of %(product)s before discounts. The price band of"
            " the product allows no more than %(limit)s a unit.",
            **values,
        )

    def _amount_sentence(self, fact):
        """Which amounts of the platform do not add up."""
        values = {"item": fact.item, "amount": self._money(fact.amount), "parts": fact.text}
        match fact.kind:
            case "line_sum":
                return self.env._(
                    "%(item)s: the price is %(amount)s, but payment and discounts are %(parts)s.",
                    **values,
                )
            case "line_negative":
                return self.env._("%(item)s: an amount is below zero (%(parts)s).", **values)
            case "line_twice":
                return self.env._(
                    "%(times)s lines came twice; the lines are %(lines)s.",
                    times=fact.units, lines=fact.text,
                )  # fmt: skip
            case "freight_negative":
                return self.env._(
                    "The freight is below zero: lines and freight are %(parts)s.", **values
                )
        return self.env._(
            "The buyer paid %(amount)s, but lines and freight are %(parts)s.", **values
        )

    def _money(self, fen):
        """Fen as people write money, with the currency of the company."""
        return self.company_id.currency_id.format(float(from_fen(fen)))
