from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core.operations import Close, Open

CLERK = "channel_network.group_finance_clerk"


class ChannelDepositAccountReview(models.Model):
    """What people do with an account: open it after review, look into it, close it."""

    _inherit = "channel.deposit.account"

    hold_count = fields.Integer("Active Holds", compute="_compute_hold_count")

    def _compute_hold_count(self):
        counts = dict(
            self.env["channel.deposit.hold"]._read_group(
                [("account_id", "in", self.ids), ("state", "=", "active")],
                ["account_id"],
                ["__count"],
            )
        )
        for account in self:
            account.hold_count = counts.get(account, 0)

    def action_open(self):
        """Button “Open Account”: the accounts were reviewed. Who asked for one does not open it.

        :raise UserError: in words, why an account cannot be opened; then none is
        """
        self._check_clerk()
        own = self.filtered(lambda account: account.requested_by_id == self.env.user)
        if own and not self.env.su:
            raise UserError(
                self.env._(
                    "You asked for %(account)s yourself: let somebody else review and open it.",
                    account=own[0].display_name,
                )
            )
        self.sudo()._book_or_raise(
            [
                Open(key=f"open,{account.id}", account=account.id, source=account._source())
                for account in self
            ]
        )

    def action_close(self):
        """Button “Close Account”: the accounts are empty and end for good.

        :raise UserError: in words, why an account cannot be closed; then none is
        """
        self._check_clerk()
        self.sudo()._book_or_raise(
            [
                Close(key=f"close,{account.id}", account=account.id, source=account._source())
                for account in self
            ]
        )

    def _check_clerk(self):
        self.check_access("read")
        if not self.env.user.has_group(CLERK):
            raise AccessError(self.env._("Finance clerks open and close deposit accounts."))

    def _source(self):
        return f"{self._name},{self.id}"

    def action_view_entries(self):
        """Smart button: the account's journal."""
        return self._open_rows(
            "channel_deposit.action_deposit_entry", [("account_id", "in", self.ids)]
        )

    def action_view_holds(self):
        """Smart button: what is set aside."""
        return self._open_rows(
            "channel_deposit.action_deposit_hold",
            [("account_id", "in", self.ids)],
            search_default_active=1,
        )

    def action_view_lines(self):
        """Smart button: the holder's journal items on the ledger account of this purpose."""
        self.ensure_one()
        ledger = self.company_id[f"channel_deposit_{self.purpose}_account_id"]
        return self._open_rows(
            "account.action_account_moves_all",
            [("account_id", "=", ledger.id), ("partner_id", "=", self.member_id.partner_id.id)],
            search_default_posted=1,
        )

    @api.model
    def _open_rows(self, action, domain, **context):
        return self.env["ir.actions.act_window"]._for_xml_id(action) | {
            "domain": domain,
            "context": context,
        }
