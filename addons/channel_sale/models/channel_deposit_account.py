from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.channel_deposit.core.ledger import Why
from odoo.addons.channel_network.core.money import to_fen

MUTEXES = 16
SHOWN = 5  # invoices named in a message


class ChannelDepositAccount(models.Model):
    """What dealers owe beyond their terms, and who may spend their money now."""

    _inherit = "channel.deposit.account"

    def init(self):
        for number in range(MUTEXES):
            name = SQL.identifier(f"channel_sale_mutex_{number}")
            self.env.cr.execute(SQL("CREATE TABLE IF NOT EXISTS %s ()", name))
        return super().init()

    @api.model
    def _wait_for(self, members):
        """Let one transaction at a time spend the money of these members, for what a person asks.

        Call it before anything else. Odoo works under REPEATABLE READ and has looked at the
        database before a button's method runs: after waiting for the account's row it would fail
        and be run again, as would all who wait with it. So a transaction that has only read until
        now ends, and a new one begins with the lock: LOCK TABLE takes no snapshot before it waits.
        Members share a few locks. Not inside a savepoint.
        """
        self.env.flush_all()
        if not self.env.context.get("channel_one_transaction"):
            [(written,)] = self.env.execute_query(
                SQL("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
            )
            if not written:
                self.env.cr.commit()  # pylint: disable=invalid-commit  # nothing was written
        for number in sorted({member_id % MUTEXES for member_id in members.ids}):
            name = SQL.identifier(f"channel_sale_mutex_{number}")
            self.env.cr.execute(SQL("LOCK TABLE %s IN EXCLUSIVE MODE", name))
        self.env.invalidate_all()

    # -- overdue ---------------------------------------------------------------------------

    @api.model
    def _overdue(self, account_ids):
        """What members owe the brand past its day, in fen; it blocks new holds.

        Two things count, whether the account has a credit line or not: unpaid posted invoices
        past their due date, less what the deposit has paid of them already; and a balance below
        0, unless invoices that are not due yet explain it: that is credit used in time.
        """
        overdue = super()._overdue(account_ids)
        for row in self._owed_rows(account_ids):
            account, posted, unpaid, not_due = row
            debt = max(0, -to_fen(posted) - to_fen(not_due)) + to_fen(unpaid)
            if debt:
                overdue[account] = overdue.get(account, 0) + debt
        return overdue

    def _owed_rows(self, account_ids):
        """(account, its balance, unpaid past due, spent on what is not due yet), in yuan."""
        if not account_ids:
            return []
        self.env["account.move"].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT a.id, a.posted,
                       COALESCE(sum(i.unpaid) FILTER (WHERE i.due < %(today)s), 0),
                       COALESCE(sum(i.spent) FILTER (WHERE i.due >= %(today)s), 0)
                  FROM channel_deposit_account a
                  JOIN channel_member r ON r.id = a.member_id
                  LEFT JOIN LATERAL (%(invoices)s) i ON TRUE
                 WHERE a.id = ANY(%(accounts)s) AND a.purpose = 'goods' AND a.creditor_id IS NULL
                 GROUP BY a.id
                """,
                today=fields.Date.context_today(self),
                invoices=self._owed_invoices(),
                accounts=list(account_ids),
            )
        )

    def _owed_invoices(self):
        """Invoices of account ``a`` of member ``r`` that are past due, or explain its debt."""
        return SQL(
            """
            SELECT m.id, m.name, m.invoice_date_due AS due, s.spent,
                   GREATEST(0, LEAST(m.amount_residual, m.amount_total - s.spent)) AS unpaid
              FROM account_move m
              CROSS JOIN LATERAL (
                    SELECT COALESCE(-sum(e.posted), 0) AS spent
                      FROM channel_deposit_entry e
                     WHERE e.source = 'account.move,' || m.id
                       AND e.kind IN ('capture', 'reverse') AND e.account_id = a.id) s
             WHERE m.commercial_partner_id = r.partner_id AND m.company_id = a.company_id
               AND m.move_type = 'out_invoice' AND m.state = 'posted'
               AND (m.payment_state IN ('not_paid', 'partial') AND m.invoice_date_due < %(today)s
                    OR a.posted < 0 AND m.invoice_date_due >= %(today)s)
            """,
            today=fields.Date.context_today(self),
        )

    @api.model
    def _word(self, refusal):
        """The ledger's words; for what is overdue, also which invoices."""
        words = super()._word(refusal)
        if refusal.why is not Why.OVERDUE:
            return words
        names = self._overdue_names(refusal.account)
        if not names:
            return words
        shown = ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")
        return self.env._("%(words)s Overdue: %(invoices)s.", words=words, invoices=shown)

    def _overdue_names(self, account_id):
        """Names of the overdue invoices of an account, the oldest first."""
        rows = self.env.execute_query(
            SQL(
                """SELECT i.name FROM channel_deposit_account a
                     JOIN channel_member r ON r.id = a.member_id
                    CROSS JOIN LATERAL (%(invoices)s) i
                    WHERE a.id = %(account)s AND i.unpaid > 0 AND i.due < %(today)s
                    ORDER BY i.due, i.id""",
                invoices=self._owed_invoices(),
                account=account_id,
                today=fields.Date.context_today(self),
            )
        )
        return [name for (name,) in rows]
