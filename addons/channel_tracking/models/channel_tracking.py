from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.channel_network.fields import LeanMany2one

from .channel_parcel_trace import KINDS

ALARMS = [
    ("no_pickup", "Not picked up"),
    ("stalled", "No news"),
    ("trouble", "Trouble at the carrier"),
    ("refused", "Refused by the receiver"),
    ("returning", "Coming back"),
    ("returned", "Said to be back"),
]
MAY_HANDLE = (
    "channel_network.group_warehouse",
    "channel_network.group_livestream_operator",
    "channel_network.group_sales_manager",
)
BEGIN_DAYS = 30


class ChannelTracking(models.Model):
    """A parcel on the road (物流跟踪): where it stands by its traces, and why it needs somebody.

    One row a parcel that a carrier took over, made with the hand-over. Where it stands is computed
    from its traces (``core.road``) and kept for lists.
    """

    _name = "channel.tracking"
    _inherit = ["channel.by.buttons"]
    _description = "Parcel on the Road"
    _rec_name = "waybill"
    _order = "id desc"
    _log_access = False

    parcel_id = LeanMany2one("channel.parcel", required=True, readonly=True)
    company_id = LeanMany2one("res.company", required=True, readonly=True)
    shop_id = LeanMany2one("channel.shop", readonly=True)
    warehouse_id = LeanMany2one("stock.warehouse", readonly=True)
    carrier_id = LeanMany2one("delivery.carrier", readonly=True)
    waybill = fields.Char(required=True, readonly=True)
    order_refs = fields.Char(related="parcel_id.order_refs")
    handed_at = fields.Datetime("Handed Over", required=True, readonly=True)
    kind = fields.Selection(KINDS, "Stands", readonly=True, help="Empty: no trace yet.")
    last_at = fields.Datetime("Last Trace", readonly=True)
    last_text = fields.Char("What the Carrier Says", readonly=True)
    alarm = fields.Selection(ALARMS, "Needs Somebody", readonly=True)
    alarm_at = fields.Datetime("Since", readonly=True)
    due_at = fields.Datetime(
        "Silent Until", readonly=True, help="When nothing is heard by then, it is an alarm."
    )
    back_at = fields.Datetime(
        "Back Here", readonly=True, help="When it was scanned at the returns desk."
    )
    cared_by = LeanMany2one("res.users", "Looked After By", readonly=True)
    cared_at = fields.Datetime("Looked After", readonly=True)
    cared_note = fields.Char("Done", readonly=True)
    ask_at = fields.Datetime("Ask the Carrier", readonly=True, help="Empty: it is not asked.")
    ask_failures = fields.Integer("Failures in a Row", readonly=True, default=0)
    ask_error = fields.Char("Not Told, Because", readonly=True)
    trace_ids = fields.One2many("channel.parcel.trace", "tracking_id", "Traces", readonly=True)

    _parcel_uniq = models.UniqueIndex("(parcel_id)", "This parcel is followed already.")
    _alarm_idx = models.Index("(alarm, alarm_at) WHERE alarm IS NOT NULL AND cared_at IS NULL")
    _due_idx = models.Index("(due_at) WHERE due_at IS NOT NULL")
    _ask_idx = models.Index("(ask_at) WHERE ask_at IS NOT NULL")
    _waybill_idx = models.Index("(waybill)")

    # -- the hand-over ---------------------------------------------------------------------------

    @api.model
    def _begin(self, where: SQL):
        """Follow parcels that were handed over, in one statement.

        :param where: which manifests ``m``
        """
        self.env["channel.parcel"].flush_model()
        self.env["channel.manifest"].flush_model()
        self.env["delivery.carrier"].flush_model()
        self.env.execute_query(
            SQL(
                """
                INSERT INTO channel_tracking
                       (parcel_id, company_id, shop_id, warehouse_id, carrier_id, waybill,
                        handed_at, ask_failures, ask_at, due_at)
                SELECT p.id, p.company_id, p.shop_id, p.warehouse_id, p.carrier_id, p.waybill,
                       m.handed_at, 0, CASE WHEN s.id IS NOT NULL
                                            THEN m.handed_at + interval '1 hour' END,
                       m.handed_at + NULLIF(c.channel_pickup_hours, 0) * interval '1 hour'
                  FROM channel_parcel p
                  JOIN channel_manifest m ON m.id = p.manifest_id
                  JOIN res_company c ON c.id = p.company_id
                  LEFT JOIN delivery_carrier d ON d.id = p.carrier_id
                  LEFT JOIN channel_carrier_service s
                       ON s.id = d.channel_service_id AND s.active
                 WHERE p.state = 'handed' AND p.waybill IS NOT NULL
                   AND m.handed_at IS NOT NULL AND %s
                ON CONFLICT (parcel_id) DO NOTHING
             RETURNING id
                """,
                where,
            )
        )

    @api.model
    def _begin_all(self):
        """Follow what was handed over before this addon was there, if it may still be on the road."""
        self._begin(
            SQL(
                "m.handed_at > (now() AT TIME ZONE 'UTC') - %s * interval '1 day'",
                BEGIN_DAYS,
            )
        )

    # -- buttons ---------------------------------------------------------------------------------

    def action_record(self):
        """Record what the carrier said on the phone, in a window."""
        self.ensure_one()
        self._require_handler()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "channel_tracking.action_channel_tracking_record"
        )
        return action | {"context": {"default_tracking_id": self.id}}

    def action_care(self):
        """Mark alarms as looked after, in a window that asks what was done."""
        self._require_handler()
        waiting = self.filtered(lambda row: row.alarm and not row.cared_at)
        if not waiting:
            raise UserError(
                self.env._("None of these parcels needs somebody now. Choose one with an alarm.")
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "channel_tracking.action_channel_tracking_care"
        )
        return action | {
            "context": {"default_tracking_ids": waiting.ids},
        }

    def action_open_parcel(self):
        """Open the parcel."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "channel.parcel",
            "res_id": self.parcel_id.id,
            "view_mode": "form",
        }

    def _require_handler(self):
        """:raises AccessError: the user's job is not to look after parcels"""
        if not self.env.su and not any(self.env.user.has_group(group) for group in MAY_HANDLE):
            raise AccessError(
                self.env._(
                    "Parcels on the road are looked after by warehouse staff, livestream "
                    "operators and sales managers. Ask one of them."
                )
            )
        self.check_access("read")

    def _care(self, alarms, note):
        """Mark alarms as looked after, if they are still those that were seen.

        :param alarms: {id: alarm that was seen}
        :return: the parcels whose alarm has changed meanwhile; they stay as they are
        """
        self._require_handler()
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE channel_tracking t
                   SET cared_by = %s, cared_at = %s, cared_note = %s
                  FROM unnest(%s::int[], %s::text[]) AS v(id, alarm)
                 WHERE t.id = v.id AND t.alarm = v.alarm AND t.cared_at IS NULL
             RETURNING t.id
                """,
                self.env.uid,
                fields.Datetime.now(),
                note or None,
                list(alarms),
                list(alarms.values()),
            )
        )
        self.invalidate_recordset()
        return self - self.browse(row[0] for row in rows)
