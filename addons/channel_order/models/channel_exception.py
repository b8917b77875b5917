from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.channel_network.fields import LeanMany2one

from ..batch_sql import clean
from ..core import checks, stages
from ..fact_json import write_facts

MAY_DECIDE = (
    "channel_network.group_livestream_operator",
    "channel_network.group_sales_manager",
    "channel_network.group_integration_admin",
)
TYPE_SELECTION = [
    ("sku_unknown", "Unknown SKU"),
    ("quantity", "Impossible quantity"),
    ("amounts", "Amounts do not add up"),
    ("price_band", "Price outside the band"),
    ("blocklist", "Receiver on the blocklist"),
    ("risk", "Held by an alarm"),
    ("address", "Address changed too late"),
    ("short", "Not enough left"),
    ("unfillable", "No fulfiller can ship all of it"),
    ("no_offer", "Nothing on offer"),
    ("on_hold", "Offer on hold"),
    ("lines_changed", "Lines changed after allocation"),
    ("platform_hold", "Platform holds an order in work"),
    ("shipped_elsewhere", "Shipped elsewhere"),
    ("duplicate", "Duplicate"),
    ("refund_unknown_order", "Refund for an unknown order"),
    ("malformed", "Message cannot be read"),
    ("stale", "Stale data"),
    ("other", "Other"),
]


