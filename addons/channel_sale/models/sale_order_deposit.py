from odoo import models
from odoo.tools import SQL

from odoo.addons.channel_deposit.core.ledger import Done, Why
from odoo.addons.channel_deposit.core.operations import PlaceHold, Refit, Release
from odoo.addons.channel_network.core.money import to_fen

# Who sets this in the context refits afterwards, once. An object cannot come from outside.
REFIT_LATER = object()


class SaleOrderDeposit(models.Model):
    """A confirmed dealer order has its amount set aside on the member's goods account.

    At any moment an order has at most one active hold, found by its source, of what its coming
    invoices need. The order's row is locked before anything is booked for it; all amounts here
    are fen.
    """

    _inherit = "sale.order"

    def _deposit_source(self):
        self.ensure_one()
        return f"sale.order,{self.id}"

    def _deposit_key(self, what):
        """A key that was never used: the first is plain, later ones are numbered."""
        self.ensure_one()
        order = self.sudo()
        order.deposit_number += 1
        number = f",{order.deposit_number}" if (what, order.deposit_number) != ("hold", 1) else ""
        return f"order,{order.id},{what}{number}"

    def _active_holds(self):
        """{order id: (key, amount)} of the holds that are there."""
        sources = {order._deposit_source(): order.id for order in self}
        if not sources:
            return {}
        self.env["channel.deposit.hold"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT source, key, amount FROM channel_deposit_hold
                    WHERE source = ANY(%s) AND state = 'active'""",
                list(sources),
            )
        )
        return {sources[source]: (key, to_fen(amount)) for source, key, amount in rows}

    def _place_holds(self):
        """Set the amounts of orders aside that are about to be confirmed.

        :return: the orders whose money is there; the others wait, with the ledger's words
        """
        accounts = self._goods_accounts()
        Account = self.env["channel.deposit.account"].sudo()
        batch, asked = [], []
        for order in self.sorted("id"):
            amount = to_fen(order.amount_total)
            if amount > 0:
                account = accounts.get(order.member_id.id) or Account._ensure(
                    order.sudo().member_id
                )
                batch.append(order._hold_operation(account, amount))
                asked.append(order)
        refused = self.browse()
        if not batch:
            return self
        for order, result in zip(asked, Account._book(batch), strict=True):
            if not isinstance(result, Done):
                kind = "overdue" if result.why is Why.OVERDUE else "deposit"
                order._stop(kind, Account._words([result]), max(0, result.wanted - result.allowed))
                refused |= order
        return self - refused

    def _hold_operation(self, account, amount):
        return PlaceHold(
            key=self._deposit_key("hold"),
            account=account.id,
            amount=amount,
            source=self._deposit_source(),
        )

    def _refit_operations(self, hold, needed):
        """What makes the order's hold as large as needed.

        :param hold: (key, amount), or None
        :return: list of operations, and the key of the hold after them, or None
        """
        self.ensure_one()
        if hold and needed == hold[1]:
            return [], hold[0]
        if hold and not needed:
            key, source = self._deposit_key("release"), self._deposit_source()
            return [Release(key=key, hold=hold[0], source=source)], None
        if hold:
            key = self._deposit_key("refit")
            refit = Refit(key=key, hold=hold[0], amount=needed, source=self._deposit_source())
            return [refit], key
        if not needed:
            return [], None
        Account = self.env["channel.deposit.account"].sudo()
        account = self._goods_accounts().get(self.member_id.id) or Account._ensure(
            self.sudo().member_id
        )
        operation = self._hold_operation(account, needed)
        return [operation], operation.key

    def _refit_deposit(self):
        """Make the holds of confirmed dealer orders what their coming invoices need.

        :raises UserError: in the ledger's words, when the money is not there
        """
        orders = self.sudo().filtered(lambda order: order.member_id and order.state == "sale")
        if not orders or self.env.context.get("deposit_refit") is REFIT_LATER:
            return
        orders._lock_rows()
        holds = orders._active_holds()
        batch = []
        for order in orders.sorted("id"):
            operations, _key = order._refit_operations(holds.get(order.id), order._needed())
            batch += operations
        if batch:
            self.env["channel.deposit.account"].sudo()._book_or_raise(batch)

    def _release_deposit(self):
        """Cancelled: what is still set aside for the orders is free again."""
        orders = self.sudo().filtered("member_id")
        if not orders:
            return
        orders._lock_rows()
        holds = orders._active_holds()
        batch = [
            operation
            for order in orders.sorted("id")
            for operation in order._refit_operations(holds.get(order.id), 0)[0]
        ]
        if batch:
            self.env["channel.deposit.account"].sudo()._book_or_raise(batch)

    def _action_cancel(self):
        result = super()._action_cancel()
        self._release_deposit()
        return result

    # -- what is still needed --------------------------------------------------------------

    def _needed(self):
        """What the order's coming invoices will come to: nothing once nothing more will come."""
        self.ensure_one()
        if not any(line._is_invoice_to_come() for line in self.order_line):
            return 0
        return max(0, to_fen(self.amount_total) - self._invoiced())

    def _invoiced(self):
        """What posted invoices of the order came to."""
        invoices = self.order_line.invoice_lines.move_id.filtered(
            lambda move: move.move_type == "out_invoice" and move.state == "posted"
        )
        return sum(invoice._by_order(invoice.amount_total).get(self, 0) for invoice in invoices)

    def _wait_for_dealers(self):
        """Let one transaction at a time spend a dealer's money; see the account's method."""
        self.env["channel.deposit.account"]._wait_for(self.sudo().member_id)
