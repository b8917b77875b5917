from datetime import timedelta

from odoo import fields
from odoo.tests import Form

from odoo.addons.channel_order.core.snapshot import AfterSaleKind, AfterSaleStatus
from odoo.addons.channel_order.tests.common import OrderCommon


class SmallPaymentCommon(OrderCommon):
    """An order of a line for 150.00 and one for 19.90, and small payments to its buyer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Payment = cls.env["channel.small.payment"]
        cls.ingest(cls, cls.order("S1", cls.line(paid=15000), cls.line("L2", "CUP")))
        cls.s1 = cls.find(cls, "S1")
        cls.maker, cls.manager = cls.users["operator"], cls.users["sales_manager"]
        cls.clerk = cls.users["finance"]

    def draft(self, yuan=10, purpose="compensation", user=None, **values):
        """A draft as its maker sees it."""
        return self.Payment.with_user(user or self.maker).create(
            {"order_id": self.s1.id, "purpose": purpose, "amount": yuan, "reason": "chipped"}
            | values
        )

    def to_pay(self, yuan=10, **values):
        """A payment that is agreed."""
        payment = self.draft(yuan, **values)
        payment.action_submit()
        if payment.state == "to_approve":
            payment.with_user(self.manager).action_approve()
        self.assertEqual(payment.state, "to_pay")
        return payment

    def paid(self, yuan=10, number="P1", days=0, **values):
        """A payment that was made so many days ago."""
        payment = self.to_pay(yuan, **values)
        payment._record_paid(number, fields.Datetime.now() - timedelta(days=days))
        return payment

    def confirm(self, action, user=None, **values):
        """Fill in the window that a button has opened, as a person sees it, and press its button."""
        wizard = self.env[action["res_model"]].with_user(user or self.maker)
        with Form(wizard.with_context(**action["context"])) as form:
            for name, value in values.items():
                form[name] = value
        return form.record.action_confirm()

    def after(
        self, ref, fen, status=AfterSaleStatus.SUCCEEDED, kind=AfterSaleKind.RETURN, line="L1"
    ):
        """What the platform says of an after-sale."""
        self.ingest_aftersales(self.aftersale(ref, "S1", line, status, kind=kind, amount=fen))
        return self.env["channel.aftersale"].search([("aftersale_ref", "=", ref)])
