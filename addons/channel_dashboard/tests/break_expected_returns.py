"""Expected returns in order, and how each check about them is broken."""

from datetime import timedelta


class BreakExpectedReturns:
    """For a ``ControlCase``: ``self.accrual`` of 5.00 is in the books of a month long ago."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accrual = cls.env["channel.return.accrual"].create(
            {"company_id": cls.company.id, "shop_id": cls.shop.id, "month": "2026-01-31",
             "revenue": 50, "credited": 0, "expected": 5, "cost": 2}
        )  # fmt: skip
        cls.accrual._post(cls.company)

    def _break_expected_returns_missing(self):
        """The wave was invoiced on the last day of the month that should be accrued by now."""
        self.company.channel_return_accrual = True
        self._break_invoice_without_wave()
        last = (self.now - timedelta(days=3)).replace(day=1).date() - timedelta(days=1)
        self.env.flush_all()
        self.sql(
            "UPDATE account_move SET channel_wave_id = %s, invoice_date = %s WHERE id ="
            " (SELECT max(id) FROM account_move WHERE move_type = 'out_invoice')",
            self.wave.id,
            last,
        )

    def _break_expected_returns_differ(self):
        self.sql(
            "UPDATE account_move_line SET balance = balance + 0.01"
            " WHERE move_id = %s AND balance > 0",
            self.accrual.reversal_id.id,
        )
