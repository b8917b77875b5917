from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.channel_order.batch_sql import clean, moment, unix, update_rows

from ..core.road import Clocks, Kind, Trace, standing_of

HOUR = 3600
# A carrier's clock may be a little ahead of ours; a trace from further ahead is no fact.
AHEAD = 15 * 60
STANDING_TYPES = {
    "kind": "text", "last_at": "timestamp", "last_text": "text", "alarm": "text",
    "alarm_at": "timestamp", "due_at": "timestamp", "cared_at": "timestamp", "cared_by": "int4",
    "cared_note": "text",
}  # fmt: skip


class ChannelTracking(models.Model):
    """The batch path of traces: one query, one INSERT, one UPDATE for any number of parcels."""

    _inherit = "channel.tracking"

    @api.model
    def _ingest_traces(self, told, user=None):
        """Keep traces and say anew where their parcels stand.

        :param told: {tracking id: iterable of ``core.carriers.base.Told``}, in any order, also
            known ones
        :param user: the person who records them; empty: a carrier's service
        :return: the parcels with a new trace
        """
        now = unix(fields.Datetime.now())
        rows = {
            (key, one.at, one.kind.value): one
            for key, traces in told.items()
            for one in traces
            if one.at <= now + AHEAD
        }
        self._lock_rows(told)
        new = self._insert_traces(rows, user) if rows else []
        self._restand(told)
        return self.browse(sorted(set(new)))

    @api.model
    def _lock_rows(self, ids):
        self.flush_model()
        self.env.execute_query(
            SQL(
                "SELECT id FROM channel_tracking WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
                sorted(ids),
            )
        )

    @api.model
    def _insert_traces(self, rows, user):
        """:return: ids of the parcels with a trace that was new"""
        ids, moments, kinds = zip(*rows, strict=True)
        return [
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """
                    INSERT INTO channel_parcel_trace
                           (tracking_id, company_id, at, kind, text, place, user_id, seen_at)
                    SELECT t.id, t.company_id, to_timestamp(v.at) AT TIME ZONE 'UTC', v.kind,
                           NULLIF(v.text, ''), NULLIF(v.place, ''), %s, %s
                      FROM unnest(%s::int[], %s::bigint[], %s::text[], %s::text[], %s::text[])
                           AS v(id, at, kind, text, place)
                      JOIN channel_tracking t ON t.id = v.id
                    ON CONFLICT (tracking_id, at, kind) DO NOTHING
                 RETURNING tracking_id
                    """,
                    user.id if user else None,
                    fields.Datetime.now(),
                    list(ids),
                    list(moments),
                    list(kinds),
                    [clean(one.text) for one in rows.values()],
                    [clean(one.place) for one in rows.values()],
                )
            )
        ]

    @api.model
    def _restand(self, ids):
        """Say anew where parcels stand, and tell the after-sales whose facts that changes.

        :return: the parcels that moved
        """
        rows = self._gather_standing(ids)
        now = unix(fields.Datetime.now())
        changed = []
        for row in rows:
            clocks = Clocks(row["pickup"] * HOUR, row["stall"] * HOUR)
            traces = [Trace(at, Kind(kind)) for at, kind in row["traces"] or ()]
            standing = standing_of(unix(row["handed_at"]), traces, clocks, now)
            new = self._standing_row(row, standing)
            if any(new[name] != row[name] for name in ("kind", "alarm", "last_text")) or any(
                new[name] != moment(unix(row[name])) for name in ("last_at", "alarm_at", "due_at")
            ):
                changed.append(new | {"id": row["id"]})
        update_rows(self.env.cr, self._table, STANDING_TYPES, changed)
        self.env["channel.tracking"].invalidate_model(flush=False)
        self.env["channel.parcel.trace"].invalidate_model(flush=False)
        moved = self.browse(new["id"] for new in changed)
        kinds = {row["id"]: row["kind"] for row in rows}
        self.browse(
            new["id"] for new in changed if new["kind"] != kinds[new["id"]]
        )._tell_aftersales()
        return moved

    @api.model
    def _gather_standing(self, ids):
        """Parcels with their traces and their company's clocks, in one query."""
        self.flush_model()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT t.id, t.handed_at, t.kind, t.last_at, t.last_text, t.alarm, t.alarm_at,
                       t.due_at, t.back_at, t.cared_at, t.cared_by, t.cared_note,
                       COALESCE(c.channel_pickup_hours, 0) AS pickup,
                       COALESCE(c.channel_stall_hours, 0) AS stall, told.traces, told.newest
                  FROM channel_tracking t
                  JOIN res_company c ON c.id = t.company_id
                  LEFT JOIN LATERAL (
                       SELECT json_agg(json_build_array(
                                  extract(epoch FROM x.at)::bigint, x.kind)) AS traces,
                              (array_agg(concat_ws(' ', x.place, x.text)
                                         ORDER BY x.at DESC, x.id DESC))[1] AS newest
                         FROM channel_parcel_trace x WHERE x.tracking_id = t.id) told ON true
                 WHERE t.id = ANY(%s) ORDER BY t.id
                """,
                sorted(ids),
            )
        )

    @api.model
    def _standing_row(self, row, standing):
        """The columns of a standing; another alarm is to be looked after anew."""
        here = row["back_at"] is not None  # what the carrier adds changes nothing
        alarm = standing.alarm.value if standing.alarm and not here else None
        same = alarm == row["alarm"]
        return {
            "kind": standing.kind.value if standing.kind else None,
            "last_at": moment(standing.last_at),
            "last_text": row["newest"] or None,
            "alarm": alarm,
            "alarm_at": moment(standing.alarm_at) if alarm else None,
            "due_at": None if here else moment(standing.due_at),
            "cared_at": moment(unix(row["cared_at"])) if same else None,
            "cared_by": row["cared_by"] if same else None,
            "cared_note": row["cared_note"] if same else None,
        }

    def _tell_aftersales(self):
        """After-sales of these parcels stand anew: the parcel's fate is one of their facts."""
        if not self:
            return
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.id FROM channel_aftersale a
                  JOIN channel_order o ON o.id = a.order_id
                  JOIN channel_tracking t ON t.parcel_id = o.parcel_id
                 WHERE t.id = ANY(%s)
                """,
                self.ids,
            )
        )
        self.env["channel.aftersale"].sudo()._restep(row[0] for row in rows)

    @api.model
    def _ring(self, limit=2000):
        """Raise the alarms of parcels whose silence has become too long.

        :return: how many parcels were looked at
        """
        self.flush_model()
        due = [
            row[0]
            for row in self.env.execute_query(
                SQL(
                    "SELECT id FROM channel_tracking WHERE due_at <= %s"
                    " ORDER BY due_at LIMIT %s FOR NO KEY UPDATE SKIP LOCKED",
                    fields.Datetime.now(),
                    limit,
                )
            )
        ]
        if due:
            self._restand(due)
        return len(due)
