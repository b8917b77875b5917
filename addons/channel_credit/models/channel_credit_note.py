from odoo import Command, api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.channel_network import china
from odoo.addons.channel_network.core.money import from_fen, to_fen
from odoo.addons.channel_order.batch_sql import copy_rows

from ..core.collect import Credit
from ..core.notes import note_lines

NOTES_AT_ONCE = 20  # a transaction; a note of a hundred lines takes Odoo about a second
QUIET = {"tracking_disable": True, "mail_notrack": True, "mail_create_nolog": True}


class ChannelOrderCredit(models.Model):
    """Credits onto credit notes: one for each shop, day and wave, reconciled with its invoices."""

    _inherit = "channel.order.credit"

    @api.model
    def _cron_credit(self):
        """Take off what was refunded, and write the notes of the days that are over."""
        while self._collect():
            if not self.env["ir.cron"]._commit_progress(1):
                return
        while self._write_notes(before=china.today(self.env)):
            if not self.env["ir.cron"]._commit_progress(1):
                return

    @api.model
    def action_write_notes(self):
        """Everything that was refunded until now, onto credit notes.

        :raise AccessError: the user is no finance clerk
        :raise UserError: there is nothing to credit
        """
        if not self.env.user.has_group("channel_network.group_finance_clerk"):
            raise AccessError(self.env._("Ask a finance clerk to write credit notes."))
        credits = self.sudo()
        while credits._collect():
            pass
        notes = self.env["account.move"]
        while made := credits._write_notes():
            notes |= made
        if not notes:
            raise UserError(self.env._("There is no refund that is not on a credit note."))
        return notes._get_records_action(name=self.env._("Credit Notes"))

    @api.model
    def _write_notes(self, before=None, limit=NOTES_AT_ONCE):
        """Write and post the credit notes of credits that stand on none.

        :param before: a date: only days before it; None: today's too
        :return: the notes; none while somebody else writes them
        :raise UserError: a note does not come to the sum of its credits
        """
        notes = self.env["account.move"]
        groups = self._take_turn() and self._gather_groups(before, limit)
        if not groups:
            return notes
        waves = self.env["channel.wave"].browse(wave for _day, wave in groups).sudo()
        quiet = notes.sudo().with_context(**QUIET)
        by_wave = {wave.id: wave for wave in waves}
        for company in waves.company_id:
            mine = {
                key: found for key, found in groups.items() if by_wave[key[1]].company_id == company
            }
            made = quiet.with_company(company).create(
                [
                    by_wave[wave]._credit_note_values(day, note_lines(c for _id, c in found))
                    for (day, wave), found in mine.items()
                ]
            )
            made.action_post()
            for note, found in zip(made, mine.values(), strict=True):
                note._check_credits(sum(credit.fen for _id, credit in found))
            copy_rows(
                self.env.cr, "channel_order_credit_posting", ("credit_id", "move_id"),
                [(credit_id, note.id) for note, found in zip(made, mine.values(), strict=True)
                 for credit_id, _credit in found],
            )  # fmt: skip
            self._log_credited(made, list(mine.values()))
            notes |= made
        self.env["channel.order.credit.posting"].invalidate_model(flush=False)
        self.invalidate_model(["move_id"], flush=False)
        notes._reconcile_with_waves()
        return notes

    def _log_credited(self, notes, groups):
        """Tell the orders of each note; a note's groups are its [(id, ``Credit``)]."""
        orders = self.env["channel.order"].sudo()
        for note, found in zip(notes, groups, strict=True):
            rows = self.env.execute_query(
                SQL(
                    "SELECT DISTINCT o.id, 'credited', o.stage, o.stage FROM channel_order o"
                    "  JOIN channel_order_credit c ON c.order_id = o.id"
                    " WHERE c.id = ANY(%s) ORDER BY o.id",
                    [credit_id for credit_id, _credit in found],
                )
            )
            orders._log_events(rows, note.name)

    def _gather_groups(self, before, limit):
        """{(day, wave id): [(id, ``Credit``)]} of the oldest groups that stand on no note."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH open AS (
                    SELECT c.* FROM channel_order_credit c
                     WHERE c.amount > 0 AND (%(before)s::date IS NULL OR c.day < %(before)s)
                       AND NOT EXISTS (SELECT FROM channel_order_credit_posting p
                                        WHERE p.credit_id = c.id)),
                chosen AS (SELECT day, wave_id FROM open GROUP BY day, wave_id
                            ORDER BY day, wave_id LIMIT %(limit)s)
                SELECT day, wave_id, id, aftersale_id, coalesce(line_id, 0),
                       coalesce(product_id, 0), units, amount
                  FROM open JOIN chosen USING (day, wave_id) ORDER BY day, wave_id, id
                """,
                before=before,
                limit=limit,
            )
        )
        groups = {}
        for day, wave, number, aftersale, line, product, units, amount in rows:
            credit = Credit(aftersale, line, product, units, to_fen(amount), day)
            groups.setdefault((day, wave), []).append((number, credit))
        return groups


class ChannelWave(models.Model):
    """What a credit note of a wave looks like."""

    _inherit = "channel.wave"

    def _credit_note_values(self, day, lines):
        """Values of the credit note of a day.

        :param lines: ``core.notes.NoteLine``
        """
        self.ensure_one()
        invoice = self.invoice_ids.filtered(
            lambda move: move.move_type == "out_invoice" and move.state == "posted"
        )[:1]
        if not invoice:
            raise UserError(
                self.env._(
                    "Wave %(wave)s has no posted invoice, so nothing can be credited. Hand it over,"
                    " or post its invoice.",
                    wave=self.name,
                )
            )
        return {
            "move_type": "out_refund",
            "partner_id": invoice.partner_id.id,
            "journal_id": invoice.journal_id.id,
            "currency_id": invoice.currency_id.id,
            "company_id": self.company_id.id,
            "invoice_date": day,
            "invoice_payment_term_id": False,
            "fiscal_position_id": False,
            "channel_wave_id": self.id,
            "reversed_entry_id": invoice.id,
            "invoice_origin": self.name,
            "ref": self.env._("Refunds of %(day)s", day=day),
            "invoice_line_ids": [
                Command.create(self._credit_line_values(line, number))
                for number, line in enumerate(lines)
            ],
        }

    def _credit_line_values(self, line, sequence):
        product = (
            self.env["product.product"].browse(line.product)
            if line.product
            else self.company_id._channel_freight_product()
        )
        name = product.display_name
        if line.part:
            name = self.env._("Part of the price of %(product)s", product=name)
        return {
            "product_id": product.id,
            "product_uom_id": product.uom_id.id,
            "name": name,
            "quantity": line.quantity,
            "price_unit": from_fen(line.fen),
            "discount": 0,
            "tax_ids": [Command.set(self._included_taxes(product))],
            "sequence": sequence,
        }
