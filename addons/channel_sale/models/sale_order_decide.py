from odoo import Command, models
from odoo.exceptions import AccessError, UserError

from ..core.review import MONEY, Outcome


class SaleOrderDecide(models.Model):
    """What a sales manager decides about dealer orders that wait."""

    _inherit = "sale.order"

    def _check_reviewer(self):
        """:raises AccessError: for who is no sales manager"""
        if not self.env.user.has_group("channel_network.group_sales_manager"):
            raise AccessError(
                self.env._("Only a sales manager decides about dealer orders that wait. Ask yours.")
            )

    def _check_open(self):
        for order in self:
            if not order.member_id or order.state not in ("draft", "sent"):
                raise UserError(
                    self.env._("%s is no dealer order that waits for a decision.", order.name)
                )

    def _approve(self, reason=""):
        """Confirm one order although rules hold it; ``reason`` is needed when one does.

        :raises UserError: it cannot be approved as it is, or the reason is missing
        """
        self.ensure_one()
        self._check_reviewer()
        self._check_open()
        self._lock_rows()
        refused = self._approve_together(reason)
        if refused:
            raise UserError(refused[self])

    def _approve_together(self, reason=""):
        """Confirm open orders although rules hold them, in one review and one confirmation.

        An order that only a person lets pass takes nothing from the stock that the review of the
        others sees; money is asked of the ledger one order after the other all the same.

        :return: {order: words} of those that cannot be approved as they are; they stay
        """
        reason = (reason or "").strip()
        stops = {order_id: verdict.stops for order_id, verdict in self._review().items()}
        refused = {}
        for order in self:
            words = order._approval_refusal(stops[order.id], reason)
            if words:
                refused[order] = words
        going = self.filtered(lambda order: order not in refused)
        held = going.filtered(lambda order: stops[order.id]).sudo()
        Decision = self.env["channel.review.decision"].sudo()
        Decision.create(
            [
                Decision._note(order, "approved", rule_id=f.rule, kind=f.kind.value, reason=reason)
                for order in held
                for f in stops[order.id]
            ]
        )
        held.review_state = "passed"
        if going:
            going.action_confirm()
        return refused

    def _approval_refusal(self, stops, reason):
        """Why an order that fails with ``stops`` cannot be approved, or nothing."""
        values = {"order": self.name, "words": self.sudo().review_text}
        if any(f.outcome is Outcome.REFUSE or f.kind in MONEY for f in stops):
            return self.env._("%(order)s cannot be approved as it is:\n%(words)s", **values)
        if stops and not reason:
            return self.env._("%(order)s: say why it is approved although\n%(words)s", **values)
        return ""

    def _return(self, remark):
        """Give one order back to the dealer, who reads the remark in the order's messages.

        :raises UserError: without a remark
        """
        self.ensure_one()
        self._check_reviewer()
        self._check_open()
        if not (remark or "").strip():
            raise UserError(self.env._("Say what the dealer should change."))
        self._lock_rows()
        order = self.sudo()
        order.review_state = "returned"
        Decision = self.env["channel.review.decision"].sudo()
        Decision.create(
            [Decision._note(order, "returned", kind=order.review_kind, reason=remark.strip())]
        )
        self.message_post(
            body=self.env._("Returned: %s", remark.strip()),
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.partner_id.ids,
        )

    def _split(self):
        """Move the lines that fail to a new draft order, and confirm what is left if it passes.

        :return: the new order
        :raises UserError: no line fails by itself, or all do
        """
        self.ensure_one()
        self._check_reviewer()
        self._check_open()
        self._lock_rows()
        failing = self._verdicts()[self.id].lines
        if not failing:
            raise UserError(
                self.env._(
                    "%s cannot be split: its lines pass or fail together, or for a reason of the"
                    " whole order.",
                    self.name,
                )
            )
        lines = self.order_line.filtered(lambda line: line.id in failing)
        rest = self.copy(
            {
                "origin": self.name,
                "order_line": [Command.create(values) for values in lines.copy_data()],
            }
        )
        lines.unlink()
        Decision = self.env["channel.review.decision"].sudo()
        reason = self.env._("%(lines)s lines to %(order)s", lines=len(failing), order=rest.name)
        Decision.create([Decision._note(self.sudo(), "split", reason=reason)])
        self.action_confirm()
        return rest

    # -- buttons ---------------------------------------------------------------------------

    def action_review_split(self):
        """Ship what passes: the other lines go to a new draft order, which is shown."""
        self._check_reviewer()
        self._wait_for_dealers()
        rest = self._split()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Split off"),
            "res_model": "sale.order",
            "res_id": rest.id,
            "view_mode": "form",
        }

    def action_review_decide(self):
        """Ask the sales manager what becomes of these orders."""
        self._check_reviewer()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decide"),
            "res_model": "channel.review.decide",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_order_ids": [Command.set(self.ids)],
                "default_decision": self.env.context.get("review_decision", "approve"),
            },
        }
