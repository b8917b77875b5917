from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_network.fields import LeanMany2one

from ..core import stages

STAGE_SELECTION = [
    ("unpaid", "Unpaid"),
    ("held", "Held by Platform"),
    ("exception", "Exception"),
    ("queued", "Queued"),
    ("allocated", "Allocated"),
    ("waved", "In Wave"),
    ("picked", "Picked"),
    ("packed", "Packed"),
    ("shipped", "Shipped"),
    ("done", "Received"),
    ("cancelled", "Cancelled"),
    ("refunded", "Refunded"),
]
PLATFORM_STATUS_SELECTION = [
    ("unpaid", "Unpaid"),
    ("held", "Paid, on hold"),
    ("ready", "To ship"),
    ("shipped", "Shipped"),
    ("done", "Received"),
    ("cancelled", "Cancelled"),
]

# As a platform numbers its flags; 0 is none.
FLAG_SELECTION = [
    ("1", "Purple"),
    ("2", "Cyan"),
    ("3", "Green"),
    ("4", "Orange"),
    ("5", "Red"),
]

# The trigger is generated from core/stages.py so that code and database cannot differ.
# ``channel.put_back`` is set for one statement by channel.order._advance only.
GUARD_FUNCTION = """
CREATE OR REPLACE FUNCTION channel_order_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
    IF NEW.updated_at < OLD.updated_at THEN
        RAISE EXCEPTION 'channel order %%: an older snapshot (%%) must not replace %%',
            OLD.order_ref, NEW.updated_at, OLD.updated_at USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.stage IS DISTINCT FROM OLD.stage
        AND NOT (OLD.stage || '>' || NEW.stage) = ANY (%(free)s::text[])
        AND NOT ((OLD.stage || '>' || NEW.stage) = ANY (%(put_back)s::text[])
                 AND current_setting('channel.put_back', true) = 'on')
    THEN
        RAISE EXCEPTION 'channel order %%: a move from %% to %% is not allowed',
            OLD.order_ref, OLD.stage, NEW.stage USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $guard$
"""


