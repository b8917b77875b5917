from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.channel_fulfilment.tests.common import START, FulfilmentCommon
from odoo.addons.channel_network.core.money import to_fen
from odoo.addons.channel_order.core.snapshot import (
    AfterSaleKind,
    AfterSaleSnapshot,
    AfterSaleStatus,
)


class CreditCommon(FulfilmentCommon):
    """Three orders shipped in one wave: TEA x 3 for 10.00 with 2.00 from the platform and 6.00
    freight; a BOX for 90.00; a RICE for 50.00.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Credit = cls.env["channel.order.credit"]

    def setUp(self):
        super().setUp()
        self.orders = self.ingest(
            self.snapshot(self.line("TEA", 3, 1000, platform=200), freight=600),
            self.snapshot(self.line("BOX", 1, 9000)),
            self.snapshot(self.line("RICE", 1, 5000)),
        )
        self.wave = self.build()
        self.pack_all(self.wave)
        self.hand_over()
        self.invoice = self.wave.invoice_ids
        self.assertEqual(set(self.orders.mapped("stage")), {"shipped"})

    def after(self, order, fen, line=1, kind=AfterSaleKind.REFUND_ONLY, day=0, **values):
        """The platform gave so much back for a line (0: the whole order), so many days later."""
        type(self).aftersales_seen += 1
        moment = START + 100_000 + self.aftersales_seen + day * 86400
        facts = {
            "platform": "manual",
            "aftersale_ref": f"R{self.aftersales_seen}",
            "order_ref": order.order_ref,
            "line_ref": f"{order.order_ref}-{line}" if line else "",
            "kind": kind,
            "status": AfterSaleStatus.SUCCEEDED,
            "amount": fen,
            "applied_at": moment,
            "updated_at": moment,
        }
        snapshot = AfterSaleSnapshot(**(facts | values))
        self.env["channel.order"]._ingest_aftersales(self.shop, [snapshot])
        self.env.invalidate_all()
        return snapshot

    def run_all(self):
        """Collect and write everything; the notes."""
        while self.Credit._collect():
            pass
        notes = self.Credit._write_notes()
        self.env.invalidate_all()
        return notes

    def lines(self, note):
        return [
            (line.product_id, line.quantity, to_fen(line.price_unit))
            for line in note.invoice_line_ids
        ]


@tagged("post_install", "-at_install")
class TestCredit(CreditCommon):
    def test_a_line_given_back_whole(self):
        """With the subsidy, at the prices and tax it was invoiced with, reconciled."""
        self.after(self.orders[0], 1000)
        note = self.run_all()
        self.assertEqual(note.move_type, "out_refund")
        self.assertEqual(to_fen(note.amount_total), 1200)
        self.assertEqual(self.lines(note), [(self.product_13, 3, 400)])
        tea = self.invoice.invoice_line_ids.filtered(
            lambda line: line.product_id == self.product_13
        )
        self.assertEqual(note.invoice_line_ids.tax_ids, tea[:1].tax_ids)
        self.assertEqual((note.channel_wave_id, note.payment_state), (self.wave, "paid"))
        self.assertEqual(
            to_fen(self.invoice.amount_residual), to_fen(self.invoice.amount_total) - 1200
        )

    def test_one_note_for_shop_day_and_wave(self):
        self.after(self.orders[0], 1000)
        self.after(self.orders[2], 5000)
        self.after(self.orders[1], 9000, day=1)
        notes = self.run_all()
        self.assertEqual([to_fen(note.amount_total) for note in notes], [6200, 9000])
        self.assertEqual(len(set(notes.mapped("invoice_date"))), 2)
        self.assertEqual(notes.mapped("channel_wave_id"), self.wave)

    def test_a_bundle_and_its_gift(self):
        self.after(self.orders[1], 9000)
        note = self.run_all()
        self.assertEqual(to_fen(note.amount_total), 9000)
        # 63.00 for two tea, 27.00 for the rice; the cup was a gift
        self.assertEqual(self.lines(note), [(self.product_13, 2, 3150), (self.product_9, 1, 2700)])

    def test_parts_of_the_price_come_to_the_whole(self):
        for fen in (333, 333, 334):
            self.after(self.orders[0], fen)
            self.run_all()
        notes = self.wave.invoice_ids - self.invoice
        self.assertEqual(sum(to_fen(note.amount_total) for note in notes), 1200)
        self.assertEqual(set(notes.invoice_line_ids.mapped("quantity")), {1})

    def test_too_much_is_told_and_credited_never(self):
        self.after(self.orders[2], 5001)
        note = self.run_all()
        self.assertEqual(to_fen(note.amount_total), 5000)
        credit = self.Credit.search([("order_id", "=", self.orders[2].id)])
        self.assertEqual((to_fen(credit.amount), to_fen(credit.excess)), (5000, 1))

    def test_a_refund_before_shipment_takes_nothing_off(self):
        """It was never invoiced."""
        [order] = self.make_orders(1)
        wave = self.build()
        self.refund(order)
        self.assertEqual(order.stage, "refunded")
        self.assertFalse(self.run_all())
        self.assertFalse(self.Credit.search([("wave_id", "=", wave.id)]))

    def test_a_refund_that_came_too_late_is_credited(self):
        """The platform paid before it heard that the parcel had left: the shipment won."""
        self.after(self.orders[2], 5000, kind=AfterSaleKind.REFUND_BEFORE_SHIP)
        self.assertEqual(self.orders[2].aftersale_ids.winner, "shipment")
        self.assertEqual(to_fen(self.run_all().amount_total), 5000)

    def test_nothing_twice(self):
        told = self.after(self.orders[0], 1000)
        self.assertTrue(self.run_all())
        self.env["channel.order"]._ingest_aftersales(self.shop, [told])
        self.assertFalse(self.run_all())
        self.assertEqual(len(self.Credit.search([])), 1)

    def test_an_exchange_and_what_is_not_over_take_no_money(self):
        self.after(self.orders[0], 0, kind=AfterSaleKind.EXCHANGE)
        self.after(self.orders[1], 9000, status=AfterSaleStatus.AGREED)
        self.assertFalse(self.run_all())

    def test_a_note_taken_back_is_written_anew(self):
        self.after(self.orders[0], 1000)
        note = self.run_all()
        note.button_draft()
        note.unlink()
        again = self.run_all()
        self.assertEqual(to_fen(again.amount_total), 1200)

    def test_today_waits_for_its_end(self):
        self.after(self.orders[0], 1000)
        self.Credit._collect()
        day = self.Credit.search([]).day
        self.assertFalse(self.Credit._write_notes(before=day))
        self.assertTrue(self.Credit._write_notes())

    def test_a_total_that_differs_posts_nothing(self):
        self.after(self.orders[0], 1000)
        self.Credit._collect()
        without = patch.object(
            type(self.wave), "_included_taxes", lambda _wave, product: product.taxes_id.ids
        )
        with (
            without,
            self.assertRaisesRegex(UserError, "12.00 was refunded"),
            self.env.cr.savepoint(),
        ):
            self.Credit._write_notes()

    def test_credits_stay_as_they_are(self):
        self.after(self.orders[0], 1000)
        self.Credit._collect()
        for query in (
            "UPDATE channel_order_credit SET amount = 1",
            "DELETE FROM channel_order_credit",
        ):
            with (
                self.subTest(query=query),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(query)

    def test_the_wave_shows_what_was_refunded(self):
        self.after(self.orders[0], 1000)
        self.run_all()
        self.assertEqual((self.wave.credit_count, to_fen(self.wave.amount_credited)), (1, 1200))
        credits = self.Credit.search(self.wave.action_view_credits()["domain"])
        self.assertEqual(credits.order_id, self.orders[0])
        self.assertFalse(self.Credit.search([("move_id", "=", False)]))
        self.assertEqual(credits.move_id, self.wave.invoice_ids - self.invoice)
