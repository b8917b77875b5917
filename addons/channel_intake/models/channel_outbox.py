import logging
from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.channel_order.core.snapshot import Problem

from ..core.errors import (
    BadAnswer,
    Overtaken,
    PlatformError,
    RefundPending,
    Refused,
    Throttled,
    Unreachable,
)
from ..core.limits import backoff

_logger = logging.getLogger(__name__)

DRAIN_AT_ONCE = 200
MAX_ATTEMPTS = 10
RETRY_BASE, RETRY_MAX = 60.0, 3600.0


@dataclass(slots=True)
class Drained:
    """What one drain did."""

    done: int = 0
    retried: int = 0
    stopped: int = 0


class ChannelOutbox(models.Model):
    """Telling a platform what we owe it, once, visibly."""

    _inherit = "channel.outbox"

    @api.model
    def _drain(self, limit=DRAIN_AT_ONCE, shops=None) -> Drained:
        """Tell the platforms what waits, oldest first; each row is committed for itself.

        A row is locked while its call runs. When we are killed between the call and the commit
        the call is made again, and the platform's "already reported with this waybill" is success.
        A shop that is slowed down or away is left alone until its next time.
        """
        result = Drained()
        away = set()
        for row_id, shop_id in self._due(limit, shops):
            if shop_id in away:
                continue
            row = self._claim(row_id)
            if row and not row._tell(result):
                away.add(shop_id)
            self.env["channel.batch"]._commit()
        return result

    def _due(self, limit, shops):
        """(row id, shop id) of what is to be told now."""
        self.flush_model()
        only = SQL("AND b.shop_id = ANY(%s)", shops.ids) if shops is not None else SQL()
        return self.env.execute_query(
            SQL(
                """
                SELECT b.id, b.shop_id FROM channel_outbox b
                  JOIN channel_shop s ON s.id = b.shop_id AND s.active
                 WHERE b.state IN ('todo', 'failed')
                   AND coalesce(b.next_attempt, '-infinity')
                       <= clock_timestamp() AT TIME ZONE 'UTC' %s
                 ORDER BY b.id LIMIT %s
                """,
                only,
                limit,
            )
        )

    def _claim(self, row_id):
        """The row, locked for this transaction, if nobody else works on it."""
        self.flush_model()
        found = self.env.execute_query(
            SQL(
                "SELECT id FROM channel_outbox WHERE id = %s AND state IN ('todo', 'failed')"
                " FOR UPDATE SKIP LOCKED",
                row_id,
            )
        )
        self.invalidate_model(flush=False)
        return self.browse(row_id) if found else self.browse()

    def _tell(self, result: Drained) -> bool:
        """Make one call and keep its outcome. :return: whether the shop may be asked for more."""
        self.ensure_one()
        try:
            self._call()
        except RefundPending as error:
            self._refund_pending(error)
            result.stopped += 1
        except Overtaken as error:
            self._overtaken(error)
            result.stopped += 1
        except (Throttled, Unreachable) as error:
            self._later(error, result)
            return False
        except (BadAnswer, UserError) as error:
            self._later(error, result)
        except Refused as error:
            if error.permanent:
                self._set("stopped", error.text)
                result.stopped += 1
            else:
                self._later(error, result)
        else:
            self._set("done", False)
            result.done += 1
        return True

    def _call(self) -> None:
        """The platform's call of this row's action."""
        if self.shop_id.platform in ("file", "manual"):
            return  # nobody to tell
        call = {
            "aftersale": self._call_aftersale,
            "intercept": self._call_intercept,
            "remark": self._call_remark,
            "address": self._call_address,
        }
        call.get(self.action, self._call_ship)()

    def _call_ship(self) -> None:
        """Report a shipment."""
        order, payload = self.order_id.exists(), self.payload or {}
        order_ref = payload.get("order_ref") or order.order_ref
        waybill = payload.get("logistics_code") or payload.get("waybill")
        self._check_waybill(order_ref, waybill, payload.get("company_code"))
        self.shop_id._connection().ship(order_ref, payload["company_code"], waybill)

    def _call_aftersale(self) -> None:
        """Tell what was decided about an after-sale, at the version that was decided on."""
        payload = self.payload or {}
        self.shop_id._connection().answer_aftersale(
            payload["aftersale_ref"],
            payload["kind"],
            payload["gate"],
            payload["accept"],
            payload["version"],
            payload.get("reason") or "",
            payload.get("company_code") or "",
            payload.get("waybill") or "",
            address_ref=self.shop_id.return_address_ref or "",
        )

    def _call_intercept(self) -> None:
        """Ask for a parcel to be stopped."""
        payload = self.payload or {}
        parcel = payload.get("company_code"), payload.get("waybill")
        self._check_waybill(payload.get("aftersale_ref"), *reversed(parcel))
        self.shop_id._connection().intercept(payload["aftersale_ref"], *parcel)

    def _check_waybill(self, ref, waybill, company_code) -> None:
        """:raises Refused: something is missing without which a parcel cannot be told"""
        if not ref or not waybill or not company_code:
            raise Refused(
                self.env._(
                    "order number, waybill or the carrier's platform code is missing: set the"
                    " code in the carrier, then press Retry"
                )
            )

    def _later(self, error, result: Drained) -> None:
        """Try again later; stop after the last attempt."""
        text = error.text if isinstance(error, PlatformError) else str(error)
        attempts = self.attempts + 1
        if attempts >= MAX_ATTEMPTS:
            self._set("stopped", text)
            result.stopped += 1
            return
        wait = backoff(attempts, RETRY_BASE, RETRY_MAX)
        if isinstance(error, Throttled):
            wait = max(wait, error.retry_after)
        self._set("failed", text, fields.Datetime.now() + timedelta(seconds=wait))
        result.retried += 1

    def _set(self, state, error, next_attempt=False) -> None:
        self.sudo().write(
            {
                "state": state,
                "error": error,
                "attempts": self.attempts + 1,
                "next_attempt": next_attempt,
            }
        )

    def _overtaken(self, error) -> None:
        """The platform has moved on: read it anew; the after-sale desk shows what is asked now.

        What was decided on another version is not told again.
        """
        self._set(
            "overtaken",
            self.env._(
                "The after-sale changed on the platform before it was told: %(text)s It is read"
                " anew; decide on what it says then.",
                text=error.text,
            ),
        )
        self.shop_id.sudo()._enqueue_pull(priority=5)

    def _refund_pending(self, error) -> None:
        """The platform holds the shipment back for a refund: a person decides about the parcel."""
        self._set(
            "stopped",
            self.env._(
                "The buyer asks for a refund, so the platform does not accept the shipment:"
                " %(text)s Stop the parcel at the carrier, or refuse the refund on the platform"
                " and press Retry.",
                text=error.text,
            ),
        )
        order = self.order_id.exists()
        if not order:
            return
        self.env["channel.exception"].sudo()._open(
            self.shop_id, [(order.id, order.order_ref, Problem("other", self.error))]
        )

    # -- jobs and buttons --------------------------------------------------------------------

    @api.model
    def _enqueue_drain(self) -> None:
        """Queue a drain, when something waits and none is queued already."""
        if self._due(1, None):
            self.with_delay(
                identity_key="channel_intake.drain",
                description=self.env._("Report shipments"),
            )._job_drain()

    @api.model
    def _job_drain(self) -> str:
        """Job: tell the platforms what waits."""
        result = self.sudo()._drain()
        return f"{result.done} told, {result.retried} later, {result.stopped} stopped"

    def action_retry(self):
        """Try stopped and failed rows again, at once."""
        if not self.env.user.has_group("channel_network.group_integration_admin"):
            raise AccessError(
                self.env._("Only an integration administrator may send this to the platform again.")
            )
        self.check_access("read")
        rows = self.filtered(lambda row: row.state in ("failed", "stopped"))
        rows.sudo().write({"state": "todo", "attempts": 0, "next_attempt": False})
        self._enqueue_drain()
        return True
