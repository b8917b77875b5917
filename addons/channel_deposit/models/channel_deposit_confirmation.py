from datetime import timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from ..core.quarter import last_quarter_end
from .channel_deposit_approval import FINANCE

GUARD = """
CREATE OR REPLACE FUNCTION channel_deposit_confirmation_guard() RETURNS trigger
LANGUAGE plpgsql AS $guard$
BEGIN
    RAISE EXCEPTION 'a confirmed balance, and what was asked, are kept'
          USING ERRCODE = 'check_violation';
END $guard$;
CREATE OR REPLACE TRIGGER channel_deposit_confirmation_guard
    BEFORE UPDATE ON channel_deposit_confirmation FOR EACH ROW
    WHEN (OLD.state = 'confirmed' AND NEW.state <> 'confirmed'
          OR (NEW.account_id, NEW.date, NEW.balance, NEW.held)
             IS DISTINCT FROM (OLD.account_id, OLD.date, OLD.balance, OLD.held))
    EXECUTE FUNCTION channel_deposit_confirmation_guard();
"""


class ChannelDepositConfirmation(models.Model):
    """Asks the holder of an account whether its balance at the end of a quarter is right.

    Made from the entries and never edited: a dispute is settled by a correction, and the balance
    of the next quarter shows it. Amounts are yuan.
    """

    _name = "channel.deposit.confirmation"
    _inherit = ["mail.thread"]
    _description = "Confirmation of Balance"
    _order = "date desc, id desc"
    _mail_post_access = "read"

    account_id = fields.Many2one(
        "channel.deposit.account", "Deposit Account", required=True, readonly=True,
        ondelete="restrict",
    )  # fmt: skip
    member_id = fields.Many2one(related="account_id.member_id", store=True, index=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="account_id.currency_id")
    date = fields.Date(
        "Balance of", required=True, readonly=True, help="The last day of a quarter."
    )
    balance = fields.Monetary(required=True, readonly=True)
    held = fields.Monetary("Of it on Hold", required=True, readonly=True)
    state = fields.Selection(
        [
            ("draft", "To Send"),
            ("sent", "Unanswered"),
            ("confirmed", "Confirmed"),
            ("disputed", "Disputed"),
        ],
        required=True,
        readonly=True,
        default="draft",
        index=True,
        tracking=True,
    )
    sent_at = fields.Datetime("Sent", readonly=True)
    answered_at = fields.Datetime("Answered", readonly=True)
    answered_by_id = fields.Many2one(
        "res.users", "Answered by", readonly=True, index="btree_not_null", ondelete="restrict",
        help="The dealer, or who of finance has the dealer's signed letter.",
    )  # fmt: skip
    remark = fields.Char(readonly=True, tracking=True, help="What the dealer says is different.")

    _once = models.Constraint(
        "UNIQUE(account_id, date)", "The balance of this day is asked about already."
    )
    _remark_check = models.Constraint(
        "CHECK (state <> 'disputed' OR btrim(remark) <> '')", "Say what is different."
    )

    def init(self):
        self.env.cr.execute(GUARD)

    @api.depends("account_id", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for each in self:
            account = each.account_id.display_name
            each.display_name = f"{account} · {format_date(self.env, each.date)}"

    @api.model
    def _make(self, day=None):
        """Ask about all accounts that hold money or did; those that were made already stay.

        :param day: date; None: the end of the last quarter
        :return: how many were made
        """
        self.env.flush_all()
        day = day or last_quarter_end(fields.Date.context_today(self))
        return sum(self._make_of(company, day) for company in self.env.companies)

    def _make_of(self, company, day):
        zone = ZoneInfo(company.partner_id.tz or "Asia/Shanghai")
        end = self.env["channel.deposit.account"]._moment_of(day + timedelta(days=1), zone)
        rows = self.env.execute_query(
            SQL(
                """INSERT INTO channel_deposit_confirmation
                          (account_id, member_id, company_id, date, balance, held, state,
                           create_uid, create_date, write_uid, write_date)
                   SELECT a.id, a.member_id, a.company_id, %(day)s, e.posted_after, e.held_after,
                          'draft', %(user)s, now() AT TIME ZONE 'UTC', %(user)s,
                          now() AT TIME ZONE 'UTC'
                     FROM channel_deposit_account a
                     JOIN LATERAL (
                          SELECT posted_after, held_after FROM channel_deposit_entry
                           WHERE account_id = a.id AND at < %(end)s
                           ORDER BY at DESC, number DESC LIMIT 1) e ON TRUE
                    WHERE a.company_id = %(company)s AND a.creditor_id IS NULL
                      AND a.purpose <> 'rebate' AND (a.state = 'open' OR e.posted_after <> 0)
                       ON CONFLICT DO NOTHING RETURNING id""",
                day=day,
                end=end,
                user=self.env.uid,
                company=company.id,
            )
        )
        self.invalidate_model()
        return len(rows)

    @api.model
    def _cron_make(self):
        """Every day: ask about the last quarter, once it is over."""
        companies = self.env["res.company"].search([])
        self.with_context(allowed_company_ids=companies.ids)._make()

    # -- buttons -------------------------------------------------------------------------------

    @api.model
    def action_make(self):
        """Make the confirmations of the last quarter that are not there yet."""
        self._check_finance()
        count = self.sudo()._make()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if count else "info",
                "message": self.env._("%s made.", count)
                if count
                else self.env._("All confirmations of the last quarter are there already."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_send(self):
        """Send them to the holders, who answer in the portal or by a signed letter."""
        self._check_finance()
        for each in self.filtered(lambda confirmation: confirmation.state == "draft").sudo():
            each.write({"state": "sent", "sent_at": fields.Datetime.now()})
            each.message_post(
                body=self.env._(
                    "Please confirm the balance of %(account)s on %(day)s: %(balance)s, of it"
                    " %(held)s on hold.",
                    account=each.account_id.display_name,
                    day=format_date(self.env, each.date),
                    balance=each.currency_id.format(each.balance),
                    held=each.currency_id.format(each.held),
                ),
                partner_ids=each.member_id.partner_id.ids,
                subtype_xmlid="mail.mt_comment",
            )

    def action_confirm(self):
        """The balance is right, says its holder."""
        self._answer("confirmed")

    def action_dispute(self):
        """Ask what is different, then note the dispute."""
        self.ensure_one()
        self._check_finance()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dispute"),
            "res_model": "channel.deposit.refuse",
            "view_mode": "form",
            "target": "new",
            "context": {"default_res_model": self._name, "default_res_ids": self.ids},
        }

    def _refuse(self, reason):
        """The balance is not right, says its holder; for the portal too.

        :param reason: what is different
        """
        self._answer("disputed", reason)

    def _answer(self, state, remark=False):
        self._check_holder()
        for each in self:
            if each.state not in ("sent", "disputed"):
                raise UserError(
                    self.env._(
                        "%s waits for no answer: it was not sent yet, or is confirmed.",
                        each.display_name,
                    )
                )
        self.sudo().write(
            {
                "state": state,
                "remark": remark or False,
                "answered_at": fields.Datetime.now(),
                "answered_by_id": self.env.uid,
            }
        )

    def _check_finance(self):
        if not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Only finance sends confirmations of balances."))
        self.check_access("read")

    def _check_holder(self):
        """:raise AccessError: for who is neither of finance nor of the holder"""
        self.check_access("read")
        members = self.sudo().member_id
        if not self.env.user.has_group(FINANCE) and members - self.env.user.network_member_ids:
            raise AccessError(self.env._("The holder of the account or finance answers."))
