from werkzeug.exceptions import NotFound

from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.sale.controllers.portal import CustomerPortal

from ..models.sale_order import RETURNED
from .dealer import Dealer

OPEN = ("waiting", "refused")


class OrderPages(Dealer, CustomerPortal):
    """The standard pages of orders, for dealers: what waits stands with what is confirmed."""

    def _prepare_orders_domain(self, partner):
        sent = Domain(
            [("is_portal", "=", True), ("review_state", "in", OPEN), ("state", "=", "draft")]
        )
        mine = Domain("partner_id", "child_of", [partner.commercial_partner_id.id])
        shown = mine & (sent | Domain("member_id", "!=", False) & Domain(RETURNED))
        return list(Domain(super()._prepare_orders_domain(partner)) | shown)

    def _prepare_sale_portal_rendering_values(self, quotation_page=False, **kwargs):
        values = super()._prepare_sale_portal_rendering_values(
            quotation_page=quotation_page, **kwargs
        )
        role = "channel_network.group_member_user"
        values["dealer_orders"] = not quotation_page and request.env.user.has_group(role)
        return values

    @route()
    def portal_order_page(self, order_id, access_token=None, **kwargs):
        """:raise NotFound: to a dealer's user, for what is not theirs"""
        user = request.env.user
        if not access_token and user.has_group("channel_network.group_member_user"):
            order = request.env["sale.order"].search([("id", "=", order_id)])
            if not order:
                raise NotFound
            if order.sudo().is_cart:
                return request.redirect("/my/order/cart")
        return super().portal_order_page(order_id, access_token=access_token, **kwargs)

    def _get_page_view_values(self, document, access_token, values, *args, **kwargs):
        values = super()._get_page_view_values(document, access_token, values, *args, **kwargs)
        order = document._name == "sale.order" and self._own(document)
        if order:
            values |= {
                "dealer_order": order,
                "notices": self._notices(),
                "substitutes": order._substitutes(),
                "returned": order._returned_note(),
            }
        return values

    def _own(self, document):
        """The order as its dealer's user, or nothing: the page itself works as another user."""
        try:
            return self._own_order(self._member(), document.id)
        except NotFound:
            return None

    # -- what a dealer does with an order --------------------------------------------------------

    @route(
        "/my/orders/<int:order_id>/again", type="http", auth="user", website=True, methods=["POST"]
    )
    def again(self, order_id, **_ignored):
        """Put the products of an order into the cart; what is no longer offered is named."""
        member = self._member()
        order = self._own_order(member, order_id)
        gone = []

        def put():
            gone.extend(self._orders(member)._cart_or_new(member)._put_again(order))

        if self._done(put) and gone:
            self._notify(
                request.env._(
                    "No longer on offer, left out: %s",
                    ", ".join(product.display_name for product in gone),
                ),
                "warning",
            )
        return request.redirect("/my/order/cart")

    @route(
        "/my/orders/<int:order_id>/cancel", type="http", auth="user", website=True, methods=["POST"]
    )
    def cancel(self, order_id, **_ignored):
        """Cancel an order that waits."""
        order = self._own_order(self._member(), order_id)
        if self._done(order._cancel_waiting):
            self._notify(request.env._("%s is cancelled.", order.name), "info")
        return request.redirect(f"/my/orders/{order_id}")

    @route(
        "/my/orders/<int:order_id>/change", type="http", auth="user", website=True, methods=["POST"]
    )
    def change(self, order_id, **_ignored):
        """Change an order that waits, or that came back: it becomes the cart."""
        order = self._own_order(self._member(), order_id)
        done = self._done(order._take_back if order._is_waiting() else order._open_as_cart)
        return request.redirect("/my/order/cart" if done else f"/my/orders/{order_id}")

    @route(
        "/my/orders/<int:order_id>/instead",
        type="http", auth="user", website=True, methods=["POST"],
    )  # fmt: skip
    def instead(self, order_id, line_id="", product_id="", **_ignored):
        """Order a substitute for a line that is short of stock."""
        order = self._own_order(self._member(), order_id)
        ids = [int(text) if text.isdecimal() else 0 for text in (line_id, product_id)]
        done = self._done(lambda: order._take_substitute(*ids))
        return request.redirect("/my/order/cart" if done else f"/my/orders/{order_id}")
