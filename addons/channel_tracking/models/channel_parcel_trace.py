from odoo import fields, models

from odoo.addons.channel_network.fields import LeanMany2one

KINDS = [
    ("picked_up", "Picked up"),
    ("on_the_way", "On the way"),
    ("trouble", "Trouble"),
    ("delivering", "Being delivered"),
    ("refused", "Refused by the receiver"),
    ("returning", "Coming back"),
    ("delivered", "Delivered"),
    ("returned", "Back at the sender"),
]


class ChannelParcelTrace(models.Model):
    """One line of a carrier's record of a parcel. Append-only: a trigger refuses changes; what is
    told twice is kept once."""

    _name = "channel.parcel.trace"
    _description = "Parcel Trace"
    _rec_name = "kind"
    _order = "at desc, id desc"
    _log_access = False

    tracking_id = LeanMany2one("channel.tracking", required=True, readonly=True)
    company_id = LeanMany2one("res.company", required=True, readonly=True)
    at = fields.Datetime(required=True, readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    text = fields.Char(readonly=True)
    place = fields.Char(readonly=True)
    user_id = LeanMany2one(
        "res.users", "Recorded By", readonly=True, help="Empty: the carrier's service told it."
    )
    seen_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)

    _once = models.UniqueIndex(
        "(tracking_id, at, kind)", "This is recorded for this parcel already."
    )

    def init(self):
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION channel_parcel_trace_guard() RETURNS trigger
            LANGUAGE plpgsql AS $guard$
            BEGIN
                RAISE EXCEPTION 'traces of parcels are append-only'
                    USING ERRCODE = 'check_violation';
            END $guard$
            """
        )
        self.env.cr.execute(
            "DROP TRIGGER IF EXISTS channel_parcel_trace_guard ON channel_parcel_trace"
        )
        self.env.cr.execute(
            """
            CREATE TRIGGER channel_parcel_trace_guard
            BEFORE UPDATE OR DELETE ON channel_parcel_trace
            FOR EACH STATEMENT EXECUTE FUNCTION channel_parcel_trace_guard()
            """
        )
