from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .pool_common import PoolCommon


@tagged("post_install", "-at_install")
class TestPool(PoolCommon):
    """Opening locks stock, waves take their share, closing gives the rest back."""

    def test_open_locks_every_component(self):
        pool = self.make_pool("BUNDLE", {self.product_13: 2, self.product_9: 1}, 30)
        pool._open(origin="Friday")
        self.assertEqual(pool.state, "open")
        self.assertTrue(pool.opened_at)
        self.assertEqual(self.counters(pool), (30, 0, 0))
        self.assertEqual(
            self.locked(pool), {self.product_13: (60.0, 60.0), self.product_9: (30.0, 30.0)}
        )
        self.assertEqual(self.free(self.product_13), 940)
        self.assertEqual(self.free(self.product_9), 970)
        picking = pool.quota_ids.lock_move_ids.picking_id
        self.assertEqual(len(picking), 1)
        self.assertEqual(picking.origin, "Friday")
        self.assertFalse(picking.partner_id)
        self.assertEqual(picking.state, "assigned")
        self.assertEqual(picking.picking_type_id, self.warehouse_1.out_type_id)
        self.assertCovered()

    def test_two_items_share_a_product_and_keep_their_own_moves(self):
        single = self.make_pool("ONE", {self.product_13: 1}, 100)
        triple = self.make_pool("THREE", {self.product_13: 3}, 50)
        (single | triple)._open()
        moves = (single | triple).quota_ids.lock_move_ids
        self.assertEqual(len(moves), 2, "moves of two quotas must not be merged")
        self.assertEqual(len(moves.picking_id), 1, "one transfer a fulfiller")
        self.assertEqual(self.locked(single), {self.product_13: (100.0, 100.0)})
        self.assertEqual(self.locked(triple), {self.product_13: (150.0, 150.0)})
        self.assertEqual(self.free(self.product_13), 750)
        self.assertCovered()

    def test_two_items_cannot_share_the_same_units(self):
        single = self.make_pool("ONE", {self.product_13: 1}, 700)
        triple = self.make_pool("THREE", {self.product_13: 3}, 150)
        with self.assertRaises(UserError) as caught:
            (single | triple)._open()
        message = str(caught.exception)
        self.assertIn("Link THREE", message)
        self.assertIn("wanted 450, free 300", message)
        self.assertNotIn("Link ONE", message)

    def test_short_stock_names_product_wanted_and_free_and_leaves_nothing(self):
        pool = self.make_pool("SHORT", {self.product_9: 1, self.product_13: 1}, 1001)
        pickings = self.env["stock.picking"].search_count([])
        [tea, rice] = sorted(pool._shortages(), key=lambda row: row.product_id)
        self.assertEqual((tea.wanted, tea.free, rice.wanted, rice.free), (1001, 1000, 1001, 1000))
        with self.assertRaises(UserError) as caught:
            pool._open()
        self.assertIn(
            f"{self.product_9.display_name}, wanted 1001, free 1000", str(caught.exception)
        )
        pool.invalidate_recordset()
        self.assertEqual(pool.state, "draft")
        self.assertFalse(pool.quota_ids)
        self.assertEqual(self.env["stock.picking"].search_count([]), pickings)
        self.assertEqual(self.free(self.product_9), 1000)

    def test_units_reserved_by_others_are_not_free(self):
        self._delivery(self.product_13, 300).action_assign()
        pool = self.make_pool("LESS", {self.product_13: 1}, 701)
        with self.assertRaisesRegex(UserError, "wanted 701, free 700"):
            pool._open()
        pool.quota = 700
        pool._open()
        self.assertCovered()

    def test_stock_owned_by_a_member_is_not_the_brands_to_sell(self):
        owned = self._product_without_stock("Owned")
        self.env["stock.quant"]._update_available_quantity(
            owned, self.warehouse_1.lot_stock_id, 5, owner_id=self.dealer_a.partner_id
        )
        self._set_stock(owned, self.warehouse_1, 3)
        pool = self.make_pool("OWNED", {owned: 1}, 4)
        with self.assertRaisesRegex(UserError, "wanted 4, free 3"):
            pool._open()
        pool.quota = 3
        pool._open()
        self.assertFalse(pool.quota_ids.lock_move_ids.move_line_ids.owner_id)
        self.assertCovered()

    def test_goods_that_are_not_stored_need_no_lock(self):
        card = self.env["product.product"].create({"name": "Card", "type": "consu"})
        pool = self.make_pool("CARD", {card: 1}, 50)
        pool._open()
        self.assertEqual(self.counters(pool), (50, 0, 0))
        self.assertEqual(self.locked(pool), {})
        self.allocate(pool, 5)
        self.quota_model._take({pool.quota_ids.id: 5})
        pool._close()
        self.assertEqual(self.counters(pool), (5, 5, 5))
        self.assertCovered()

    def test_units_are_spread_over_the_fulfillers_by_weight(self):
        self.fulfiller_1.weight = 3
        self.shop.fulfiller_ids = [Command.set((self.fulfiller_1 | self.fulfiller_2).ids)]
        pool = self.make_pool("SPREAD", {self.product_13: 1}, 1600)
        pool._open()
        by_fulfiller = {q.fulfiller_id: q.quantity for q in pool.quota_ids}
        # 1200 would be the share of the first, it holds 1000
        self.assertEqual(by_fulfiller, {self.fulfiller_1: 1000, self.fulfiller_2: 600})
        self.assertEqual(len(pool.quota_ids.lock_move_ids.picking_id), 2)
        self.assertEqual(self.free(self.product_13, self.warehouse_2), 400)
        self.assertCovered()

    # -- taking and giving back ----------------------------------------------------------------

    def test_take_in_parts_frees_exactly_the_units_of_the_wave(self):
        pool = self.make_pool("PARTS", {self.product_13: 2, self.product_9: 1}, 500)
        pool._open()
        self.assertEqual(self.free(self.product_13), 0)
        self.allocate(pool, 120)
        for step, taken in ((50, 50), (70, 120)):
            self.quota_model._take({pool.quota_ids.id: step})
            self.assertEqual(self.counters(pool), (500, 120, taken))
            self.assertEqual(self.locked(pool)[self.product_13], (1000 - 2 * taken,) * 2)
            self.assertEqual(self.locked(pool)[self.product_9], (500 - taken,) * 2)
            delivery = self._delivery(self.product_13, 2 * step)
            delivery.action_assign()
            self.assertEqual(delivery.state, "assigned")
            self.assertEqual(self.free(self.product_13), 0)
        self.assertEqual(self.free(self.product_9), 620)
        self.assertCovered()

    def test_take_never_more_than_allocated(self):
        pool = self.make_pool("OVER", {self.product_13: 1}, 100)
        pool._open()
        self.allocate(pool, 10)
        with self.assertRaises(UserError):
            self.quota_model._take({pool.quota_ids.id: 11})
        self.assertEqual(self.counters(pool), (100, 10, 0))
        self.assertEqual(self.locked(pool), {self.product_13: (100.0, 100.0)})
        with self.assertRaises(ValueError):
            self.quota_model._take({pool.quota_ids.id: 0})

    def test_take_of_two_quotas_is_all_or_nothing(self):
        one = self.make_pool("ONE", {self.product_13: 1}, 10)
        two = self.make_pool("TWO", {self.product_13: 1}, 10)
        (one | two)._open()
        self.allocate(one, 5)
        with self.assertRaisesRegex(UserError, "Link TWO"):
            self.quota_model._take({one.quota_ids.id: 5, two.quota_ids.id: 1})
        self.assertEqual(self.counters(one), (10, 5, 0))

    def test_untake_puts_an_undone_wave_back(self):
        pool = self.make_pool("UNDO", {self.product_13: 1}, 1000)
        pool._open()
        self.allocate(pool, 1000)
        self.quota_model._take({pool.quota_ids.id: 1000})
        self.assertEqual(self.free(self.product_13), 1000)
        self.quota_model._untake({pool.quota_ids.id: 400})
        self.assertEqual(self.counters(pool), (1000, 1000, 600))
        self.assertEqual(self.locked(pool), {self.product_13: (400.0, 400.0)})
        self.assertCovered()

    def test_untake_after_close_makes_a_new_lock(self):
        pool = self.make_pool("UNDO2", {self.product_13: 1}, 10)
        pool._open()
        self.allocate(pool, 10)
        self.quota_model._take({pool.quota_ids.id: 10})
        pool._close()
        self.assertEqual(pool.quota_ids.lock_move_ids.mapped("state"), ["cancel"])
        self.quota_model._untake({pool.quota_ids.id: 4})
        self.assertEqual(self.locked(pool), {self.product_13: (4.0, 4.0)})
        self.assertCovered()

    def test_untake_of_lost_stock_is_uncovered_not_refused(self):
        pool = self.make_pool("LOST", {self.product_13: 1}, 1000)
        pool._open()
        self.allocate(pool, 1000)
        self.quota_model._take({pool.quota_ids.id: 1000})
        self.env["stock.quant"]._update_available_quantity(
            self.product_13, self.warehouse_1.lot_stock_id, -900
        )
        self.quota_model._untake({pool.quota_ids.id: 400})
        self.assertEqual(self.locked(pool), {self.product_13: (400.0, 100.0)})
        self.assertEqual(
            self.quota_model._uncovered(),
            [
                {
                    "quota_id": pool.quota_ids.id,
                    "pool_id": pool.id,
                    "product_id": self.product_13.id,
                    "wanted": 400,
                    "reserved": 100,
                }
            ],
        )

    def test_give_back_after_waving(self):
        pool = self.make_pool("BACK", {self.product_13: 1}, 100)
        pool._open()
        self.allocate(pool, 30)
        self.quota_model._take({pool.quota_ids.id: 20})
        self.quota_model._give_back({pool.quota_ids.id: 5})
        self.assertEqual(self.counters(pool), (95, 25, 15))
        self.assertEqual(self.locked(pool), {self.product_13: (80.0, 80.0)})
        self.assertCovered()
        with self.assertRaises(UserError):
            self.quota_model._give_back({pool.quota_ids.id: 16})

    # -- closing -------------------------------------------------------------------------------

    def test_close_gives_back_what_nobody_took(self):
        pool = self.make_pool("CLOSE", {self.product_13: 1}, 400)
        pool._open()
        pool._close()
        self.assertEqual((pool.state, bool(pool.closed_at)), ("closed", True))
        self.assertEqual(self.counters(pool), (0, 0, 0))
        self.assertEqual(self.free(self.product_13), 1000)
        self.assertEqual(self.locked(pool), {})
        self.assertEqual(pool.quota_ids.lock_move_ids.picking_id.state, "cancel")

    def test_close_keeps_what_is_allocated_until_it_is_waved(self):
        pool = self.make_pool("KEEP", {self.product_13: 2}, 100)
        pool._open()
        self.allocate(pool, 60)
        self.quota_model._take({pool.quota_ids.id: 25})
        pool._close()
        self.assertEqual(self.counters(pool), (60, 60, 25))
        self.assertEqual(self.locked(pool), {self.product_13: (70.0, 70.0)})
        self.assertEqual(self.free(self.product_13), 930)
        self.assertCovered()
        self.quota_model._take({pool.quota_ids.id: 35})
        self.assertEqual(self.counters(pool), (60, 60, 60))
        self.assertEqual(self.locked(pool), {})
        self.assertEqual(pool.quota_ids.lock_move_ids.mapped("state"), ["cancel"])
        self.assertCovered()

    def test_refund_after_close_returns_the_stock_at_once(self):
        pool = self.make_pool("LATE", {self.product_13: 1}, 100)
        pool._open()
        self.allocate(pool, 60)
        pool._close()
        self.allocate(pool, -10)
        self.quota_model._trim_closed(pool.quota_ids.ids)
        self.assertEqual(self.counters(pool), (50, 50, 0))
        self.assertEqual(self.free(self.product_13), 950)
        self.assertCovered()

    def test_trim_closed_leaves_open_pools_alone(self):
        pool = self.make_pool("OPEN", {self.product_13: 1}, 100)
        pool._open()
        self.quota_model._trim_closed(pool.quota_ids.ids)
        self.assertEqual(self.counters(pool), (100, 0, 0))

    # -- more units ----------------------------------------------------------------------------

    def test_add_units_while_open(self):
        pool = self.make_pool("ADD", {self.product_13: 1}, 900)
        pool._open()
        pool._add_quota(100)
        self.assertEqual(pool.quota, 1000)
        self.assertEqual(self.counters(pool), (1000, 0, 0))
        self.assertEqual(self.locked(pool), {self.product_13: (1000.0, 1000.0)})
        self.assertEqual(len(pool.quota_ids.lock_move_ids), 1)
        self.assertCovered()
        with self.assertRaisesRegex(UserError, "wanted 1, free 0"):
            pool._add_quota(1)
        with self.assertRaises(UserError):
            pool._add_quota(0)

    def test_add_units_from_another_fulfiller(self):
        pool = self.make_pool("ADD2", {self.product_13: 1}, 1000)
        pool._open()
        pool._add_quota(200, fulfillers=self.fulfiller_1 | self.fulfiller_2)
        self.assertEqual(
            {q.fulfiller_id: q.quantity for q in pool.quota_ids},
            {self.fulfiller_1: 1000, self.fulfiller_2: 200},
        )
        self.assertCovered()

    def test_units_that_no_order_has_are_given_back_while_open(self):
        before = self.free(self.product_13)
        pool = self.make_pool("CUT", {self.product_13: 2, self.product_9: 1}, 10)
        pool._open()
        self.allocate(pool, 4)
        pool._cut_quota(5)
        self.assertEqual((pool.quota, pool.left, self.counters(pool)), (5, 1, (5, 4, 0)))
        self.assertEqual(self.locked(pool)[self.product_13], (10, 10))
        self.assertEqual(self.free(self.product_13), before - 10)
        self.assertCovered()
        with self.assertRaisesRegex(UserError, "all but 1 unit"):
            pool._cut_quota(2)
        with self.assertRaises(UserError):
            pool._cut_quota(0)
        self.assertEqual((pool.quota, self.counters(pool)), (5, (5, 4, 0)))
        pool._cut_quota(1)
        self.assertEqual(self.counters(pool), (4, 4, 0))
        pool._add_quota(3)
        self.assertEqual((pool.quota, self.counters(pool)), (7, (7, 4, 0)))
        self.assertCovered()
        pool._close()
        with self.assertRaises(UserError):
            pool._cut_quota(1)

    def test_all_units_can_be_given_back_and_locked_again(self):
        before = self.free(self.product_13)
        pool = self.make_pool("CUTALL", {self.product_13: 1}, 10)
        pool._open()
        pool._cut_quota(10)
        self.assertEqual((self.counters(pool), self.free(self.product_13)), ((0, 0, 0), before))
        pool._add_quota(2)
        self.assertEqual(self.free(self.product_13), before - 2)
        pool._close()
        self.assertEqual(self.free(self.product_13), before)

    def test_fulfillers_give_back_by_what_they_have_left(self):
        both = self.fulfiller_1 | self.fulfiller_2
        pool = self.make_pool("CUTTWO", {self.product_13: 1}, 20)
        pool._open(fulfillers=both)
        held = {quota.fulfiller_id: quota.quantity for quota in pool.quota_ids}
        first, second = both
        quota = pool.quota_ids.filtered(lambda quota: quota.fulfiller_id == first)
        self.env.cr.execute(
            "UPDATE channel_pool_quota SET allocated = quantity WHERE id = %s", (quota.id,)
        )
        pool._cut_quota(held[second])
        pool.quota_ids.invalidate_recordset()
        self.assertEqual(
            {quota.fulfiller_id: quota.quantity for quota in pool.quota_ids},
            {first: held[first], second: 0},
        )
        self.assertCovered()

    def test_the_quota_itself_never_gives_back_what_orders_have(self):
        pool = self.make_pool("CUTGUARD", {self.product_13: 1}, 10)
        pool._open()
        self.allocate(pool, 8)
        with self.assertRaisesRegex(UserError, "changed meanwhile"):
            self.quota_model._shrink({pool.quota_ids.id: 3})
        self.assertEqual(self.counters(pool), (10, 8, 0))

    def test_the_dialog_changes_price_and_units(self):
        pool = self.make_pool("DIALOG", {self.product_13: 1}, 10)
        change = self.as_role("operator")["channel.pool.change"].create({"pool_id": pool.id})
        self.assertEqual(change.price, 9.9)
        change.write({"price": 8.8, "add_units": 5})
        change.action_apply()
        self.assertEqual((pool.price, pool.quota, pool.state), (8.8, 15, "draft"))
        pool._open()
        self.as_role("operator")["channel.pool.change"].create(
            {"pool_id": pool.id, "add_units": 7}
        ).action_apply()
        self.assertEqual((pool.price, pool.quota), (8.8, 22))
        self.assertEqual(self.counters(pool), (22, 0, 0))
        self.as_role("operator")["channel.pool.change"].create(
            {"pool_id": pool.id, "add_units": -2}
        ).action_apply()
        self.assertEqual((pool.quota, self.counters(pool)), (20, (20, 0, 0)))
        pool._close()
        with self.assertRaises(UserError):
            self.env["channel.pool.change"].create({"pool_id": pool.id}).action_apply()

    # -- guards --------------------------------------------------------------------------------

    def test_open_and_close_have_one_effect(self):
        pool = self.make_pool("TWICE", {self.product_13: 1}, 10)
        pool._open()
        with self.assertRaisesRegex(UserError, "already “Open”"):
            pool._open()
        pool._close()
        with self.assertRaisesRegex(UserError, "already “Closed”"):
            pool._close()
        with self.assertRaisesRegex(UserError, "already “Closed”"):
            pool._open()
        with self.assertRaises(UserError):
            pool._add_quota(1)

    def test_nobody_ships_cancels_or_unreserves_a_lock(self):
        pool = self.make_pool("GUARD", {self.product_13: 1}, 10)
        pool._open()
        picking = pool.quota_ids.lock_move_ids.picking_id
        picking = picking.with_env(self.as_role("warehouse"))
        for attempt in (
            picking.button_validate,
            picking.do_unreserve,
            picking.action_cancel,
            picking.move_ids._action_done,
        ):
            with self.assertRaisesRegex(UserError, "hold stock for live offers"):
                attempt()
        forged = picking.with_context(channel_lock_edit=True)
        with self.assertRaisesRegex(UserError, "hold stock for live offers"):
            forged.do_unreserve()
        self.assertEqual(self.locked(pool), {self.product_13: (10.0, 10.0)})

    def test_other_deliveries_do_not_land_in_a_lock_transfer(self):
        pool = self.make_pool("MIX", {self.product_13: 1}, 10)
        pool._open()
        move = pool.quota_ids.lock_move_ids
        other = self.env["stock.move"].create(
            {
                "product_id": self.product_13.id,
                "product_uom": self.product_13.uom_id.id,
                "product_uom_qty": 1,
                "location_id": move.location_id.id,
                "location_dest_id": move.location_dest_id.id,
                "picking_type_id": move.picking_type_id.id,
                "company_id": self.company.id,
            }
        )
        other._action_confirm()
        self.assertTrue(other.picking_id)
        self.assertNotEqual(other.picking_id, move.picking_id)

    def test_uncovered_shows_stock_that_went_away(self):
        pool = self.make_pool("GONE", {self.product_13: 2}, 400)
        pool._open()
        quant = self.env["stock.quant"].search(
            [
                ("product_id", "=", self.product_13.id),
                ("location_id", "=", self.warehouse_1.lot_stock_id.id),
            ]
        )
        quant.with_context(inventory_mode=True).inventory_quantity = 700
        quant.action_apply_inventory()
        [row] = self.quota_model._uncovered()
        self.assertEqual((row["pool_id"], row["wanted"], row["reserved"]), (pool.id, 800, 700))
        # stock comes back: the next reservation covers the quota again
        self._set_stock(self.product_13, self.warehouse_1, 100)
        pool.quota_ids.lock_move_ids._action_assign()
        self.assertCovered()

    def test_uncovered_shows_a_quota_without_any_lock(self):
        pool = self.make_pool("NOLOCK", {self.product_13: 2}, 4)
        self.quota_model.create(
            {"pool_id": pool.id, "fulfiller_id": self.fulfiller_1.id, "quantity": 4}
        )
        [row] = self.quota_model._uncovered()
        self.assertEqual((row["pool_id"], row["product_id"]), (pool.id, None))

    def test_pick_and_ship_locks_where_the_stock_lies(self):
        self.warehouse_1.delivery_steps = "pick_ship"
        pool = self.make_pool("TWOSTEP", {self.product_13: 1}, 1000)
        pool._open()
        self.assertEqual(pool.quota_ids.lock_move_ids.location_id, self.warehouse_1.lot_stock_id)
        self.assertEqual(self.free(self.product_13), 0)
        self.assertCovered()

    def test_no_warehouse_says_what_to_do(self):
        pool = self.make_pool("NOWH", {self.product_13: 1}, 1)
        self.shop.fulfiller_ids = [Command.set(self._member_fulfiller().ids)]
        with self.assertRaisesRegex(UserError, "No fulfiller with a warehouse"):
            pool._open()

    def test_constraints(self):
        pool = self.make_pool("CHECK", {self.product_13: 1}, 10)
        for values in ({"quota": -1}, {"price": -1}, {"price_floor": 10}, {"price_ceiling": 9.8}):
            with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
                pool.write(values)
                pool.flush_recordset()
        pool._open()
        twin = pool.copy()
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            twin._open()
        for values in ({"quota": 11}, {"link_id": twin.link_id.copy({"sku_ref": "X"}).id}):
            with self.assertRaises(UserError):
                pool.write(values)
        with self.assertRaises(UserError):
            pool.unlink()
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self.allocate(pool, 11)

    # -- roles ---------------------------------------------------------------------------------

    def test_operator_opens_and_closes_without_stock_rights(self):
        pool = self.make_pool("ROLE", {self.product_13: 1}, 10).with_env(self.as_role("operator"))
        pool.action_open()
        self.assertEqual(pool.state, "open")
        pool.action_close()
        self.assertEqual(pool.state, "closed")
        with self.assertRaises(UserError):
            pool.write({"state": "open"})
        with self.assertRaises(AccessError):
            pool.quota_ids.write({"quantity": 99})

    def test_other_roles_only_look(self):
        pool = self.make_pool("LOOK", {self.product_13: 1}, 10)
        for role in ("warehouse", "finance", "integration", "sales_rep"):
            seen = pool.with_env(self.as_role(role))
            self.assertEqual(seen.quota, 10, role)
            with self.assertRaises(AccessError, msg=role):
                seen.action_open()
        with self.assertRaises(AccessError):
            pool.with_env(self.as_role("member")).read(["quota"])

    # -- helpers -------------------------------------------------------------------------------

    def _delivery(self, product, quantity):
        out = self.warehouse_1.out_type_id
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": out.id,
                "location_id": self.warehouse_1.lot_stock_id.id,
                "location_dest_id": self.env.ref("stock.stock_location_customers").id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            "product_uom": product.uom_id.id,
                            "location_id": self.warehouse_1.lot_stock_id.id,
                            "location_dest_id": self.env.ref("stock.stock_location_customers").id,
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        return picking

    def _product_without_stock(self, name):
        return self._create_product(name, self.tax_13)

    def _member_fulfiller(self):
        return self.env["channel.fulfiller"].create(
            {
                "name": "Dealer A",
                "code": "T-MEMBER",
                "kind": "member",
                "member_id": self.dealer_a.id,
                "company_id": self.company.id,
            }
        )
