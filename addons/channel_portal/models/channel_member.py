from odoo import models
from odoo.fields import Domain

from .sale_order import RETURNED


class ChannelMember(models.Model):
    """What a dealer sees on coming in."""

    _inherit = "channel.member"

    def _portal_summary(self):
        """What the portal's home shows of a dealer: money, orders under way, what waits.

        :return: account (goods), usual (what to reorder), and counts: drafts, waiting, returned,
            under_way
        """
        self.ensure_one()
        Order = self.env["sale.order"]
        drafts = Domain([("state", "=", "draft"), ("is_portal", "=", True)]) | Domain(RETURNED)
        under_way = Domain([("state", "=", "sale"), ("delivery_status", "not in", (False, "full"))])
        counts = {
            (state, review): count
            for state, review, count in Order._read_group(
                Domain("member_id", "=", self.id) & (drafts | under_way),
                ["state", "review_state"],
                ["__count"],
            )
        }

        def count(*reviews, states=("draft", "sent")):
            return sum(n for (s, review), n in counts.items() if s in states and review in reviews)

        return {
            "account": self._goods_account(),
            "usual": Order.with_company(self.company_id)._cart_or_blank(self)._usual(),
            "waiting": count("waiting"),
            "returned": count("returned", "refused"),
            "drafts": count("none"),
            "under_way": count("passed", states=("sale",)),
        }

    def _goods_account(self):
        """The member's open goods account with the brand, or nothing."""
        return self.env["channel.deposit.account"].search(
            [
                ("member_id", "=", self.id),
                ("creditor_id", "=", False),
                ("purpose", "=", "goods"),
                ("state", "=", "open"),
            ],
            limit=1,
        )
