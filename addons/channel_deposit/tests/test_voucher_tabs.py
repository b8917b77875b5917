from contextlib import contextmanager
from unittest.mock import patch
from uuid import uuid4

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from ..core.operations import Open
from .cash_common import PICTURE


@tagged("post_install", "-at_install")
class TestTwoTabs(BaseCase):
    """One voucher approved in two tabs at once: each on a connection of its own."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        # what is posted could not be taken away again
        posting = self.registry["channel.deposit.posting"]
        self.startPatcher(patch.object(posting, "_post_or_pass", lambda *args: None))
        with self._tab(SUPERUSER_ID) as env:
            partner = env["res.partner"].create({"name": uuid4().hex, "is_company": True})
            member = env["channel.member"].create({"partner_id": partner.id, "state": "active"})
            account = env["channel.deposit.account"]._ensure(member)
            account._book_or_raise([Open(key=f"open,{account.id}", account=account.id)])
            voucher = env["channel.deposit.voucher"].create(
                {
                    "kind": "pos_slip",
                    "terminal": "T",
                    "reference": uuid4().hex,
                    "account_id": account.id,
                    "amount": 100,
                    "slip": PICTURE,
                }
            )
            voucher.action_submit()
            self.checker = env.ref("base.user_admin").id
            self.voucher, self.account = voucher.id, account.id
            self.addCleanup(self._clean_up, member.id, partner.id)

    @contextmanager
    def _tab(self, user):
        """An environment on a connection of its own, as a request has it."""
        with self.registry.cursor() as cr:
            yield api.Environment(cr, user, {})

    def _clean_up(self, member, partner):
        """Take the rows away that no user could."""
        with self._tab(SUPERUSER_ID) as env:
            for table in ("entry", "voucher"):
                name = f"channel_deposit_{table}"
                env.cr.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
                env.cr.execute(f"DELETE FROM {name} WHERE account_id = %s", [self.account])
                env.cr.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
            env.cr.execute("DELETE FROM channel_deposit_account WHERE id = %s", [self.account])
            env["ir.attachment"].search(
                [("res_model", "=", "channel.deposit.voucher"), ("res_id", "=", self.voucher),
                 ("res_field", "!=", False)]
            ).unlink()  # fmt: skip
            env["mail.message"].search(
                [("model", "=", "channel.deposit.voucher"), ("res_id", "=", self.voucher)]
            ).unlink()
            env.cr.execute("UPDATE channel_member SET state = 'draft' WHERE id = %s", [member])
            env["channel.member"].browse(member).unlink()
            env["res.partner"].browse(partner).unlink()

    def _voucher(self, env):
        voucher = env["channel.deposit.voucher"].browse(self.voucher)
        voucher.fetch(["state"])
        return voucher

    def test_it_is_booked_once(self):
        with self._tab(self.checker) as one, self._tab(self.checker) as two:
            mine, theirs = self._voucher(one), self._voucher(two)
            self.assertEqual((mine.state, theirs.state), ("submitted", "submitted"))
            mine.action_approve()
            one.cr.commit()
            # Odoo runs the request again …
            with mute_logger("odoo.sql_db"), self.assertRaises(SerializationFailure):
                theirs.action_approve()
            two.cr.rollback()
        # … and it finds what the other has done
        with self._tab(self.checker) as again:
            with self.assertRaisesRegex(UserError, "Approved"):
                self._voucher(again).action_approve()
            account = again["channel.deposit.account"].browse(self.account)
            self.assertEqual((account.posted, account.number), (100.0, 2))
