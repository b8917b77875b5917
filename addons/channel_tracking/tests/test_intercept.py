from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.channel_intake.core.errors import Refused, Unreachable
from odoo.addons.channel_order.core.snapshot import AfterSaleKind, AfterSaleStatus
from odoo.addons.channel_returns.tests.common import CUP, TEA

from ..core.carriers.base import TooLate
from ..core.road import Kind
from .common import TrackingCommon

MONEY_BACK = {"kind": AfterSaleKind.REFUND_ONLY, "status": AfterSaleStatus.AGREED, "amount": 10000}


class FakeCarrier:
    """A carrier that takes wishes; ``error`` is raised instead."""

    can_intercept = True

    def __init__(self, error=None):
        self.error, self.asked = error, []

    def intercept(self, parcel):
        self.asked.append((parcel.company, parcel.waybill))
        if self.error:
            raise self.error
        return "wish 7"


@tagged("post_install", "-at_install")
class TestIntercept(TrackingCommon):
    """Parcels on the road whose money goes back: who stops them, and what becomes of them."""

    def intercept(self, aftersale):
        return self.env["channel.intercept"].search([("aftersale_id", "=", aftersale.id)])

    def outbox(self, aftersale):
        return self.env["channel.outbox"].search(
            [("action", "=", "intercept"), ("order_id", "=", aftersale.order_id.id)]
        )

    def on_platform(self):
        """The shop is of a platform that stops parcels."""
        self.shop.platform = "douyin"

    def with_service(self, carrier):
        service = self.env["channel.carrier.service"].create(
            {"name": "Fake", "credential_ref": "FAKE"}
        )
        self.carrier.channel_service_id = service
        self.startPatcher(patch.object(type(service), "_connection", lambda self: carrier))
        return carrier

    # -- who asks --------------------------------------------------------------------------------

    def test_the_platform_is_asked_where_it_can(self):
        self.on_platform()
        order = self.leave()
        aftersale = self.aftersale(order, **MONEY_BACK)
        row = self.outbox(aftersale)
        self.assertEqual(
            (row.payload["company_code"], row.payload["waybill"]),
            ("shunfeng", order.parcel_id.waybill),
        )
        self.assertEqual((aftersale.step, self.intercept(aftersale).state), ("intercept", "asked"))
        self.assertIn("intercept_wanted", order.event_ids.mapped("kind"))
        aftersale._restep(aftersale.ids)
        self.assertEqual(len(self.outbox(aftersale)), 1)

    def test_paid_at_once_is_stopped_too(self):
        self.on_platform()
        order = self.leave()
        aftersale = self.aftersale(order, **MONEY_BACK | {"status": AfterSaleStatus.SUCCEEDED})
        self.assertTrue(self.outbox(aftersale))
        self.assertEqual(aftersale.step, "intercept")

    def test_our_own_grant_stops_the_parcel(self):
        self.on_platform()
        order = self.leave()
        aftersale = self.aftersale(order, **MONEY_BACK | {"status": AfterSaleStatus.APPLIED})
        self.assertFalse(self.intercept(aftersale))
        aftersale._answer("request", True, aftersale.version)
        self.assertEqual((aftersale.step, len(self.outbox(aftersale))), ("intercept", 1))

    def test_the_carrier_is_asked_next(self):
        carrier = self.with_service(FakeCarrier())
        order = self.leave()
        aftersale = self.aftersale(order, **MONEY_BACK)
        intercept = self.intercept(aftersale)
        self.assertEqual((intercept.way, intercept.state), ("carrier", "todo"))
        self.assertEqual(self.env["channel.intercept"]._ask_carriers(), 1)
        self.assertEqual(carrier.asked, [("shunfeng", order.parcel_id.waybill)])
        self.assertEqual((intercept.state, intercept.note), ("asked", "wish 7"))
        self.assertEqual(self.env["channel.intercept"]._ask_carriers(), 0)

    def test_a_carrier_that_cannot_be_asked_is_phoned(self):
        for error in (Unreachable("away"), Refused("unknown waybill")):
            with self.subTest(error=error):
                self.with_service(FakeCarrier(error))
                aftersale = self.aftersale(self.leave(), **MONEY_BACK)
                self.env["channel.intercept"]._ask_carriers()
                intercept = self.intercept(aftersale)
                self.assertEqual(
                    (intercept.way, intercept.state, intercept.note),
                    ("person", "todo", error.text),
                )

    def test_a_carrier_says_that_it_is_too_late(self):
        self.with_service(FakeCarrier(TooLate("with the courier")))
        aftersale = self.aftersale(self.leave(), **MONEY_BACK)
        self.env["channel.intercept"]._ask_carriers()
        self.assertEqual((self.intercept(aftersale).state, aftersale.step), ("too_late", "tell"))

    def test_a_platform_that_refuses_leaves_it_to_a_person(self):
        self.on_platform()
        aftersale = self.aftersale(self.leave(), **MONEY_BACK)
        self.outbox(aftersale)._set("stopped", "this carrier cannot be asked")
        intercept = self.intercept(aftersale)
        self.assertEqual(
            (intercept.way, intercept.state, intercept.note),
            ("person", "todo", "this carrier cannot be asked"),
        )

    def test_a_platform_that_refuses_leaves_it_to_the_carrier_that_can(self):
        self.on_platform()
        self.with_service(FakeCarrier())
        aftersale = self.aftersale(self.leave(), **MONEY_BACK)
        self.outbox(aftersale)._set("stopped", "no")
        self.assertEqual(self.intercept(aftersale).way, "carrier")
        self.env["channel.intercept"]._ask_carriers()
        self.assertEqual(self.intercept(aftersale).state, "asked")

    # -- what is not stopped ---------------------------------------------------------------------

    def test_a_compensation_leaves_the_goods_with_the_buyer(self):
        self.on_platform()
        aftersale = self.aftersale(self.leave(), **MONEY_BACK | {"amount": 500})
        self.assertFalse(self.intercept(aftersale))

    def test_other_goods_in_the_parcel_are_for_a_person(self):
        self.on_platform()
        order = self.leave(self.line("TEA"), self.line("CUP"))
        first = self.aftersale(order, line=1, **MONEY_BACK)
        intercept = self.intercept(first)
        self.assertEqual((intercept.way, intercept.state), ("person", "todo"))
        self.assertEqual((intercept.paid, intercept.granted), (200, 100))
        self.assertFalse(self.outbox(first))
        second = self.aftersale(order, line=2, **MONEY_BACK)
        self.assertTrue(self.outbox(second))

    def test_another_order_in_the_parcel_is_for_a_person(self):
        self.on_platform()
        one, two = self.ship(
            self.snapshot(self.line("TEA"), receiver="same"),
            self.snapshot(self.line("CUP"), receiver="same"),
        )
        self.assertEqual(one.parcel_id, two.parcel_id)
        self.assertEqual(self.intercept(self.aftersale(one, **MONEY_BACK)).way, "person")

    def test_delivered_refused_and_other_kinds_are_not_stopped(self):
        self.on_platform()
        order = self.leave()
        self.trace(order, Kind.PICKED_UP, Kind.DELIVERED)
        self.assertFalse(self.intercept(self.aftersale(order, **MONEY_BACK)))
        for values in (
            {"status": AfterSaleStatus.REFUSED},
            {"status": AfterSaleStatus.APPLIED},
            {"kind": AfterSaleKind.PRICE},
            {"kind": AfterSaleKind.EXCHANGE},
        ):
            with self.subTest(**values):
                aftersale = self.aftersale(self.leave(), **MONEY_BACK | values)
                self.assertFalse(self.intercept(aftersale))

    def test_a_line_that_stayed_here_stops_nothing_on_the_road(self):
        """Refunded before it left, its parcel left with the other line, and is then refused."""
        order, aftersale = self.leave_after(
            self.line("TEA"), self.line("CUP"), line=1,
            kind=AfterSaleKind.REFUND_BEFORE_SHIP, status=AfterSaleStatus.SUCCEEDED, amount=10000,
        )  # fmt: skip
        self.assertEqual((aftersale.winner, aftersale.step), ("refund", "done"))
        self.trace(order, Kind.PICKED_UP)
        self.assertFalse(self.intercept(aftersale))
        self.trace(order, Kind.PICKED_UP, Kind.REFUSED)
        self.assertEqual(aftersale.step, "done")
        self.assertFalse(aftersale.road_note)
        waybill = order.parcel_id.waybill
        self.scan(waybill)
        self.assertEqual((self.parcel(waybill).aftersale_ids.ids, aftersale.step), ([], "done"))
        self.scan(waybill, CUP, "R-GOOD", "R-CONFIRM")
        self.assertEqual(self.counts(waybill), (1, 1, 0, 0, 0))
        self.assertEqual((self.parcel(waybill).source, aftersale.step), ("refused", "done"))

    def test_money_that_was_granted_before_the_parcel_left(self):
        self.on_platform()
        _order, aftersale = self.leave_after(self.line("TEA"), **MONEY_BACK)
        self.assertEqual(self.intercept(aftersale).state, "asked")
        self.assertEqual((aftersale.step, len(self.outbox(aftersale))), ("intercept", 1))
        _order, partial = self.leave_after(self.line("TEA"), **MONEY_BACK | {"amount": 500})
        self.assertFalse(self.intercept(partial))

    def test_all_of_a_stopped_parcel_is_expected(self):
        """The money of one line goes back; the parcel holds two."""
        order = self.leave(self.line("TEA"), self.line("CUP"))
        aftersale = self.aftersale(order, line=1, **MONEY_BACK)
        waybill = order.parcel_id.waybill
        self.scan(waybill, CUP, "R-GOOD", TEA, "R-GOOD", "R-CONFIRM")
        self.assertEqual(self.counts(waybill), (2, 2, 0, 0, 0))
        self.assertEqual((self.parcel(waybill).source, aftersale.step), ("intercept", "tell"))

    def leave_after(self, *lines, **values):
        """An order that left after its after-sale: (order, after-sale)."""
        [order] = self.ingest(self.snapshot(*lines))
        aftersale = self.aftersale(order, **values)
        self.pack_all(self.build())
        self.hand_over()
        self.env.invalidate_all()
        self.assertEqual(order.stage, "shipped")
        return order, aftersale

    # -- what becomes of it ----------------------------------------------------------------------

    def test_stopped_and_back(self):
        self.on_platform()
        order = self.leave()
        aftersale = self.aftersale(order, **MONEY_BACK)
        self.assertIn("asked to stop", aftersale.road_note)
        self.trace(order, Kind.PICKED_UP, Kind.RETURNING)
        self.assertEqual(
            (aftersale.step, self.intercept(aftersale).state), ("wait_goods", "stopped")
        )
        self.assertIn("comes back", aftersale.road_note)
        self.assertIn("intercept_stopped", order.event_ids.mapped("kind"))
        self.trace(order, Kind.RETURNED)
        self.assertEqual(aftersale.step, "wait_goods")
        waybill = order.parcel_id.waybill
        self.assertIn("said to be back", aftersale.road_note)
        self.scan(waybill)
        self.assertEqual((self.parcel(waybill).source, aftersale.step), ("intercept", "inspect"))
        self.assertIn("here again", aftersale.road_note)
        self.scan(waybill, TEA, "R-GOOD", "R-CONFIRM")
        self.assertEqual(aftersale.step, "tell")

    def test_delivered_all_the_same(self):
        self.on_platform()
        order = self.leave()
        aftersale = self.aftersale(order, **MONEY_BACK)
        self.trace(order, Kind.PICKED_UP, Kind.DELIVERED)
        self.assertEqual((aftersale.step, self.intercept(aftersale).state), ("tell", "too_late"))
        self.assertIn("buyer has the goods", aftersale.road_note)

    def test_the_platform_tells_the_fate(self):
        self.on_platform()
        order = self.leave()
        aftersale = self.aftersale(order, **MONEY_BACK)
        again = {"aftersale_ref": aftersale.aftersale_ref, "parcel_fate": "stopped"}
        self.aftersale(order, **MONEY_BACK | again)
        self.assertEqual(
            (aftersale.step, self.intercept(aftersale).state), ("wait_goods", "stopped")
        )

    def test_refused_by_the_receiver_once_the_money_is_granted(self):
        order = self.leave()
        self.trace(order, Kind.PICKED_UP, Kind.REFUSED)
        aftersale = self.aftersale(order, **MONEY_BACK | {"status": AfterSaleStatus.APPLIED})
        self.assertEqual(aftersale.step, "request")
        aftersale._answer("request", True, aftersale.version)
        self.assertEqual(aftersale.step, "wait_goods")
        self.aftersale(order, **MONEY_BACK | {"aftersale_ref": aftersale.aftersale_ref})
        self.assertEqual(aftersale.step, "wait_goods")
        self.assertFalse(self.intercept(aftersale))

    def test_a_return_of_delivered_goods_waits_for_the_buyer(self):
        order = self.leave()
        self.trace(order, Kind.DELIVERED)
        aftersale = self.aftersale(order, "YT1", status=AfterSaleStatus.AGREED)
        self.assertEqual(aftersale.step, "wait_goods")
        self.assertFalse(aftersale.road_note)

    # -- a person --------------------------------------------------------------------------------

    def test_a_person_asks_and_follows(self):
        order = self.leave()
        aftersale = self.aftersale(order, **MONEY_BACK)
        self.assertIn("Ask the carrier", aftersale.road_note)
        intercept = self.intercept(aftersale).with_user(self.users["warehouse"])
        self.assertEqual(aftersale.step, "intercept")
        intercept.action_asked()
        self.assertEqual((intercept.state, intercept.user_id), ("asked", self.users["warehouse"]))
        with self.assertRaises(UserError):
            intercept.action_asked()
        self._close(intercept, "too_late", "delivered this morning")
        self.assertEqual((intercept.state, aftersale.step), ("too_late", "tell"))
        self.trace(order, Kind.RETURNING)
        self.assertEqual((intercept.state, aftersale.step), ("stopped", "wait_goods"))

    def test_a_person_lets_it_go(self):
        aftersale = self.aftersale(self.leave(), **MONEY_BACK)
        intercept = self.intercept(aftersale).with_user(self.users["operator"])
        self._close(intercept, "let_go", "worth less than the freight")
        self.assertEqual((intercept.state, aftersale.step), ("let_go", "tell"))
        self.assertIn("let the parcel go on", aftersale.road_note)
        aftersale._restep(aftersale.ids)
        self.assertEqual(len(self.intercept(aftersale)), 1)

    def _close(self, intercept, decision, note):
        action = getattr(intercept, f"action_{decision}")()
        self.env["channel.intercept.close"].with_user(intercept.env.user).with_context(
            **action["context"]
        ).create({"note": note}).action_close()
