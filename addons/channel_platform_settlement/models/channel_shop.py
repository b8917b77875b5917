import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.channel_intake.core.errors import PlatformError
from odoo.addons.channel_intake.models.message_store import seconds, utc

from ..core.days import due
from ..core.douyin import local, pages
from ..core.settlement import Identities

_logger = logging.getLogger(__name__)


class ChannelShop(models.Model):
    """What the shop's platform has settled, asked of it day by day."""

    _inherit = "channel.shop"

    settlement_until = fields.Datetime(
        "Settlement Read Up To", copy=False, readonly=True,
        help="Days before this moment were asked for; the last of them is asked for again.",
    )  # fmt: skip
    settlement_error = fields.Char(
        copy=False, readonly=True, help="Why the settlement could not be read last time."
    )

    settlement_event_seen = fields.Integer(
        copy=False, readonly=True, groups=fields.NO_ACCESS,
        help="The last split of an order that was compared with the settlement.",
    )  # fmt: skip

    @api.model
    def _cron_settlement(self) -> None:
        """Each hour: queue the reading of each shop that has a day to ask for."""
        for shop in self._connected():
            if shop._settlement_days():
                shop._enqueue_settlement()

    @api.model
    def _connected(self):
        """Shops of the user's companies whose platform can be called."""
        wanted = [("is_pulled", "=", True), ("credential_ref", "!=", False)]
        shops = self._search([])
        return self.browse(self.sudo().search([("id", "in", shops), *wanted]).ids)

    def _enqueue_settlement(self, again=False) -> None:
        """Queue a reading, unless one is queued already."""
        self.ensure_one()
        self.with_delay(
            identity_key=f"channel_platform_settlement.pull.{self.id}",
            description=self.env._("Read the settlement of %(shop)s", shop=self.name),
            priority=20,
        )._job_settlement(again)

    def _settlement_days(self, again=False):
        """Days (start, end in unix seconds) that the platform can be asked for now.

        :param again: also when nothing new is to be expected
        """
        until = self.settlement_until
        return due(self._platform_now(), seconds(until) if until else None, again=again)

    def _job_settlement(self, again=False) -> str:
        """Job: read what was settled since the last time."""
        new, error = self.sudo()._pull_settlement(again)
        return error or f"{new} new"

    def _pull_settlement(self, again=False) -> tuple[int, str]:
        """Read the days that are due, each page stored and compared before the next is asked for.

        A reading that is killed begins its day anew: what is here is recognised.

        :return: (rows that are new, why it ended early)
        """
        self.ensure_one()
        new = 0
        try:
            ask = getattr(self._connection(), "settlement_page", None)
            if ask is None:
                raise UserError(
                    self.env._(
                        "The platform of %(shop)s cannot be asked for its settlement: import its"
                        " file.",
                        shop=self.name,
                    )
                )
            for start, end in self._settlement_days(again):
                new += self._pull_settlement_day(ask, start, end)
        except (PlatformError, UserError) as error:
            self.env["channel.batch"]._rollback()
            text = error.text if isinstance(error, PlatformError) else str(error)
            self.settlement_error = text[:500]
            self.env["channel.batch"]._commit()
            _logger.warning("settlement of shop %s: %s", self.id, type(error).__name__)
            return new, text
        self.env["channel.platform.settlement.difference"]._match_rest(self)
        self.settlement_error = False
        self.env["channel.batch"]._commit()
        return new, ""

    def _pull_settlement_day(self, ask, start, end) -> int:
        new, batch, identities = 0, None, Identities()
        imports = self.env["channel.platform.settlement.import"]
        for rows in pages(ask, start, end):
            if rows and batch is None:
                batch = imports._begin(self, local(start)[:10])
            if batch:
                new += batch._add(rows, identities)
            self.env["channel.batch"]._commit()
        if not self.settlement_until or self.settlement_until < utc(end + 1):
            self.settlement_until = utc(end + 1)
        self.env["channel.batch"]._commit()
        return new
