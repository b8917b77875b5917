from dataclasses import replace

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.channel_returns.core.waybills import Source


class ChannelReturn(models.Model):
    """A parcel of ours that is back at the desk is on the road no more."""

    _inherit = "channel.return"

    @api.model
    def _owner(self, waybill, company):
        """Also know parcels that a person or a carrier's service had stopped."""
        owner = super()._owner(waybill, company)
        if not owner or owner.source is not Source.REFUSED or not owner.aftersale_ids:
            return owner
        stopped = (
            self.env["channel.intercept"]
            .sudo()
            .search_count(
                [
                    ("aftersale_id", "in", owner.aftersale_ids),
                    ("state", "in", ("todo", "asked", "stopped")),
                ],
                limit=1,
            )
        )
        return replace(owner, source=Source.INTERCEPT) if stopped else owner

    def _find_owner(self):
        """Also end the watch over the parcel: it is here.

        Its row is locked before the after-sales are, as when its traces come in.
        """
        self.env["channel.tracking"].flush_model()
        self.env.execute_query(
            SQL(
                "SELECT id FROM channel_tracking WHERE waybill = ANY(%s) AND company_id = %s"
                " ORDER BY id FOR NO KEY UPDATE",
                [self.waybill, self.waybill.lower()],
                self.company_id.id,
            )
        )
        super()._find_owner()
        if self.source not in (Source.INTERCEPT.value, Source.REFUSED.value):
            return
        self.env["channel.tracking"].flush_model()
        self.env.execute_query(
            SQL(
                """
                UPDATE channel_tracking
                   SET back_at = %s, alarm = NULL, alarm_at = NULL, due_at = NULL, ask_at = NULL
                 WHERE waybill = ANY(%s) AND company_id = %s AND back_at IS NULL
             RETURNING id
                """,
                fields.Datetime.now(),
                [self.waybill, self.waybill.lower()],
                self.company_id.id,
            )
        )
        self.env["channel.tracking"].invalidate_model(flush=False)
