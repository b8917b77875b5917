from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_deposit.core.operations import Capture, GiveBack, Reverse
from odoo.addons.channel_network.core.money import allocate, to_fen

from .sale_order_deposit import PURPOSES

# How entries are named: captures of invoices, what credit notes give back.
KEYS = {"goods": "invoice", "rebate": "rebate"}
CREDIT_KEYS = {"goods": "credit", "rebate": "rebate_credit"}
DOCUMENTS = ("out_invoice", "out_refund")


class AccountMove(models.Model):
    """An invoice of a dealer order is paid from what was set aside, when it is posted; what it
    uses of a rebate is taken from the rebate account. A credit note gives both back.

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
            elif invoice.move_type == "out_refund" and invoice._dealer_orders():
                invoice._credit_deposit()
        return posted

    def button_draft(self):
        """An invoice that is not posted any more has spent nothing, a credit note given nothing."""
        result = super().button_draft()
        for invoice in self.sudo():
            if invoice.move_type in DOCUMENTS and invoice._dealer_orders():
                invoice._take_back_bookings()
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

    def _rebate_by_order(self):
        """{order: fen of rebate that this document names}."""
        self.ensure_one()
        parts = {}
        for line in self.invoice_line_ids:
            if fen := line._rebate_fen():
                order = line.sale_line_ids.order_id[:1]
                parts[order] = parts.get(order, 0) + fen
        return parts

    def _capture_deposit(self):
        """Spend what is set aside for the orders of this invoice on what is left to pay of it, and
        on the rebate that it names.
        """
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
        holds, spent = orders._active_holds(), self._booked_keys()
        parts = {"goods": self._by_order(self.amount_residual), "rebate": self._rebate_by_order()}
        chain = [
            operation
            for order in orders.sorted("id")
            for purpose in PURPOSES
            for operation in self._capture_operations(
                order, purpose, holds.get((order.id, purpose)), parts[purpose].get(order, 0), spent
            )
        ]
        if chain:
            self.env["channel.deposit.account"].sudo()._book_or_raise(chain)

    def _capture_operations(self, order, purpose, hold, amount, spent):
        """Raise the hold where it is too small, spend, keep what the rest of the order needs."""
        needed = order._needed(purpose)
        if amount <= 0:
            return order._refit_operations(hold, needed, purpose)[0]
        chain, key = [], hold and hold[0]
        if not hold or hold[1] < amount + needed:
            chain, key = order._refit_operations(hold, amount + needed, purpose)
        capture = Capture(
            key=self._booking_key(KEYS[purpose], order, spent),
            hold=key,
            amount=amount,
            keep=needed,
            source=f"account.move,{self.id}",
        )
        return [*chain, capture]

    def _credit_deposit(self):
        """Give back to each account what the credit note takes back, at most what was spent."""
        self.ensure_one()
        orders = self._dealer_orders()
        orders._lock_rows()
        parts = {"goods": self._by_order(self.amount_total), "rebate": self._rebate_by_order()}
        booked, batch = self._booked_keys(), []
        for order in orders.sorted("id"):
            for purpose in PURPOSES:
                account, spent = order._spent(purpose)
                amount = min(parts[purpose].get(order, 0), spent)
                if amount > 0:
                    key = self._booking_key(CREDIT_KEYS[purpose], order, booked)
                    source = f"account.move,{self.id}"
                    batch.append(GiveBack(key=key, account=account, amount=amount, source=source))
        if batch:
            self.env["channel.deposit.account"].sudo()._book_or_raise(batch)

    def _booking_key(self, what, order, booked):
        """``invoice,88,77``; numbered when it was booked and taken back before."""
        key = f"{what},{self.id},{order.id}"
        times = sum(each == key or each.startswith(key + ",") for each in booked)
        return f"{key},{times + 1}" if times else key

    def _booked_keys(self):
        """{key of what was booked for this invoice: whether it was taken back}."""
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT e.key, r.key IS NOT NULL
                         FROM channel_deposit_entry e
                         LEFT JOIN channel_deposit_entry r ON r.reverses = e.key
                        WHERE e.source = %s AND e.kind IN ('capture', 'give_back')
                        ORDER BY e.id""",
                    f"account.move,{self.id}",
                )
            )
        )

    def _take_back_bookings(self):
        """Reverse what the document has booked: what an invoice spent is set aside again.

        :raises UserError: what a credit note gave back is spent already
        """
        self.ensure_one()
        keys = [key for key, back in self._booked_keys().items() if not back]
        if not keys:
            return
        orders = self._dealer_orders().filtered(lambda order: order.state == "sale")
        orders._lock_rows()
        orders._book_with_fitting(
            [
                Reverse(
                    key=f"{key},back",
                    of=key,
                    source=f"account.move,{self.id}",
                    note=self.env._("%s was reset to draft", self.display_name),
                )
                for key in keys
            ]
        )
