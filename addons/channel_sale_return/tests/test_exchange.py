from odoo.tests import tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestExchange(ReturnCommon):
    """The same goods again; no money moves."""

    def _received(self, *found):
        request = self._approved((self.line_tea, 3), kind="exchange")
        return self._count(request, found)

    def test_the_same_goods_again(self):
        before = self._all_amounts()
        request = self._received(3)
        self.assertEqual(request.state, "received")
        moves = request._replacements()
        self.assertEqual((moves.product_id, moves.product_uom_qty), (self.tea, 3))
        self.assertEqual(moves.sale_line_id, self.line_tea)
        self._deliver(self.order, 3)
        self.assertEqual(request.state, "done")
        self.assertEqual(self.line_tea.qty_delivered, 10)
        self.assertEqual(self.order.order_line.mapped("qty_to_invoice"), [0, 0, 0])
        self.assertFalse(request.sudo().credit_ids)
        self.assertEqual(self._all_amounts(), before)

    def test_only_what_came_is_replaced(self):
        request = self._received(2)
        self.assertEqual(request._replacements().product_uom_qty, 2)

    def test_a_delivery_under_way_does_not_swallow_it(self):
        order = self._confirmed(10, fen=0)
        self._deliver(order, 4)
        self._invoice(order)
        request = self._approved((order.order_line, 2), kind="exchange")
        self._count(request, (2,))
        self.assertEqual(request._replacements().product_uom_qty, 2)
        waiting = order.picking_ids.move_ids.filtered(lambda m: m.state not in ("done", "cancel"))
        self.assertEqual(sorted(waiting.mapped("product_uom_qty")), [2, 6])

    def test_credited_when_it_cannot_be_delivered(self):
        request = self._received(3)
        self._as(request, "sales_manager").action_credit_instead()
        self.assertEqual(request.state, "done")
        self.assertEqual(request._replacements().state, "cancel")
        self.assertEqual(self._all_amounts(), (8867.0, 0, 390.0, 0))