class ChannelOrder(models.Model):
    """A consumer's order: lean, written by set-based SQL, summed into waves.

    Nobody creates, writes or deletes one by hand: orders come through ``_ingest`` and change
    stage through ``_advance`` only. The model therefore has no tracking, no stored computed
    fields and no access columns, and its references have no foreign keys.
    """

    _name = "channel.order"
    _description = "Channel Order"
    _rec_name = "order_ref"
    _order = "paid_at desc nulls last, id desc"
    _log_access = False
    _check_company_auto = True

    shop_id = LeanMany2one("channel.shop", required=True, readonly=True)
    company_id = LeanMany2one("res.company", required=True, readonly=True)
    member_id = LeanMany2one("channel.member", readonly=True)
    currency_id = LeanMany2one("res.currency", required=True, readonly=True)
    order_ref = fields.Char("Order Number", required=True, readonly=True)
    stage = fields.Selection(STAGE_SELECTION, required=True, readonly=True, default="unpaid")
    platform_status = fields.Selection(PLATFORM_STATUS_SELECTION, required=True, readonly=True)
    created_at = fields.Datetime("Ordered", required=True, readonly=True)
    paid_at = fields.Datetime("Paid", readonly=True)
    updated_at = fields.Datetime("Updated on Platform", required=True, readonly=True)
    received_at = fields.Datetime("Received Here", required=True, readonly=True)
    allocated_at = fields.Datetime(readonly=True)
    ship_by = fields.Datetime(readonly=True)
    amount_paid = fields.Monetary("Buyer Paid", readonly=True, help="With freight.")
    amount_owed = fields.Monetary(
        "Owed",
        readonly=True,
        help="What the platform owes for the order: paid by the buyer, plus discounts borne by "
        "the platform, the talent and the payment channel, with freight, without refunded lines.",
    )
    amount_freight = fields.Monetary("Freight", readonly=True)
    discount_shop = fields.Monetary("Shop Discount", readonly=True)
    discount_platform = fields.Monetary("Platform Discount", readonly=True)
    discount_talent = fields.Monetary("Talent Discount", readonly=True)
    discount_payment = fields.Monetary("Payment Discount", readonly=True)
    fulfiller_id = LeanMany2one("channel.fulfiller", readonly=True)
    territory_id = LeanMany2one("channel.territory", readonly=True)
    province = fields.Char(readonly=True)
    city = fields.Char(readonly=True)
    district = fields.Char(readonly=True)
    receiver_name_masked = fields.Char("Receiver", readonly=True)
    receiver_phone_masked = fields.Char("Phone", readonly=True)
    receiver_address_masked = fields.Char("Address", readonly=True)
    receiver_secret = fields.Text(prefetch=False, readonly=True, groups=fields.NO_ACCESS)
    phone_key = fields.Char(prefetch=False, readonly=True, groups="base.group_user")
    name_key = fields.Char(prefetch=False, readonly=True, groups="base.group_user")
    address_key = fields.Char(prefetch=False, readonly=True, groups="base.group_user")
    merge_key = fields.Char(prefetch=False, readonly=True, groups="base.group_user")
    snapshot_digest = fields.Char(prefetch=False, readonly=True, groups=fields.NO_ACCESS)
    buyer_note = fields.Text(prefetch=False, readonly=True)
    seller_note = fields.Text(prefetch=False, readonly=True)
    seller_flag = fields.Selection(
        FLAG_SELECTION, "Flag", readonly=True, help="The flag beside the seller's note."
    )
    refund_open = fields.Boolean(
        "Refund Asked", readonly=True, help="An after-sale stops the order until it is decided."
    )
    line_ids = fields.One2many("channel.order.line", "order_id", "Lines", readonly=True)
    event_ids = fields.One2many("channel.order.event", "order_id", "Events", readonly=True)
    exception_ids = fields.One2many(
        "channel.exception", "order_id", "Exceptions", readonly=True, groups="base.group_user"
    )
    aftersale_ids = fields.One2many("channel.aftersale", "order_id", "After-sales", readonly=True)

    # one index for three uses: exactly once, the platform's number, and its first digits
    _ref_uniq = models.UniqueIndex(
        "(order_ref text_pattern_ops, shop_id)", "This order is in the system already."
    )
    # screens: the default order, alone and below each usual filter
    _list_idx = models.Index("(paid_at DESC NULLS LAST, id DESC)")
    _shop_idx = models.Index("(shop_id, stage, paid_at DESC NULLS LAST, id DESC)")
    _stage_idx = models.Index("(stage, paid_at DESC NULLS LAST, id DESC)")
    _member_idx = models.Index(
        "(member_id, paid_at DESC NULLS LAST, id DESC) INCLUDE (company_id)"
        " WHERE member_id IS NOT NULL"
    )
    _exception_idx = models.Index("(paid_at DESC NULLS LAST, id DESC) WHERE stage = 'exception'")
    _queued_idx = models.Index("(shop_id, paid_at, order_ref) WHERE stage = 'queued'")
    _allocated_idx = models.Index(
        "(shop_id, fulfiller_id, paid_at) WHERE stage = 'allocated' AND NOT refund_open"
    )
    _phone_idx = models.Index("(phone_key) WHERE phone_key IS NOT NULL")

    def init(self):
        moves = stages.trigger_moves()
        arrays = {
            "free": [f"{a}>{b}" for a, b, back in moves if not back],
            "put_back": [f"{a}>{b}" for a, b, back in moves if back],
        }
        self.env.cr.execute("CREATE TABLE IF NOT EXISTS channel_allocation_mutex ()")
        self.env.cr.execute(GUARD_FUNCTION, arrays)
        self.env.cr.execute("DROP TRIGGER IF EXISTS channel_order_guard ON channel_order")
        self.env.cr.execute(
            """
            CREATE TRIGGER channel_order_guard BEFORE UPDATE OF stage, updated_at ON channel_order
            FOR EACH ROW WHEN (NEW.stage IS DISTINCT FROM OLD.stage
                               OR NEW.updated_at < OLD.updated_at)
            EXECUTE FUNCTION channel_order_guard()
            """
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Channel orders are kept: cancel them on the platform instead."))

    def _read_group_select(self, aggregate_spec, query):
        """The list asks for each group's currencies, to know whether a total mixes some.

        Collecting them sorts every order of the group; the least and the greatest tell the same.
        """
        if aggregate_spec == "currency_id:array_agg_distinct":
            currency = self._field_to_sql(self._table, "currency_id", query)
            return SQL(
                "CASE WHEN MIN(%(currency)s) = MAX(%(currency)s) THEN ARRAY[MIN(%(currency)s)]"
                " ELSE ARRAY[MIN(%(currency)s), MAX(%(currency)s)] END",
                currency=currency,
            )
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _lock_allocation(self, fresh=False):
        """Let one transaction at a time decide about pools: call it first in the transaction.

        LOCK TABLE takes no snapshot before it waits, so who waited sees what the other did. What
        the caller has written is flushed: the batch path drops the cache after its statements.

        :param fresh: for what a person asks for, or a job. Odoo has looked at the database before
            it comes here, and under REPEATABLE READ goes on to see it as it was before the wait:
            while orders pour in it could not count a single unit. So a transaction that has only
            read until now ends, and a new one begins with the lock. Not inside a savepoint.
        """
        self.env.flush_all()
        if fresh and not self.env.context.get("channel_one_transaction"):
            [(written,)] = self.env.execute_query(
                SQL("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
            )
            if not written:
                self.env.cr.commit()  # pylint: disable=invalid-commit  # nothing was written
        self.env.cr.execute(SQL("LOCK TABLE channel_allocation_mutex IN EXCLUSIVE MODE"))
