from contextlib import ExitStack, contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo.addons.channel_livestream.tests.live_common import LiveCommon

from ..models import (
    channel_live_sample,
    channel_live_screen,
    channel_live_summary,
    channel_session,
)
from ..models.channel_live_sample import moment

CLOCKS = (channel_live_sample, channel_live_screen, channel_live_summary, channel_session)


class LiveClock(LiveCommon):
    """An open session, and a clock that the test sets."""

    def setUp(self):
        super().setUp()
        self.session.action_open()
        self.start = moment()

    @contextmanager
    def at(self, seconds):
        """Everything of this addon happens so many seconds after the start of the test."""
        then = self.start + timedelta(seconds=seconds)
        with ExitStack() as stack:
            for module in CLOCKS:
                stack.enter_context(patch.object(module, "moment", lambda: then))
            yield

    def statements(self, call):
        """The statements a call makes."""
        seen = []
        execute = type(self.env.cr).execute

        def spy(cr, query, *args, **kwargs):
            seen.append(getattr(query, "code", query))
            return execute(cr, query, *args, **kwargs)

        with patch.object(type(self.env.cr), "execute", spy):
            call()
        return seen

    def watch(self, role="operator", session=None):
        """What a screen of this role is told."""
        return (session or self.session).with_env(self.as_role(role)).cockpit_watch()

    def sent(self):
        """The figures that this transaction sends: (session id, payload)."""
        values = self.env.cr.precommit.data.get("bus.bus.values", [])
        return [value for value in values if "channel.session/figures" in value["message"]]
