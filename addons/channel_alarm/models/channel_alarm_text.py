from odoo import api, models

from ..core import rules


class ChannelAlarm(models.Model):
    """What was seen, as sentences in the language of whoever reads it."""

    _inherit = "channel.alarm"

    @api.depends_context("lang")
    @api.depends("facts", "kind", "item_id")
    def _compute_text(self):
        for alarm in self:
            alarm.text = alarm._sentence()

    @api.depends_context("lang")
    @api.depends("kind", "item_id")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for alarm in self:
            names = [labels.get(alarm.kind, ""), alarm.item_id.name]
            alarm.display_name = " · ".join(filter(None, names))

    def _sentence(self):
        """What happened, in the language of the environment."""
        values = {"item": self.item_id.name, **(self.sudo().facts or {})}
        match self.kind:
            case rules.SPIKE:
                return self.env._(
                    "%(item)s: %(orders)s orders in the last minute, %(before)s a minute before.",
                    **values,
                )
            case rules.PRICE:
                return self.env._(
                    "%(item)s: %(orders)s orders outside the price band within %(minutes)s"
                    " minutes.",
                    **values,
                )
            case rules.RECEIVER:
                return self.env._(
                    "The receiver %(shown)s has %(orders)s orders in this session.", **values
                )
            case rules.STOCK:
                return self.env._(
                    "%(item)s: the platform shows %(theirs)s, %(ours)s are left here.", **values
                )
            case rules.WAITING:
                return self._waiting_sentence(values["minutes"])
        return ""

    def _waiting_sentence(self, minutes):
        if minutes < 120:
            return self.env._("A paid order waits for units for %s minutes.", minutes)
        return self.env._("A paid order waits for units for %s hours.", minutes // 60)
