from odoo import models
from odoo.tools import SQL

from odoo.addons.bus.models.bus import channel_with_db, json_dump

from ..core.pace import Count, item_pace, per_minute
from .channel_live_sample import ORDERS, moment

FIGURES = "channel.session/figures"  # the type of the notification
NOTIFICATIONS_KEPT = 10  # seconds


def _rounded(rate):
    return None if rate is None else round(rate, 1)


class ChannelSession(models.Model):
    """Figures summed once for all screens, and sent to them."""

    _name = "channel.session"
    _inherit = ["channel.session", "bus.listener.mixin"]

    def cockpit_watch(self):
        """The figures for a screen that watches this session, and goes on to.

        Those that were last sent, while they are sent; else as :meth:`cockpit` reads them now.

        :return: what :meth:`cockpit` returns, with ``live`` (whether figures are being sent) and
            ``age`` (seconds since these were read)
        """
        self.ensure_one()
        self._check_cockpit()
        self.env["channel.live.screen"].sudo()._note(self)
        kept = self.env["channel.live.summary"].sudo()._fresh(self)
        if not kept:
            return self.cockpit() | {"live": False, "age": 0}
        figures, age = kept
        figures["alarms"] = self._cockpit_alarms().get(self.id, [])
        return figures | {"may": self._cockpit_rights(), "live": True, "age": age}

    def _listenable(self, ids):
        """Those of these sessions whose figures :meth:`cockpit` would show to this user."""
        if not ids or not self.env["channel.order"].has_access("read"):
            return self.browse()
        return self.browse(ids).exists()._filtered_access("read")

    def _cockpit_figures(self):
        figures = super()._cockpit_figures()
        samples = self.env["channel.live.sample"].sudo()._oldest(self.ids, 1, 5, 15)
        intake = self._intake_figures()
        for session_id, values in figures.items():
            before = [samples.get((session_id, minutes)) for minutes in (1, 5, 15)]
            self._add_pace(values, *before)
            values["intake"] = intake[session_id]
        return figures

    def _add_pace(self, values, minute, five, fifteen):
        """Rates of the session and of its items, from earlier counts."""
        counts = {item["pool_id"]: item["allocated"] for item in values["items"]}
        counts[ORDERS] = values["orders"]["received"]
        now = Count(moment().timestamp(), counts)
        for minutes, before in ((1, minute), (5, five), (15, fifteen)):
            values["orders"][f"rate_{minutes}"] = _rounded(per_minute(ORDERS, now, before))
        for item in values["items"]:
            pace = item_pace(item["pool_id"], item["left"], now, minute, five)
            item["rate_1"] = _rounded(pace.last_1)
            item["rate_5"] = _rounded(pace.last_5)
            item["lasts"] = pace.lasts

    def _announce(self):
        """Sum these sessions up once and send each its figures.

        Alarms go along in every language that is in use.
        """
        if not self:
            return
        figures = self._cockpit_figures()
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        for code in languages:
            alarms = self.with_context(lang=code)._cockpit_alarms()
            for session_id, values in figures.items():
                values.setdefault("alarms", {})[code] = alarms.get(session_id, [])
        self.env["channel.live.summary"]._keep(figures)
        for session in self:
            session._bus_send(FIGURES, figures[session.id])

    def _forget_notifications(self):
        """The bus keeps what is sent for a day; figures are of no use to anybody after seconds."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM bus_bus WHERE create_date < (now() AT TIME ZONE 'UTC') - %s"
                " * interval '1 second' AND channel = ANY(%s)",
                NOTIFICATIONS_KEPT,
                [json_dump(channel_with_db(self.env.cr.dbname, session)) for session in self],
            )
        )
