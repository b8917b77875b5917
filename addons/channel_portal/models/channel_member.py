from odoo import models


class ChannelMember(models.Model):
    """What a dealer sees on coming in."""

    _inherit = "channel.member"

    def _portal_summary(self):
        """What the portal's home shows of a dealer: money, orders under way, what waits.

        :return: accounts (goods), and counts: cart, drafts, waiting, returned, under_way
        """
        self.ensure_one()
        Order = self.env["sale.order"]
        counts = {
            (state, review, is_cart): count
            for state, review, is_cart, count in Order._read_group(
                [
                    ("member_id", "=", self.id),
                    "|",
                    "&",
                    ("state", "=", "draft"),
                    ("is_portal", "=", True),
                    "&",
                    ("state", "=", "sale"),
                    ("delivery_status", "not in", (False, "full")),
                ],
                ["state", "review_state", "is_cart"],
                ["__count"],
            )
        }

        def count(*reviews, state="draft"):
            return sum(
                n for (s, review, _c), n in counts.items() if s == state and review in reviews
            )

        return {
            "account": self._goods_account(),
            "waiting": count("waiting"),
            "returned": count("returned", "refused"),
            "drafts": count("none"),
            "under_way": count("passed", state="sale"),
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
