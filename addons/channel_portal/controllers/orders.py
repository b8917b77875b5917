from werkzeug.exceptions import NotFound
from werkzeug.urls import url_encode

from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from .dealer import Dealer

PAGE = 24
CART_PAGE = 50
FORESEEN = 300  # lines; of a longer cart the review is not asked beforehand


class OrderPortal(Dealer, CustomerPortal):
    """A dealer orders: catalogue, cart, drafts, sending."""

    @route("/my/order", type="http", auth="user", website=True, methods=["GET"])
    def catalogue(self, q="", category="", page="1", **_ignored):
        """What the dealer may order, a page at a time.

        :param q: words of a name, a code or a barcode
        :param category: id of a product category
        """
        member = self._member()
        cart = self._orders(member)._cart(member)
        order = self._orders(member)._cart_or_blank(member)
        q, category = q.strip()[:100], int(category) if category.isdecimal() else 0
        Product = request.env["product.product"].sudo().with_company(member.company_id)
        domain = order._catalogue_domain(q, category)
        args = {"q": q, "category": category or ""}
        pages = pager(
            "/my/order", Product.search_count(domain), int(page) if page.isdecimal() else 1, PAGE,
            scope=3, url_args=args,
        )  # fmt: skip
        products = Product.search(
            domain, order="categ_id, default_code, name, id", limit=PAGE, offset=pages["offset"]
        )
        return request.render(
            "channel_portal.catalogue",
            {
                "page_name": "dealer_order",
                "member": member,
                "order": order,
                "offers": list(order._catalogue_offers(products).values()),
                "categories": order._catalogue_categories(),
                "category": category,
                "q": q,
                "usual": [] if q or category or pages["offset"] else order._usual(),
                "pager": pages,
                "back": "/my/order?" + url_encode({**args, "page": page}),
                "bar": self._cart_bar(member, cart),
                "notices": self._notices(),
            },
        )

    @route("/my/order/line", type="http", auth="user", website=True, methods=["POST"])
    def line(self, product_id="", quantity="", back="/my/order", **_ignored):
        """Put so many units of a product into the cart; 0 takes it off. Nothing else is listened to.

        Answers in JSON to a script, with a redirect to a browser without one.
        """
        member = self._member()
        Order = self._orders(member)
        error = ""
        try:
            with request.env.cr.savepoint():
                units = Order._typed_quantity(quantity)
                if not product_id.isdecimal():
                    raise NotFound
                Order._cart_or_new(member)._put({int(product_id): units})
        except UserError as refused:
            error = str(refused)
        if request.httprequest.accept_mimetypes.best == "application/json":
            return request.make_json_response(self._line_values(member, int(product_id), error))
        if error:
            self._notify(error, "danger")
        return request.redirect(self._own_path(back))

    @route("/my/order/usual", type="http", auth="user", website=True, methods=["POST"])
    def usual(self, product_id="", **_ignored):
        """Put what the dealer usually reorders into the cart: one product of it, or all."""
        member = self._member()
        Order = self._orders(member)
        only = int(product_id) if product_id.isdecimal() else None
        done = self._done(lambda: Order._cart_or_new(member)._put_usual(only))
        return request.redirect("/my/order" if only or not done else "/my/order/cart")

    def _line_values(self, member, product_id, error):
        """What a page shows after a change of a line."""
        cart = self._orders(member)._cart(member)
        lines = cart._goods_lines().filtered(lambda line: line.product_id.id == product_id)
        return {
            "error": error,
            "quantity": int(sum(lines.mapped("product_uom_qty"))),
            "subtotal": cart._money_text(sum(lines.mapped("price_total"))) if lines else "",
            "total_fen": str(round(cart.amount_total * 100)),
            **self._cart_bar(member, cart),
        }

    def _own_path(self, path):
        """Where to go back to: a page of ordering, never another site."""
        return path if path.startswith("/my/order") else "/my/order"

    # -- the cart ------------------------------------------------------------------------------

    @route("/my/order/cart", type="http", auth="user", website=True, methods=["GET"])
    def cart(self, page="1", **_ignored):
        """The cart, the other drafts, and what the review would say."""
        member = self._member()
        Order = self._orders(member)
        cart = Order._cart(member)
        lines = cart._goods_lines()
        pages = pager("/my/order/cart", len(lines), int(page) if page.isdecimal() else 1, CART_PAGE)
        shown = lines[pages["offset"] : pages["offset"] + CART_PAGE]
        stops = cart._foreseen_stops() if 0 < len(lines) <= FORESEEN else ()
        substitutes = cart._substitutes(cart._lines_without_stock(stops)) if stops else {}
        instead = request.env["product.product"].sudo().union(*substitutes.values())
        drafts = Order.search(Order._with_dealer_domain(member), order="id desc", limit=50) - cart
        return request.render(
            "channel_portal.cart",
            {
                "page_name": "dealer_cart",
                "member": member,
                "order": cart,
                "lines": shown,
                "offers": cart._catalogue_offers(shown.product_id) if cart else {},
                "offered": cart._offered_products() if cart else (),
                "foreseen": cart._foreseen(stops),
                "substitutes": substitutes,
                "prices": cart._prices_with_tax(instead) if instead else {},
                "addresses": cart._delivery_addresses(),
                "returned": cart._returned_note(),
                "account": member._goods_account(),
                "rebate": cart._rebate_offer() if lines else None,
                "no_rebate": cart._rebate_excluded() if lines else (),
                "drafts": drafts,
                "pager": pages,
                "bar": self._cart_bar(member, cart),
                "notices": self._notices(),
            },
        )

    @route("/my/order/rebate", type="http", auth="user", website=True, methods=["POST"])
    def rebate(self, amount="", **_ignored):
        """Use the dealer's rebate on the cart: so many yuan in all, 0 for none, or all there is."""
        member = self._member()
        cart = self._orders(member)._cart(member)
        if cart:
            self._done(lambda: cart._use_rebate_typed(amount))
        return request.redirect("/my/order/cart")

    @route("/my/order/submit", type="http", auth="user", website=True, methods=["POST"])
    def submit(self, order_id="", total_fen="", name="", address_id="", **_ignored):
        """Send the cart. It is not sent when its total is not the one that was shown.

        :param address_id: where to deliver; without one the address stays
        """
        member = self._member()
        order = self._own_order(member, int(order_id) if order_id.isdecimal() else 0)
        seen = int(total_fen) if total_fen.isdecimal() else -1
        try:
            sent = order._submit(seen, name, int(address_id) if address_id.isdecimal() else None)
        except UserError as refused:
            self._notify(str(refused), "danger")
            return request.redirect("/my/order/cart")
        if not sent:
            self._notify(
                request.env._("The total has changed: look at it again, then send the order."),
                "warning",
            )
            return request.redirect("/my/order/cart")
        return request.redirect(self._after_submit(order))

    def _after_submit(self, order):
        if order.review_state == "refused":
            self._notify(
                request.env._("Not accepted. Read why, change the order and send it again."),
                "danger",
            )
            return "/my/order/cart"
        if order.state == "sale":
            self._notify(
                request.env._(
                    "%(order)s is confirmed. %(amount)s of your deposit is set aside for it.",
                    order=order.name,
                    amount=order._money_text(order.amount_total),
                )
            )
        return f"/my/orders/{order.id}"

    # -- drafts --------------------------------------------------------------------------------

    @route("/my/order/keep", type="http", auth="user", website=True, methods=["POST"])
    def keep(self, name="", **_ignored):
        """Put the cart aside as a draft."""
        member = self._member()
        cart = self._orders(member)._cart(member)
        if cart:
            self._done(lambda: cart._keep(name))
        return request.redirect("/my/order/cart")

    @route(
        "/my/order/<int:order_id>/<any(open,discard):what>",
        type="http", auth="user", website=True, methods=["POST"],
    )  # fmt: skip
    def draft(self, order_id, what, **_ignored):
        """Go on with a draft, or throw it away."""
        order = self._own_order(self._member(), order_id)
        self._done(order._open_as_cart if what == "open" else order._discard)
        return request.redirect("/my/order/cart")
