from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_deposit.core.ledger import Refusal
from odoo.addons.channel_deposit.core.operations import Capture, Refit, Reverse
from odoo.addons.channel_network.core.money import allocate, to_fen


class AccountMove(models.Model):
    """An invoice of a dealer order is paid from what was set aside, when it is posted.

    The entry carries the invoice as its source; by that the general ledger part finds what to
    reconcile. All amounts here are fen.
    """

    _inherit = "account.move"

    def action_post(self):
        """Post; invoices of one dealer wait for each other before they read anything."""
        members = self._dealer_orders().sudo().member_id
        if members:
            self.env["channel.deposit.account"]._wait_for(members)
        return super().action_post()

    def _post(self, soft=True):
        posted = super()._post(soft)
        for invoice in posted.sudo().sorted("id"):
            if invoice.move_type == "out_invoice" and invoice._dealer_orders():
                invoice._capture_deposit()
        return posted

    def button_draft(self):
        """An invoice that is not posted any more has spent nothing."""
        result = super().button_draft()
        for invoice in self.sudo():
            if invoice.move_type == "out_invoice" and invoice._dealer_orders():
                invoice._give_back_deposit()
        return result

    def _dealer_orders(self):
        """The dealer orders that the invoices are for."""
        return self.sudo().invoice_line_ids.sale_line_ids.order_id.filtered("member_id")

    def _by_order(self, amount):
        """An amount of the invoice, divided among its orders by what their lines come to.

        :param amount: yuan, as Odoo has it
        :return: {order: fen}; what stands on no order's lines is left out
        """
        self.ensure_one()
        totals = {}
        for line in self.invoice_line_ids:
            order = line.sale_line_ids.order_id[:1]
            totals[order] = totals.get(order, 0) + to_fen(line.price_total)
        weights = [max(0, total) for total in totals.values()]
        parts = dict(zip(totals, allocate(to_fen(amount), weights), strict=True))
        return {order: fen for order, fen in parts.items() if order}

    def _capture_deposit(self):
        """Spend what is set aside for the orders of this invoice on what is left to pay of it."""
        self.ensure_one()
        orders = self._dealer_orders()
        for member in orders.member_id:
            if self.commercial_partner_id != member.partner_id:
                raise UserError(
                    self.env._(
                        "%(invoice)s bills a dealer order of %(member)s, whose deposit pays for it:"
                        " make the invoice out to that company, and to that one alone.",
                        invoice=self.display_name,
                        member=member.display_name,
                    )
                )
        orders._lock_rows()
        holds, spent = orders._active_holds(), self._captured_keys()
        parts = self._by_order(self.amount_residual)
        chain = []
        for order in orders.sorted("id"):
            amount = parts.get(order, 0)
            chain += self._capture_operations(order, holds.get(order.id), amount, spent)
        if chain:
            self.env["channel.deposit.account"].sudo()._book_or_raise(chain)

    def _capture_operations(self, order, hold, amount, spent):
        """Raise the hold where it is too small, spend, keep what the rest of the order needs.

        The kept hold is made anew in the order's name, so that it is found by its source.
        """
        needed = order._needed()
        if amount <= 0:
            return order._refit_operations(hold, needed)[0]
        chain, key = [], hold and hold[0]
        if not hold or hold[1] < amount + needed:
            chain, key = order._refit_operations(hold, amount + needed)
        capture = Capture(
            key=self._capture_key(order, spent),
            hold=key,
            amount=amount,
            keep=needed,
            source=f"account.move,{self.id}",
        )
        chain.append(capture)
        if needed:
            source = order._deposit_source()
            kept = order._deposit_key("refit")
            chain.append(Refit(key=kept, hold=capture.key, amount=needed, source=source))
        return chain

    def _capture_key(self, order, spent):
        """``invoice,88,77``; numbered when the invoice was posted and taken back before."""
        key = f"invoice,{self.id},{order.id}"
        times = sum(each == key or each.startswith(key + ",") for each in spent)
        return f"{key},{times + 1}" if times else key

    def _captured_keys(self):
        """{key of each capture for this invoice: whether it was taken back}."""
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT e.key, r.key IS NOT NULL
                         FROM channel_deposit_entry e
                         LEFT JOIN channel_deposit_entry r ON r.reverses = e.key
                        WHERE e.source = %s AND e.kind = 'capture' ORDER BY e.id""",
                    f"account.move,{self.id}",
                )
            )
        )

    def _give_back_deposit(self):
        """Reverse what the invoice spent, and set it aside for its orders again.

        When that is refused, because something is overdue, the money is given back all the same;
        posting the invoice again will ask for it.
        """
        self.ensure_one()
        keys = [key for key, back in self._captured_keys().items() if not back]
        if not keys:
            return
        orders = self._dealer_orders().filtered(lambda order: order.state == "sale")
        orders._lock_rows()
        reversals = [
            Reverse(
                key=f"{key},back",
                of=key,
                source=f"account.move,{self.id}",
                note=self.env._("%s was reset to draft", self.display_name),
            )
            for key in keys
        ]
        holds = orders._active_holds()
        refits = [
            operation
            for order in orders.sorted("id")
            for operation in order._refit_operations(holds.get(order.id), order._needed())[0]
        ]
        Account = self.env["channel.deposit.account"].sudo()
        results = Account._book([(*reversals, *refits)])
        if any(isinstance(result, Refusal) for result in results):
            Account._book_or_raise(reversals)
