from odoo import api, models

from odoo.addons.channel_network.core.money import from_fen

from ..core.ledger import Why


class ChannelDepositText(models.Model):
    """Refusals in words: what is wrong, by how much, and what to do."""

    _inherit = "channel.deposit.account"

    @api.model
    def _words(self, refusals):
        """The words of refusals, one a line; those that only follow from another are left out."""
        told = [refusal for refusal in refusals if refusal.why is not Why.LINKED]
        return "\n".join(dict.fromkeys(self._word(refusal) for refusal in told or refusals))

    @api.model
    def _word(self, refusal):
        account = self.sudo().browse(refusal.account or ())
        templates = self._templates()
        values = {
            "account": account.display_name or "",
            "wanted": from_fen(refusal.wanted),
            "allowed": from_fen(refusal.allowed),
            "missing": from_fen(max(0, refusal.wanted - refusal.allowed)),
            "key": refusal.key,
        }
        return templates[refusal.why] % values

    @api.model
    def _templates(self):
        """A text for every reason; ``test_every_reason_has_words`` sees to it."""
        return self._account_templates() | self._hold_templates() | self._key_templates()

    def _account_templates(self):
        return {
            Why.ACCOUNT_UNKNOWN: self.env._("There is no such deposit account."),
            Why.ACCOUNT_DRAFT: self.env._(
                "%(account)s is not open yet: have it reviewed and opened."
            ),
            Why.ACCOUNT_OPEN: self.env._("%(account)s is open already."),
            Why.ACCOUNT_CLOSED: self.env._(
                "%(account)s is closed: use another account of the member."
            ),
            Why.ACCOUNT_USED: self.env._(
                "%(account)s is not empty: pay out its balance, release its holds and set its"
                " credit line to 0 before you close it."
            ),
            Why.PURPOSE: self.env._(
                "%(account)s is not for this: a guarantee is never spent on orders, a rebate is"
                " never paid out or moved, and only a goods account has a credit line."
            ),
            Why.SHORT: self.env._(
                "%(account)s: %(wanted)s wanted, %(allowed)s there, %(missing)s missing. Top up"
                " the account or lower the amount."
            ),
            Why.OVERDUE: self.env._(
                "%(account)s: %(wanted)s is overdue. Settle it before anything new is set aside."
            ),
            Why.SAME_ACCOUNT: self.env._(
                "A transfer goes to another account: choose the receiving one."
            ),
            Why.OTHER_BOOK: self.env._(
                "Transfers stay with one keeper, company and currency: choose an account that"
                " shares them with %(account)s."
            ),
        }

    def _hold_templates(self):
        return {
            Why.HOLD_UNKNOWN: self.env._("There is no such hold."),
            Why.HOLD_RESOLVED: self.env._(
                "This hold of %(account)s was spent, released or has expired: look at the"
                " account's entries."
            ),
            Why.HOLD_EXCEEDED: self.env._(
                "%(account)s: %(wanted)s wanted, %(allowed)s on hold. Raise the hold first."
            ),
            Why.HOLD_NOT_DUE: self.env._(
                "This hold of %(account)s has not expired yet: release it."
            ),
        }

    def _key_templates(self):
        return {
            Why.AMOUNT: self.env._(
                "An amount is above 0, with two decimals at most, and no more than %(allowed)s."
            ),
            Why.KEY_MISSING: self.env._("An operation on a deposit account needs a key."),
            Why.KEY_REUSED: self.env._(
                "%(key)s was booked before with another content: look at the entries of"
                " %(account)s."
            ),
            Why.REVERSE_UNKNOWN: self.env._("There is no such entry to reverse."),
            Why.REVERSE_KIND: self.env._(
                "Only top-ups, refunds, transfers, what was spent or has lapsed can be reversed. Release a"
                " hold or change the credit line instead."
            ),
            Why.REVERSE_TWICE: self.env._("This entry of %(account)s is reversed already."),
            Why.REASON_MISSING: self.env._("Say why the entry is reversed."),
            Why.LINKED: self.env._("Nothing was booked, because another part of it was refused."),
        }
