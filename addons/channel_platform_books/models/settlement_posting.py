from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.channel_network.append_only import make_append_only
from odoo.addons.channel_network.fields import LeanMany2one

from ..core.books import due

UNPOSTED = SQL(
    """
      FROM settlement_event AS event
      JOIN settlement_share AS share ON share.event_id = event.id AND share.settled_by = 'platform'
     WHERE NOT EXISTS (SELECT FROM settlement_posting AS done WHERE done.event_id = event.id)
    """
)


class SettlementPosting(models.Model):
    """The entry in which an order's shares stand that the platform settles. Append-only, once.

    Debit commissions and platform fees, credit the platform's deductions; the platform's own
    settlement closes these.
    """

    _name = "settlement.posting"
    _inherit = "channel.platform.poster"
    _description = "Posting of Shares Settled by the Platform"
    _order = "id desc"
    _rec_name = "event_id"
    _log_access = False

    event_id = LeanMany2one("settlement.event", required=True, readonly=True)
    move_id = fields.Many2one(
        "account.move", "Journal Entry", readonly=True, index="btree_not_null",
        ondelete="restrict", help="Empty: the amounts of its day cancel out.",
    )  # fmt: skip

    _once = models.UniqueIndex("(event_id)", "These shares are posted already.")

    def init(self):
        make_append_only(self.env.cr, self._table)

    def _days(self, before, limit):
        return self.env.execute_query(
            SQL(
                "SELECT event.company_id, event.shop_id, event.day %s AND event.day < %s"
                " GROUP BY 1, 2, 3 ORDER BY 3, 2 LIMIT %s",
                UNPOSTED,
                before,
                limit,
            )
        )

    def _post_day(self, company, shop, day):
        shares = dict(
            self.env.execute_query(
                SQL(
                    "SELECT share.role, (sum(share.amount) * 100)::bigint %s"
                    " AND event.company_id = %s AND event.shop_id = %s AND event.day = %s"
                    " GROUP BY share.role",
                    UNPOSTED,
                    company.id,
                    shop.id,
                    day,
                )
            )
        )
        items = due(shares)
        if not items:
            return self.env["account.move"]
        ref = self._words(company)._(
            "Shares settled by the platform on %(day)s: %(shop)s", day=day, shop=shop.name
        )
        return self._make_move(company, shop, day, ref, items)[0][1].move_id

    def _keep(self, company, shop, day, move):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO settlement_posting (event_id, move_id)
                SELECT DISTINCT event.id, %s::int %s
                   AND event.company_id = %s AND event.shop_id = %s AND event.day = %s
                """,
                move.id or None,
                UNPOSTED,
                company,
                shop,
                day,
            )
        )
