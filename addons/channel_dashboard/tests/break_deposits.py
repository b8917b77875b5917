"""A member's deposit in order, and how each check about deposits is broken."""

from odoo.addons.channel_deposit.core.operations import Open, PlaceHold, TopUp


class BreakDeposits:
    """For a ``ControlCase``: ``self.deposit`` has 10.00, 4.00 of it on hold; posted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.company.chart_template:
            cls.env["account.chart.template"].try_loading("cn", cls.company, install_demo=False)
        partner = cls.env["res.partner"].create({"name": "Control Dealer", "is_company": True})
        member = cls.env["channel.member"].create({"partner_id": partner.id})
        cls.deposit = cls.env["channel.deposit.account"]._ensure(member)
        cls.deposit._book_or_raise(
            [
                Open(key="ctl open", account=cls.deposit.id),
                TopUp(key="ctl in", account=cls.deposit.id, amount=1000),
                PlaceHold(key="ctl hold", account=cls.deposit.id, amount=400),
            ]
        )
        entries = cls.env["channel.deposit.entry"].search([("account_id", "=", cls.deposit.id)])
        cls.env["channel.deposit.posting"]._post_entries(entries)

    def _change_deposit(self, change):
        self.sql(
            f"UPDATE channel_deposit_account SET {change}, number = number + 1 WHERE id = %s",
            self.deposit.id,
        )

    def _break_deposit_sum_differs(self):
        self._change_deposit("posted = posted + 0.01")

    def _break_deposit_overspent(self):
        self.sql(
            "ALTER TABLE channel_deposit_account DROP CONSTRAINT"
            " channel_deposit_account_available_check"
        )
        self._change_deposit("posted = 3")

    def _break_deposit_holds_differ(self):
        self._change_deposit("held = held + 0.01")

    def _break_deposit_resolution_differs(self):
        self.sql("UPDATE channel_deposit_hold SET state = 'released' WHERE key = 'ctl hold'")

    def _break_deposit_ledger_differs(self):
        move = self.env["account.move"].create(
            {
                "journal_id": self.company._deposit_journal().id,
                "line_ids": [
                    (0, 0, {"account_id": self.company._deposit_account_for(role).id,
                            "balance": balance})
                    for role, balance in (("goods", -1), ("receipts", 1))
                ],
            }
        )  # fmt: skip
        move.action_post()

    def _break_deposit_not_posted(self):
        self.sql(
            """INSERT INTO channel_deposit_entry
                      (key, leg, account_id, company_id, number, kind, digest, posted, held,
                       credit_line, posted_after, held_after, credit_line_after, places, at)
               SELECT 'ctl late', 0, account_id, company_id, 99, 'top_up', 'x', 1, 0, 0, 1, 0, 0,
                      FALSE, at - interval '3 days'
                 FROM channel_deposit_entry WHERE key = 'ctl in'"""
        )
