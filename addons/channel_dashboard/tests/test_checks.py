"""Every check of every control is broken by raw SQL once: it must turn red, and green again.

A check without a ``_break_<name>`` method fails the test, so no check can be added unproven.
"""

from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from ..controls import CHECKS
from .break_bills import BreakBills
from .break_deposits import BreakDeposits
from .break_every_fen import BreakEveryFen
from .break_expected_returns import BreakExpectedReturns
from .break_platform_books import BreakPlatformBooks
from .break_small_payments import BreakSmallPayments
from .break_statements import BreakStatements
from .common import ControlCase


@tagged("post_install", "-at_install")
class TestChecks(
    BreakBills,
    BreakPlatformBooks,
    BreakStatements,
    BreakEveryFen,
    BreakExpectedReturns,
    BreakSmallPayments,
    BreakDeposits,
    ControlCase,
):
    def _rows(self, check):
        self.env.flush_all()
        return check.rows(self.env, 1000)

    def _prove(self, code):
        for check in CHECKS[code]:
            with self.subTest(check=check.name), self.env.cr.savepoint() as savepoint:
                before = self._rows(check)
                self.assertEqual(before, [], "the sound world must be green")
                getattr(self, f"_break_{check.name}")()
                found = self._rows(check)
                self.assertTrue(found, "broken, but not found")
                text = check.message._source % found[0].data
                self.assertNotIn("None", text)
                self.assertTrue(
                    self.env[check.model].browse(found[0].res_id).exists()
                    or check.name == "todo_orphan"
                )
                savepoint.rollback()
                self.env.invalidate_all(flush=False)
                self.assertEqual(self._rows(check), [], "put right, but still red")

    def test_exactly_once(self):
        self._prove("exactly_once")

    def test_nothing_lost(self):
        self._prove("nothing_lost")

    def test_no_oversell(self):
        self._prove("no_oversell")

    def test_every_fen(self):
        self._prove("every_fen")

    def test_deposits(self):
        self._prove("deposits")

    def test_a_deposit_that_differs_opens_from_the_board(self):
        self._break_deposit_ledger_differs()
        control = self.env.ref("channel_dashboard.control_clearing")
        control._run()
        action = control.finding_ids.filtered(
            lambda finding: finding.check_name == "deposit_ledger_differs"
        ).action_open()
        self.assertEqual(self.env[action["res_model"]].browse(action["res_id"]).difference, 1.0)

    def test_bills(self):
        self._prove("bills")

    def test_clearing(self):
        self._prove("clearing")

    def test_order_kept(self):
        self._prove("order_kept")

    def test_walls(self):
        self._prove("walls")

    # ------------------------------------------------------------------ exactly once
    def _break_unique_missing(self):
        self.sql("DROP INDEX channel_order_ref_uniq")

    def _break_order_twice(self):
        self.sql("DROP INDEX channel_order_ref_uniq")
        self._order("ctl-queued", "queued")

    def _break_line_twice(self):
        self.sql("DROP INDEX channel_order_line_part_uniq")
        self.sql(
            "INSERT INTO channel_order_line (order_id, line_ref, part, quantity, item_quantity, state)"
            " SELECT order_id, line_ref, part, 1, 1, 'live' FROM channel_order_line"
            " WHERE order_id = %s",
            self.queued.id,
        )

    def _break_shop_twice(self):
        self.sql("DROP INDEX channel_shop_platform_ref_uniq")
        self.sql(
            "UPDATE channel_shop SET platform_shop_ref = 'ctl-1' WHERE id = %s", self.other_shop.id
        )

    def _event(self, order, stage_from, stage_to):
        self.sql(
            "INSERT INTO channel_order_event (order_id, at, kind, stage_from, stage_to)"
            " VALUES (%s, now() AT TIME ZONE 'UTC', 'shipped', %s, %s)",
            order.id,
            stage_from,
            stage_to,
        )

    def _break_shipped_twice(self):
        self._event(self.allocated, "packed", "shipped")
        self._event(self.allocated, "packed", "shipped")

    def _outbox(self, key, **values):
        self.env["channel.outbox"].create(
            {
                "shop_id": self.shop.id,
                "action": "ship",
                "order_id": self.allocated.id,
                "key": key,
            }
            | values
        )

    def _break_told_twice(self):
        self._outbox("ctl-a")
        self._outbox("ctl-b")

    # ------------------------------------------------------------------ nothing lost
    def _break_message_lost(self):
        self._message("ctl-nowhere", self.now)

    def _todo(self, message_id, hours):
        self.sql(
            "INSERT INTO channel_message_todo (message_id, attempts, next_attempt)"
            " VALUES (%s, 3, (now() AT TIME ZONE 'UTC') - make_interval(hours => %s))",
            message_id,
            hours,
        )

    def _break_message_stuck(self):
        self._todo(self._message("ctl-stuck", self.now).id, 2)

    def _break_todo_orphan(self):
        self._todo(2_000_000_000, 0)

    def _break_push_lost(self):
        self.sql(
            "INSERT INTO channel_push (shop_id, tag, msg_id, order_ref, data, received_at)"
            " VALUES (%s, '101', 'ctl-push', 'ctl-nowhere', '{}', now() AT TIME ZONE 'UTC')",
            self.shop.id,
        )
        self.sql("DELETE FROM channel_push_todo")

    def _break_no_reason(self):
        message = self._message("ctl-stopped", self.now)
        self.env["channel.exception"].create(
            {
                "message_ref": str(message.id),
                "shop_id": self.shop.id,
                "company_id": self.company.id,
                "type": "malformed",
            }
        )

    def _break_order_unseen(self):
        self._order("ctl-unseen", "exception")

    def _break_outbox_no_reason(self):
        self._outbox("ctl-silent", state="stopped")

    # ------------------------------------------------------------------ no oversell
    def _break_over_quota(self):
        self.sql("ALTER TABLE channel_pool_quota DROP CONSTRAINT channel_pool_quota_counters_check")
        self.sql("UPDATE channel_pool_quota SET allocated = 21 WHERE id = %s", self.quota.id)

    def _break_quota_not_orders(self):
        self.sql("UPDATE channel_pool_quota SET allocated = 2 WHERE id = %s", self.quota.id)

    def _break_uncovered(self):
        """As Odoo's ``_free_reservation`` does: another document takes the reservation away."""
        self.sql(
            "DELETE FROM stock_move_line WHERE move_id IN"
            " (SELECT id FROM stock_move WHERE channel_quota_id = %s)",
            self.quota.id,
        )

    def _break_reserved_twice(self):
        self.sql(
            "UPDATE stock_quant SET reserved_quantity = quantity + 1"
            " WHERE product_id = %s AND location_id = %s",
            self.product.id,
            self.warehouse.lot_stock_id.id,
        )

    # ------------------------------------------------------------------ clearing
    def _break_wave_differs(self):
        self._order("ctl-shipped", "shipped", wave_id=self.wave.id)

    def _break_invoice_without_wave(self):
        account = self.company._channel_clearing_account()
        partner = self.shop.clearing_partner_id
        partner.with_company(self.company).property_account_receivable_id = account
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": self.now.date(),
                "invoice_line_ids": [
                    Command.create(
                        {"name": "By hand", "price_unit": 5, "tax_ids": [Command.clear()]}
                    )
                ],
            }
        )
        invoice.action_post()

    def _refunded(self):
        """A refund of three days ago, of an order that left with the wave and is invoiced."""
        order = self._order("ctl-shipped", "shipped", wave_id=self.wave.id)
        moment = self.now - timedelta(days=3)
        self._aftersale(order, kind="refund_only", winner=False, applied_at=moment,
                        updated_at=moment, amount=5)  # fmt: skip
        return order

    def _break_refund_not_credited(self):
        self._refunded()

    def _break_refund_exceeds(self):
        order = self._refunded()
        self.sql(
            "INSERT INTO channel_order_credit (company_id, shop_id, wave_id, order_id,"
            " aftersale_id, units, amount, excess, day)"
            " SELECT company_id, shop_id, %s, order_id, id, 0, 0, 5, current_date"
            " FROM channel_aftersale WHERE order_id = %s",
            self.wave.id,
            order.id,
        )

    # ------------------------------------------------------------------ order kept
    def _break_moved_back(self):
        self._event(self.queued, "shipped", "queued")

    def _break_left_then_back(self):
        self._event(self.allocated, "packed", "shipped")

    def _aftersale(self, order, **values):
        self.env["channel.aftersale"].create(
            {
                "shop_id": self.shop.id,
                "company_id": self.company.id,
                "aftersale_ref": f"as-{order.order_ref}",
                "order_ref": order.order_ref,
                "order_id": order.id,
                "kind": "refund_before_ship",
                "status": "succeeded",
                "winner": "refund",
                "applied_at": self.now,
                "updated_at": self.now,
            }
            | values
        )

    def _break_refund_shipped(self):
        self._aftersale(self._order("ctl-gone", "shipped"))

    def _break_ended_in_parcel(self):
        manifest = self.env["channel.manifest"].create(
            {"carrier_id": self.carrier.id, "warehouse_id": self.warehouse.id}
        )
        parcel = self.env["channel.parcel"].create(
            {
                "name": "CTL-P1",
                "wave_id": self.wave.id,
                "company_id": self.company.id,
                "seq": 1,
                "state": "handed",
                "packed_at": self.now,
                "manifest_id": manifest.id,
            }
        )
        ended = self._order("ctl-ended", "refunded", parcel_id=parcel.id)
        self.sql(
            "INSERT INTO channel_order_event (order_id, at, kind, stage_from, stage_to)"
            " VALUES (%s, %s, 'refunded', 'packed', 'refunded')",
            ended.id,
            self.now + timedelta(minutes=1),
        )

    def _break_behind_message(self):
        self._message("ctl-queued", self.now + timedelta(minutes=1))

    def _break_guard_missing(self):
        self.sql("ALTER TABLE channel_order DISABLE TRIGGER channel_order_guard")

    # ------------------------------------------------------------------ walls
    def _company(self):
        return self.env["res.company"].create({"name": "Control Abroad"})

    def _break_order_wall(self):
        self.sql(
            "UPDATE channel_order SET company_id = %s WHERE id = %s",
            self._company().id,
            self.queued.id,
        )

    def _break_line_wall(self):
        self.sql(
            "UPDATE channel_pool SET shop_id = %s WHERE id = %s", self.other_shop.id, self.pool.id
        )

    def _break_pool_wall(self):
        self.sql(
            "UPDATE channel_fulfiller SET company_id = %s WHERE id = %s",
            self._company().id,
            self.fulfiller.id,
        )

    def _break_aftersale_wall(self):
        self._aftersale(self.queued, shop_id=self.other_shop.id)

    def _break_wave_wall(self):
        self.sql(
            "UPDATE channel_wave SET company_id = %s WHERE id = %s",
            self._company().id,
            self.wave.id,
        )

    def _member(self, name="Control Member"):
        partner = self.env["res.partner"].create({"name": name, "is_company": True})
        return self.env["channel.member"].create({"partner_id": partner.id})

    def _break_member_partner(self):
        member = self._member()
        self.sql(
            "UPDATE res_partner SET parent_id = %s WHERE id = %s",
            self.company.partner_id.id,
            member.partner_id.id,
        )

    def _break_member_path(self):
        member = self._member()
        self.sql("UPDATE channel_member SET parent_path = '1/2/' WHERE id = %s", member.id)

    def _member_user(self, member):
        return self.env["res.users"].create(
            {
                "name": "Control Dealer",
                "login": "control-dealer",
                "partner_id": self.env["res.partner"]
                .create({"name": "Control Dealer", "parent_id": member.partner_id.id})
                .id,
                "group_ids": [Command.set(self.env.ref("channel_network.group_member_user").ids)],
            }
        )

    def _break_user_members(self):
        first, second = self._member(), self._member("Control Member 2")
        self._member_user(first)
        self.sql("ALTER TABLE channel_member DROP CONSTRAINT channel_member_partner_unique")
        self.sql(
            "UPDATE channel_member SET partner_id = %s WHERE id = %s",
            first.partner_id.id,
            second.id,
        )

    def _break_member_user_inside(self):
        user = self._member_user(self._member())
        self.sql(
            "INSERT INTO res_groups_users_rel (gid, uid) VALUES (%s, %s)",
            self.env.ref("channel_network.group_finance_clerk").id,
            user.id,
        )

    def _break_model_unguarded(self):
        self.sql(
            "UPDATE ir_rule SET perm_read = false WHERE id = %s",
            self.env.ref("channel_order.rule_order_member").id,
        )
