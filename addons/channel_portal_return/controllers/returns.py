from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.channel_portal.controllers.dealer import Dealer
from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from ..models.channel_dealer_return import PICTURE_BYTES, PICTURES

PAGE = 20
FORM = PICTURES * PICTURE_BYTES + 1024 * 1024  # the pictures and the fields around them
MODEL = "channel.dealer.return"


class ReturnPortal(Dealer, CustomerPortal):
    """A dealer asks to send goods back, and sees what became of it."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "return_count" in counters:
            allowed = request.env[MODEL].has_access("read")
            values["return_count"] = request.env[MODEL].search_count([]) if allowed else 0
        return values

    def _get_page_view_values(self, document, access_token, values, *args, **kwargs):
        values = super()._get_page_view_values(document, access_token, values, *args, **kwargs)
        order = values.get("dealer_order")
        if order:
            values["returnable"] = order.state == "sale" and any(
                line.qty_delivered > 0 for line in order._goods_lines()
            )
        return values

    @route("/my/returns", type="http", auth="user", website=True, methods=["GET"])
    def returns(self, page="1", **_ignored):
        """The dealer's returns, the last one first."""
        member = self._member()
        Request = request.env[MODEL]
        domain = [("member_id", "=", member.id)]
        pages = pager(
            "/my/returns",
            Request.search_count(domain),
            int(page) if page.isdecimal() else 1,
            PAGE,
        )
        found = Request.search(domain, limit=PAGE, offset=pages["offset"])
        return request.render(
            "channel_portal_return.returns",
            {
                "page_name": "dealer_returns",
                "returns": found.sudo(),
                "pager": pages,
                "notices": self._notices(),
            },
        )

    @route("/my/returns/new", type="http", auth="user", website=True, methods=["GET"])
    def new(self, order="", **_ignored):
        """What may come back: first the order, then its goods."""
        member = self._member()
        if order.isdecimal():
            return self._render_form(self._own_order(member, int(order)))
        return request.render(
            "channel_portal_return.orders",
            {
                "page_name": "dealer_return_new",
                "orders": request.env[MODEL]._portal_orders(member),
                "notices": self._notices(),
            },
        )

    @route(
        "/my/returns/new/<int:order_id>",
        type="http", auth="user", website=True, methods=["POST"], max_content_length=FORM,
    )  # fmt: skip
    def ask(self, order_id, **typed):
        """Ask for it. What is wrong is said above the form, which keeps what was typed."""
        order = self._own_order(self._member(), order_id)
        Request = request.env[MODEL].with_company(order.company_id)
        try:
            with request.env.cr.savepoint():
                wanted = self._wanted(order, typed)
                asked = Request._portal_ask(order, wanted, typed.get("kind"), typed.get("note"))
        except UserError as refused:
            return self._render_form(order, error=str(refused), typed=typed)
        return request.redirect(f"/my/returns/{asked.id}")

    @route("/my/returns/<int:return_id>", type="http", auth="user", website=True, methods=["GET"])
    def show(self, return_id, **_ignored):
        """One return: where it is, and what was found of it."""
        found = self._own_return(return_id)
        return request.render(
            "channel_portal_return.return_page",
            {"page_name": "dealer_return", "asked": found, "notices": self._notices()},
        )

    @route("/my/returns/<int:return_id>/pictures/<int:picture_id>", type="http", auth="user")
    def picture(self, return_id, picture_id, **_ignored):
        """A picture of an own return: a portal user reads no attachment by its number."""
        pictures = self._own_return(return_id).line_ids.picture_ids
        found = pictures.filtered(lambda picture: picture.id == picture_id)
        if not found:
            raise NotFound
        return request.env["ir.binary"]._get_stream_from(found).get_response()

    @route(
        "/my/returns/<int:return_id>/cancel",
        type="http", auth="user", website=True, methods=["POST"],
    )  # fmt: skip
    def cancel_return(self, return_id, **_ignored):
        """Take a request back while no goods have come."""
        found = self._own_return(return_id)
        if self._done(found.action_cancel):
            self._notify(request.env._("%s is cancelled.", found.name), "info")
        return request.redirect(f"/my/returns/{return_id}")

    def _own_return(self, return_id):
        """:raise NotFound: tells a stranger as little as a number that is none"""
        member = self._member()
        domain = [("id", "=", return_id), ("member_id", "=", member.id)]
        found = request.env[MODEL].search(domain)
        if not found:
            raise NotFound
        return found.sudo().with_company(member.company_id)

    def _wanted(self, order, typed):
        """{order line id: (units, reason id, files)} of what was typed; nothing else is listened to.

        :raise UserError: a quantity is none
        """
        wanted = {}
        for line in order._goods_lines():
            units = order._typed_quantity(typed.get(f"quantity_{line.id}") or "0")
            reason = typed.get(f"reason_{line.id}", "")
            files = request.httprequest.files.getlist(f"pictures_{line.id}")
            if units:
                wanted[line.id] = (
                    units,
                    int(reason) if reason.isdecimal() else 0,
                    [file for file in files if file.filename],
                )
        return wanted

    def _render_form(self, order, error="", typed=None):
        policy = request.env["channel.return.policy"].sudo()._for_member(order.member_id)
        reasons = policy.reason_ids or request.env["channel.return.reason"].sudo().search([])
        return request.render(
            "channel_portal_return.return_form",
            {
                "page_name": "dealer_return_new",
                "order": order,
                "lines": request.env[MODEL]._portal_lines(order),
                "reasons": reasons,
                "policy": policy,
                "typed": typed or {},
                "error": error,
            },
        )
