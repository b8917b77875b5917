from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import format_amount

NOTICES = "channel_portal_notices"


class Dealer:
    """Who asks, and which orders are theirs. Whatever the user's own rights do not find is not
    there; what was found is worked on as the system, in the member's company.
    """

    def _member(self):
        """The member that the user belongs to.

        :raise NotFound: the user belongs to none
        """
        member = request.env.user.sudo().network_member_ids[:1]
        if not member or not request.env.user.has_group("channel_network.group_member_user"):
            raise NotFound
        return member.with_company(member.company_id)

    def _orders(self, member):
        """Dealer orders as the system, in the member's company."""
        return request.env["sale.order"].sudo().with_company(member.company_id)

    def _own_order(self, member, order_id):
        """An order of the member.

        :raise NotFound: tells a stranger as little as a number that is none
        """
        domain = [("id", "=", order_id), ("member_id", "=", member.id)]
        order = request.env["sale.order"].search(domain)
        if not order:
            raise NotFound
        return order.sudo().with_company(member.company_id)

    def _notify(self, text, kind="success"):
        """Show something on the next page."""
        request.session[NOTICES] = [*request.session.get(NOTICES, []), [kind, text]]

    def _done(self, action):
        """Do something that may be refused; the words of a refusal are shown.

        :return: whether it was done
        """
        try:
            with request.env.cr.savepoint():
                action()
        except UserError as refused:
            self._notify(str(refused), "danger")
            return False
        return True

    def _notices(self):
        return request.session.pop(NOTICES, [])

    def _cart_bar(self, member, cart):
        """What stands below every page of the catalogue: [lines, units, total, available]."""
        account = member._goods_account()
        lines = cart._goods_lines() if cart else ()
        return {
            "lines": len(lines),
            "total": cart._money_text(cart.amount_total) if cart else "",
            "available": format_amount(cart.env, account.available, account.currency_id)
            if account
            else "",
            "short": bool(cart and account and cart.amount_total > account.available),
        }
