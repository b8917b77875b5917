from werkzeug.exceptions import NotFound

from odoo.addons.portal.controllers.portal import CustomerPortal

from .dealer import Dealer


class DealerHome(Dealer, CustomerPortal):
    """A dealer's day on the portal's home: balance, orders under way, what waits."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if not counters:  # the page itself; its counters are asked for afterwards
            try:
                member = self._member()
            except NotFound:
                return values
            values["dealer"] = member.sudo()._portal_summary()
        return values
