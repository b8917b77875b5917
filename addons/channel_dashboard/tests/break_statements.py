"""A confirmed statement in order, and how each check about statements is broken."""

from datetime import timedelta


class BreakStatements:
    """For a ``ControlCase`` with ``BreakEveryFen``: the agent's 3.00 are confirmed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["settlement.terms"].create(
            {"name": "Control", "sequence": 1, "period": "week", "due_from": "sale", "due_days": 0,
             "reserve_percent": 10, "reserve_days": 30}
        )  # fmt: skip
        shares = cls.env["settlement.share"].search([("order_id", "=", cls.split.id)])
        agent = shares.partner_id - cls.company.partner_id
        cls._date_back(timedelta(days=20))
        cls.statement = cls.env["settlement.statement"]._run(cls.company, partners=agent)
        cls.statement.action_send()
        cls.statement.action_confirm()
        cls.env.flush_all()

    @classmethod
    def _date_back(cls, time):
        """As if the order had left so long ago: its period is over."""
        cls.sql("ALTER TABLE settlement_event DISABLE TRIGGER USER")
        cls.sql(
            "UPDATE settlement_event SET day = day - %s WHERE order_id = %s",
            time.days,
            cls.split.id,
        )
        cls.sql("ALTER TABLE settlement_event ENABLE TRIGGER USER")
        cls.env.invalidate_all()

    def _break_statement_differs(self):
        """A share is altered by hand."""
        self._break_share_event_differs()

    def _break_statement_reserve(self):
        self.sql(
            "INSERT INTO settlement_reserve (statement_id, released_id, amount) VALUES (%s, %s, 5)",
            self.statement.id,
            self.statement.id,
        )

    def _break_statement_chain(self):
        self._unguarded(
            "settlement_statement",
            "UPDATE settlement_statement SET amount_brought = -1,"
            " amount_payable = amount_payable - 1 WHERE id = %s",
            self.statement.id,
        )

    def _break_statement_ledger(self):
        self.sql(
            "UPDATE account_move_line SET balance = balance - 0.01 WHERE move_id = %s"
            " AND account_id = %s",
            self.statement.move_id.id,
            self.company.settlement_payable_account_id.id,
        )
