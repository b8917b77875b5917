from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_intake.core.errors import PlatformError, Throttled, Unreachable
from odoo.addons.channel_intake.core.limits import backoff

from ..core.carriers.base import AccountRefused, Asked

AT_ONCE = 50
BATCHES = 20
LEASE = 600  # seconds in which nobody else asks about a parcel that is being asked about
EVERY = {"delivering": 3600, "picked_up": 7200, "on_the_way": 7200}
SELDOM = 4 * 3600  # also for a parcel without a trace: a carrier counts our questions
GIVE_UP_DAYS = 30
RETRY_BASE, RETRY_MAX = 1800.0, 24 * 3600.0


class ChannelTracking(models.Model):
    """Asking carriers about parcels: in batches, each committed, with no lock held meanwhile."""

    _inherit = "channel.tracking"

    @api.model
    def _cron_tracking(self):
        """Ask about what is due, and ring for what has been silent too long."""
        self.env["channel.intercept"]._ask_carriers()
        for _batch in range(BATCHES):
            if not self._ask_due():
                break
        while self._ring():
            if not self.env["channel.batch"]._commit():
                break

    @api.model
    def _ask_due(self, limit=AT_ONCE):
        """Ask carriers about some parcels that are due.

        They are put off first, and that is committed: whoever comes meanwhile takes others, and
        when we are killed they are asked about again.

        :return: how many were asked about
        """
        parcels = self._claim_due(limit)
        self.env["channel.batch"]._commit()
        told, failed, away = {}, {}, {}
        for parcel in parcels:
            service = parcel.carrier_id.channel_service_id
            if service in away:
                failed[parcel.id] = away[service]
                continue
            try:
                told[parcel.id] = service._connection().trace(parcel._asked())
            except (Throttled, Unreachable, AccountRefused) as error:
                away[service] = failed[parcel.id] = error
            except (PlatformError, UserError) as error:
                failed[parcel.id] = error
        self._ingest_traces(told)
        self._plan_next(told, failed)
        for service in parcels.carrier_id.channel_service_id:
            service._note(away.get(service))
        self.env["channel.batch"]._commit()
        return len(parcels)

    @api.model
    def _claim_due(self, limit):
        self.flush_model()
        self.env["channel.carrier.service"].flush_model()
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE channel_tracking t SET ask_at = %s
                 WHERE t.id IN (
                       SELECT w.id FROM channel_tracking w
                         JOIN delivery_carrier d ON d.id = w.carrier_id
                         JOIN channel_carrier_service s
                              ON s.id = d.channel_service_id AND s.active
                        WHERE w.ask_at <= %s AND COALESCE(s.next_ask, '-infinity') <= %s
                        ORDER BY w.ask_at LIMIT %s FOR NO KEY UPDATE OF w SKIP LOCKED)
             RETURNING t.id
                """,
                now + timedelta(seconds=LEASE),
                now,
                now,
                limit,
            )
        )
        self.invalidate_model(flush=False)
        return self.browse(sorted(row[0] for row in rows))

    def _asked(self):
        """The parcel as its carrier's service is asked about it."""
        self.ensure_one()
        service = self.carrier_id.channel_service_id.sudo()
        return Asked(self.carrier_id._tracking_code(), self.waybill, service.sender_phone or "")

    @api.model
    def _plan_next(self, told, failed):
        """When each parcel is asked about again, in one statement."""
        now = fields.Datetime.now()
        rows = []
        for parcel in self.browse([*told, *failed]):
            failures = parcel.ask_failures + 1 if parcel.id in failed else 0
            wait = EVERY.get(parcel.kind, SELDOM)
            if failures:
                wait = backoff(failures, RETRY_BASE, RETRY_MAX)
            over = parcel._is_over(now)
            at = None if over else now + timedelta(seconds=wait)
            error = failed.get(parcel.id)
            text = getattr(error, "text", None) or str(error) if error else None
            rows.append((parcel.id, at, failures, text))
        if not rows:
            return
        self.env.execute_query(
            SQL(
                """
                UPDATE channel_tracking t
                   SET ask_at = v.at, ask_failures = v.failures, ask_error = v.error
                  FROM unnest(%s::int[], %s::timestamp[], %s::int[], %s::text[])
                       AS v(id, at, failures, error)
                 WHERE t.id = v.id RETURNING t.id
                """,
                *(list(column) for column in zip(*rows, strict=True)),
            )
        )
        self.invalidate_model(flush=False)

    def _is_over(self, now):
        """Nothing new is to be told of the parcel, or we give up."""
        self.ensure_one()
        return (
            self.kind in ("delivered", "returned")
            or bool(self.back_at)
            or self.handed_at < now - timedelta(days=GIVE_UP_DAYS)
        )

    def action_ask(self):
        """Ask the carrier now, as far as it has a service.

        :raises UserError: nobody can be asked, or the carrier does not answer
        """
        self._require_handler()
        rows = self.sudo().filtered(lambda row: row.carrier_id.channel_service_id.active)
        if not rows:
            raise UserError(
                self.env._(
                    "The carrier of these parcels has no tracking service. Ask it on the phone and "
                    "press Record what the carrier said."
                )
            )
        told = {}
        for row in rows[:AT_ONCE]:
            try:
                told[row.id] = row.carrier_id.channel_service_id._connection().trace(row._asked())
            except PlatformError as error:
                raise UserError(
                    self.env._(
                        "The tracking service does not tell about %(waybill)s: %(text)s",
                        waybill=row.waybill,
                        text=error.text,
                    )
                ) from error
        rows._ingest_traces(told)
        rows._plan_next(told, {})
        return True
