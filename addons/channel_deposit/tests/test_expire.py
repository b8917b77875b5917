from datetime import UTC, datetime
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.channel_deposit.core.operations import PlaceHold, Release

from .common import DepositCommon

NOW = int(datetime(2026, 3, 15, tzinfo=UTC).timestamp())


@tagged("post_install", "-at_install")
class TestExpire(DepositCommon):
    """Holds whose time is over are free again; the clock is set by the tests."""

    def _hold(self, key, fen, until=None):
        hold = PlaceHold(key=key, account=self.account.id, amount=fen, expires_at=until)
        self.accounts._book_or_raise([hold])
        return self.env["channel.deposit.hold"].search([("key", "=", key)])

    def _job(self):
        with (
            patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 60),
            patch.object(type(self.accounts), "_clock", lambda model: NOW),
        ):
            self.env["channel.deposit.hold"]._cron_expire()

    def test_what_is_due_and_nothing_else(self):
        due = self._hold("due", 100, NOW) | self._hold("long", 200, NOW - 9)
        self._hold("later", 300, NOW + 1)
        self._hold("ever", 50)
        self._hold("gone", 7, NOW - 1)
        self.accounts._book_or_raise([Release(key="free", hold="gone")])
        for _time in range(2):
            self._job()
            self.assertEqual(self.account.held, 3.5)
        self.assertEqual(due.mapped("state"), ["expired"] * 2)
        entry = self.env["channel.deposit.entry"].search([("kind", "=", "expire")])
        self.assertEqual(sorted(entry.mapped("resolves")), ["due", "long"])

    def test_one_that_cannot_be_expired_does_not_stop_the_others(self):
        stuck, due = self._hold("stuck", 100, NOW), self._hold("due", 100, NOW)
        holds = type(stuck)
        expire = holds._expire

        def refuse(hold):
            if hold == stuck:
                raise UserError(hold.key)
            return expire(hold)

        with (
            patch.object(holds, "_expire", refuse),
            self.assertLogs("odoo.addons.channel_deposit", "WARNING"),
        ):
            self._job()
        self.assertEqual((stuck.state, due.state), ("active", "expired"))
