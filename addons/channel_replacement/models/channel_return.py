from dataclasses import replace

from odoo import api, models

from odoo.addons.channel_returns.core.waybills import Owner, Source


class ChannelReturn(models.Model):
    """New goods that come back under our label: the receiver did not take them."""

    _inherit = "channel.return"

    @api.model
    def _owner(self, waybill, company):
        owner = super()._owner(waybill, company)
        if owner:
            return owner
        sent = self._replacements_under(waybill, company)
        return Owner(Source.REFUSED, tuple(sent.order_id.ids)) if sent else None

    @api.model
    def _replacements_under(self, waybill, company):
        return self.env["channel.replacement"].search(
            [("waybill", "in", [waybill, waybill.lower()]), ("company_id", "=", company.id)]
        )

    def _lines_and_asked(self, order_ids, aftersale_ids):
        """Of a replacement its own goods are expected, whatever the after-sales still want."""
        lines, asked = super()._lines_and_asked(order_ids, aftersale_ids)
        if self.source != Source.REFUSED or aftersale_ids:
            return lines, asked
        sent = self._replacements_under(self.waybill, self.company_id).line_ids
        if not sent:
            return lines, asked
        units = {one.order_line_id.id: one for one in sent}
        return [
            replace(line, product_id=units[line.line_id].product_id.id,
                    units=min(units[line.line_id].units, line.room), back=0)
            for line in lines
            if line.line_id in units
        ], []  # fmt: skip

    def _log(self, kind):
        """Also on the replacement: the buyer has not got it."""
        super()._log(kind)
        if kind != "return_counted":
            return
        for parcel in self.filtered(lambda one: one.source == Source.REFUSED):
            for sent in parcel._replacements_under(parcel.waybill, parcel.company_id):
                sent.message_post(
                    body=self.env._(
                        "Came back: the receiver did not take it. Ask the buyer what to do."
                    )
                )
