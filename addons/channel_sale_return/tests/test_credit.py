from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestCredit(ReturnCommon):
    """From the request to the deposit: what comes back is credited at what was paid for it."""

    def setUp(self):
        super().setUp()
        self.assertEqual(self._all_amounts(), (8558.0, 0, 360.0, 0))

    def test_the_whole_way(self):
        before = self._stock(self.tea)
        request = self._approved((self.line_tea, 3))
        self.assertEqual(request.state, "approved")
        self.assertEqual(request.amount, 309.0)
        receipt = request.picking_ids
        self.assertEqual((receipt.state, receipt.picking_type_code), ("assigned", "incoming"))
        self._count(request, (3,))
        self.assertEqual(request.state, "done")
        self.assertEqual(receipt.state, "done")
        self.assertEqual(self._stock(self.tea), before + 3)
        note = request.sudo().credit_ids
        self.assertEqual((note.move_type, note.state), ("out_refund", "posted"))
        self.assertEqual(note.amount_total, 309.0)
        self.assertEqual(note.reversed_entry_id, self.order.invoice_ids - note)
        self.assertIn(request.name, note.ref)
        self.assertEqual(self._all_amounts(), (8867.0, 0, 390.0, 0))
        self.assertIn("309.00", request.message_ids[0].body)

    def test_all_of_it_leaves_nothing(self):
        first = self._approved((self.line_tea, 3))
        self._count(first, (3,))
        rest = self._approved((self.line_tea, 7), (self.line_cup, 4))
        self._count(rest, (7,), (4,))
        self.assertEqual(self._all_amounts(), (10000.0, 0, 500.0, 0))
        self.assertEqual(self.order.order_line.mapped("qty_delivered"), [0, 0, 0])

    def test_goods_on_rebate_give_the_rebate_back_and_no_money(self):
        order = self._order(10)
        gift = order._use_rebate_goods(self.rice, 2)
        order.action_confirm()
        self._deliver(order, 10, 2)
        self._invoice(order)
        before = self._all_amounts()
        self._count(self._approved((gift, 1)), (1,))
        after = self._all_amounts()
        self.assertEqual(after, (before[0], 0, before[2] + 109.0, 0))

    def test_the_cost_is_that_of_the_delivery(self):
        delivered = self.line_tea.move_ids
        self.tea.standard_price = 55
        request = self._approved((self.line_tea, 2))
        self._count(request, (2,))
        back = request.picking_ids.move_ids
        self.assertEqual(back.origin_returned_move_id, delivered)
        self.assertEqual(back.value, 80.0)

    def test_defects_lie_where_nothing_is_promised(self):
        before = self._stock(self.tea)
        request = self._approved((self.line_tea, 3, self.unsold))
        place = self.company._channel_defect_location()
        self._count(request, (1, 1, 1))
        self.assertEqual(self._stock(self.tea), before + 1)
        self.assertEqual(self._stock(self.tea, place), 1)
        self.assertFalse(place.warehouse_id)
        self.assertEqual(request.line_ids.missing, 0)

    def test_a_defect_of_unsold_goods_waits_for_the_manager(self):
        request = self._approved((self.line_tea, 3))
        self._count(request, (2, 1))
        self.assertEqual(request.state, "received")
        self.assertIn("1 came back defective", request.hold)
        self.assertEqual(self._all_amounts(), (8558.0, 0, 360.0, 0))
        with self.assertRaises(UserError):
            self._as(request, "sales_rep").action_settle()
        self._as(request, "finance").action_settle()
        self.assertEqual((request.state, request.hold), ("done", False))
        self.assertEqual(self._all_amounts(), (8867.0, 0, 390.0, 0))

    def test_a_defect_that_is_not_paid_for_stays_the_dealers(self):
        request = self._approved((self.line_tea, 3))
        self._count(request, (2, 1))
        self._as(request, "sales_manager").action_settle_good()
        self.assertEqual(self.line_tea.qty_delivered, 8)
        self.assertEqual(self._all_amounts(), (8764.0, 0, 380.0, 0))
        with self._refused("only 7 can come back"):
            self._request((self.line_tea, 8)).action_submit()
        self._count(self._approved((self.line_tea, 7)), (7,))
        self.assertEqual(self._all_amounts(), (9485.0, 0, 450.0, 0))

    def test_what_was_reported_defective_is_credited_at_once(self):
        request = self._request((self.line_tea, 2, self.defective))
        picture = self.env["ir.attachment"].create({"name": "p.png", "raw": b"x"})
        request.sudo().line_ids.picture_ids = picture
        request.action_submit()
        self._as(request, "sales_manager").action_approve()
        self._count(request, (0, 2))
        self.assertEqual(request.state, "done")
        self.assertEqual(self._all_amounts(), (8764.0, 0, 380.0, 0))

    def test_what_is_wrong_or_missing_is_not_credited(self):
        request = self._approved((self.line_tea, 5), (self.line_cup, 2))
        self._count(request, (3, 0, 1), (0,))
        self.assertEqual(request.state, "done")
        self.assertEqual(request.line_ids.mapped("missing"), [1, 2])
        self.assertEqual(self._all_amounts(), (8867.0, 0, 390.0, 0))
        self.assertEqual(self.line_cup.qty_delivered, 4)

    def test_more_than_was_approved_is_not_received(self):
        request = self._approved((self.line_tea, 3))
        with self._refused("not more can be received"):
            self._count(request, (3, 1))
        with self._refused("enter what came"):
            self._count(request, (0,))

    def test_twice_is_once(self):
        request = self._approved((self.line_tea, 3))
        self._count(request, (3,))
        with self._refused("already"):
            self._count(request, (3,))

    def test_inventory_sends_people_to_the_count(self):
        receipt = self._approved((self.line_tea, 3)).picking_ids
        receipt.move_ids.write({"quantity": 3, "picked": True})
        with self._refused("press Count"):
            self._as(receipt, "warehouse").button_validate()

    def test_a_receipt_that_is_gone_is_not_counted(self):
        request = self._approved((self.line_tea, 3))
        self._as(request.picking_ids, "warehouse").action_cancel()
        with self._refused("cancelled in Inventory"):
            self._count(request, (3,))
        self.assertEqual(request.state, "approved")

    def test_goods_of_another_return_are_not_counted(self):
        request, other = self._approved((self.line_tea, 3)), self._approved((self.line_tea, 2))
        with self.assertRaises(AccessError):
            request._receive({other.line_ids: (1, 0, 0)})

    def test_goods_of_several_deliveries(self):
        order = self._confirmed(10, fen=0)
        self._deliver(order, 4)
        self._deliver(order, 6)
        self._invoice(order)
        request = self._approved((order.order_line, 8))
        self.assertEqual(sorted(request.picking_ids.move_ids.mapped("product_uom_qty")), [2, 6])
        self._count(request, (5, 3))
        self._as(request, "sales_manager").action_settle()
        self.assertEqual(order.order_line.qty_delivered, 2)
        self.assertEqual(request.sudo().credit_ids.amount_total, 904.0)

    def test_goods_of_several_orders_are_one_credit_note(self):
        other = self._delivered(5)
        request = self._approved((self.line_tea, 1), (other.order_line, 1))
        self._count(request, (1,), (1,))
        self.assertEqual(request.sudo().credit_ids.amount_total, 103.0 + 113.0)

    def test_other_lines_to_invoice_stay(self):
        order = self._confirmed(10, 4, fen=0)
        self._deliver(order, 10, 0)
        self._invoice(order)
        self._deliver(order, 0, 4)
        request = self._approved((order.order_line[0], 2))
        self._count(request, (2,))
        self.assertEqual(request.sudo().credit_ids.amount_total, 226.0)
        self.assertEqual(order.order_line[1].qty_to_invoice, 4)

    def test_what_was_never_invoiced_is_not_credited(self):
        order = self._delivered(5, invoice=False)
        request = self._approved((order.order_line, 2))
        self._count(request, (2,))
        self.assertEqual(request.state, "done")
        self.assertFalse(request.sudo().credit_ids)
        self.assertEqual(self._invoice(order).amount_total, 339.0)

    def test_a_draft_invoice_keeps_it_waiting(self):
        order = self._delivered(5, invoice=False)
        invoice = order._create_invoices()
        request = self._approved((order.order_line, 2))
        self._count(request, (2,))
        self.assertEqual(request.state, "received")
        self.assertIn("draft invoices", request.hold)
        self.assertEqual(request.picking_ids.state, "done")
        invoice.action_post()
        self._as(request, "finance").action_settle()
        self.assertEqual(request.sudo().credit_ids.amount_total, 226.0)

    def test_goods_invoiced_as_ordered(self):
        self.tea.invoice_policy = "order"
        order = self._order(5)
        order.action_confirm()
        self._invoice(order)
        self._deliver(order, 5)
        before = self._amounts()
        request = self._approved((order.order_line, 2))
        self._count(request, (2,))
        self.assertEqual(request.state, "done", request.hold)
        self.assertEqual(self._amounts(), (before[0] + 226.0, before[1]))
        self.assertFalse(order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel")))

    def test_lots_come_back_as_they_went(self):
        self.cup.tracking = "lot"
        lots = self.env["stock.lot"].create(
            [{"name": name, "product_id": self.cup.id} for name in "AB"]
        )
        for lot in lots:
            self.env["stock.quant"]._update_available_quantity(
                self.cup, self.warehouse_1.lot_stock_id, 2, lot_id=lot
            )
        order = self._confirmed(0, 4, fen=0)
        move = order.picking_ids.move_ids
        move.move_line_ids.unlink()
        move.move_line_ids = [
            Command.create({"product_id": self.cup.id, "lot_id": lot.id, "quantity": 2})
            for lot in lots
        ]
        move.picked = True
        order.picking_ids.button_validate()
        self._invoice(order)
        request = self._approved((order.order_line, 3))
        self._count(request, (2, 1))
        back = request.picking_ids.move_line_ids
        self.assertEqual(sum(back.mapped("quantity")), 3)
        self.assertEqual(back.lot_id, lots)