class ChannelException(models.Model):
    """Why an order (or a message) cannot go on, until a person or the system clears it."""

    _name = "channel.exception"
    _description = "Channel Exception"
    _rec_name = "detail"
    _order = "id desc"
    _log_access = False

    order_id = LeanMany2one("channel.order", string="Order", readonly=True)
    aftersale_id = LeanMany2one("channel.aftersale", string="After-sale", readonly=True)
    message_ref = fields.Char("Message", readonly=True)
    ref = fields.Char("Order Number", readonly=True, help="The platform's number of the order.")
    shop_id = LeanMany2one("channel.shop", readonly=True)
    company_id = LeanMany2one("res.company", required=True, readonly=True)
    type = fields.Selection(TYPE_SELECTION, required=True, readonly=True)
    detail = fields.Text(readonly=True)
    # what was seen, as values: core.snapshot.Fact
    facts = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    explanation = fields.Text(compute="_compute_explanation")
    state = fields.Selection(
        [("open", "To Handle"), ("cleared", "Cleared"), ("ignored", "Ignored")],
        required=True,
        readonly=True,
        default="open",
    )
    accepted = fields.Boolean(
        readonly=True, help="A person decided that the order goes on as it is."
    )
    created = fields.Datetime("Since", required=True, readonly=True, default=fields.Datetime.now)
    cleared_at = fields.Datetime(readonly=True)
    cleared_by = LeanMany2one("res.users", readonly=True)
    note = fields.Text("Reason", readonly=True)
    stage = fields.Selection(related="order_id.stage", string="Stage")

    _open_uniq = models.UniqueIndex(
        "(order_id, type) WHERE state = 'open' AND order_id IS NOT NULL",
        "This exception of the order is open already.",
    )
    _open_ref_uniq = models.UniqueIndex(
        "(shop_id, type, ref) WHERE state = 'open' AND order_id IS NULL AND message_ref IS NULL",
        "This exception is open already.",
    )
    _message_uniq = models.UniqueIndex(
        "(message_ref, type) WHERE state = 'open' AND message_ref IS NOT NULL",
        "This exception of the message is open already.",
    )
    _open_idx = models.Index("(type, id DESC) WHERE state = 'open'")
    _order_idx = models.Index("(order_id) WHERE order_id IS NOT NULL")

    # -- written by the system -------------------------------------------------------------------

    @api.model
    def _sync(self, shop, found):
        """Make the open exceptions of orders those that were found.

        :param found: {order id: (order number, Problems)}; an open one not found is cleared, but
            for notices about an order in a wave, which people clear
        """
        if not found:
            return
        rows = [
            (order_id, ref, problem)
            for order_id, (ref, problems) in found.items()
            for problem in problems
        ]
        keep = [f"{order_id}:{problem.type}" for order_id, _ref, problem in rows]
        self.env.cr.execute(
            SQL(
                """
                UPDATE channel_exception
                   SET state = 'cleared', cleared_at = now() AT TIME ZONE 'UTC'
                 WHERE order_id = ANY(%s) AND state = 'open' AND NOT type = ANY(%s)
                   AND NOT (order_id || ':' || type) = ANY(%s)
                """,
                list(found),
                list(checks.NOTICES),
                keep,
            )
        )
        if rows:
            self._open(shop, rows)
        self.invalidate_model()

    @api.model
    def _open(self, shop, rows):
        """Open exceptions of orders; one that is open already gets the new detail.

        :param rows: (order id, order number, Problem)
        """
        known = {kind for kind, _label in TYPE_SELECTION}
        ids, refs, problems = zip(*rows, strict=True)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO channel_exception
                       (order_id, ref, type, detail, facts, shop_id, company_id, state, created)
                SELECT v.id, v.ref, v.kind, v.detail, v.facts::jsonb, %s, %s, 'open',
                       now() AT TIME ZONE 'UTC'
                  FROM unnest(%s, %s, %s, %s, %s::text[]) AS v(id, ref, kind, detail, facts)
                    ON CONFLICT (order_id, type) WHERE state = 'open' AND order_id IS NOT NULL
                    DO UPDATE SET detail = EXCLUDED.detail, facts = EXCLUDED.facts
                     WHERE channel_exception.detail IS DISTINCT FROM EXCLUDED.detail
                        OR channel_exception.facts IS DISTINCT FROM EXCLUDED.facts
                """,
                shop.id,
                shop.company_id.id,
                list(ids),
                list(refs),
                [x.type if x.type in known else "other" for x in problems],
                [clean(x.detail) for x in problems],
                [write_facts(x.facts) for x in problems],
            )
        )

    @api.model
    def _open_refs(self, shop, kind, refs):
        """Open exceptions about orders that are not in the system: {order number: detail}."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO channel_exception
                       (ref, type, detail, shop_id, company_id, state, created)
                SELECT v.ref, %s, v.detail, %s, %s, 'open', now() AT TIME ZONE 'UTC'
                  FROM unnest(%s, %s) AS v(ref, detail)
                    ON CONFLICT DO NOTHING
                """,
                kind,
                shop.id,
                shop.company_id.id,
                list(refs),
                [clean(detail) for detail in refs.values()],
            )
        )
        self.invalidate_model()

    @api.model
    def _clear(self, order_ids, kinds):
        """Clear the open exceptions of orders of some types."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE channel_exception
                   SET state = 'cleared', cleared_at = now() AT TIME ZONE 'UTC'
                 WHERE order_id = ANY(%s) AND type = ANY(%s) AND state = 'open'
                """,
                list(order_ids),
                list(kinds),
            )
        )
        self.invalidate_model()

    @api.model
    def _clear_all(self, order_ids):
        """Clear every open exception of orders that have ended."""
        if order_ids:
            self._clear(order_ids, [kind for kind, _label in TYPE_SELECTION])

    @api.model
    def _clear_refs(self, shop, kind, refs):
        """Clear the open exceptions of a type about orders that were unknown."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE channel_exception
                   SET state = 'cleared', cleared_at = now() AT TIME ZONE 'UTC'
                 WHERE shop_id = %s AND type = %s AND ref = ANY(%s) AND state = 'open'
                   AND order_id IS NULL
                """,
                shop.id,
                kind,
                list(refs),
            )
        )
        self.invalidate_model()

    # -- decided by people -----------------------------------------------------------------------

    def _require_role(self):
        if not self.env.su and not any(self.env.user.has_group(group) for group in MAY_DECIDE):
            raise AccessError(
                self.env._(
                    "Exceptions are decided by livestream operators, sales managers and "
                    "integration admins. Ask one of them."
                )
            )
        self.check_access("read")

    def _reload(self):
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_retry(self):
        """Judge the orders again: links, prices, blocklist, offers and units as they are now."""
        self._require_role()
        self.env["channel.order"]._lock_allocation(fresh=True)
        self.env["channel.order"]._replan(self.filtered("order_id").order_id.ids)
        return self._reload()

    def action_accept(self, reason=None):
        """A person decides that the order goes on as it is; without a reason, asks for one.

        :raises UserError: the type cannot be accepted, because the order could not be shipped
        """
        self._require_role()
        return self._decide("accepted", reason)

    def action_ignore(self, reason=None):
        """Close exceptions that stop no order; without a reason, asks for one.

        :raises UserError: the exception stops an order
        """
        self._require_role()
        return self._decide("ignored", reason)

    def _decide(self, decision, reason):
        chosen = self.filtered(lambda exception: exception.state == "open")
        if not chosen:
            raise UserError(self.env._("These exceptions are closed already: reload the page."))
        if decision == "accepted":
            chosen._check_acceptable()
        else:
            chosen._check_ignorable()
        if not (reason or "").strip():
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "channel_order.action_channel_exception_decide"
            )
            context = {"default_exception_ids": chosen.ids, "default_decision": decision}
            return action | {"context": context}
        if decision == "accepted":
            self.env["channel.order"]._lock_allocation(fresh=True)
        chosen.sudo()._write_decision(decision, clean(reason.strip()), self.env.uid)
        return self._reload()

    def _write_decision(self, decision, reason, user_id):
        self.env.cr.execute(
            SQL(
                """
                UPDATE channel_exception
                   SET state = %s, accepted = %s, note = %s, cleared_by = %s,
                       cleared_at = now() AT TIME ZONE 'UTC'
                 WHERE id = ANY(%s) AND state = 'open'
                """,
                "cleared" if decision == "accepted" else "ignored",
                decision == "accepted",
                reason,
                user_id,
                self.ids,
            )
        )
        self.invalidate_model()
        orders = self.filtered("order_id").order_id.with_user(user_id).sudo()
        orders._log_events(
            ((order.id, decision, order.stage, order.stage) for order in orders), reason
        )
        if decision == "accepted":
            orders._replan(orders.ids, kind="accepted", note=reason)

    def _check_acceptable(self):
        refused = self.filtered(lambda exception: exception.type not in checks.ACCEPTABLE)
        if refused:
            labels = dict(self._fields["type"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "'%s' cannot be accepted: set the cause right (the link, the offer, the stock "
                    "or the platform's order), then press Retry.",
                    labels[refused[0].type],
                )
            )

    def _check_ignorable(self):
        stopped = self.filtered(
            lambda exception: (
                exception.order_id
                and exception.stage in (stages.EXCEPTION, stages.QUEUED)
                and exception.type not in checks.NOTICES
            )
        )
        if stopped:
            raise UserError(
                self.env._(
                    "Order %s waits for this exception and would be forgotten. Accept it, set its "
                    "cause right and retry, or cancel the order on the platform.",
                    stopped[0].order_id.order_ref,
                )
            )

    def action_open_order(self):
        """Open the order of the exception."""
        self.ensure_one()
        return self.order_id._get_records_action()
