from dateutil.relativedelta import relativedelta

from odoo import fields, models

from ..core import demo_data


class ChannelDemoReturns(models.AbstractModel):
    """What comes after the dealers' orders: goods and money that go back, targets, balances."""

    _inherit = "channel.demo.story"

    def _set_targets(self, members):
        """What the sales manager wants of this month."""
        first = fields.Date.context_today(self).replace(day=1)
        month = {"date_from": first, "date_to": first + relativedelta(months=1, days=-1)}
        self._as("manager", self.env["channel.target"]).create(
            [
                {"member_id": code and members[code].id, "amount": yuan, **month}
                for code, yuan in demo_data.TARGETS
            ]
        )

    def _take_goods_back(self, order, products):
        """A part of a delivered order comes back; its credit note gives deposit and rebate back."""
        code, quantity = demo_data.RETURNED
        picking = order.picking_ids.filtered(lambda one: one.state == "done")[:1]
        returns = self.env["stock.return.picking"].with_context(
            active_model="stock.picking", active_id=picking.id, active_ids=picking.ids
        )
        dialogue = returns.create({"picking_id": picking.id})
        for line in dialogue.product_return_moves:
            line.quantity = quantity if line.product_id == products[code] else 0
        back = dialogue._create_return()
        back.move_ids.picked = True
        back._action_done()
        note = order._create_invoices(final=True)
        note.action_post()
        self._say("%s of %s came back: %s", quantity, order.name, note.name)
        return note

    def _ask_refund(self, members):
        """A dealer wants unspent money back: asked for by the clerk, approved by another."""
        code, yuan, number, why = demo_data.REFUND
        dealer = members[code]
        self.env["res.partner.bank"].create(
            {"partner_id": dealer.partner_id.id, "acc_number": number}
        )
        request = self._as("finance", self.env["channel.deposit.request"]).create(
            {
                "kind": "refund",
                "account_id": self.env["channel.deposit.account"]._ensure(dealer).id,
                "amount": yuan,
                "reason": why,
            }
        )
        request.action_submit()
        self._as("boss", request).action_approve()
        return request

    def _pay_refund(self, request):
        """The bank has paid; the clerk matches the line of its statement with the refund."""
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self._bank().id,
                "date": fields.Date.context_today(self),
                "payment_ref": request.name,
                "account_number": demo_data.REFUND[2],
                "amount": -request.amount,
            }
        )
        request.invalidate_recordset(["paying_line_id"])
        request.action_match_bank()

    def _ask_balances(self, dealers):
        """Each dealer is asked whether today's balance is right; the one in the portal says yes."""
        Confirmation = self.env["channel.deposit.confirmation"]
        Confirmation._make(fields.Date.context_today(self))
        asked = Confirmation.search([("member_id", "in", dealers.ids)])
        self._as("finance", asked).action_send()
        at_portal = self._as("dealer", asked)
        mine = at_portal.env.user.sudo().network_member_ids
        at_portal.filtered(lambda each: each.sudo().member_id in mine).action_confirm()
