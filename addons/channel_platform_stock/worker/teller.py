"""Tells the platforms how many units are left, as offers change and sell out."""

from odoo.addons.channel_intake.worker.kinds import beside
from odoo.addons.channel_intake.worker.worker import Worker

from ..models.platform_stock_todo import WAKE


@beside
class StockTeller(Worker):
    """One process for all shops. Sold-out items go first, so that they wait for nobody."""

    channel = WAKE

    def work(self) -> int:
        """One round over the shops of which something is to be told or read.

        :return: what was done; 0: nothing
        """
        with self.environment() as env:
            return env["channel.platform.stock"]._round()
