from contextlib import contextmanager
from uuid import uuid4

from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, tagged

from odoo.addons.channel_deposit.core.operations import Open, TopUp
from odoo.addons.channel_deposit.tests.at_once import all_at_once

WORKERS = 4
ORDERS = 5  # a worker


@tagged("post_install", "-at_install")
class TestConcurrency(BaseCase):
    """Four people confirm orders of one dealer at once, as the web does: each call in a
    transaction of its own, under Odoo's isolation, run again when it could not be serialised.
    """

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.code = uuid4().hex[:8]
        with self._environment() as env:
            partner = env["res.partner"].create({"name": self.code, "is_company": True})
            self.member = (
                env["channel.member"].create({"partner_id": partner.id, "state": "active"}).id
            )
            contract = env["channel.contract"].create(
                {"member_id": self.member, "date_start": "2020-01-01", "date_end": "2099-12-31"}
            )
            contract.action_activate()
            product = env["product.product"].create(
                {"name": self.code, "type": "service", "list_price": 10, "taxes_id": False}
            )
            account = env["channel.deposit.account"]._ensure(
                env["channel.member"].browse(self.member)
            )
            self.account, self.partner, self.product = account.id, partner.id, product.id
            account._book_or_raise(
                [
                    Open(key=f"{self.code} o", account=account.id),
                    TopUp(key=f"{self.code} t", account=account.id, amount=1000 * 18 + 500),
                ]
            )
            lines = [Command.create({"product_id": product.id, "product_uom_qty": 1})]
            values = {"partner_id": partner.id, "order_line": lines, "pricelist_id": False}
            self.orders = env["sale.order"].create([values] * WORKERS * ORDERS).ids
        self.addCleanup(self._clean_up)

    def _clean_up(self):
        """Take the rows away that no user could."""
        tables = {
            "channel_review_decision": ("member_id", self.member),
            "channel_deposit_entry": ("account_id", self.account),
            "channel_deposit_hold": ("account_id", self.account),
        }
        with self.registry.cursor() as cr:
            for table, (column, value) in tables.items():
                cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                cr.execute(f"DELETE FROM {table} WHERE {column} = %s", [value])
                cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cr.execute("DELETE FROM channel_deposit_account WHERE id = %s", [self.account])
            env = api.Environment(cr, SUPERUSER_ID, {})
            orders = env["sale.order"].browse(self.orders)
            orders._action_cancel()
            orders.unlink()
            env["channel.member"].browse(self.member).write({"state": "closed"})
            cr.execute("DELETE FROM channel_contract WHERE member_id = %s", [self.member])
            cr.execute("DELETE FROM channel_member WHERE id = %s", [self.member])
            env["product.product"].browse(self.product).unlink()
            env["res.partner"].browse(self.partner).unlink()

    @contextmanager
    def _environment(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def _press(self, order_id):
        """Press Confirm like the web client; returns how often it had to be run."""
        runs = []
        with self._environment() as env:
            order = env["sale.order"].browse(order_id)
            env.user.has_group("base.group_user")  # what every request reads before the method

            def press():
                runs.append(1)
                order.action_confirm_dealer()

            retrying(press, env)
        return len(runs)

    def _at_once(self, work):
        return all_at_once(self, work, WORKERS)

    def test_one_dealers_orders_are_confirmed_without_a_second_run(self):
        def work(worker):
            return [self._press(order) for order in self.orders[worker::WORKERS]]

        runs = [run for answers in self._at_once(work) for run in answers]
        self.assertEqual(runs, [1] * len(self.orders))
        with self._environment() as env:
            orders = env["sale.order"].browse(self.orders)
            account = env["channel.deposit.account"].browse(self.account)
            confirmed = orders.filtered(lambda order: order.state == "sale")
            self.assertEqual(len(confirmed), 18)
            self.assertEqual((account.held, account.available), (180.0, 5.0))
            self.assertEqual(set((orders - confirmed).mapped("review_state")), {"waiting"})

    def test_two_people_confirm_one_order(self):
        """One of them is told that it is confirmed; the money is set aside once."""

        def work(worker):
            try:
                return self._press(self.orders[0])
            except Exception as error:
                return error

        answers = self._at_once(work)
        self.assertEqual(sum(isinstance(answer, int) for answer in answers), 1)
        for error in answers:
            if not isinstance(error, int):
                self.assertIn("not in a state requiring confirmation", str(error))
        with self._environment() as env:
            self.assertEqual(env["channel.deposit.account"].browse(self.account).held, 10.0)
