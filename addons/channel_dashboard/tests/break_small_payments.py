"""A small payment in order, and how each check about small payments is broken."""

from datetime import timedelta


class BreakSmallPayments:
    """For a ``ControlCase``: ``self.small`` of 4.00 was paid three days ago, and is posted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.small = cls._paid("ctl 1")
        cls.env["channel.small.payment.posting"]._post(companies=cls.company)

    @classmethod
    def _paid(cls, number):
        payment = cls.env["channel.small.payment"].create(
            {"order_id": cls.queued.id, "purpose": "price", "amount": 4, "reason": "Control"}
        )
        moment = cls.now - timedelta(days=3)
        payment.write({"state": "paid", "number": number, "paid_at": moment})
        return payment

    def _break_small_payment_not_posted(self):
        self._paid("ctl 2")

    def _break_small_payment_differs(self):
        self.sql(
            "UPDATE account_move_line SET balance = balance - 0.01 WHERE id IN"
            " (SELECT move_line_id FROM channel_small_payment_posting WHERE payment_id = %s)",
            self.small.id,
        )
