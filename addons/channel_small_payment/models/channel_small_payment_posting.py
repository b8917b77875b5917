from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.channel_network import china
from odoo.addons.channel_network.append_only import make_append_only
from odoo.addons.channel_network.core.money import from_fen, to_fen
from odoo.addons.channel_order.batch_sql import copy_rows

from ..core.books import Fact, entries
from .channel_small_payment import FINANCE

ENTRIES_AT_ONCE = 20  # a transaction
QUIET = {"tracking_disable": True, "mail_notrack": True, "mail_create_nolog": True}


class ChannelSmallPaymentPosting(models.Model):
    """Where a small payment stands in the general ledger, and where its taking back. Append-only.

    Debit compensation of buyers, credit the shop's clearing receivable: the money left the shop's
    platform balance, so the platform will settle so much less. One journal entry a shop and day,
    with an item on the clearing for each payment, which a line of the platform's bill can meet.

    VAT and revenue stay as they are: a gift of money is no lower price of the goods as long as no
    red tax invoice is issued for it; a lower price with VAT is a refund on the platform.
    """

    _name = "channel.small.payment.posting"
    _description = "Posting of a Small Payment"
    _order = "id desc"
    _rec_name = "payment_id"
    _log_access = False

    payment_id = fields.Many2one(
        "channel.small.payment", required=True, readonly=True, ondelete="restrict"
    )
    back = fields.Boolean(
        "Taken Back", required=True, readonly=True, help="The posting reverses the payment's own."
    )
    move_id = fields.Many2one(
        "account.move", "Journal Entry", required=True, readonly=True, index=True,
        ondelete="restrict",
    )  # fmt: skip
    move_line_id = fields.Many2one(
        "account.move.line", "Journal Item", required=True, readonly=True, index=True,
        ondelete="restrict", help="On the shop's clearing.",
    )  # fmt: skip

    _once = models.UniqueIndex("(payment_id, back)", "A small payment is posted once.")

    def init(self):
        make_append_only(self.env.cr, self._table)

    @api.model
    def _cron_post(self):
        """Post the days that are over, some entries a transaction."""
        while moves := self._post(before=china.today(self.env)):
            if not self.env["ir.cron"]._commit_progress(len(moves)):
                return

    @api.model
    def action_post_now(self):
        """Post everything that was paid until now, of the user's companies.

        :raise AccessError: the user is no finance clerk
        :raise UserError: there is nothing to post
        """
        if not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Ask a finance clerk to post small payments."))
        moves = self.env["account.move"]
        while made := self.sudo()._post(companies=self.env.companies):
            moves |= made
        if not moves:
            raise UserError(self.env._("There is no small payment that is not posted."))
        return moves.with_env(self.env)._get_records_action(name=self.env._("Journal Entries"))

    @api.model
    def _post(self, before=None, companies=None):
        """Write and post the oldest entries of what stands in none.

        :param before: a date: only days before it; None: today's too
        :param companies: of these only
        :return: the account.move made; none while somebody else posts
        """
        moves = self.env["account.move"]
        if not self._take_turn():
            return moves
        made = entries(self._unposted(before, companies))[:ENTRIES_AT_ONCE]
        if not made:
            return moves
        poster = self.sudo().with_context(lang=None, **QUIET)
        moves = poster.env["account.move"].create([poster._move_values(entry) for entry in made])
        moves._post(soft=False)
        copy_rows(
            self.env.cr, self._table, ("payment_id", "back", "move_id", "move_line_id"),
            [(fact.payment, fact.back, move.id, line.id)
             for entry, move in zip(made, moves, strict=True)
             for fact, line in zip(entry.facts, move.line_ids.sorted("id")[1:], strict=True)],
        )  # fmt: skip
        self.invalidate_model(flush=False)
        poster._reconcile([fact.payment for entry in made if entry.back for fact in entry.facts])
        return moves

    def _take_turn(self):
        """Whether nobody else posts; held until the transaction ends."""
        query = SQL("SELECT pg_try_advisory_xact_lock(hashtext('channel_small_payment'))")
        return self.env.execute_query(query)[0][0]

    def _unposted(self, before, companies):
        """What was paid or taken back and stands in no entry, as ``core.books.Fact``."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT f.id, f.back, f.company_id, f.shop_id, f.amount, f.day FROM (
                    SELECT p.id, moment.back, p.company_id, p.shop_id, p.amount,
                           (moment.at AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Shanghai')::date AS day
                      FROM channel_small_payment p,
                           LATERAL (VALUES (false, p.paid_at), (true, p.back_at)) moment(back, at)
                     WHERE p.state IN ('paid', 'taken_back') AND moment.at IS NOT NULL
                       AND NOT EXISTS (SELECT FROM channel_small_payment_posting done
                                        WHERE done.payment_id = p.id AND done.back = moment.back)
                    ) f
                 WHERE (%(before)s::date IS NULL OR f.day < %(before)s)
                   AND (%(companies)s::int[] IS NULL OR f.company_id = ANY(%(companies)s))
                """,
                before=before,
                companies=companies and companies.ids,
            )
        )
        return [
            Fact(payment, back, company, shop, to_fen(amount), day)
            for payment, back, company, shop, amount, day in rows
        ]

    def _move_values(self, entry):
        company = self.env["res.company"].browse(entry.company)
        shop = self.env["channel.shop"].browse(entry.shop)
        words = self.with_context(lang=company.partner_id.lang).env
        if entry.back:
            ref = words._("Small payments taken back on %(day)s: %(shop)s", day=entry.day,
                          shop=shop.name)  # fmt: skip
        else:
            ref = words._("Small payments of %(day)s: %(shop)s", day=entry.day, shop=shop.name)
        clearing = company._channel_clearing_account()
        payments = self.env["channel.small.payment"].browse(fact.payment for fact in entry.facts)
        items = [(ref, company._channel_small_account(), False, entry.expense)]
        items += [
            (f"{payment.name} {payment.number}", clearing, shop.clearing_partner_id, fact.clearing)
            for fact, payment in zip(entry.facts, payments, strict=True)
        ]
        return {
            "move_type": "entry",
            "journal_id": company._channel_small_journal().id,
            "company_id": company.id,
            "date": entry.day,
            "ref": ref,
            "line_ids": [
                Command.create(
                    {
                        "name": name,
                        "account_id": account.id,
                        "partner_id": partner and partner.id,
                        "balance": float(from_fen(balance)),
                        "tax_ids": [],
                    }
                )
                for name, account, partner, balance in items
            ],
        }

    def _reconcile(self, payment_ids):
        """What was taken back with what it reverses, unless the platform's bill has met that."""
        for pair in self.search([("payment_id", "in", payment_ids)]).grouped("payment_id").values():
            lines = pair.move_line_id
            if not any(line.reconciled or line.matching_number for line in lines):
                lines.reconcile()
