from datetime import timedelta

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.channel_network.core.money import to_fen
from odoo.addons.channel_settlement.tests.common import rule

from .common import StatementCommon


@tagged("post_install", "-at_install")
class TestStatement(StatementCommon):
    """The agent's shares: 3.60 of the tea, 18.00 of the box, 10.00 of the rice."""

    def setUp(self):
        super().setUp()
        self.split()
        self.end = self.later()

    def fens(self, statement):
        return [
            to_fen(statement[f"amount_{name}"])
            for name in ("share", "fee", "brought", "freed", "kept", "payable", "carried")
        ]

    def test_what_is_due_comes_on_once(self):
        statement = self.run_until(self.end)
        self.assertEqual(self.fens(statement), [3160, 0, 0, 0, 0, 3160, 0])
        lines = self.Line.search([("statement_id", "=", statement.id)])
        self.assertEqual(set(lines.mapped("order_id")), set(self.orders))
        self.assertEqual(sum(map(to_fen, lines.mapped("amount"))), 3160)
        self.assertEqual(statement.date_end, self.end)
        self.assertEqual(statement.date_start, self.end - timedelta(6))
        self.assertFalse(self.run_until(self.end))
        self.assertFalse(self.run_until(self.end + timedelta(14)))
        self.assertEqual(self.Line.search([("statement_id", "=", statement.id)]), lines)

    def test_a_period_that_is_not_over(self):
        self.assertFalse(self.run_until(self.end - timedelta(1)))
        with self.assertRaisesRegex(UserError, "when it is over"):
            self.Statement._run(self.env.company, self.today)

    def test_a_share_is_due_days_after_the_shipment(self):
        self.terms.due_days = 8
        self.assertFalse(self.run_until(self.end))
        self.assertEqual(len(self.run_until(self.later(3))), 1)

    def test_a_share_is_due_days_after_the_receipt(self):
        self.terms.write({"due_from": "receipt", "due_days": 3})
        self.assertFalse(self.run_until(self.later(5)))
        tea = self.orders[0]
        tea._advance(tea, "done", "done")
        due = self.today + timedelta(3)
        end = due + timedelta(6 - due.weekday())
        self.assertFalse(self.run_until(end - timedelta(7)))
        self.assertEqual(self.fens(self.run_until(end))[0], 360)

    def test_a_refund_is_due_with_its_sale(self):
        self.terms.due_days = 40
        self.after(self.orders[1], 3000)
        self.run_all()
        self.split()
        self.assertFalse(self.run_until(self.later(4)))
        statement = self.run_until(self.later(8))
        self.assertEqual(self.fens(statement)[0], 3160 - 600)

    def test_a_late_refund_falls_into_the_next(self):
        first = self.run_until(self.end)
        self.after(self.orders[1], 9000, day=9999)  # years later
        self.run_all()
        self.split()
        self.assertFalse(self.run_until(self.later(2)))
        refund = self.Event.search([("order_id", "=", self.orders[1].id)], limit=1)
        end = refund.day + timedelta(6 - refund.day.weekday())
        second = self.run_until(end)
        self.assertEqual(self.fens(second), [-1800, 0, 0, 0, 0, 0, -1800])
        self.assertEqual(second.previous_id, first)
        self.assertEqual(second.date_start, first.date_end + timedelta(1))
        fee = self.env["settlement.fee"].create(
            {"name": "Evening", "kind": "pit_fee", "partner_id": self.agent.id, "amount": 50,
             "day": end + timedelta(1)}
        )  # fmt: skip
        third = self.run_until(end + timedelta(7))
        self.assertEqual(self.fens(third), [0, 5000, -1800, 0, 0, 3200, 0])
        self.assertEqual(fee.statement_id, third)

    def test_a_reserve_is_kept_and_paid_by_itself(self):
        self.terms.write({"reserve_percent": 10, "reserve_days": 10})
        first = self.run_until(self.end)
        self.assertEqual(self.fens(first), [3160, 0, 0, 0, 316, 2844, 0])
        self.assertEqual(first.kept_until, self.end + timedelta(10))
        self.assertFalse(self.run_until(self.later(2)))
        second = self.run_until(self.later(3))
        self.assertEqual(self.fens(second), [0, 0, 0, 316, 0, 316, 0])
        self.assertFalse(self.run_until(self.later(4)))
        self.env["settlement.fee"].create(
            {"name": "More", "kind": "bonus", "partner_id": self.agent.id, "amount": 10}
        )
        fifth = self.run_until(self.later(5))
        self.assertEqual(self.fens(fifth), [0, 1000, 0, 0, 0, 1000, 0])

    def test_shares_with_another_company_are_not_ours(self):
        due = {self.agent.id: self.end}
        terms = {self.agent.id: self.terms}
        abroad = self.env["res.company"].create({"name": "Abroad"})
        self.assertEqual(
            self.Statement._due_sums(self.env.company, terms, due)[self.agent.id][1], 3160
        )
        self.assertFalse(self.Statement._due_sums(abroad, terms, due))

    def test_a_fee_waits_for_the_period_of_its_own_party(self):
        other = self.env["res.partner"].create({"name": "Other"})
        fees = self.env["settlement.fee"].create(
            [
                {"name": "Day", "partner_id": partner.id, "amount": 1, "day": self.end}
                for partner in (self.agent, other)
            ]
        )
        ends = {self.agent.id: self.end - timedelta(7), other.id: self.end}
        found = self.Statement._fees_due(self.env.company, ends)
        self.assertFalse(found[self.agent.id])
        self.assertEqual(found[other.id], fees[1])

    def test_a_reserve_covers_what_is_taken_back(self):
        self.terms.write({"reserve_percent": 10, "reserve_days": 300})
        self.run_until(self.end)
        self.env["settlement.fee"].create(
            {"name": "Late", "kind": "fine", "partner_id": self.agent.id, "amount": -2,
             "day": self.end + timedelta(1)}
        )  # fmt: skip
        second = self.run_until(self.later(2))
        self.assertEqual(self.fens(second), [0, -200, 0, 200, 0, 0, 0])
        self.assertTrue(
            self.env["settlement.reserve"].search([], limit=1, order="id desc").is_early
        )

    def test_a_deleted_draft_lets_everything_go(self):
        self.terms.write({"reserve_percent": 10, "reserve_days": 10})
        first = self.run_until(self.end)
        second = self.run_until(self.later(3))
        with self.assertRaisesRegex(UserError, "not the newest"):
            self.clerk(first).unlink()
        self.clerk(first | second).unlink()
        again = self.run_until(self.end)
        self.assertEqual(self.fens(again), [3160, 0, 0, 0, 316, 2844, 0])

    def test_a_draft_takes_in_what_has_become_due(self):
        self.Todo._fill()
        [order] = self.ingest(self.snapshot(self.line("RICE", 1, 7000)))
        self.pack_all(self.build())
        self.hand_over()
        statement = self.run_until(self.end)
        self.split()
        self.assertFalse(self.run_until(self.end))
        self.assertEqual(self.fens(statement)[0], 3160)
        self.clerk(statement).action_refresh()
        self.assertEqual(self.fens(statement)[0], 3160 + 1400)
        self.clerk(statement).action_refresh()
        self.assertEqual(self.fens(statement)[0], 3160 + 1400)
        self.assertEqual(order.stage, "shipped")

    def test_what_others_settle_is_on_no_statement(self):
        scheme = self.publish(
            rule("other", 10, partner_id=self.agent.id, settled_by="platform"),
            rule("brand"),
            sequence=1,
        )
        self.force(scheme, published_at="2020-01-01", date_start="2020-01-01")
        self.ingest(self.snapshot(self.line("RICE", 1, 7000)))
        self.pack_all(self.build())
        self.hand_over()
        self.split()
        theirs = self.Share.search([("partner_id", "=", self.agent.id)])
        self.assertEqual(set(theirs.mapped("settled_by")), {"us", "platform"})
        self.assertEqual(self.fens(self.run_until(self.end))[0], 3160)

    def test_the_database_keeps_it(self):
        statement = self.run_until(self.end)
        line = self.Line.search([("statement_id", "=", statement.id)], limit=1)
        cr = self.env.cr
        self.agreed(statement)
        self.env.flush_all()
        for query in (
            "UPDATE settlement_statement SET amount_payable = amount_payable + 1,"
            " amount_share = amount_share + 1 WHERE id = %s",
            "UPDATE settlement_statement SET amount_share = amount_share + 1 WHERE id = %s",
            "DELETE FROM settlement_statement WHERE id = %s",
            "DELETE FROM settlement_statement_line WHERE statement_id = %s",
            "UPDATE settlement_statement_line SET statement_id = 1 WHERE statement_id = %s",
            "INSERT INTO settlement_statement_line (statement_id, share_id) VALUES (%s, 0)",
        ):
            with (
                self.subTest(query),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                cr.savepoint(),
            ):
                cr.execute(query, [statement.id])
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), cr.savepoint():
            cr.execute(
                "INSERT INTO settlement_statement_line (statement_id, share_id) VALUES (0, %s)",
                [line.share_id.id],
            )

    def test_terms_by_role_name_and_default(self):
        terms = self.env["settlement.terms"]
        hosts = terms.create({"name": "Hosts", "role": "host", "sequence": 2})
        other = self.env["res.partner"].create({"name": "Somebody"})
        found = terms._of_parties(
            self.env.company, {self.agent.id: ["host"], other.id: ["host"], 0: ["mcn"]}
        )
        self.assertEqual(found[self.agent.id], self.terms)
        self.assertEqual(found[other.id], hosts)
        self.assertEqual(found[0].sequence, 1000)
        again = terms._of_parties(self.env.company, {0: ["mcn"]})
        self.assertEqual(again[0], found[0])

    def test_who_has_only_a_fee_is_known_by_its_talent(self):
        hosts = self.env["settlement.terms"].create(
            {"name": "Hosts", "role": "host", "period": "week", "sequence": 2}
        )
        contact = self.env["res.partner"].create({"name": "Lili"})
        self.env["channel.talent"].create({"name": "Lili", "partner_id": contact.id})
        self.env["settlement.fee"].create(
            {"name": "Evening", "kind": "pit_fee", "partner_id": contact.id, "amount": 50}
        )
        with self.over(self.end):
            made = self.Statement._run(self.env.company, self.end, contact)
        self.assertEqual((made.partner_id, made.terms_id), (contact, hosts))

    def test_paid_for_good_without_a_reserve_is_warned_of(self):
        self.assertFalse(self.scheme.reserve_warning)
        self.terms.is_final = True
        self.scheme.invalidate_recordset(["reserve_warning"])
        self.assertIn("Agent", self.scheme.reserve_warning)
        self.terms.reserve_percent = 5
        self.scheme.invalidate_recordset(["reserve_warning"])
        self.assertFalse(self.scheme.reserve_warning)
