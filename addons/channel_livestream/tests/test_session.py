from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .live_common import LiveCommon


@tagged("post_install", "-at_install")
class TestSession(LiveCommon):
    """Plan, open, sell, close, and the next session from this one."""

    def test_items_take_shop_and_room_of_the_session(self):
        pools = self.session.item_ids.pool_id
        self.assertEqual(pools.shop_id, self.shop)
        self.assertEqual(set(pools.mapped("room_ref")), {"room-1"})
        self.session.room_ref = " room-2 "
        self.assertEqual(set(pools.mapped("room_ref")), {"room-2"})
        self.assertFalse(self.session.is_standing)
        self.session.room_ref = False
        self.assertEqual(set(pools.mapped("room_ref")), {""})
        self.assertTrue(self.session.is_standing)

    def test_plan_in_the_form(self):
        with Form(self.env["channel.session"].with_user(self.users["operator"])) as form:
            form.name = "By hand"
            form.shop_id = self.shop
            with form.item_ids.new() as item:
                item.link_id = self.link_tea
                item.price = 18
                item.quota = 5
        session = form.save()
        self.assertEqual(session.item_ids.pool_id.shop_id, self.shop)
        self.assertEqual(session.item_ids.quota, 5)
        session.action_open()
        self.assertEqual(session.item_ids.left, 5)

    def test_open_locks_the_units_and_close_gives_back(self):
        self.session.action_open()
        self.assertEqual(self.session.state, "open")
        self.assertTrue(self.session.opened_at)
        self.assertEqual(self.session.item_ids.mapped("state"), ["open", "open"])
        self.assertEqual(self.free(self.product_13), 1000 - 100 - 80)
        self.assertEqual(self.free(self.product_9), 960)
        picking = self.session.item_ids.pool_id.quota_ids.lock_move_ids.picking_id
        self.assertEqual(picking.origin, "Friday Evening")
        self.session.action_close()
        self.assertEqual(self.session.state, "closed")
        self.assertEqual(self.session.item_ids.mapped("state"), ["closed", "closed"])
        self.assertEqual(self.free(self.product_13), 1000)

    def test_shortage_is_shown_before_opening_and_nothing_is_locked(self):
        self.item_tea.quota = 950
        self.assertFalse(self.item_tea.shortage)
        self.assertIn("wanted 80, free 50", self.item_set.shortage)
        self.assertIn("Link SET", self.session.shortage)
        with self.assertRaisesRegex(UserError, "wanted 80, free 50"), self.env.cr.savepoint():
            self.session.action_open()
        self.assertEqual(self.session.state, "draft")
        self.assertEqual(self.free(self.product_13), 1000)
        self.item_tea.quota = 900
        self.session.invalidate_recordset()
        self.item_set.invalidate_recordset(["shortage"])
        self.assertFalse(self.session.shortage)
        self.session.action_open()

    def test_no_fulfiller_is_a_shortage_text_not_an_error(self):
        self.fulfiller_1.active = False
        self.fulfiller_2.active = False
        self.shop.fulfiller_ids = [Command.clear()]
        self.assertIn("No fulfiller with a warehouse", self.item_tea.shortage)

    def test_fulfillers_of_the_session_hold_the_stock(self):
        self.session.fulfiller_ids = self.fulfiller_2
        self.session.action_open()
        self.assertEqual(self.session.item_ids.pool_id.quota_ids.fulfiller_id, self.fulfiller_2)
        self.assertEqual(self.free(self.product_13), 1000)
        self.assertEqual(self.free(self.product_13, self.warehouse_2), 820)

    def test_plan_is_checked(self):
        empty = self.make_session("Empty", item_ids=[])
        with self.assertRaisesRegex(UserError, "at least one item"):
            empty.action_open()
        self.item_tea.quota = 0
        with self.assertRaisesRegex(UserError, "Link TEA"):
            self.session.action_open()

    def test_one_effect_each_and_no_reopening(self):
        self.session.action_open()
        with self.assertRaisesRegex(UserError, "already “Open”"):
            self.session.action_open()
        self.session.action_close()
        for action in (self.session.action_open, self.session.action_close):
            with self.assertRaisesRegex(UserError, "already “Closed”"):
                action()
        with self.assertRaisesRegex(UserError, "Use the buttons"):
            self.session.with_user(self.users["operator"]).write({"state": "open"})

    def test_new_session_from_a_closed_one_keeps_the_plan(self):
        self.session.action_open()
        self.session.action_close()
        action = self.session.action_new_from_this()
        new = self.env["channel.session"].browse(action["res_id"])
        self.assertEqual((new.state, new.name), ("draft", "Friday Evening (copy)"))
        self.assertEqual((new.room_ref, new.host_id), ("", self.host))
        self.assertEqual(new.item_ids.mapped("link_id"), self.link_tea | self.link_set)
        self.assertEqual(new.item_ids.mapped("quota"), [100, 40])
        self.assertEqual(new.item_ids.mapped("price"), [20, 50])
        self.assertFalse(new.item_ids.pool_id & self.session.item_ids.pool_id)
        self.assertEqual(set(new.item_ids.mapped("state")), {"draft"})
        new.action_open()
        self.assertEqual(new.item_ids.mapped("left"), [100, 40])

    def test_item_added_while_running(self):
        self.session.action_open()
        cup = self.make_link("CUP", {self.product_13b: 1})
        item = self.env["channel.session.item"].create(
            {"session_id": self.session.id, "link_id": cup.id, "price": 5, "quota": 10}
        )
        self.assertEqual(item.state, "draft")
        item.with_user(self.users["operator"]).action_open()
        self.assertEqual((item.state, item.left, item.room_ref), ("open", 10, "room-1"))
        item.action_close()
        self.assertEqual(item.state, "closed")
        self.assertEqual(self.session.state, "open")
        self.session.action_close()
        with self.assertRaisesRegex(UserError, "is closed"):
            item.copy({"session_id": self.session.id})

    def test_item_is_not_opened_before_its_session(self):
        with self.assertRaisesRegex(UserError, "Friday Evening"):
            self.item_tea.action_open()

    def test_price_and_units_change_during_the_session_with_history(self):
        self.session.action_open()
        action = self.item_tea.action_change()
        change = (
            self.env[action["res_model"]]
            .with_user(self.users["operator"])
            .with_context(**action["context"])
            .create({"price": 18.5, "add_units": 20})
        )
        change.action_apply()
        self.assertEqual((self.item_tea.price, self.item_tea.left), (18.5, 120))
        bodies = " ".join(self.session.message_ids.mapped("body"))
        self.assertIn("18.50", bodies)
        self.assertIn("100 → 120", bodies)
        change.write({"add_units": -30})
        change.action_apply()
        self.item_tea.invalidate_recordset()
        self.assertEqual((self.item_tea.quota, self.item_tea.left), (90, 90))
        self.assertIn("120 → 90", " ".join(self.session.message_ids.mapped("body")))
        authors = self.session.message_ids.filtered(lambda m: "18.50" in m.body).author_id
        self.assertEqual(authors, self.users["operator"].partner_id)

    def test_plan_changes_and_the_opening_leave_no_note_an_item(self):
        before = len(self.session.message_ids)
        self.item_tea.price = 17
        self.session.action_open()
        self.assertEqual(len(self.session.message_ids), before)
        self.item_tea.action_close()
        self.assertIn("Open → Closed", self.session.message_ids[0].body)

    def test_one_open_session_a_room(self):
        other = self.make_session("Rival", room_ref="room-1")
        self.session.action_open()
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            other.action_open()

    def test_shop_stays_while_there_are_items(self):
        shop = self.env["channel.shop"].create(
            {"name": "Other", "code": "OTHER-LIVE", "company_id": self.company.id}
        )
        with self.assertRaisesRegex(UserError, "Remove them"):
            self.session.shop_id = shop

    def test_only_plans_are_deleted(self):
        pools = self.session.item_ids.pool_id
        self.make_session("Keep")
        self.session.unlink()
        self.assertFalse(pools.exists())
        session = self.make_session("Opened", room_ref="room-9")
        session.action_open()
        with self.assertRaises(UserError):
            session.unlink()
        with self.assertRaises(UserError):
            session.item_ids[0].unlink()

    # -- orders --------------------------------------------------------------------------------

    def test_orders_belong_to_the_session_of_their_offer(self):
        standing = self.make_session("Every Day")
        standing.action_open()
        self.session.action_open()
        orders = self.ingest(
            self.snapshot("IN"),
            self.snapshot("OUT", room="elsewhere"),
            self.snapshot("NONE", sku="UNKNOWN"),
        )
        self.assertEqual(orders["IN"].session_id, self.session)
        self.assertEqual(orders["OUT"].session_id, standing)
        self.assertFalse(orders["NONE"].session_id)
        self.assertEqual((self.session.order_count, standing.order_count), (1, 1))
        action = self.session.action_view_orders()
        self.assertEqual(self.env["channel.order"].search(action["domain"]), orders["IN"])

    def test_close_asks_while_orders_wait(self):
        self.session.action_open()
        orders = self.ingest(self.snapshot("OK"), self.snapshot("MANY", quantity=101, paid=202000))
        self.assertEqual(orders["OK"].stage, "allocated")
        self.assertEqual(self.session.waiting_count, 1)
        action = self.session.with_user(self.users["operator"]).action_close()
        self.assertEqual(action["res_model"], "channel.session.close")
        self.assertEqual(self.session.state, "open")
        wizard = (
            self.env["channel.session.close"]
            .with_user(self.users["operator"])
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(wizard.waiting_count, 1)
        waiting = self.env["channel.order"].search(wizard.action_view_orders()["domain"])
        self.assertEqual(waiting, orders["MANY"])
        wizard.action_confirm()
        self.assertEqual(self.session.state, "closed")
        # what was allocated stays locked for its wave
        self.assertEqual(self.locked(self.item_tea.pool_id), {self.product_13: (1.0, 1.0)})
        self.assertCovered()
