from odoo import models
from odoo.exceptions import UserError


class SaleOrderAddress(models.Model):
    """Where a dealer has an order delivered. Works as the system."""

    _inherit = "sale.order"

    def _delivery_addresses(self):
        """The company of the member, its delivery contacts, and what the order has now."""
        company = self.member_id.sudo().partner_id
        contacts = company.child_ids.filtered(lambda contact: contact.type == "delivery")
        return company | contacts | self.partner_shipping_id.filtered("active")

    def _address_text(self, address):
        """Who and where, in a line."""
        where = address._display_address(without_company=True).split("\n")
        name = address.name or address.commercial_company_name or ""
        return ", ".join(filter(None, [name, *(part.strip() for part in where)]))

    def _choose_address(self, address_id):
        """Deliver to this address; taxes follow it.

        :raises UserError: it is no address of the dealer's
        """
        self._check_with_dealer()
        if address_id not in self._delivery_addresses().ids:
            raise UserError(self.env._("This is no address of your company: choose another one."))
        before = self.fiscal_position_id
        self.partner_shipping_id = address_id
        if self.fiscal_position_id != before:
            self._recompute_taxes()

    def _check_address(self):
        """:raises UserError: the address is not used any more"""
        if not self.partner_shipping_id.active:
            raise UserError(
                self.env._("The delivery address is not used any more: choose another one.")
            )
