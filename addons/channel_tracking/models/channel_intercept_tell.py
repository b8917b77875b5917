from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.channel_intake.core.errors import PlatformError

from ..core.carriers.base import Asked, TooLate
from ..core.interception import Way, next_way
from .channel_tracking import MAY_HANDLE


class ChannelIntercept(models.Model):
    """Asking: the carrier's service, and people when nobody else can."""

    _inherit = "channel.intercept"

    @api.model
    def _ask_carriers(self, limit=20):
        """Ask carriers' services to stop parcels; each answer is committed for itself.

        A row is locked while its call runs. When we are killed before the commit it is asked
        again, which is harmless.

        :return: how many were asked
        """
        done = 0
        for _number in range(limit):
            row = self._claim_todo()
            if not row:
                break
            row._ask_carrier()
            self.env["channel.batch"]._commit()
            done += 1
        return done

    @api.model
    def _claim_todo(self):
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM channel_intercept WHERE state = 'todo' AND way = 'carrier'"
                " ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
            )
        )
        self.invalidate_model(flush=False)
        return self.browse(rows[0] if rows else ())

    def _ask_carrier(self):
        """One call. What fails goes to a person at once: a parcel does not wait."""
        self.ensure_one()
        service = self.carrier_id.channel_service_id
        try:
            said = service._connection().intercept(
                Asked(
                    self.carrier_id._tracking_code(),
                    self.waybill,
                    service.sudo().sender_phone or "",
                )
            )
        except (PlatformError, UserError) as error:
            text = getattr(error, "text", None) or str(error)
            if isinstance(error, TooLate):
                self._answer("too_late", text)
            else:
                self._give_to_person(text)
            return
        self._set({"state": "asked", "note": said or False})
        self.aftersale_id._restep(self.aftersale_id.ids)

    def _fall_back(self, error):
        """The platform does not stop the parcel: the carrier's service, or a person, is asked."""
        for one in self.filtered(lambda row: row.state == "asked" and row.way == "platform"):
            carrier = one.carrier_id.channel_service_id._can_intercept()
            if next_way(Way.PLATFORM, carrier) is Way.CARRIER:
                one._set({"way": "carrier", "state": "todo", "note": error or False})
                self.env.ref("channel_tracking.cron_tracking")._trigger()
            else:
                one._give_to_person(error)

    def _give_to_person(self, error):
        self._set({"way": "person", "state": "todo", "note": error or False})

    def _set(self, values):
        self.sudo().write(values)

    # -- buttons ---------------------------------------------------------------------------------

    def action_asked(self):
        """I have asked the carrier to stop them."""
        self._require_handler()
        for one in self:
            one._answer("asked", seen=("todo",))
        return True

    def action_too_late(self):
        """The carrier cannot stop it any more: say so in a window."""
        return self._ask("too_late", self.env._("Too Late"))

    def action_let_go(self):
        """The parcel goes on: say why in a window."""
        return self._ask("let_go", self.env._("Let It Go"))

    def _ask(self, decision, title):
        self.ensure_one()
        self._require_handler()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "channel_tracking.action_channel_intercept_close"
        )
        return action | {
            "name": title,
            "context": {"default_intercept_id": self.id, "default_decision": decision},
        }

    def _require_handler(self):
        """:raises AccessError: the user's job is not to look after parcels"""
        if not self.env.su and not any(self.env.user.has_group(group) for group in MAY_HANDLE):
            raise AccessError(
                self.env._(
                    "Carriers are asked to stop parcels by warehouse staff, livestream operators "
                    "and sales managers. Ask one of them."
                )
            )
        self.check_access("read")

    def action_open_aftersale(self):
        """Open the after-sale."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "channel.aftersale",
            "res_id": self.aftersale_id.id,
            "view_mode": "form",
        }
