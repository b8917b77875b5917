from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.channel_network.fields import LeanMany2one

STATES = [
    ("received", "To inspect"),
    ("inspected", "Counted"),
    ("stocked", "In stock"),
]
SOURCES = [
    ("buyer", "Sent by the buyer"),
    ("intercept", "Stopped on its way"),
    ("refused", "Refused by the receiver"),
]


class ChannelReturn(models.Model):
    """One parcel that came back (退货包裹), from the first scan of its waybill to the stock.

    The returns desk alone changes it (``channel_return_desk``). Without a source it has no owner
    (无主件): it is kept until its order is found (``channel_return_owner``).
    """

    _name = "channel.return"
    _description = "Return Parcel"
    _inherit = ["channel.by.buttons", "mail.thread"]
    _rec_name = "waybill"
    _order = "id desc"
    _check_company_auto = True

    waybill = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    warehouse_id = fields.Many2one(
        "stock.warehouse", required=True, readonly=True, index=True, ondelete="restrict"
    )
    state = fields.Selection(STATES, required=True, readonly=True, default="received")
    source = fields.Selection(SOURCES, "Why It Came Back", readonly=True, help="Empty: no owner.")
    order_ids = fields.Many2many(
        "channel.order", "channel_return_order_rel", "return_id", "order_id", "Orders",
        readonly=True,
    )  # fmt: skip
    aftersale_ids = fields.Many2many(
        "channel.aftersale", "channel_return_aftersale_rel", "return_id", "aftersale_id",
        "After-sales", readonly=True,
    )  # fmt: skip
    line_ids = fields.One2many("channel.return.line", "return_id", "Units", readonly=True)
    sender_phone_key = fields.Char(
        readonly=True, prefetch=False, groups="channel_network.group_warehouse"
    )
    sender_phone_keys = fields.Json(
        readonly=True, prefetch=False, groups=fields.NO_ACCESS,
        help="The keys under which the sender's orders are stored.",
    )  # fmt: skip
    sender_phone_masked = fields.Char("Sender", readonly=True)
    sender_phone = fields.Char(
        "Sender's Phone",
        compute="_compute_sender_phone",
        search="_search_sender_phone",
        groups="channel_network.group_warehouse",
        help="Search with the whole number. Only the masked number is shown.",
    )
    received_by = LeanMany2one("res.users", readonly=True)
    received_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    inspected_by = LeanMany2one("res.users", "Counted By", readonly=True)
    inspected_at = fields.Datetime("Counted On", readonly=True)
    batch_id = fields.Many2one(
        "channel.return.batch", "Trolley", readonly=True, index="btree_not_null",
        ondelete="restrict",
    )  # fmt: skip
    expected = fields.Integer(compute="_compute_units")
    good = fields.Integer(compute="_compute_units")
    defect = fields.Integer(compute="_compute_units")
    wrong = fields.Integer(compute="_compute_units")
    missing = fields.Integer(compute="_compute_units")

    _waybill_unique = models.UniqueIndex(
        "(company_id, waybill)", "This return parcel is here already: scan its waybill again."
    )
    _open_idx = models.Index("(warehouse_id, state, id) WHERE state <> 'stocked'")
    _orphan_idx = models.Index("(company_id, id) WHERE source IS NULL")
    _phone_idx = models.Index("(sender_phone_key) WHERE sender_phone_key IS NOT NULL")
    _counted_has_counter = models.Constraint(
        "CHECK (state = 'received' OR inspected_at IS NOT NULL)",
        "A counted parcel says when it was counted.",
    )
    _stocked_has_batch = models.Constraint(
        "CHECK (state <> 'stocked' OR batch_id IS NOT NULL AND source IS NOT NULL)",
        "Only parcels with an owner go into stock, on a trolley.",
    )

    @api.depends("sender_phone_masked")
    def _compute_sender_phone(self):
        for parcel in self:
            parcel.sender_phone = parcel.sender_phone_masked

    @api.model
    def _search_sender_phone(self, operator, value):
        """Find parcels by the sender's whole number, through its keyed hash."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        phones = [value] if isinstance(value, str) else list(value or ())
        orders = self.env["channel.order"]
        keys = [
            key for phone in phones for key in orders._phone_keys(phone, self.env["channel.shop"])
        ]
        return Domain("sender_phone_key", "in", keys) if keys else Domain.FALSE

    def _compute_units(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT return_id, sum(expected), sum(good), sum(defect), sum(wrong), sum(missing)
                  FROM channel_return_line WHERE return_id = ANY(%s) GROUP BY return_id
                """,
                self.ids,
            )
        )
        found = {row[0]: row[1:] for row in rows}
        for parcel in self:
            (parcel.expected, parcel.good, parcel.defect, parcel.wrong, parcel.missing) = found.get(
                parcel.id, (0, 0, 0, 0, 0)
            )

    def action_match(self):
        """Look for the owner of a parcel that has none."""
        self.ensure_one()
        self.check_access("write")
        wizard = self.env["channel.return.match"].create({"return_id": self.id})
        return wizard._open()

    def action_open_orders(self):
        """The orders that the parcels belong to."""
        return self.env["channel.wave"]._orders_action(
            [("id", "in", self.order_ids.ids)], self.env._("Orders of the return")
        )

    @api.model
    def action_print_codes(self):
        """The desk's sheet of bar codes: conditions, confirm, and the warehouses."""
        self.check_access("write")
        warehouses = self.env["stock.warehouse"].search(
            [("company_id", "in", self.env.companies.ids)]
        )
        return self.env.ref("channel_returns.action_report_codes").report_action(warehouses)

    def _log(self, kind):
        """Write into the orders' timelines what happened to their parcel."""
        for parcel in self:
            orders = parcel.order_ids
            orders._log_events(
                [(order.id, kind, order.stage, order.stage) for order in orders], parcel.waybill
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Return parcels are kept: they say where goods came from."))
