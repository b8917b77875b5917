from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_network import china
from odoo.addons.channel_network.core.money import from_fen, to_fen

from ..core.period import begin, last_end
from ..core.statement import Held, make

QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_notrack": True}
# shares that stand on no statement, with the day they are due by the terms of their party
WAITING = """
      FROM (SELECT * FROM unnest(%(partners)s, %(froms)s::text[], %(days)s, %(ends)s::date[])
                     AS t(partner_id, due_from, days, until)) AS term
      JOIN (%(shares)s) AS share ON share.partner_id = term.partner_id
      JOIN settlement_event AS event ON event.id = share.event_id
      JOIN settlement_event AS sale
        ON sale.order_id = share.order_id AND coalesce(sale.aftersale_id, 0) = 0
      JOIN LATERAL (%(start)s) AS start ON true
     WHERE share.company_id = %(company)s
       AND greatest(start.day + term.days, event.day) <= term.until
       AND NOT EXISTS (SELECT FROM settlement_statement_line AS line
                        WHERE line.share_id = share.id)
"""


class SettlementStatement(models.Model):
    """Makes the statements of a period, in sets."""

    _inherit = "settlement.statement"

    @api.model
    def _cron_run(self):
        """Statements of all periods that are over, a company a transaction."""
        cron = self.env["ir.cron"]
        for company in self.env["res.company"].search([]):
            self._run(company)
            if not cron._commit_progress(1):
                return

    @api.model
    def _run(self, company, day=None, partners=None):
        """Write the statements that parties lack until a day; nothing twice.

        Each party's is of the newest period of its terms that is over on that day. It takes in
        all that is due by then and stands on none before, so a late event falls into the next.
        A share that takes back is due with its sale, or at once when that was due before.

        :param day: a date; None: yesterday in China
        :param partners: ``res.partner``; None: all
        :return: the new drafts
        :raise UserError: the day is not over, or somebody else runs them at this moment
        """
        today = china.today(self.env)
        day = day or self._yesterday()
        if day >= today:
            raise UserError(
                self.env._("A period is settled when it is over: choose an earlier day.")
            )
        self._take_turn()
        self.env.flush_all()
        roles = self._open_parties(company, partners)
        terms = self.env["settlement.terms"].sudo()._of_parties(company, roles)
        newest = self._newest(company, roles)
        ends = {}
        for partner, its in terms.items():
            end = last_end(its._period(), day)
            if partner not in newest or newest[partner].date_end < end:
                ends[partner] = end
        return self._write_statements(company, terms, newest, ends)

    @api.model
    def _yesterday(self):
        query = SQL("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date - 1")
        return self.env.execute_query(query)[0][0]

    def _take_turn(self):
        """Hold the turn until the transaction ends.

        :raise UserError: somebody else has it
        """
        query = SQL("SELECT pg_try_advisory_xact_lock(hashtext('settlement_statement'))")
        if not self.env.execute_query(query)[0][0]:
            raise UserError(self.env._("Statements are being made at this moment: try again soon."))

    # -- gather ----------------------------------------------------------------------------------

    def _open_parties(self, company, partners=None):
        """{partner id: roles} of who has shares or fees on no statement, or a reserve to come.

        Who has no shares has the role of its talent or member.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT found.partner_id,
                       array_agg(DISTINCT coalesce(found.role, talent.kind, member.kind)) FROM (
                    SELECT share.partner_id, share.role FROM (%(shares)s) AS share
                     WHERE share.company_id = %(company)s
                       AND NOT EXISTS (SELECT FROM settlement_statement_line AS line
                                        WHERE line.share_id = share.id)
                     UNION ALL
                    SELECT fee.partner_id, NULL FROM settlement_fee AS fee
                     WHERE fee.statement_id IS NULL AND fee.company_id = %(company)s
                     UNION ALL
                    SELECT kept.partner_id, NULL FROM settlement_statement AS kept
                     WHERE kept.company_id = %(company)s AND kept.amount_kept > (
                           SELECT coalesce(sum(amount), 0) FROM settlement_reserve
                            WHERE statement_id = kept.id)
                ) AS found
                  LEFT JOIN channel_talent AS talent
                    ON talent.partner_id = found.partner_id AND talent.company_id = %(company)s
                  LEFT JOIN channel_member AS member
                    ON member.partner_id = found.partner_id AND member.company_id = %(company)s
                 WHERE %(partners)s::int[] IS NULL OR found.partner_id = ANY(%(partners)s)
                 GROUP BY found.partner_id ORDER BY found.partner_id
                """,
                shares=self._shares_sql(),
                company=company.id,
                partners=None if partners is None else partners.ids,
            )
        )
        return {partner: [role for role in roles if role] for partner, roles in rows}

    def _newest(self, company, partners):
        """{partner id: its newest statement}."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (partner_id) partner_id, id FROM settlement_statement
                 WHERE company_id = %s AND partner_id = ANY(%s)
                 ORDER BY partner_id, date_end DESC
                """,
                company.id,
                list(partners),
            )
        )
        return {partner: self.sudo().browse(id) for partner, id in rows}

    def _waiting(self, company, terms, ends):
        """What of the shares is due: the part of a query from FROM on (``WAITING``)."""
        partners = list(ends)
        return SQL(
            WAITING,
            partners=partners,
            froms=[terms[partner].due_from for partner in partners],
            days=[terms[partner].due_days for partner in partners],
            ends=[ends[partner] for partner in partners],
            shares=self._shares_sql(),
            start=self._start_sql(),
            company=company.id,
        )

    def _shares_sql(self):
        """The shares that statements settle; all columns."""
        return SQL("SELECT * FROM settlement_share WHERE settled_by = 'us'")

    def _start_sql(self):
        """The ``day`` from which days count, of ``term.due_from`` and the ``sale``; no row: none yet."""
        return SQL(
            """
            SELECT sale.day WHERE term.due_from = 'sale'
             UNION ALL
            SELECT (min(e.at) AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Shanghai')::date
              FROM channel_order_event AS e
             WHERE term.due_from = 'receipt' AND e.order_id = share.order_id
               AND e.stage_to = 'done'
            HAVING min(e.at) IS NOT NULL
            """
        )

    def _due_sums(self, company, terms, ends):
        """{partner id: (shares, their fen)} of what is due."""
        return {
            partner: (count, fen)
            for partner, count, fen in self.env.execute_query(
                SQL(
                    "SELECT term.partner_id, count(*), (sum(share.amount) * 100)::bigint %s"
                    " GROUP BY term.partner_id",
                    self._waiting(company, terms, ends),
                )
            )
        }

    def _fees_due(self, company, ends):
        """{partner id: fees} that are due and on no statement."""
        fees = self.env["settlement.fee"].sudo()
        found = fees.search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", list(ends)),
                ("statement_id", "=", False),
                ("day", "<=", max(ends.values())),
            ]
        )
        return {
            partner.id: mine.filtered(lambda fee: fee.day <= ends[fee.partner_id.id])
            for partner, mine in found.grouped("partner_id").items()
        }

    def _held(self, company, partners):
        """{partner id: ``core.statement.Held``s} of what earlier statements still keep."""
        found = {}
        for partner, id, fen, until in self.env.execute_query(
            SQL(
                """
                SELECT kept.partner_id, kept.id,
                       ((kept.amount_kept - coalesce(sum(part.amount), 0)) * 100)::bigint,
                       kept.kept_until
                  FROM settlement_statement AS kept
                  LEFT JOIN settlement_reserve AS part ON part.statement_id = kept.id
                 WHERE kept.company_id = %s AND kept.partner_id = ANY(%s) AND kept.amount_kept > 0
                 GROUP BY kept.id HAVING kept.amount_kept > coalesce(sum(part.amount), 0)
                """,
                company.id,
                list(partners),
            )
        ):
            found.setdefault(partner, []).append(Held(id, fen, until))
        return found

    # -- decide and write ------------------------------------------------------------------------

    def _write_statements(self, company, terms, newest, ends):
        if not ends:
            return self
        sums = self._due_sums(company, terms, ends)
        fees = self._fees_due(company, ends)
        held = self._held(company, ends)
        values, made = [], []
        for partner, end in ends.items():
            count, share_fen = sums.get(partner, (0, 0))
            fee_fen = sum(to_fen(fee.amount) for fee in fees.get(partner, ()))
            before = newest.get(partner, self)
            found = make(
                end, share_fen, fee_fen, brought=to_fen(before.amount_carried) if before else 0,
                held=held.get(partner, ()), reserve=terms[partner]._reserve(),
            )  # fmt: skip
            if count or fees.get(partner) or found.freed:
                first = begin(terms[partner]._period(), end)
                made.append(found)
                values.append(
                    {
                        "name": self.env["ir.sequence"].sudo().next_by_code(self._name),
                        "company_id": company.id,
                        "partner_id": partner,
                        "terms_id": terms[partner].id,
                        "previous_id": before.id,
                        "date_start": self._day_after(before) if before else first,
                        "date_end": end,
                        **self._amounts(found),
                    }
                )
        statements = self.sudo().with_context(**QUIET).create(values)
        for statement, found in zip(statements, made, strict=True):
            fees.get(statement.partner_id.id, self.env["settlement.fee"]).write(
                {"statement_id": statement.id}
            )
            statement._write_freed(found)
        self.env.flush_all()
        statements._take_lines(company, terms, ends)
        return statements.with_env(self.env)

    def _day_after(self, statement):
        return self.env.execute_query(SQL("SELECT %s::date + 1", statement.date_end))[0][0]

    def _amounts(self, found):
        amounts = {
            "amount_share": found.shares, "amount_fee": found.fees, "amount_brought": found.brought,
            "amount_freed": sum(each.fen for each in found.freed), "amount_kept": found.kept,
            "amount_payable": found.payable, "amount_carried": found.carried,
        }  # fmt: skip
        values = {name: float(from_fen(fen)) for name, fen in amounts.items()}
        return values | {"kept_until": found.kept_until}

    def _write_freed(self, found):
        self.env["settlement.reserve"].sudo().create(
            [
                {
                    "statement_id": each.held,
                    "released_id": self.id,
                    "amount": float(from_fen(each.fen)),
                    "is_early": each.early,
                }
                for each in found.freed
            ]
        )

    def _take_lines(self, company, terms, ends):
        """Put what is due on the statements, each share once."""
        mine = {statement.partner_id.id: statement.id for statement in self}
        if not mine:
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO settlement_statement_line (statement_id, share_id)
                SELECT mine.statement_id, due.id
                  FROM (SELECT share.partner_id, share.id %s) AS due
                  JOIN unnest(%s, %s) AS mine(partner_id, statement_id)
                    ON mine.partner_id = due.partner_id
                 ORDER BY mine.statement_id, due.id
                """,
                self._waiting(company, terms, ends),
                list(mine),
                list(mine.values()),
            )
        )
        self.env["settlement.statement.line"].invalidate_model(flush=False)

    # -- counted anew ----------------------------------------------------------------------------

    def _take_in(self):
        """Put what is due by now on drafts that are the newest of their parties."""
        self._take_turn()
        self.env.flush_all()
        for company, statements in self.grouped("company_id").items():
            terms = {statement.partner_id.id: statement.terms_id for statement in statements}
            ends = {statement.partner_id.id: statement.date_end for statement in statements}
            statements._take_lines(company, terms, ends)
            for statement in statements:
                statement._recount()

    def _recount(self):
        """Count a statement anew that is the newest of its party: its shares, all fees due."""
        self.ensure_one()
        partner, company = self.partner_id.id, self.company_id
        fees = self._fees_due(company, {partner: self.date_end}).get(partner)
        if fees:
            fees.write({"statement_id": self.id})
        self.env["settlement.reserve"].sudo().search([("released_id", "=", self.id)]).unlink()
        self.env.flush_all()
        fen = self.env.execute_query(
            SQL(
                """
                SELECT coalesce(sum(share.amount) * 100, 0)::bigint
                  FROM settlement_statement_line AS line
                  JOIN settlement_share AS share ON share.id = line.share_id
                 WHERE line.statement_id = %s
                """,
                self.id,
            )
        )[0][0]
        fee_fen = sum(to_fen(fee.amount) for fee in self.fee_ids)
        held = [
            each for each in self._held(company, [partner]).get(partner, ()) if each.id != self.id
        ]
        found = make(
            self.date_end, fen, fee_fen, brought=to_fen(self.previous_id.amount_carried), held=held,
            reserve=self.terms_id._reserve(),
        )  # fmt: skip
        self.write(self._amounts(found))
        self._write_freed(found)

    def _let_go(self):
        """Before a draft is deleted: what is on it waits for the next run again."""
        self.ensure_one()
        self.fee_ids.sudo().write({"statement_id": False})
        self.env["settlement.reserve"].sudo().search([("released_id", "=", self.id)]).unlink()
        self.env.flush_all()
        query = SQL("DELETE FROM settlement_statement_line WHERE statement_id = %s", self.id)
        self.env.cr.execute(query)
        self.env["settlement.statement.line"].invalidate_model(flush=False)
