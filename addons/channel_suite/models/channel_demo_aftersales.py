from odoo import fields, models
from odoo.exceptions import UserError


class ChannelDemoAftersales(models.AbstractModel):
    """What people do when buyers want money or goods back: the clerk, the returns desk, the shelf."""

    _inherit = "channel.demo.story"

    def _decide(self, aftersales, decision, reason=""):
        """The operator grants or refuses what waits for a decision.

        :param str decision: ``grant`` or ``refuse``
        :raise UserError: one of them is not decided
        """
        if not aftersales:
            return
        rows = self._as("operator", aftersales)
        action = rows.action_grant() if decision == "grant" else rows.action_refuse()
        dialogues = rows.env[action["res_model"]].with_context(**action["context"])
        answer = dialogues.create({"reason": reason}).action_confirm()
        if answer["tag"] == "display_notification":
            raise UserError(answer["params"]["message"])
        self._say("%s after-sales: %s", len(aftersales), decision)

    def _count_parcel(self, warehouse, waybill, codes):
        """Scan a parcel that came back at the returns desk of a warehouse.

        :param codes: what is scanned after the waybill: bar codes of products and desk codes
        :return: the return parcel
        """
        returns = self._as("warehouse", self.env["channel.return"])
        answer = {"station": {"warehouse_id": warehouse.id}}
        for code in (waybill, *codes):
            answer = returns.scan(code, answer["station"])
            if answer["state"] == "unknown":
                raise UserError(answer["message"])
        return self.env["channel.return"].search([("waybill", "=", waybill)])

    def _empty_trolleys(self):
        """Every trolley goes into stock. :return: the trolleys"""
        batches = self.env["channel.return.batch"].search([("state", "=", "open")])
        for batch in self._as("warehouse", batches):
            batch.action_into_stock()
        if batches:
            self._say("%s trolleys put into stock", len(batches))
        return batches

    def _send_replacements(self):
        """New goods leave under numbers of their carriers' pools. :return: the replacements"""
        waiting = self.env["channel.replacement"].search([("state", "=", "to_send")])
        for one in self._as("warehouse", waiting):
            one.action_reserve()
            action = one.action_send()
            one.env[action["res_model"]].with_context(**action["context"]).create(
                {}
            ).action_confirm()
        if waiting:
            self._say("%s replacements sent", len(waiting))
        return waiting

    def _find_owner(self, parcel):
        """Look for the order of a parcel without owner, and take the likeliest one."""
        parcel = self._as("warehouse", parcel)
        action = parcel.action_match()
        wizard = parcel.env[action["res_model"]].browse(action["res_id"])
        wizard.action_search()
        wizard.line_ids[:1].action_choose()

    def _tell_platform(self):
        """Tell the platform what we owe it, as the scheduled job does."""
        while self.env["channel.outbox"]._drain(500).done:
            pass

    def _pay_small(self, orders):
        """A small payment that is made and posted, one to be paid, one that waits for approval.

        :param orders: of buyers who have asked the platform for nothing, two at least; the dearest
            order's payment is the one that waits for approval
        :return: the small payments
        """
        dearest, other = orders.sorted("amount_paid", reverse=True)[:2]
        wanted = (
            (dearest, 60, "compensation", "外盒破损，客户同意保留商品"),
            (other, 5, "missing", "少发一份赠品，折现补偿"),
            (other, 3, "price", "直播间价格调整，补差价"),
        )
        payments = self._as("operator", self.env["channel.small.payment"])
        for order, yuan, purpose, reason in wanted:
            payments += payments.create(
                {
                    "order_id": order.id,
                    "purpose": purpose,
                    "amount": yuan,
                    "reason": reason,
                }
            )
        payments.action_submit()
        for payment in payments.filtered(lambda each: each.purpose == "price"):
            payment._record_paid(f"XE{payment.order_id.order_ref[-10:]}", fields.Datetime.now())
            self._as("finance", self.env["channel.small.payment.posting"]).action_post_now()
        self._say("%s small payments", len(payments))
        return payments
