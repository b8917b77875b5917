import json

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.channel_network.append_only import make_append_only
from odoo.addons.channel_network.fields import LeanMany2one
from odoo.addons.channel_order.batch_sql import copy_rows, moment, yuan

from ..core.settlement import FEES, INCOME

KIND_SELECTION = [
    ("settled", "Settled"),
    ("refund", "Refund after Settlement"),
    ("deposit", "Refund from the Guarantee"),
    ("refund_other", "Refund by Another Way"),
    ("other", "Other Movement"),
]
_COLUMNS = (
    "company_id", "shop_id", "import_id", "digest", "number", "order_ref", "line_ref", "kind",
    "settled_at", "account", "scene", "remark", *INCOME, *FEES, "income", "fees", "amount", "extra",
)  # fmt: skip


class ChannelPlatformSettlement(models.Model):
    """A row of a platform's own settlement, as told: append-only, once for each movement.

    Amounts are yuan. ``amount`` = ``income`` − ``fees``; both are the sums of their parts. A fee is
    above 0 when the platform took it, below 0 when it gave it back.
    """

    _name = "channel.platform.settlement"
    _description = "Row of a Platform's Settlement"
    _order = "settled_at desc, id desc"
    _rec_name = "order_ref"
    _log_access = False

    company_id = LeanMany2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    shop_id = LeanMany2one("channel.shop", required=True, readonly=True)
    import_id = LeanMany2one(
        "channel.platform.settlement.import", "Came With", required=True, readonly=True, index=True
    )
    digest = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)
    number = fields.Char("Settlement Number", readonly=True)
    order_ref = fields.Char(
        "Order Number", required=True, readonly=True,
        help="What names the movement, where it is about no order.",
    )  # fmt: skip
    line_ref = fields.Char("Platform Line", readonly=True)
    order_id = fields.Many2one("channel.order", compute="_compute_order_id")
    kind = fields.Selection(KIND_SELECTION, required=True, readonly=True)
    settled_at = fields.Datetime(required=True, readonly=True)
    account = fields.Char(readonly=True, help="Where the platform keeps the money.")
    scene = fields.Char(readonly=True, help="The platform's own word for the movement.")
    remark = fields.Char(readonly=True)
    paid = fields.Monetary("Buyer Paid", readonly=True, help="With freight.")
    subsidy_platform = fields.Monetary("Platform Subsidy", readonly=True)
    subsidy_talent = fields.Monetary("Talent Subsidy", readonly=True)
    subsidy_payment = fields.Monetary("Payment Subsidy", readonly=True)
    refunded = fields.Monetary("Refunds", readonly=True, help="Below 0: given back to the buyer.")
    other_income = fields.Monetary(
        readonly=True, help="Income that the platform gives no name, as in the older export."
    )
    platform_fee = fields.Monetary(readonly=True)
    commission = fields.Monetary(readonly=True)
    colonel_fee = fields.Monetary(readonly=True)
    channel_share = fields.Monetary(readonly=True)
    promotion = fields.Monetary("Off-site Promotion", readonly=True)
    other_sharing = fields.Monetary(readonly=True)
    freight_insurance = fields.Monetary(readonly=True)
    small_payment = fields.Monetary("Small Payments", readonly=True)
    fine = fields.Monetary("Fines", readonly=True)
    income = fields.Monetary(
        required=True, readonly=True, help="What the platform owed, after refunds."
    )
    fees = fields.Monetary("Taken Off", required=True, readonly=True)
    amount = fields.Monetary("Paid Out", required=True, readonly=True)
    extra = fields.Json(readonly=True, help="Columns of the file that Qudao does not know.")
    extra_text = fields.Text("Other Columns", compute="_compute_extra_text")

    _once = models.UniqueIndex("(shop_id, digest)", "This movement is here already.")
    _order_idx = models.Index("(order_ref text_pattern_ops, shop_id)")
    _list_idx = models.Index("(settled_at DESC, id DESC)")
    _shop_idx = models.Index("(shop_id, settled_at DESC)")
    _adds_up = models.Constraint(
        "CHECK (amount = income - fees)", "What is paid out is the income less what is taken off."
    )
    _income_adds_up = models.Constraint(
        f"CHECK (income = {' + '.join(INCOME)})", "The income is the sum of its parts."
    )
    _fees_add_up = models.Constraint(
        f"CHECK (fees = {' + '.join(FEES)})", "What is taken off is the sum of its parts."
    )

    def init(self):
        make_append_only(self.env.cr, self._table)

    @api.depends("order_ref", "shop_id")
    def _compute_order_id(self):
        orders = self.env["channel.order"].search(
            [("order_ref", "in", self.mapped("order_ref")), ("shop_id", "in", self.shop_id.ids)]
        )
        found = {(order.shop_id, order.order_ref): order.id for order in orders}
        for row in self:
            row.order_id = found.get((row.shop_id, row.order_ref))

    @api.depends("extra")
    def _compute_extra_text(self):
        for row in self:
            row.extra_text = "\n".join(
                f"{name}: {text}" for name, text in (row.extra or {}).items()
            )

    @api.model
    def _store(self, batch, rows) -> list[str]:
        """Keep the rows of an import that are new, by COPY and one statement.

        :param batch: the ``channel.platform.settlement.import`` they came with
        :param rows: (identity, ``core.settlement.Settlement``) pairs
        :return: order numbers of the new rows
        """
        cr = self.env.cr
        columns = SQL(", ").join(map(SQL.identifier, _COLUMNS))
        cr.execute(
            SQL(
                "CREATE TEMP TABLE settlement_told ON COMMIT DROP AS"
                " SELECT %s FROM channel_platform_settlement WITH NO DATA",
                columns,
            )
        )
        copy_rows(
            cr, "settlement_told", _COLUMNS, (_values(batch, digest, row) for digest, row in rows)
        )
        new = self.env.execute_query(
            SQL(
                "INSERT INTO channel_platform_settlement (%s) SELECT %s FROM settlement_told"
                " ON CONFLICT (shop_id, digest) DO NOTHING RETURNING order_ref",
                columns,
                columns,
            )
        )
        cr.execute("DROP TABLE settlement_told")
        return [ref for (ref,) in new]

    def action_open_order(self):
        """The order of the row, or all rows that name it where we have no such order."""
        self.ensure_one()
        return self._open_order(self.shop_id, self.order_ref)

    @api.model
    def _open_order(self, shop, order_ref):
        order = self.env["channel.order"].search(
            [("shop_id", "=", shop.id), ("order_ref", "=", order_ref)]
        )
        if order:
            return {
                "type": "ir.actions.act_window",
                "res_model": "channel.order",
                "res_id": order.id,
                "view_mode": "form",
            }
        return self._open_rows(shop, order_ref)

    @api.model
    def _open_rows(self, shop, order_ref):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "channel_platform_settlement.action_channel_platform_settlement"
        )
        return action | {
            "domain": [("shop_id", "=", shop.id), ("order_ref", "=", order_ref)],
            "context": {},
        }


def _values(batch, digest, row):
    """A row as COPY takes it."""
    return (
        batch.company_id.id, batch.shop_id.id, batch.id, digest, row.number or None, row.order_ref,
        row.line_ref or None, str(row.kind), moment(row.settled_at), row.account or None,
        row.scene or None, row.remark or None,
        *(yuan(getattr(row, name)) for name in (*INCOME, *FEES, "income", "fees", "amount")),
        json.dumps(dict(row.extra), ensure_ascii=False) if row.extra else None,
    )  # fmt: skip
