from odoo import models
from odoo.tools import SQL

from odoo.addons.channel_deposit.core.ledger import Done, Refusal, Why
from odoo.addons.channel_deposit.core.operations import PlaceHold, Refit, Release
from odoo.addons.channel_network.core.money import to_fen

# Who sets this in the context refits afterwards, once. An object cannot come from outside.
REFIT_LATER = object()
PURPOSES = ("goods", "rebate")  # whose accounts an order spends, in this order


class SaleOrderDeposit(models.Model):
    """A confirmed dealer order has its amount set aside on the member's goods account, and what it
    uses of a rebate on the rebate account.

    At any moment an order has at most one active hold on each, found by its source, of what its
    coming invoices need. The order's row is locked before anything is booked for it; all amounts
    here are fen.
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
        """{(order id, purpose): (key, amount)} of the holds that are there."""
        sources = {order._deposit_source(): order.id for order in self}
        if not sources:
            return {}
        self.env["channel.deposit.hold"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT h.source, a.purpose, h.key, h.amount
                     FROM channel_deposit_hold h JOIN channel_deposit_account a ON a.id = h.account_id
                    WHERE h.source = ANY(%s) AND h.state = 'active'""",
                list(sources),
            )
        )
        return {
            (sources[source], purpose): (key, to_fen(amount))
            for source, purpose, key, amount in rows
        }

    def _deposit_account(self, purpose):
        """The member's account that the order spends; a draft, which refuses, when there is none."""
        self.ensure_one()
        found = self._goods_accounts().get(self.member_id.id) if purpose == "goods" else None
        member = self.sudo().member_id
        return found or self.env["channel.deposit.account"].sudo()._ensure(member, purpose)

    def _place_holds(self):
        """Set the amounts of orders aside that are about to be confirmed.

        :return: the orders whose money is there; the others wait, with the ledger's words
        """
        accounts = self._goods_accounts()
        Account = self.env["channel.deposit.account"].sudo()
        chains = []
        for order in self.sorted("id"):
            chain = []
            if (amount := to_fen(order.amount_total)) > 0:
                account = accounts.get(order.member_id.id) or order._deposit_account("goods")
                chain.append(order._hold_operation(account, amount))
            if rebate := order._rebate_value():
                account = order._deposit_account("rebate")
                chain.append(order._hold_operation(account, rebate, "rebate"))
            if chain:
                chains.append((order, tuple(chain)))
        if not chains:
            return self
        refused = self.browse()
        results = iter(Account._book([chain for _order, chain in chains]))
        for order, chain in chains:
            answers = [next(results) for _operation in chain]
            refusals = [answer for answer in answers if not isinstance(answer, Done)]
            if refusals:
                order._stop_for_money(refusals)
                refused |= order
        return self - refused

    def _stop_for_money(self, refusals):
        """The order waits for what the ledger would not set aside."""
        first = next(refusal for refusal in refusals if refusal.why is not Why.LINKED)
        kind = "overdue" if first.why is Why.OVERDUE else "deposit"
        words = self.env["channel.deposit.account"].sudo()._words(refusals)
        self._stop(kind, words, max(0, first.wanted - first.allowed))

    def _hold_operation(self, account, amount, what="hold"):
        return PlaceHold(
            key=self._deposit_key(what),
            account=account.id,
            amount=amount,
            expires_at=self._hold_until(),
            source=self._deposit_source(),
        )

    def _refit_operations(self, hold, needed, purpose="goods"):
        """What makes the order's hold on an account as large as needed.

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
        what = "hold" if purpose == "goods" else purpose
        operation = self._hold_operation(self._deposit_account(purpose), needed, what)
        return [operation], operation.key

    def _fitting(self, needed=None):
        """What makes all holds of these orders fit: a batch.

        :param needed: fen for every order; None: what its coming invoices need
        """
        holds = self._active_holds()
        return [
            operation
            for order in self.sorted("id")
            for purpose in PURPOSES
            for operation in order._refit_operations(
                holds.get((order.id, purpose)),
                order._needed(purpose) if needed is None else needed,
                purpose,
            )[0]
        ]

    def _refit_deposit(self, changed=True):
        """Make the holds of confirmed dealer orders what their coming invoices need.

        :param changed: lines of the orders did, and not only what becomes of them
        :raises UserError: in the ledger's words, when the money is not there
        """
        orders = self.sudo().filtered(lambda order: order.member_id and order.state == "sale")
        if not orders or self.env.context.get("deposit_refit") is REFIT_LATER:
            return
        orders._lock_rows()
        if batch := orders._fitting():
            self.env["channel.deposit.account"].sudo()._book_or_raise(batch)

    def _release_deposit(self):
        """Cancelled: what is still set aside for the orders is free again."""
        orders = self.sudo().filtered("member_id")
        if not orders:
            return
        orders._lock_rows()
        if batch := orders._fitting(0):
            self.env["channel.deposit.account"].sudo()._book_or_raise(batch)

    def _book_with_fitting(self, batch):
        """Book something, and make the holds fit what becomes needed by it.

        When that is refused, because something is overdue, the batch is booked all the same; the
        next invoice asks for what is missing.
        """
        Account = self.env["channel.deposit.account"].sudo()
        results = Account._book([(*batch, *self._fitting())])
        if any(isinstance(result, Refusal) for result in results):
            Account._book_or_raise(batch)

    def _action_cancel(self):
        result = super()._action_cancel()
        self._release_deposit()
        return result

    # -- what is still needed --------------------------------------------------------------

    def _needed(self, purpose="goods"):
        """What the order's coming invoices will come to: nothing once nothing more will come."""
        self.ensure_one()
        if purpose == "rebate" and not self._rebate_lines():
            return 0
        if not any(line._is_invoice_to_come() for line in self.order_line):
            return 0
        if purpose == "rebate":
            return max(0, self._rebate_value() - self._rebate_invoiced())
        return max(0, to_fen(self.amount_total) - self._invoiced())

    def _invoiced(self):
        """What posted invoices of the order came to."""
        invoices = self.order_line.invoice_lines.move_id.filtered(
            lambda move: move.move_type == "out_invoice" and move.state == "posted"
        )
        return sum(invoice._by_order(invoice.amount_total).get(self, 0) for invoice in invoices)

    def _spent(self, purpose):
        """What the order's posted documents have spent of an account, less what came back.

        :return: (account id, fen); (None, 0) when nothing was spent
        """
        self.ensure_one()
        sources = [f"account.move,{move.id}" for move in self.order_line.invoice_lines.move_id]
        rows = self.env.execute_query(
            SQL(
                """SELECT e.account_id, -sum(e.posted)
                     FROM channel_deposit_entry e
                     JOIN channel_deposit_account a ON a.id = e.account_id
                    WHERE e.source = ANY(%s) AND e.kind IN ('capture', 'give_back')
                      AND a.purpose = %s AND split_part(e.key, ',', 3) = %s
                      AND NOT EXISTS (
                          SELECT FROM channel_deposit_entry r WHERE r.reverses = e.key)
                    GROUP BY e.account_id ORDER BY 2 DESC LIMIT 1""",
                sources,
                purpose,
                str(self.id),
            )
        )
        return (rows[0][0], to_fen(rows[0][1])) if rows else (None, 0)

    def _wait_for_dealers(self):
        """Let one transaction at a time spend a dealer's money; see the account's method."""
        self.env["channel.deposit.account"]._wait_for(self.sudo().member_id)
