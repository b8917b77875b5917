import logging
import os

from odoo import api, models
from odoo.exceptions import UserError

from ..core import demo_data
from ..core.simulator import Simulator, SimulatorError

_logger = logging.getLogger(__name__)
PLAYED = "channel_suite.demo_story"
CREDENTIALS = "DEMO"


class ChannelDemoStory(models.AbstractModel):
    """A brand's evening as demo data: a session is sold, waves are built, a manifest leaves.

    Everything goes through the methods that people's buttons call, and as the user of that role,
    so the demo shows what the system does and not what a data file pretends. The set-up, the
    scheduled jobs and the controls run as the system itself. The orders come from the platform simulator.
    The parts: ``channel_demo_world`` (company, goods, network), ``channel_demo_dealers`` (deposits,
    dealer orders), ``channel_demo_returns`` (goods and money that go back), ``channel_demo_shop``
    (shop, session), ``channel_demo_settlement`` (who earns what), ``channel_demo_play`` (orders and
    what follows), ``channel_demo_aftersales`` (the clerk's and the returns desk's hands),
    ``channel_demo_afterwards`` (what buyers want back).
    """

    _name = "channel.demo.story"
    _description = "Demo Story"

    @api.model
    def play(self, scale=200, simulator_url=None):
        """Play the story once in this database.

        :param int scale: orders the simulated buyers place
        :param str simulator_url: address of the simulator; default: environment QUDAO_SIM_URL
        :return: what there is now, by name; ``{"played": False}`` when it was played before
        :rtype: dict
        :raise UserError: no simulator, or it does not answer
        """
        parameters = self.env["ir.config_parameter"].sudo()
        if parameters.get_param(PLAYED):
            self._say("The demo story was played in this database already.")
            return {"played": False}
        url = simulator_url or os.environ.get("QUDAO_SIM_URL")
        if not url:
            raise UserError(
                self.env._(
                    "Start the platform simulator and give its address in QUDAO_SIM_URL; the demo's "
                    "orders come from there."
                )
            )
        story = self.sudo().with_context(channel_one_transaction=True, tracking_disable=True)
        try:
            result = story._play(int(scale), Simulator(url))
        except SimulatorError as error:
            raise UserError(str(error)) from error
        parameters.set_param(PLAYED, "1")
        return result

    def _play(self, scale, simulator):
        story = self._in_company()
        world = story._make_world()
        dealers = story._make_dealer_day(world)
        market = story._make_shop(world, simulator, scale)
        return {"played": True} | dealers | story._make_evening(world, market, simulator, scale)

    @api.model
    def logins(self):
        """Who may sign in to the demo: ``[(role, login, password)]``, empty before it was played."""
        known = set(
            self.env["res.users"]
            .sudo()
            .search([("login", "in", [person.login for person in demo_data.PEOPLE])])
            .mapped("login")
        )
        return [
            (person.role, person.login, demo_data.PASSWORD)
            for person in demo_data.PEOPLE
            if person.login in known
        ]

    def _as(self, login, records):
        """The records as a demo user has them: that person's rights, name and notes."""
        user = self.env["res.users"].search([("login", "=", login)])
        return records.with_user(user).with_context(tracking_disable=False)

    def _say(self, text, *values):
        """One line of progress in the log."""
        _logger.info("demo story: " + text, *values)
