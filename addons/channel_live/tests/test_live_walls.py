from unittest.mock import MagicMock, patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .live_clock import LiveClock

MAY = {
    "operator": True,
    "sales_manager": True,
    "finance": True,
    "warehouse": True,
    "integration": True,
    "admin": True,
    "sales_rep": False,
    "member": False,
}


@tagged("post_install", "-at_install")
class TestLiveWalls(LiveClock):
    """Who hears of a session: who may read it and its orders, nobody else."""

    def channels(self, env, *asked):
        """What a user is subscribed to when its browser asks for these channels."""
        request = MagicMock()
        request.session.uid = env.uid
        with patch("odoo.addons.bus.models.ir_websocket.wsrequest", new=request):
            return list(env["ir.websocket"]._build_bus_channel_list(list(asked)))

    def hears(self, env):
        name = f"channel.session_{self.session.id}"
        channels = self.channels(env, name)
        # a text is no channel of ours, whoever asks
        self.assertNotIn(name, [channel for channel in channels if isinstance(channel, str)])
        return self.session.ids in [sessions.ids for sessions in self.records(channels)]

    def records(self, channels):
        """The sessions among channels."""
        return [c for c in channels if getattr(c, "_name", "") == "channel.session"]

    def test_who_may_read_the_session_hears_of_it(self):
        for role, may in MAY.items():
            with self.subTest(role):
                env = self.as_role(role)
                self.assertEqual(self.hears(env), may)
                session = self.session.with_env(env)
                if may:
                    self.assertTrue(session.cockpit_watch()["items"])
                else:
                    self.assertRaises(AccessError, session.cockpit_watch)

    def test_another_company_and_the_public_do_not(self):
        other = self.env["res.company"].create({"name": "Other Brand"})
        stranger = self._create_user("stranger", "group_livestream_operator")
        stranger.sudo().write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        for user in (stranger, self.env.ref("base.public_user")):
            env = self.env(user=user, su=False, context={})
            self.assertFalse(self.hears(env), user.login)
            with self.assertRaises(AccessError):
                self.session.with_env(env).cockpit_watch()

    def test_what_is_no_session_is_ignored(self):
        env = self.as_role("operator")
        asked = ["channel.session_0", "channel.session_99999999", "channel.session_1 or 1=1"]
        channels = self.channels(env, *asked, "something_else")
        self.assertEqual(channels[0], asked[2])  # a text like any other, to which nothing is sent
        self.assertEqual(self.records(channels), [])
        self.assertEqual(channels[1], "something_else")

    def test_a_screen_that_may_not_see_wakes_nobody(self):
        with self.assertRaises(AccessError):
            self.watch("member")
        self.assertNotIn(self.session, self.env["channel.live.screen"]._watched())

    def test_who_watches_is_remembered_for_a_while(self):
        screens = self.env["channel.live.screen"]
        with self.at(0):
            self.watch()
            self.assertIn(self.session, screens._watched())
        with self.at(5):
            self.assertFalse([s for s in self.statements(self.watch) if "pg_notify" in s])
        with self.at(40):
            self.assertIn(self.session, screens._watched())
        with self.at(50):
            self.assertNotIn(self.session, screens._watched())
            self.assertTrue([s for s in self.statements(self.watch) if "pg_notify" in s])
            self.assertIn(self.session, screens._watched())
