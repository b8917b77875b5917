from odoo import models
from odoo.exceptions import AccessError, UserError

from .channel_dealer_return import MANAGER
from .sale_order import CreditLines

FINANCE = "channel_network.group_finance_clerk"


class ChannelDealerReturn(models.Model):
    """What the dealer gets for what came back: a credit note, or the same goods again."""

    _inherit = "channel.dealer.return"

    def action_settle(self):
        """Credit or replace all that is here, also defects.

        :raise UserError: what stands against it, in words
        """
        self._require_money()
        self.check_access("read")
        for request in self.sudo():
            request._move("received", "received", hold=False)
            request._settle()
        return True

    def action_settle_good(self):
        """Credit or replace the good units only; the defects stay the dealer's."""
        self._require_manager()
        self.check_access("read")
        for request in self.sudo():
            request._move("received", "received", hold=False)
            request._leave_defects()
            request._settle()
        return True

    def action_credit_instead(self):
        """An exchange whose goods cannot be delivered is credited."""
        self._require_manager()
        self.check_access("read")
        for request in self.sudo():
            request._move("received", "received", hold=False, kind="return")
            request._replacements().filtered(lambda m: m.state != "done")._action_cancel()
            request._settle()
        return True

    def _require_money(self):
        user = self.env.user
        if not self.env.su and not (user.has_group(MANAGER) or user.has_group(FINANCE)):
            raise AccessError(
                self.env._("Sales managers and finance clerks settle returns. Ask one of them.")
            )

    def _settle_or_wait(self):
        """Settle; what stands against it is kept with the return, and the goods stay received."""
        try:
            with self.env.cr.savepoint():
                self._settle()
        except UserError as refused:
            self.invalidate_recordset()
            self.hold = str(refused)
            self._ask(self.env._("A return could not be settled"))

    def _settle(self):
        here = self.line_ids.filtered(lambda line: line._to_settle())
        if self.kind == "exchange" and here:
            here._send_again()
            self._tell(self.env._("The same goods are on their way to you."))
            return
        notes = self._credit(here)
        self._move("received", "done")
        total = sum(notes.mapped("amount_total"))
        self._tell(
            self.env._("Credited: %s", self.currency_id.format(total))
            if notes
            else self.env._("There is nothing to credit: none of it was invoiced or came back.")
        )

    # -- credit ----------------------------------------------------------------------------------

    def _credit(self, lines):
        """The posted credit note of lines; it gives back to the deposit and to the rebate.

        :raise UserError: a draft invoice must be posted or deleted first
        """
        sale_lines = lines.sale_line_id
        drafts = sale_lines.invoice_lines.move_id.filtered(lambda move: move.state == "draft")
        if drafts:
            raise UserError(
                self.env._(
                    "There are draft invoices of these orders: post or delete them first, then press"
                    " Settle. They are: %s",
                    ", ".join(drafts.mapped("display_name")),
                )
            )
        for line in lines.filtered(lambda each: each.product_id.invoice_policy == "order"):
            # invoiced as ordered: what came back was not ordered
            line.sale_line_id.with_context(
                skip_procurement=True
            ).product_uom_qty -= line._to_settle()
        only = CreditLines(frozenset(sale_lines.ids))
        orders = sale_lines.order_id.with_context(
            dealer_return_lines=only, raise_if_nothing_to_invoice=False
        )
        notes = orders._create_invoices(final=True) if orders else self.env["account.move"]
        notes = notes.with_context(dealer_return_lines=None)
        for note in notes:
            self._complete_note(note, sale_lines)
        notes.action_post()
        return notes

    def _complete_note(self, note, sale_lines):
        """What Odoo leaves open on a draft credit note: its type when nothing is to be paid back
        (goods on rebate alone), the invoice that it corrects, the return."""
        if note.move_type == "out_invoice":
            note.action_switch_move_type()
            for line in note.invoice_line_ids:
                line.quantity = -line.quantity
        invoices = sale_lines.invoice_lines.move_id.filtered(
            lambda move: move.move_type == "out_invoice" and move.state == "posted"
        )
        note.write(
            {
                "channel_dealer_return_id": self.id,
                "ref": ", ".join(filter(None, [self.name, note.ref])),
                "reversed_entry_id": invoices.id if len(invoices) == 1 else False,
            }
        )

    def _leave_defects(self):
        """Defects that are not paid for count as delivered: they are the dealer's."""
        place = self.company_id._channel_defect_location()
        moves = self.line_ids.move_ids.filtered(
            lambda move: move.state == "done" and move.location_dest_id == place
        )
        moves.to_refund = False
        for line in self.line_ids:
            line.uncredited = line.defect
        moves.modified(["quantity"])  # of which the delivered quantity depends, not of to_refund

    # -- exchange --------------------------------------------------------------------------------

    def _replacements(self):
        """The moves that deliver the same goods again."""
        return self.line_ids.move_ids.filtered(lambda move: move.location_dest_id._is_outgoing())

    def _close_exchanges(self):
        """Done, once nothing more is to be delivered for them."""
        for request in self.filtered(lambda r: r.kind == "exchange" and r.state == "received"):
            moves = request._replacements()
            if moves and all(move.state in ("done", "cancel") for move in moves):
                request._move("received", "done")


class ChannelDealerReturnLine(models.Model):
    """What a line is settled with."""

    _inherit = "channel.dealer.return.line"

    def _to_settle(self):
        """Units that are here and are credited or replaced."""
        return self.good + self.defect - self.uncredited

    def _send_again(self):
        """Deliver the units again by the rules of their order."""
        Procurement = self.env["stock.rule"].Procurement
        procurements = []
        for line in self:
            sold = line.sale_line_id.with_company(line.company_id)
            values = sold._prepare_procurement_values() | {"channel_return_line_id": line.id}
            quantity, unit = sold.product_uom_id._adjust_uom_quantities(
                line._to_settle(), sold.product_id.uom_id
            )
            procurements.append(
                Procurement(
                    sold.product_id, quantity, unit, sold._get_location_final(),
                    sold.product_id.display_name, line.return_id.name, line.company_id, values,
                )
            )  # fmt: skip
        self.env["stock.rule"].run(procurements)
