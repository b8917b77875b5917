import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..core import stages
from ..core.snapshot import AfterSaleKind, AfterSaleStatus
from .common import OrderCommon

S = AfterSaleStatus


@tagged("post_install", "-at_install")
class TestAftersale(OrderCommon):
    def setUp(self):
        super().setUp()
        self.pool = self._offer("TEA")
        self.box = self._offer("BOX")

    def two(self, ref="A", **values):
        """An order of 2 tea and a box, with freight."""
        return self.order(
            ref, self.line(quantity=2, paid=3980), self.line("L2", sku="BOX", paid=1000),
            freight=600, **values,
        )  # fmt: skip

    def aftersale_of(self, ref):
        return self.env["channel.aftersale"].search([("aftersale_ref", "=", ref)])

    def test_asked_stops_and_keeps_the_units(self):
        self.ingest(self.two())
        result = self.ingest_aftersales(self.aftersale("R1", "A"))
        self.assertEqual(result.created, ["R1"])
        order = self.find("A")
        self.assertTrue(order.refund_open)
        self.assertEqual((order.stage, self.taken(self.pool)), (stages.ALLOCATED, 2))
        self.assertEqual(sorted(order.line_ids.mapped("state")), ["live"] * 3 + ["stopped"])
        row = self.aftersale_of("R1")
        self.assertEqual((row.order_id, row.stage_stopped, row.winner),
                         (order, "allocated", False))  # fmt: skip
        self.assertEqual(self.kinds(order)[-1], "refund_asked")

    def test_succeeded_gives_units_back_and_shrinks_the_amounts(self):
        self.ingest(self.two())
        self.ingest_aftersales(self.aftersale("R1", "A", "L2", S.SUCCEEDED))
        order = self.find("A")
        self.assertEqual((order.stage, order.refund_open), (stages.ALLOCATED, False))
        self.assertEqual((self.taken(self.pool), self.taken(self.box)), (2, 0))
        self.assertEqual((order.amount_paid, order.amount_owed, order.amount_freight),
                         (45.8, 45.8, 6.0))  # fmt: skip
        self.assertEqual(self.aftersale_of("R1").winner, "refund")
        self.assertQuotasExact()

    def test_all_lines_refunded_ends_the_order(self):
        self.ingest(self.two())
        self.ingest_aftersales(
            self.aftersale("R1", "A", "L1", S.SUCCEEDED), self.aftersale("R2", "A", "L2", S.AGREED)
        )
        self.assertEqual(self.find("A").stage, stages.ALLOCATED)
        self.ingest_aftersales(self.aftersale("R2", "A", "L2", S.SUCCEEDED, at=1))
        order = self.find("A")
        self.assertEqual(order.stage, stages.REFUNDED)
        self.assertEqual((order.amount_paid, order.amount_owed), (0, 0))
        self.assertEqual((self.taken(self.pool), self.taken(self.box)), (0, 0))
        # what the platform says later does not bring it back
        self.ingest(self.two(at=50))
        self.assertEqual(self.find("A").stage, stages.REFUNDED)
        self.assertQuotasExact()

    def test_closed_lets_the_order_go_on_where_it_was(self):
        self.ingest(self.two())
        for status in (S.CLOSED, S.REFUSED):
            ref = f"R-{status.value}"
            self.ingest_aftersales(self.aftersale(ref, "A"))
            self.assertTrue(self.find("A").refund_open)
            self.ingest_aftersales(self.aftersale(ref, "A", status=status, at=1))
            order = self.find("A")
            self.assertFalse(order.refund_open)
            self.assertEqual((order.stage, self.kinds(order)[-1]),
                             (stages.ALLOCATED, "refund_closed"))  # fmt: skip
            self.assertEqual(set(order.line_ids.mapped("state")), {"live"})
        self.assertEqual(self.taken(self.pool), 2)

    def test_queued_order_waits_for_the_refund_and_is_then_served(self):
        self.ingest(self.order("Q", self.line(sku="CUP")))
        self.ingest_aftersales(self.aftersale("R1", "Q"))
        self._offer("CUP")
        self.assertEqual(self.find("Q").stage, stages.QUEUED)
        self.assertEqual(self.aftersale_of("R1").stage_stopped, "queued")
        self.ingest_aftersales(self.aftersale("R1", "Q", status=S.CLOSED, at=1))
        self.assertEqual(self.find("Q").stage, stages.ALLOCATED)

    def test_queued_order_refunded(self):
        self.ingest(self.order("Q", self.line(sku="CUP")))
        self.assertEqual(self.open_types(self.find("Q")), ["no_offer"])
        self.ingest_aftersales(self.aftersale("R1", "Q", status=S.SUCCEEDED))
        order = self.find("Q")
        self.assertEqual((order.stage, self.open_types(order)), (stages.REFUNDED, []))

    def test_rest_of_a_queued_order_is_served(self):
        self.ingest(self.order("Q", self.line(), self.line("L2", sku="CUP")))
        self.assertEqual(self.find("Q").stage, stages.QUEUED)
        self.ingest_aftersales(self.aftersale("R1", "Q", "L2", S.SUCCEEDED))
        self.assertEqual(self.find("Q").stage, stages.ALLOCATED)
        self.assertQuotasExact()

    def test_two_refunds_of_one_line_give_back_once(self):
        self.ingest(self.two())
        self.ingest_aftersales(
            self.aftersale("R1", "A", status=S.SUCCEEDED),
            self.aftersale("R2", "A", status=S.SUCCEEDED),
        )
        self.ingest_aftersales(self.aftersale("R3", "A", status=S.SUCCEEDED))
        self.ingest_aftersales(self.aftersale("R3", "A", status=S.SUCCEEDED, at=9))
        self.assertEqual(self.taken(self.pool), 0)
        self.assertEqual(self.find("A").amount_paid, 16.0)
        self.assertEqual(self.kinds(self.find("A")).count("refunded"), 1)
        self.assertQuotasExact()

    def test_unknown_order_is_an_exception_until_it_comes(self):
        result = self.ingest_aftersales(self.aftersale("R1", "LATE"))
        self.ingest_aftersales(self.aftersale("R1", "LATE", at=1, reason="again"))
        self.assertEqual(result.unknown, ["R1"])
        problem = self.env["channel.exception"].search([("ref", "=", "LATE")])
        self.assertEqual((problem.type, problem.state), ("refund_unknown_order", "open"))
        self.ingest(self.order("LATE"))
        order = self.find("LATE")
        self.assertEqual((order.stage, order.refund_open), (stages.QUEUED, True))
        problem.invalidate_recordset()
        self.assertEqual(problem.state, "cleared")
        row = self.aftersale_of("R1")
        self.assertEqual((row.order_id, row.stage_stopped), (order, "queued"))
        self.ingest_aftersales(self.aftersale("R1", "LATE", status=S.SUCCEEDED, at=2))
        self.assertEqual(self.find("LATE").stage, stages.REFUNDED)

    def test_versions_never_go_back(self):
        self.ingest(self.two())
        self.ingest_aftersales(self.aftersale("R1", "A", status=S.CLOSED, at=10))
        result = self.ingest_aftersales(self.aftersale("R1", "A", status=S.SUCCEEDED, at=9))
        self.assertEqual(result.unchanged, ["R1"])
        self.assertEqual(self.find("A").stage, stages.ALLOCATED)
        same = self.ingest_aftersales(self.aftersale("R1", "A", status=S.CLOSED, at=10))
        self.assertEqual(same.unchanged, ["R1"])
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.CheckViolation):
            self.env.cr.execute(
                "UPDATE channel_aftersale SET updated_at = updated_at - interval '1 second'"
                " WHERE aftersale_ref = 'R1'"
            )

    def test_shipment_won(self):
        self.ingest(self.two())
        order = self.find("A")
        self.Order._advance(order, stages.WAVED, "waved")
        self.Order._advance(order, stages.SHIPPED, "shipped")
        self.ingest_aftersales(self.aftersale("R1", "A", status=S.SUCCEEDED))
        row = self.aftersale_of("R1")
        self.assertEqual((row.winner, row.stage_stopped), ("shipment", "shipped"))
        order = self.find("A")
        self.assertEqual((order.stage, order.amount_paid), (stages.SHIPPED, 55.8))
        self.assertEqual(set(order.line_ids.mapped("state")), {"live"})

    def test_other_kinds_stop_nothing(self):
        self.ingest(self.two())
        for number, kind in enumerate(set(AfterSaleKind) - {AfterSaleKind.REFUND_BEFORE_SHIP}):
            self.ingest_aftersales(self.aftersale(f"R{number}", "A", status=S.SUCCEEDED, kind=kind))
        order = self.find("A")
        self.assertEqual((order.stage, order.refund_open), (stages.ALLOCATED, False))
        self.assertEqual(len(order.aftersale_ids), 6)

    def test_refund_told_by_the_order_itself(self):
        self.ingest(self.two())
        lines = (
            self.line(quantity=2, paid=3980, refunded=True),
            self.line("L2", sku="BOX", paid=1000),
        )
        self.ingest(self.order("A", *lines, freight=600, at=1))
        self.assertEqual((self.taken(self.pool), self.taken(self.box)), (0, 1))
        self.assertEqual(self.find("A").amount_paid, 16.0)
        # the after-sale that comes behind finds it done
        self.ingest_aftersales(self.aftersale("R1", "A", status=S.SUCCEEDED, at=1))
        self.assertEqual(self.taken(self.pool), 0)
        self.assertEqual(self.aftersale_of("R1").winner, "refund")
        self.assertQuotasExact()

    def test_a_refund_flag_older_than_the_closed_aftersale_does_not_stop(self):
        self.ingest_aftersales(self.aftersale("R1", "F", status=S.CLOSED, at=10))
        self.ingest(self.order("F", self.line(refund_open=True), at=9))
        self.assertFalse(self.find("F").refund_open)
        self.ingest(self.order("F", self.line(refund_open=True), at=11))
        self.assertTrue(self.find("F").refund_open)

    def test_units_of_later_stages_go_through_the_hook(self):
        """At waved..packed an addon gives back what it took: it gets the lines, before changes."""
        self.ingest(self.two())
        order = self.find("A")
        self.Order._advance(order, stages.WAVED, "waved")
        seen = []

        def release(model, records):
            seen.append((records._name, records.mapped("state"), records.order_id.stage))

        self.patch(type(self.Order), "_release_units", release)
        self.ingest_aftersales(self.aftersale("R1", "A", status=S.SUCCEEDED))
        self.assertEqual(seen, [("channel.order.line", ["live"], "waved")])
