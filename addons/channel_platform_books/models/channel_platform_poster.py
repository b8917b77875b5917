from odoo import Command, api, models
from odoo.tools import SQL

from odoo.addons.channel_deposit.core.posting import first_open
from odoo.addons.channel_network import china
from odoo.addons.channel_network.core.money import from_fen

AT_ONCE = 20  # entries a transaction
QUIET = {"tracking_disable": True, "mail_notrack": True, "mail_create_nolog": True}


class ChannelPlatformPoster(models.AbstractModel):
    """Posts facts of shops, an entry a shop and day; each fact stands in one entry, once."""

    _name = "channel.platform.poster"
    _description = "Posts a Shop's Days"

    @api.model
    def _cron_post(self):
        """Post the days that are over, some entries a transaction."""
        while count := self._post_days(china.today(self.env)):
            if not self.env["ir.cron"]._commit_progress(count):
                return

    @api.model
    def _post_days(self, before):
        """Post the oldest days of shops that have something unposted.

        :param before: a date: only days before it
        :return: how many days; 0 also while somebody else posts
        """
        turn = SQL("SELECT pg_try_advisory_xact_lock(hashtext(%s))", self._name)
        if not self.env.execute_query(turn)[0][0]:
            return 0
        self.env.flush_all()
        days = self._days(before, AT_ONCE)
        for company, shop, day in days:
            moves = (
                self.sudo()
                .with_context(lang=None, **QUIET)
                ._post_day(
                    self.env["res.company"].browse(company),
                    self.env["channel.shop"].browse(shop),
                    day,
                )
            )
            self._keep(company, shop, day, moves)
        self.invalidate_model(flush=False)
        return len(days)

    def _days(self, before, limit):
        """[(company, shop, day)] with something unposted, the oldest first."""
        raise NotImplementedError

    def _post_day(self, company, shop, day):
        """The posted ``account.move`` of a shop's day, empty when all amounts cancel out."""
        raise NotImplementedError

    def _keep(self, company, shop, day, move):
        """Write down which facts the entry holds."""
        raise NotImplementedError

    def _make_move(self, company, shop, day, ref, items):
        """Post ``core.books`` items; [(item, account.move.line)].

        A day in a closed period is posted on the first open one.
        """
        journal = company._settlement_journal()
        closed = company._get_violated_lock_dates(day, False, journal)
        accounts = {item.use: company._platform_account(item.use) for item in items}
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": journal.id,
                "company_id": company.id,
                "date": first_open(day, [lock[0] for lock in closed]),
                "ref": ref,
                "line_ids": [
                    Command.create(
                        {
                            "name": ref,
                            "account_id": accounts[item.use].id,
                            "partner_id": shop.clearing_partner_id.id,
                            "balance": float(from_fen(item.balance)),
                            "tax_ids": [],
                        }
                    )
                    for item in items
                ],
            }
        )
        move._post(soft=False)
        return list(zip(items, move.line_ids.sorted("id"), strict=True))

    def _words(self, company):
        return self.with_context(lang=company.partner_id.lang).env
