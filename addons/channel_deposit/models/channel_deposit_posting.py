from odoo import Command, api, fields, models
from odoo.tools import SQL

from odoo.addons.channel_network.append_only import make_append_only
from odoo.addons.channel_network.core.money import from_fen, to_fen

from ..core.ledger import Purpose
from ..core.operations import Kind
from ..core.posting import PAYS, Item, Role, drafts, first_open

# Accounts a of companies c: what is in the brand's general ledger; and which entries e of them.
IN_BOOKS = SQL("a.creditor_id IS NULL AND (a.purpose <> 'rebate' OR c.channel_rebate_accrual)")
POSTABLE = SQL("e.posted <> 0 AND %s", IN_BOOKS)
UNPOSTED = SQL("NOT EXISTS (SELECT FROM channel_deposit_posting p WHERE p.entry_id = e.id)")


class ChannelDepositPosting(models.Model):
    """Where an entry of a deposit stands in the general ledger. Written once, by ``_post_entries``.

    A table of its own, because entries never change; narrow, because every entry with an amount
    gets a row.
    """

    _name = "channel.deposit.posting"
    _inherit = "channel.deposit.written"
    _description = "Posting of a Deposit Entry"
    _order = "id desc"
    _rec_name = "entry_id"
    _log_access = False

    entry_id = fields.Many2one(
        "channel.deposit.entry", required=True, readonly=True, ondelete="restrict"
    )
    move_id = fields.Many2one(
        "account.move", "Journal Entry", required=True, readonly=True, index=True,
        ondelete="restrict",
    )  # fmt: skip
    move_line_id = fields.Many2one(
        "account.move.line", "Journal Item", required=True, readonly=True, index=True,
        ondelete="restrict", help="On the deposit's account; one for many entries when summed up.",
    )  # fmt: skip
    counterpart_id = fields.Many2one(
        "account.move.line", "Other Side", readonly=True, index="btree_not_null",
        ondelete="restrict", help="On the receivable, the receipts to claim or the revenue.",
    )  # fmt: skip
    company_id = fields.Many2one(related="entry_id.company_id")

    _entry_uniq = models.Constraint("UNIQUE(entry_id)", "An entry is posted once.")

    def init(self):
        make_append_only(self.env.cr, self._table)

    # -- posting ---------------------------------------------------------------------------------

    @api.model
    def _post_entries(self, entries):
        """Post entries that are not posted yet, with the other side of their transfers and what
        they reverse; reconcile what they pay.

        Entries that somebody else is posting now are left to them. The caller answers for the
        rights. Under REPEATABLE READ whoever comes second gets a serialization error and is run
        again by Odoo.

        :param entries: channel.deposit.entry; those that never are posted (holds, memo rebates,
            money kept by a dealer) are passed over
        :return: the account.move made
        :raise UserError: in words, when a company cannot post (no chart of accounts)
        """
        self.env.flush_all()
        items = self._gather_items(self._lock_entries(entries.ids))
        companies = self.env["res.company"].sudo().browse({item.company for item in items})
        daily = frozenset(
            company.id for company in companies if company.channel_capture_posting == "day"
        )
        made = drafts(items, daily)
        if not made:
            return self.env["account.move"]
        poster = self.sudo().with_context(lang=None)
        moves = poster._create_moves(made)
        postings = poster._write_postings(made, moves)
        poster._reconcile(made, postings)
        return moves.with_env(self.env)

    def _lock_entries(self, ids):
        """Lock the entries, the other sides of their operations and what they reverse, by id."""
        rows = self.env.execute_query(
            SQL(
                """WITH asked AS (
                       SELECT key, reverses FROM channel_deposit_entry WHERE id = ANY(%s))
                   SELECT e.id FROM channel_deposit_entry e
                    WHERE e.key IN (SELECT key FROM asked
                                     UNION SELECT reverses FROM asked WHERE reverses IS NOT NULL)
                      AND e.posted <> 0 AND %s
                    ORDER BY e.id FOR NO KEY UPDATE OF e SKIP LOCKED""",
                list(ids),
                UNPOSTED,
            )
        )
        return [row[0] for row in rows]

    def _gather_items(self, ids):
        """What ``core.posting`` must know; asked anew under the lock."""
        rows = self.env.execute_query(
            SQL(
                """SELECT e.id, e.key, e.kind, e.company_id, e.account_id, a.purpose, m.partner_id,
                          e.posted, (e.at AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Shanghai')::date,
                          COALESCE(o.source, e.source), o.id, o.kind,
                          EXISTS (SELECT FROM channel_deposit_posting po WHERE po.entry_id = o.id)
                     FROM channel_deposit_entry e
                     JOIN channel_deposit_account a ON a.id = e.account_id
                     JOIN channel_member m ON m.id = a.member_id
                     JOIN res_company c ON c.id = e.company_id
                     LEFT JOIN channel_deposit_entry o ON o.key = e.reverses AND o.leg = e.leg
                    WHERE e.id = ANY(%s) AND %s AND %s ORDER BY e.id""",
                ids,
                POSTABLE,
                UNPOSTED,
            )
        )
        return [
            Item(
                id_, key, Kind(kind), company, account, Purpose(purpose), partner, to_fen(amount),
                day, 0 if purpose == "rebate" else _invoice_id(source), original or 0,
                Kind(of) if of else None, original_posted,
            )
            for id_, key, kind, company, account, purpose, partner, amount, day, source, original,
            of, original_posted in rows
        ]  # fmt: skip

    def _create_moves(self, made):
        """One posted journal entry for each draft, in order."""
        receivables = self._receivables(made)
        days = {}
        values = []
        for draft in made:
            company = self.env["res.company"].browse(draft.company)
            journal = company._deposit_journal()
            if (company, draft.day) not in days:
                closed = company._get_violated_lock_dates(draft.day, False, journal)
                days[company, draft.day] = first_open(draft.day, [lock[0] for lock in closed])
            values.append(self._move_values(draft, journal, days[company, draft.day], receivables))
        moves = self.env["account.move"].with_context(tracking_disable=True).create(values)
        moves._post(soft=False)
        return moves

    def _move_values(self, draft, journal, day, receivables):
        words = self.with_context(lang=journal.company_id._deposit_lang())
        kinds = dict(
            self.env["channel.deposit.entry"]._fields["kind"]._description_selection(words.env)
        )
        label = kinds[draft.kind.value]
        if day == draft.day:
            ref = words.env._("Deposit: %(kind)s", kind=label)
        else:
            ref = words.env._(
                "Deposit: %(kind)s of %(day)s, whose period is closed",
                kind=label,
                day=fields.Date.to_string(draft.day),
            )
        return {
            "move_type": "entry",
            "journal_id": journal.id,
            "company_id": draft.company,
            "date": day,
            "ref": ref,
            "line_ids": [
                Command.create(
                    {
                        "name": label,
                        "account_id": self._account_of(draft.company, line, receivables).id,
                        "partner_id": line.partner,
                        "balance": float(from_fen(line.balance)),
                        "tax_ids": [],
                    }
                )
                for line in draft.lines
            ],
        }

    def _account_of(self, company_id, line, receivables):
        company = self.env["res.company"].browse(company_id)
        if line.role is not Role.RECEIVABLE:
            return company._deposit_account_for(line.role)
        if line.invoice in receivables:
            return receivables[line.invoice][:1].account_id
        partner = self.env["res.partner"].browse(line.partner).with_company(company)
        return partner.property_account_receivable_id

    def _receivables(self, made):
        """Receivable lines of the posted invoices that captures pay, by invoice."""
        wanted = {line.invoice: draft.company for draft in made for line in draft.lines}
        invoices = self.env["account.move"].browse(filter(None, wanted)).exists()
        found = {}
        for invoice in invoices.filtered(lambda move: move.state == "posted"):
            lines = invoice.line_ids.filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
            )
            if lines and invoice.company_id.id == wanted[invoice.id]:
                found[invoice.id] = lines
        return found

    def _write_postings(self, made, moves):
        """The rows of this model, by entry id: (journal item, other side)."""
        deposits, others = {}, {}
        for draft, move in zip(made, moves, strict=True):
            for line, booked in zip(draft.lines, move.line_ids.sorted("id"), strict=True):
                deposits |= dict.fromkeys(line.covers, booked)
                if line.faces:
                    others[line.faces] = booked
        rows = [
            (entry, booked.move_id.id, booked.id, others[entry].id if entry in others else None)
            for entry, booked in deposits.items()
        ]
        written = self.env.execute_query(
            SQL(
                """INSERT INTO channel_deposit_posting
                          (entry_id, move_id, move_line_id, counterpart_id)
                   VALUES %s ON CONFLICT (entry_id) DO NOTHING RETURNING entry_id""",
                SQL(", ").join(SQL("%s", row) for row in rows),
            )
        )
        if len(written) != len(rows):
            raise AssertionError("entries were posted under our lock")
        self.invalidate_model(flush=False)
        self.env["channel.deposit.entry"].invalidate_model(["posting_ids"], flush=False)
        return {entry: (booked, others.get(entry)) for entry, booked in deposits.items()}

    def _reconcile(self, made, postings):
        """Captures with their invoices, what is given back with its credit note, reversals with
        what they reverse.

        A reversed capture lets go of its invoice, which is then open again. A reversed receipt that
        the bank's line has met already stays so: the bank's line back meets the reversal.
        """
        items = [item for draft in made for item in draft.items]
        undone = {item.original for item in items}
        receivables = self._receivables(made)
        plans = {}
        for item in items:
            if item.act in PAYS and item.id not in undone and item.invoice in receivables:
                lines = receivables[item.invoice]
                if not item.original:
                    lines |= postings[item.id][1]
                first = lines.move_id.reversed_entry_id[:1] or lines.move_id[:1]
                plans[first] = plans.get(first, self._credited(first)) | lines
        pairs = [self._undo(item, postings) for item in items if item.original]
        for lines in [*pairs, *plans.values()]:
            open_lines = lines.filtered(lambda line: not line.reconciled)
            if {line.balance > 0 for line in open_lines} == {True, False}:
                open_lines.reconcile()

    def _credited(self, invoice):
        """What Odoo may have left open around an invoice with credit notes.

        It lets a credit note meet its invoice, at once or in place of what had paid it; what was
        spent and given back then meet each other.
        """
        notes = invoice.reversal_move_ids.filtered(lambda move: move.state == "posted")
        if not notes:
            return self.env["account.move.line"]
        family = invoice | notes
        sources = [f"account.move,{move.id}" for move in family]
        others = self.search(
            [("entry_id.source", "in", sources), ("counterpart_id.reconciled", "=", False)]
        ).counterpart_id
        accounts = family.line_ids.account_id.filtered(
            lambda account: account.account_type == "asset_receivable"
        )
        return others.filtered(lambda line: line.account_id in accounts)

    def _undo(self, item, postings):
        """The other sides of a reversal and of what it reverses, when these shall meet."""
        lines = self.env["account.move.line"]
        mine = postings[item.id][1]
        if item.original in postings:
            theirs = postings[item.original][1]
        else:
            theirs = self.search([("entry_id", "=", item.original)]).counterpart_id
        if not mine or mine.account_id != theirs.account_id or not mine.account_id.reconcile:
            return lines
        if item.of in PAYS:
            theirs.remove_move_reconcile()
        elif theirs.matching_number:
            return lines
        return mine | theirs


def _invoice_id(source):
    """The invoice that an entry's document is, or 0."""
    model, _comma, number = (source or "").partition(",")
    return int(number) if model == "account.move" and number.isdigit() else 0
