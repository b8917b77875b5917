import threading
from uuid import uuid4

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestPoolConcurrency(BaseCase):
    """Two people at once, on cursors of their own that really commit."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            code = uuid4().hex[:5].upper()  # rows of an earlier run may still be there, archived
            warehouse = env["stock.warehouse"].create({"name": code, "code": code})
            fulfiller = env["channel.fulfiller"].create(
                {"name": code, "code": code, "warehouse_id": warehouse.id}
            )
            product = env["product.product"].create({"name": "Race", "is_storable": True})
            env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, 10)
            shop = env["channel.shop"].create(
                {"name": code, "code": code, "fulfiller_ids": [Command.set(fulfiller.ids)]}
            )
            links = env["channel.link"].create(
                [
                    {
                        "shop_id": shop.id,
                        "title": sku,
                        "sku_ref": sku,
                        "component_ids": [Command.create({"product_id": product.id})],
                    }
                    for sku in ("RACE-A", "RACE-B")
                ]
            )
            pools = env["channel.pool"].create(
                [{"shop_id": shop.id, "link_id": link.id, "quota": 8} for link in links]
            )
            # the lock row exists before the race, as it does after the first opening ever
            env["channel.warehouse.lock"]._take(warehouse)
            self.pool_ids = pools.ids
            self.made = {
                "warehouse": warehouse.id,
                "fulfiller": fulfiller.id,
                "product": product.id,
                "shop": shop.id,
                "template": product.product_tmpl_id.id,
                "partner": shop.clearing_partner_id.id,
            }
        self.addCleanup(self._clean_up)

    def _clean_up(self):
        ids = self.made
        with self.registry.cursor() as cr:
            for query in (
                "DELETE FROM stock_move_line WHERE product_id = %(product)s",
                "DELETE FROM stock_move WHERE product_id = %(product)s",
                "DELETE FROM stock_quant WHERE product_id = %(product)s",
                "DELETE FROM channel_pool_quota WHERE fulfiller_id = %(fulfiller)s",
                "DELETE FROM channel_pool WHERE shop_id = %(shop)s",
                "DELETE FROM channel_link_component WHERE product_id = %(product)s",
                "DELETE FROM channel_link WHERE shop_id = %(shop)s",
                "DELETE FROM channel_shop WHERE id = %(shop)s",
                "DELETE FROM channel_fulfiller WHERE id = %(fulfiller)s",
                "DELETE FROM stock_picking WHERE picking_type_id IN"
                " (SELECT id FROM stock_picking_type WHERE warehouse_id = %(warehouse)s)",
                "UPDATE stock_warehouse SET active = false WHERE id = %(warehouse)s",
                "UPDATE product_product SET active = false WHERE id = %(product)s",
                "UPDATE product_template SET active = false WHERE id = %(template)s",
            ):
                cr.execute(query, ids)

    def _transaction(self):
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        # a hanging test helps nobody; SET takes no snapshot
        cr.execute("SET LOCAL lock_timeout = '20s'")
        return api.Environment(cr, SUPERUSER_ID, {})

    def _race(self, first, second, act):
        """``second`` acts while ``first`` has not committed; its exception or None.

        Asserts that it waits for the first one's commit.
        """
        outcome = []

        def run():
            try:
                act(second)
                outcome.append(None)
            except Exception as error:
                outcome.append(error)
            finally:
                second.cr.rollback()

        with mute_logger("odoo.sql_db"):
            thread = threading.Thread(target=run)
            thread.start()
            thread.join(timeout=1)
            waited = thread.is_alive()
            first.cr.commit()
            thread.join(timeout=30)
        self.assertTrue(waited, f"the second must wait for the first: {outcome}")
        return outcome[0]

    def _pool(self, env, index=0):
        return env["channel.pool"].browse(self.pool_ids[index])

    def _reserved(self):
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT sum(quantity), sum(reserved_quantity) FROM stock_quant"
                " WHERE product_id = %s",
                (self.made["product"],),
            )
            return tuple(map(float, cr.fetchone()))

    def test_two_people_open_one_pool_at_the_same_moment(self):
        first, second = self._transaction(), self._transaction()
        self._pool(first)._open()
        error = self._race(first, second, lambda env: self._pool(env)._open())
        self.assertIsInstance(error, UserError)
        self.assertIn("already “Open”", str(error))
        self.assertEqual(self._reserved(), (10.0, 8.0))

    def test_two_people_close_one_pool_at_the_same_moment(self):
        opener = self._transaction()
        self._pool(opener)._open()
        opener.cr.commit()
        first, second = self._transaction(), self._transaction()
        second.cr.execute("SELECT 1")  # its snapshot is older than the first one's commit
        self._pool(first)._close()
        error = self._race(first, second, lambda env: self._pool(env)._close())
        # Odoo runs a request again after such a failure, and then it finds the pool closed
        self.assertIsInstance(error, SerializationFailure)
        with self.assertRaisesRegex(UserError, "already “Closed”"):
            self._pool(self._transaction())._close()
        self.assertEqual(self._reserved(), (10.0, 0.0))

    def test_a_pool_in_hand_is_refused_with_a_message(self):
        first, second = self._transaction(), self._transaction()
        self._pool(first)._claim("draft")
        with self.assertRaisesRegex(UserError, "Somebody else is opening or closing"):
            self._pool(second)._claim("draft")

    def test_two_pools_never_lock_the_same_units(self):
        """8 of 10 twice at once: stock Odoo would reserve 16."""
        first, second = self._transaction(), self._transaction()
        self._pool(first)._open()
        error = self._race(first, second, lambda env: self._pool(env, 1)._open())
        self.assertIsInstance(error, UserError)
        self.assertIn("wanted 8, free 2", str(error))
        self.assertEqual(self._reserved(), (10.0, 8.0))

    def test_ordinary_reservations_wait_for_the_lock_row_too(self):
        first, second = self._transaction(), self._transaction()
        out = second["stock.warehouse"].browse(self.made["warehouse"]).out_type_id
        move = second["stock.move"].create(
            {
                "product_id": self.made["product"],
                "product_uom_qty": 8,
                "picking_type_id": out.id,
                "location_id": out.default_location_src_id.id,
                "location_dest_id": second.ref("stock.stock_location_customers").id,
                "state": "confirmed",
            }
        )
        second.flush_all()
        self._pool(first)._open()
        error = self._race(first, second, lambda env: move._action_assign())
        self.assertIsInstance(error, SerializationFailure)
        self.assertEqual(self._reserved(), (10.0, 8.0))
