"""Two days of bills, read and matched; and how each check about them is broken."""

from datetime import date, timedelta

from simulators import bill_files

DAY = date(2026, 11, 20)


class BreakBills:
    """For a ``ControlCase``: WeChat Pay's trade bill and its fund flows of two days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        merchant = cls.env["channel.payment.merchant"].create(
            {"name": "Control", "number": "1900000078", "app_ref": "wx1", "credential_ref": "TEST",
             "company_id": cls.company.id}
        )  # fmt: skip
        cls.reconciled = cls.env["reconcile.account"].create(
            {"name": "Control", "kind": "wechat", "number": "1900000078",
             "merchant_id": merchant.id}
        )  # fmt: skip
        later = DAY + timedelta(days=1)
        trades = list(bill_files.trades(5, 20, DAY))
        cls._read_bill("trade", bill_files.wechat(trades, merchant="1900000078"))
        flow = cls._read_bill("flow 1", bill_files.wechat_funds(trades))
        cls.flow = cls._read_bill(
            "flow 2",
            bill_files.wechat_funds(bill_files.trades(6, 20, later), round(flow.closing * 100)),
        )
        cls.reconciled._match(DAY, DAY)
        # what changed within the hour is thought to be queued
        cls.env.flush_all()
        cls.env.cr.execute("UPDATE reconcile_bill SET write_date = write_date - interval '2 hours'")
        cls.env.invalidate_all()

    @classmethod
    def _read_bill(cls, name, lines):
        bills = cls.env["reconcile.bill"]
        bill = bills._receive(cls.company, name, b"".join(lines), cls.reconciled)
        assert bill._job_read() == "done", bill.trouble
        return bill

    def _break_bill_rows(self):
        self._unguarded(
            "reconcile_bill_row",
            "UPDATE reconcile_bill_row SET amount = amount + 0.01 WHERE account_id = %s AND line = 2",
            self.reconciled.id,
        )

    def _break_bill_balance(self):
        self.sql("UPDATE reconcile_bill SET opening = opening - 1 WHERE id = %s", self.flow.id)

    def _break_bill_day(self):
        self.sql(
            "DELETE FROM reconcile_difference WHERE id = (SELECT min(id) FROM reconcile_difference"
            " WHERE account_id = %s AND row_id IS NOT NULL)",
            self.reconciled.id,
        )
