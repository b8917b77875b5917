"""A split order in order, and how each check about shares is broken."""


class BreakEveryFen:
    """For a ``ControlCase``: ``self.split`` left, owes 10.00, and is split 3 to 7."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        agent = cls.env["res.partner"].create({"name": "Control Agent"})
        scheme = cls.env["settlement.scheme"].create(
            {
                "name": "Control",
                "rule_ids": [
                    (0, 0, {"role": "other", "partner_id": agent.id, "percent": 30}),
                    (0, 0, {"role": "brand", "basis": "remainder"}),
                ],
            }
        )
        scheme.sudo().write({"state": "running", "published_at": cls.now})
        cls.split = cls._order("ctl-split", "packed")
        cls.split.line_ids.write({"amount_paid": 10, "pool_id": False})
        cls.env.flush_all()
        cls.split._advance(cls.split, "shipped", "shipped")
        cls.env["settlement.event"]._split_waiting()

    def _unguarded(self, table, statement, *arguments):
        self.sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        self.sql(statement, *arguments)
        self.sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    def _break_share_event_differs(self):
        self._unguarded(
            "settlement_share",
            "UPDATE settlement_share SET amount = amount + 0.01 WHERE order_id = %s AND role = 'other'",
            self.split.id,
        )

    def _break_share_order_differs(self):
        """The event is changed with it, so that only the order tells."""
        self._break_share_event_differs()
        self._unguarded(
            "settlement_event",
            "UPDATE settlement_event SET amount = amount + 0.01 WHERE order_id = %s",
            self.split.id,
        )

    def _break_share_not_taken_back(self):
        """Given back in full; the shares add up to 0, but one party pays for the other."""
        self.sql(
            "INSERT INTO channel_order_credit (company_id, shop_id, wave_id, order_id,"
            " aftersale_id, line_id, units, amount, day)"
            " SELECT company_id, shop_id, %s, id, 1, %s, 1, 10, now() FROM channel_order WHERE id = %s",
            self.wave.id,
            self.split.line_ids.id,
            self.split.id,
        )
        self.env["settlement.event"]._split_waiting()
        self._unguarded(
            "settlement_share",
            "UPDATE settlement_share SET amount = amount +"
            " CASE role WHEN 'other' THEN 0.01 ELSE -0.01 END"
            " WHERE order_id = %s AND amount < 0",
            self.split.id,
        )

    def _break_share_missing(self):
        self._unguarded(
            "settlement_event", "DELETE FROM settlement_event WHERE order_id = %s", self.split.id
        )
