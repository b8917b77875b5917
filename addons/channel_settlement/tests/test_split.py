from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.channel_network.core.money import to_fen

from .common import SettlementCommon, rule


@tagged("post_install", "-at_install")
class TestSplit(SettlementCommon):
    def test_every_fen_of_what_is_owed(self):
        self.assertEqual(self.split(), 3)
        tea = self.orders[0]  # 10.00 paid, 2.00 from the platform, 6.00 freight
        self.assertEqual(self.fen(tea), {"other": 360, "platform": 90, "brand": 1350})
        shares = self.Share.search([("order_id", "=", tea.id)])
        self.assertEqual(sum(map(to_fen, shares.mapped("amount"))), to_fen(tea.amount_owed))
        self.assertEqual(shares.filtered(lambda s: s.role == "other").partner_id, self.agent)
        self.assertEqual(
            set(zip(shares.mapped("role"), shares.mapped("settled_by"), strict=False)),
            {("other", "us"), ("platform", "platform"), ("brand", "kept")},
        )
        freight = shares.filtered(lambda share: not share.line_id)
        self.assertEqual(sum(map(to_fen, freight.mapped("amount"))), 600)

    def test_nothing_is_split_twice(self):
        self.split()
        before = self.Share.search_count([])
        self.assertEqual(self.split(), 0)
        self.Todo._fill()
        self.assertFalse(self.Todo.search([("order_id", "in", self.orders.ids)]))
        self.Todo.search([]).unlink()
        self.Todo.create([{"order_id": order.id, "since": "2026-01-01"} for order in self.orders])
        self.assertEqual(self.split(), 3)
        self.assertEqual(self.Share.search_count([]), before)

    def test_a_refund_takes_back_what_belongs_to_it(self):
        self.split()
        order = self.orders[1]
        for fen, left, agent in ((3000, 6000, 1200), (3333, 2667, 534), (2667, 0, 0)):
            self.after(order, fen)
            self.run_all()
            self.split()
            found = self.fen(order)
            self.assertEqual(sum(found.values()), left)
            self.assertEqual(found["other"], agent)
        shares = self.Share.search([("order_id", "=", order.id)])
        cells = {}
        for share in shares:
            key = share.line_id.id, share.rule_id.id
            cells[key] = cells.get(key, 0) + to_fen(share.amount)
        self.assertEqual(set(cells.values()), {0})
        events = self.Event.search([("order_id", "=", order.id)], order="id")
        self.assertEqual([to_fen(each.amount) for each in events], [9000, -3000, -3333, -2667])
        self.assertEqual(len(events.aftersale_id), 3)

    def test_a_refund_before_the_split(self):
        self.after(self.orders[0], 1000)
        self.after(self.orders[0], 600, line=0, freight=600)
        self.run_all()
        self.split()
        self.assertEqual(set(self.fen(self.orders[0]).values()), {0})
        self.assertEqual(len(self.Event.search([("order_id", "=", self.orders[0].id)])), 3)

    def test_what_was_refunded_before_it_left_is_not_split(self):
        """The bundle's rice; 63.00 are left for its tea."""
        rice = self.orders[1].line_ids.filtered(lambda line: line.product_id == self.product_9)
        self.env.cr.execute(
            "UPDATE channel_order_line SET state = 'refunded' WHERE id = %s", [rice.id]
        )
        self.split()
        self.assertEqual(sum(self.fen(self.orders[1]).values()), 6300)

    def test_one_that_cannot_be_split_stops_no_other(self):
        self.env.cr.execute(
            "UPDATE channel_order_line SET discount_shop = -1 WHERE order_id = %s",
            [self.orders[0].id],
        )
        self.split()
        waiting = self.Todo.search([])
        self.assertEqual((waiting.order_id, waiting.reason), (self.orders[0], "amounts"))
        self.assertEqual(self.Event.search_count([("order_id", "in", self.orders.ids)]), 2)

    def test_nothing_before_it_left(self):
        [order] = self.ingest(self.snapshot(self.line("RICE", 1, 5000)))
        self.Todo.create({"order_id": order.id, "since": "2026-01-01"})
        self.split()
        self.assertFalse(self.Event.search([("order_id", "=", order.id)]))

    def test_new_terms_move_no_old_order(self):
        self.scheme.with_user(self.users["finance"]).action_change_terms()
        later = self.Scheme.search([("previous_id", "=", self.scheme.id)])
        later.rule_ids.filtered(lambda one: one.role == "other").percent = 50
        later.with_user(self.users["finance"]).action_publish()
        self.force(later, published_at="2099-01-01")
        self.force(self.scheme, ended_at="2099-01-01")
        self.env.cr.execute(  # given to another fulfiller later
            "INSERT INTO channel_order_event (order_id, at, kind, stage_to)"
            " VALUES (%s, '2099-02-01', 'reassigned', 'allocated')",
            [self.orders[2].id],
        )
        self.split()
        self.assertEqual(self.fen(self.orders[2]), {"other": 1000, "platform": 250, "brand": 3750})
        self.after(self.orders[2], 2500)
        self.run_all()
        self.split()
        self.assertEqual(self.fen(self.orders[2]), {"other": 500, "platform": 125, "brand": 1875})

    def test_lines_of_two_schemes(self):
        """Each line by its own; the freight goes with the first scheme."""
        category = self.env["product.category"].create({"name": "Tea"})
        self.product_13.categ_id = category
        first = self.publish(
            rule("other", 50, partner_id=self.agent.id), rule("brand"),
            sequence=1, categ_ids=[(6, 0, category.ids)], name="Tea",
        )  # fmt: skip
        self.force(first, published_at="2020-01-01")
        self.env.cr.execute(
            "UPDATE channel_order SET amount_freight = 6 WHERE id = %s", [self.orders[1].id]
        )
        self.split()
        box = self.Share.search([("order_id", "=", self.orders[1].id)])
        self.assertEqual(box.rule_id.scheme_id, first | self.scheme)
        tea = box.filtered(lambda share: share.line_id.product_id == self.product_13)
        self.assertEqual(tea.rule_id.scheme_id, first)
        self.assertEqual(sum(map(to_fen, tea.mapped("amount"))), 6300)
        self.assertEqual(sum(map(to_fen, box.mapped("amount"))), 9600)
        freight = box.filtered(lambda share: not share.line_id)
        self.assertEqual(freight.rule_id.scheme_id, first)
        self.after(self.orders[1], 9600, line=0, freight=600)
        self.run_all()
        self.split()
        self.assertEqual(set(self.fen(self.orders[1]).values()), {0})

    def test_an_order_without_a_scheme_waits_for_one(self):
        self.force(self.scheme, state="ended", ended_at="2020-01-02")
        shop = self.shop.copy({"code": "OTHER", "name": "Other"})
        self.publish(rule("brand"), shop_ids=[(6, 0, shop.ids)], name="Elsewhere")
        self.split()
        waiting = self.Todo.search([])
        self.assertEqual(waiting.order_id, self.orders)
        self.assertEqual(set(waiting.mapped("reason")), {"no_scheme"})
        self.assertFalse(self.Event.search([]))
        self.assertEqual(self.split(), 0)
        clerk = self.users["finance"]
        self.publish(rule("brand"), name="For all", sequence=99)
        self.assertEqual(set(waiting.mapped("reason")), {False})
        waiting.with_user(clerk).action_look_again()
        self.assertFalse(self.Todo.search([]))
        self.assertEqual(self.Event.search_count([]), 3)

    def test_a_party_that_is_not_there_stays_with_the_brand(self):
        self.force(self.scheme, state="ended", ended_at="2020-01-02")
        self.publish(rule("host", 20), rule("brand"), name="Hosts")
        self.split()
        hosts = self.Share.search([("role", "=", "host")])
        self.assertEqual(set(hosts.mapped("settled_by")), {"kept"})
        self.assertEqual(hosts.partner_id, self.env.company.partner_id)

    def test_a_party_without_a_contact_is_told(self):
        self.force(self.scheme, state="ended", ended_at="2020-01-02")
        session = self.env["channel.session"].create(
            {
                "name": "Evening",
                "shop_id": self.shop.id,
                "host_id": self.env["channel.talent"].create({"name": "Lili"}).id,
            }
        )
        self.env.cr.execute(
            "UPDATE channel_order SET session_id = %s WHERE id = %s",
            [session.id, self.orders[0].id],
        )
        self.publish(rule("host", 20), rule("brand"), name="Hosts")
        self.split()
        waiting = self.Todo.search([])
        self.assertEqual(
            (waiting.order_id, waiting.reason, waiting.role),
            (self.orders[0], "no_contact", "host"),
        )
        session.host_id.partner_id = self.agent
        waiting.with_user(self.users["finance"]).action_look_again()
        hosts = self.Share.search([("role", "=", "host"), ("order_id", "=", self.orders[0].id)])
        self.assertEqual(hosts.partner_id, self.agent)
        self.assertEqual(set(hosts.mapped("settled_by")), {"us"})

    def test_the_percent_of_the_contract(self):
        """By the nearest product category, as agreed on the day of release; refunds by the same."""
        self.force(self.scheme, state="ended", ended_at="2020-01-02")
        food = self.env["product.category"].create({"name": "Food"})
        self.product_9.categ_id = food
        talent = self.env["channel.talent"].create({"name": "Lili", "partner_id": self.agent.id})
        session = self.env["channel.session"].create(
            {"name": "Evening", "shop_id": self.shop.id, "host_id": talent.id}
        )
        self.env.cr.execute("UPDATE channel_order SET session_id = %s", [session.id])
        self.publish(rule("host", basis="paid", by_contract=True), rule("brand"), name="Contract")
        self.split()
        waiting = self.Todo.search([])
        self.assertEqual(waiting.order_id, self.orders)
        self.assertEqual(set(waiting.mapped("reason")), {"no_contract"})

        contract = self.env["channel.talent.contract"].create(
            {"name": "C1", "talent_id": talent.id, "date_start": "2020-01-01",
             "term_ids": [(0, 0, {"percent_bp": 1000}),
                          (0, 0, {"percent_bp": 2000, "categ_id": food.id})]}
        )  # fmt: skip
        contract.action_activate()
        waiting.with_user(self.users["finance"]).action_look_again()
        self.assertFalse(self.Todo.search([]))
        # 63.00 of tea at 10 %, 27.00 of rice, which is food, at 20 %
        self.assertEqual(self.fen(self.orders[1]), {"host": 630 + 540, "brand": 9000 - 1170})
        self.assertEqual(self.fen(self.orders[2]), {"host": 1000, "brand": 4000})
        contract.term_ids.percent_bp = 5000
        self.after(self.orders[2], 2500)
        self.run_all()
        self.split()
        self.assertEqual(self.fen(self.orders[2]), {"host": 500, "brand": 2000})

    def test_shares_are_never_changed(self):
        self.split()
        for table in ("settlement_share", "settlement_event"):
            for statement in (f"UPDATE {table} SET amount = 1", f"DELETE FROM {table}"):
                with (
                    self.subTest(statement),
                    mute_logger("odoo.sql_db"),
                    self.assertRaises(CheckViolation),
                    self.env.cr.savepoint(),
                ):
                    self.env.cr.execute(statement)

    def test_the_database_knows_each_share_once(self):
        self.split()
        for table, columns in (
            ("settlement_share", "event_id, company_id, order_id, line_id, rule_id, role,"
             " partner_id, settled_by, amount"),
            ("settlement_event", "company_id, shop_id, order_id, aftersale_id, day, amount"),
        ):  # fmt: skip
            with (
                self.subTest(table),
                mute_logger("odoo.sql_db"),
                self.assertRaises(UniqueViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(
                    f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} LIMIT 1"
                )

    def test_what_came_while_a_run_worked_stays(self):
        """A run takes away the rows that it has seen, not one that was added for the same order."""
        self.Event._take_turn()
        todo = [(row.id, row.order_id.id) for row in self.Todo.search([])]
        self.Todo.create({"order_id": self.orders[0].id, "since": "2026-01-01"})
        self.Event._tick_off(todo, {order: None for _id, order in todo})
        self.assertEqual(self.Todo.search([]).order_id, self.orders[0])
