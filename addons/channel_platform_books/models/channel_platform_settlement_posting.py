from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.channel_network.append_only import make_append_only
from odoo.addons.channel_network.fields import LeanMany2one

from ..core.books import Settled, settled

DAY = SQL("(row.settled_at AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Shanghai')::date")
UNPOSTED = SQL(
    """
      FROM channel_platform_settlement AS row
     WHERE NOT EXISTS (SELECT FROM channel_platform_settlement_posting AS done
                        WHERE done.settlement_id = row.id)
    """
)
# taken off for parties that schemes know (see ``channel_platform_settlement.core.compare``)
SHARED = SQL("platform_fee + commission + colonel_fee + channel_share + other_sharing")
COST = SQL("promotion + freight_insurance + fine")


class ChannelPlatformSettlementPosting(models.Model):
    """The entry in which a row of a platform's settlement stands. Append-only, once.

    Debit the platform's balance with what it paid out, its deductions with what it took off for
    parties of our schemes, and costs with the rest; credit the clearing of each wave. Small
    payments were taken off the clearing when they were made.
    """

    _name = "channel.platform.settlement.posting"
    _inherit = "channel.platform.poster"
    _description = "Posting of a Platform's Settlement"
    _order = "id desc"
    _rec_name = "settlement_id"
    _log_access = False

    settlement_id = LeanMany2one("channel.platform.settlement", required=True, readonly=True)
    move_id = fields.Many2one(
        "account.move", "Journal Entry", readonly=True, index="btree_not_null",
        ondelete="restrict", help="Empty: the amounts of its day cancel out.",
    )  # fmt: skip

    _once = models.UniqueIndex("(settlement_id)", "This row is posted already.")

    def init(self):
        make_append_only(self.env.cr, self._table)

    def _days(self, before, limit):
        return self.env.execute_query(
            SQL(
                "SELECT row.company_id, row.shop_id, %(day)s %(rows)s AND %(day)s < %(before)s"
                " GROUP BY 1, 2, 3 ORDER BY 3, 2 LIMIT %(limit)s",
                day=DAY,
                rows=UNPOSTED,
                before=before,
                limit=limit,
            )
        )

    def _of_day(self, company, shop, day):
        return SQL(
            "%s AND row.company_id = %s AND row.shop_id = %s AND %s = %s",
            UNPOSTED, company, shop, DAY, day,
        )  # fmt: skip

    def _post_day(self, company, shop, day):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT coalesce(o.wave_id, 0), (sum(row.amount) * 100)::bigint,
                       (sum(row.shared) * 100)::bigint, (sum(row.cost) * 100)::bigint,
                       (sum(row.income - row.small_payment) * 100)::bigint
                  FROM (SELECT row.*, %s AS shared, %s AS cost %s) AS row
                  LEFT JOIN channel_order AS o
                    ON o.shop_id = row.shop_id AND o.order_ref = row.order_ref
                 GROUP BY 1
                """,
                SHARED,
                COST,
                self._of_day(company.id, shop.id, day),
            )
        )
        amount, shared, cost = (sum(row[place] for row in rows) for place in (1, 2, 3))
        items = settled(Settled(amount, shared, cost, {row[0]: row[4] for row in rows}))
        if not items:
            return self.env["account.move"]
        ref = self._words(company)._(
            "Settled by the platform on %(day)s: %(shop)s", day=day, shop=shop.name
        )
        made = self._make_move(company, shop, day, ref, items)
        for item, line in made:
            if item.wave:
                self._meet(self.env["channel.wave"].browse(item.wave), line)
        return made[0][1].move_id

    def _meet(self, wave, line):
        """Reconcile a clearing item with what is still open of its wave's invoices."""
        documents = wave.invoice_ids.filtered(lambda move: move.state == "posted")
        lines = line | documents.line_ids.filtered(
            lambda each: each.account_id == line.account_id and not each.reconciled
        )
        if {each.balance > 0 for each in lines} == {True, False}:
            lines.reconcile()

    def _keep(self, company, shop, day, move):
        self.env.cr.execute(
            SQL(
                "INSERT INTO channel_platform_settlement_posting (settlement_id, move_id)"
                " SELECT row.id, %s::int %s",
                move.id or None,
                self._of_day(company, shop, day),
            )
        )
