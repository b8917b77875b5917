from odoo import api, models


class ChannelReviewDecision(models.Model):
    """What a rule found, in words for a dealer: what to do, and nothing of the brand's own
    figures such as its stock or its price bands.
    """

    _inherit = "channel.review.decision"

    # Whoever reads decides which words they are.
    @api.depends_context("uid")
    def _compute_text(self):
        return super()._compute_text()

    def _template(self, case):
        words = self.env.user.share and self._dealer_templates().get(self.kind)
        return words or super()._template(case)

    def _dealer_templates(self):
        return {
            "member": self.env._(
                "Your company is suspended from ordering: call your sales representative."
            ),
            "contract": self.env._(
                "Your company has no contract in force today: ask your sales representative to"
                " renew it."
            ),
            "price": self.env._("The price has to be looked at by the sales manager."),
            "stock": self.env._("%(wanted)s are more than can be delivered now."),
        }
