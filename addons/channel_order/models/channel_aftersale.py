from odoo import fields, models

from odoo.addons.channel_network.fields import LeanMany2one

from .channel_order import STAGE_SELECTION

STATUS_SELECTION = [
    ("applied", "Asked"),
    ("agreed", "Agreed"),
    ("returned", "Goods sent back"),
    ("replaced", "Replacement sent"),
    ("succeeded", "Succeeded"),
    ("refused", "Refused"),
    ("closed", "Closed"),
]
STEP_SELECTION = [
    ("request", "To decide"),
    ("intercept", "Parcel to be stopped"),
    ("wait_goods", "Waiting for the goods"),
    ("inspect", "To inspect"),
    ("goods", "To decide on the goods"),
    ("tell", "Waiting for the platform"),
    ("ship", "Replacement to ship"),
    ("done", "Done"),
    ("refused", "Refused"),
    ("closed", "Closed"),
]
AFTERSALE_GUARD = """
CREATE OR REPLACE FUNCTION channel_aftersale_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
    RAISE EXCEPTION 'after-sale %: an older version (%) must not replace %',
        OLD.aftersale_ref, NEW.updated_at, OLD.updated_at USING ERRCODE = 'check_violation';
END $guard$
"""


class ChannelAftersale(models.Model):
    """What a buyer asks for after paying, as the platform last said, and who won the race."""

    _name = "channel.aftersale"
    _description = "After-sale"
    _rec_name = "aftersale_ref"
    _order = "updated_at desc, id desc"
    _log_access = False

    shop_id = LeanMany2one("channel.shop", required=True, readonly=True)
    company_id = LeanMany2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    aftersale_ref = fields.Char("After-sale Number", required=True, readonly=True)
    order_ref = fields.Char("Order Number", required=True, readonly=True)
    line_ref = fields.Char("Platform Line", readonly=True, help="Empty: the whole order.")
    order_id = LeanMany2one(
        "channel.order", readonly=True, help="Empty while the order has not come in."
    )
    kind = fields.Selection(
        [
            ("refund_before_ship", "Refund before shipment"),
            ("refund_only", "Refund only"),
            ("return", "Return"),
            ("exchange", "Exchange"),
            ("resend", "Resend"),
            ("repair", "Repair"),
            ("price", "Price protection"),
        ],
        required=True,
        readonly=True,
    )
    status = fields.Selection(STATUS_SELECTION, required=True, readonly=True)
    step = fields.Selection(
        STEP_SELECTION,
        required=True,
        readonly=True,
        default="request",
        help="What has to happen next, by what the platform said, our answers and the goods.",
    )
    items = fields.Integer("Units", readonly=True, help="Units of the SKU; 0: all of the line.")
    amount = fields.Monetary(readonly=True, help="What the buyer gets, with freight.")
    freight = fields.Monetary("Of It Freight", readonly=True)
    deadline_at = fields.Datetime(
        "Answer By", readonly=True, help="After this moment the platform decides by itself."
    )
    return_company_code = fields.Char("Return Carrier", readonly=True)
    return_waybill = fields.Char(readonly=True, help="Of the parcel that the buyer sent back.")
    parcel_fate = fields.Selection(
        [
            ("refused", "Refused by the receiver"),
            ("delivered", "Delivered"),
            ("stopped", "Coming back"),
            ("back", "Here again"),
        ],
        "Parcel of the Order",
        readonly=True,
        help="What the platform says became of the parcel that had left.",
    )
    nothing_more = fields.Boolean(
        "Nothing More Comes",
        readonly=True,
        help="A person said that what is not here will not come: it is decided on what is here.",
    )
    applied_at = fields.Datetime("Asked On", required=True, readonly=True)
    updated_at = fields.Datetime("Updated on Platform", required=True, readonly=True)
    stage_stopped = fields.Selection(
        STAGE_SELECTION, readonly=True, help="The stage of the order when this stopped it."
    )
    winner = fields.Selection(
        [("refund", "Refund"), ("shipment", "Shipment")],
        readonly=True,
        help="Refund: the goods stay here. Shipment: they had left before the refund came.",
    )
    reason = fields.Text(readonly=True)

    _ref_uniq = models.UniqueIndex(
        "(shop_id, aftersale_ref)", "This after-sale is in the system already."
    )
    _order_ref_idx = models.Index("(shop_id, order_ref)")
    _order_idx = models.Index("(order_id) WHERE order_id IS NOT NULL")
    _list_idx = models.Index("(updated_at DESC, id DESC)")
    _step_idx = models.Index(
        "(step, deadline_at, id) WHERE step NOT IN ('done', 'refused', 'closed')"
    )
    _waybill_idx = models.Index("(return_waybill) WHERE return_waybill IS NOT NULL")

    def init(self):
        self.env.cr.execute(AFTERSALE_GUARD)
        self.env.cr.execute("DROP TRIGGER IF EXISTS channel_aftersale_guard ON channel_aftersale")
        self.env.cr.execute(
            """
            CREATE TRIGGER channel_aftersale_guard BEFORE UPDATE ON channel_aftersale
            FOR EACH ROW WHEN (NEW.updated_at < OLD.updated_at)
            EXECUTE FUNCTION channel_aftersale_guard()
            """
        )
