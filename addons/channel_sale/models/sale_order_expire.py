from odoo import fields, models

SECONDS = 86400


class ResCompany(models.Model):
    """How long an order that is not delivered keeps its money."""

    _inherit = "res.company"

    channel_hold_days = fields.Integer(
        "Keep money for (days)", required=True, default=0,
        help="A confirmed order of which nothing was delivered or invoiced after so many days gives"
        " its money free and waits for review again. 0: orders keep their money for ever.",
    )  # fmt: skip

    _hold_days_check = models.Constraint(
        "CHECK (channel_hold_days >= 0)", "Days are 0 (for ever) or more."
    )


class ChannelDepositHold(models.Model):
    """The hold of an order expires together with its confirmation."""

    _inherit = "channel.deposit.hold"

    def _expire(self):
        model, _comma, number = (self.source or "").partition(",")
        if model != "sale.order":
            return super()._expire()
        order = self.env["sale.order"].sudo().browse(int(number)).exists()
        order._lock_rows()
        if order.state == "sale" and order._is_under_way():
            return None  # its money stays with the goods
        self.invalidate_recordset(["state"], flush=False)
        if self.state == "active":
            super()._expire()
            if order.state == "sale":
                order._back_to_review()
        return None


class SaleOrderExpire(models.Model):
    """A confirmed order whose money is free again is confirmed no more."""

    _inherit = "sale.order"

    def _hold_until(self):
        """Unix seconds until which the order keeps its money; None: for ever."""
        days = self.sudo().company_id.channel_hold_days
        return self.env["channel.deposit.account"]._clock() + days * SECONDS if days else None

    def _is_under_way(self):
        """Whether something of the order was delivered, or is on a posted invoice."""
        self.ensure_one()
        return any(move.state == "done" for move in self.picking_ids.move_ids) or any(
            line.parent_state == "posted" for line in self.order_line.invoice_lines
        )

    def _back_to_review(self):
        """Take the confirmation back: a quotation that waits; its representative gets a to-do."""
        self.ensure_one()
        self._action_cancel()
        self.action_draft()
        words = self.env._(
            "Nothing was delivered in the days for which an order keeps its money, so the money is"
            " free again. Confirm the order once more, or cancel it."
        )
        self._stop("deposit", words)
        user = self.user_id or self.member_id.user_id
        if user:
            here = self.with_context(lang=user.lang)
            here.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=user.id,
                summary=here.env._("The money of this order is free again: confirm or cancel it"),
            )
