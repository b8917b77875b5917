from dataclasses import replace

from odoo.tests import tagged

from odoo.addons.channel_order.core.snapshot import AfterSaleKind, AfterSaleStatus

from .common import CUP, RICE, TEA, ReturnsCommon


@tagged("post_install", "-at_install")
class TestDesk(ReturnsCommon):
    """The returns desk: one answer a scan, and where after-sales stand after it."""

    def test_waybill_count_confirm(self):
        [order] = self.ship(self.snapshot(self.line("TEA", 2)))
        aftersale = self.aftersale(order, "YT10000001")
        self.assertEqual(aftersale.step, "wait_goods")
        answer = self.scan("yt10000001\r")
        self.assertEqual((answer["state"], answer["next"]), ("ok", "product"))
        self.assertEqual(
            (answer["parcel"]["orders"], answer["parcel"]["aftersales"]),
            (order.order_ref, aftersale.aftersale_ref),
        )
        self.assertEqual(aftersale.step, "inspect")
        answer = self.scan(TEA, station=answer["station"])
        self.assertEqual((answer["state"], answer["next"]), ("ok", "condition"))
        answer = self.scan("R-GOOD", TEA, "R-GOOD", station=answer["station"])
        self.assertEqual([line["good"] for line in answer["lines"]], [2])
        answer = self.scan("R-CONFIRM", station=answer["station"])
        self.assertEqual((answer["state"], answer["next"]), ("ok", "waybill"))
        parcel = self.parcel("YT10000001")
        self.assertEqual((parcel.state, parcel.source), ("inspected", "buyer"))
        self.assertEqual(parcel.inspected_by, self.users["warehouse"])
        self.assertEqual(aftersale.step, "goods")
        kinds = order.event_ids.mapped("kind")
        self.assertIn("return_received", kinds)
        self.assertIn("return_counted", kinds)

    def test_a_reload_or_another_desk_goes_on_where_it_was(self):
        [order] = self.ship(self.snapshot(self.line("TEA", 2)))
        self.aftersale(order, "YT10000001")
        self.scan("YT10000001", TEA, "R-GOOD", "R-LEAVE")
        other = self._create_user("qudao_desk2", "group_warehouse")
        answer = self.scan("YT10000001", user=other)
        self.assertEqual([(x["expected"], x["good"]) for x in answer["lines"]], [(2, 1)])

    def test_second_scan_says_who_counted(self):
        [order] = self.ship(self.snapshot(self.line("TEA")))
        self.aftersale(order, "YT10000001")
        self.scan("YT10000001", TEA, "R-GOOD", "R-CONFIRM")
        answer = self.scan("YT10000001")
        self.assertEqual((answer["state"], answer["next"]), ("already", "waybill"))
        self.assertIn(self.users["warehouse"].name, answer["message"])

    def test_wrong_and_missing_hold_the_refund_for_a_person(self):
        self.company.channel_release_clean = True
        [order] = self.ship(self.snapshot(self.line("TEA", 2)))
        aftersale = self.aftersale(order, "YT10000001")
        answer = self.scan("YT10000001", CUP)
        self.assertEqual((answer["state"], answer["next"]), ("stop", "condition"))
        answer = self.scan("R-GOOD", station=answer["station"])
        self.assertEqual(answer["state"], "stop")
        answer = self.scan(
            "R-WRONG", "R-WRONG", TEA, "R-DEFECT", "R-MISSING", station=answer["station"]
        )
        self.assertEqual(self.counts("YT10000001"), (2, 0, 1, 2, 1))
        self.scan("R-CONFIRM", station=answer["station"])
        self.assertEqual(aftersale.step, "goods")
        self.assertFalse(aftersale.answer_ids)
        self.assertFalse(self.env["channel.aftersale"]._may_release(aftersale.ids))

    def test_a_clean_return_is_released_when_the_company_says_so(self):
        self.company.channel_release_clean = True
        [order] = self.ship(self.snapshot(self.line("TEA")))
        aftersale = self.aftersale(order, "YT10000001")
        self.scan("YT10000001", TEA, "R-GOOD", "R-CONFIRM")
        self.assertEqual(
            [(a.gate, a.accept, a.user_id) for a in aftersale.answer_ids],
            [("goods", True, self.users["warehouse"])],
        )
        self.assertEqual(aftersale.step, "tell")

    def test_what_cannot_be_released_waits_for_a_person(self):
        self.company.channel_release_clean = True
        [order] = self.ship(self.snapshot(self.line("TEA")))
        aftersale = self.aftersale(order, "YT10000001", amount=99_999_999)
        self.scan("YT10000001", TEA, "R-GOOD", "R-CONFIRM")
        self.assertEqual((aftersale.step, len(aftersale.answer_ids)), ("goods", 0))
        self.assertEqual(self.parcel("YT10000001").state, "inspected")

    def test_a_partial_return_and_a_second_parcel(self):
        [order] = self.ship(self.snapshot(self.line("TEA", 3)))
        aftersale = self.aftersale(order, "YT10000001", line=1, items=2)
        answer = self.scan("YT10000001", TEA, "R-GOOD", "R-CONFIRM")
        self.assertIn("1", answer["message"])
        self.assertEqual(aftersale.step, "wait_goods")
        self.aftersale(order, "YT10000002", line=1, items=2, aftersale_ref=aftersale.aftersale_ref)
        self.scan("YT10000002")
        self.assertEqual(self.counts("YT10000002")[0], 1)
        answer = self.scan("YT10000002", TEA, "R-GOOD", TEA)
        self.assertEqual(answer["state"], "stop")
        self.scan("R-UNDO", "R-CONFIRM", station=answer["station"])
        self.assertEqual(aftersale.step, "goods")
        tally = self.env["channel.return.tally"].search(
            [("order_line_id", "in", order.line_ids.ids)]
        )
        self.assertEqual((tally.shipped, tally.returned), (3, 2))

    def test_gifts_come_with_their_order(self):
        snapshot = self.snapshot(self.line("TEA"), self.line("CUP", paid=0))
        paid, gift = snapshot.lines
        [order] = self.ship(replace(snapshot, lines=(paid, replace(gift, gift=True))))
        aftersale = self.aftersale(order, "YT10000001", line=1)
        answer = self.scan("YT10000001", TEA, "R-GOOD")
        self.assertEqual(
            [(line["expected"], line["gift"]) for line in answer["lines"]], [(1, False), (1, True)]
        )
        self.scan("R-CONFIRM", station=answer["station"])
        self.assertEqual(aftersale.step, "wait_goods")
        self.assertFalse(self.env["channel.aftersale"]._may_release(aftersale.ids))

    def test_a_bundle_comes_back_as_its_products(self):
        [order] = self.ship(self.snapshot(self.line("BOX", 2)))
        aftersale = self.aftersale(order, "YT10000001", line=1, items=1)
        self.scan("YT10000001", TEA, "R-GOOD", TEA, "R-GOOD", RICE, "R-GOOD", CUP, "R-GOOD",
                  "R-CONFIRM")  # fmt: skip
        self.assertEqual(self.counts("YT10000001"), (4, 4, 0, 0, 0))
        self.assertEqual(aftersale.step, "goods")

    def test_one_box_for_two_aftersales(self):
        one, two = self.ship(self.snapshot(self.line("TEA")), self.snapshot(self.line("CUP")))
        first, second = self.aftersale(one, "YT10000001"), self.aftersale(two, "YT10000001")
        self.scan("YT10000001", CUP, "R-GOOD", TEA, "R-DEFECT", "R-CONFIRM")
        may = self.env["channel.aftersale"]._may_release((first | second).ids)
        self.assertEqual(may, second)

    def test_our_own_parcel_refused_by_the_receiver(self):
        [order] = self.ship(self.snapshot(self.line("TEA", 2)))
        waybill = order.parcel_id.waybill
        self.scan(waybill, TEA, "R-GOOD", TEA, "R-GOOD", "R-CONFIRM")
        parcel = self.parcel(waybill)
        self.assertEqual((parcel.source, parcel.order_ids), ("refused", order))
        self.assertEqual(self.counts(waybill), (2, 2, 0, 0, 0))

    def test_a_stopped_parcel_is_back_when_it_is_scanned(self):
        [order] = self.ship(self.snapshot(self.line("TEA")))
        aftersale = self.aftersale(
            order, kind=AfterSaleKind.REFUND_ONLY, status=AfterSaleStatus.AGREED
        )
        aftersale._tell_intercept("shunfeng", order.parcel_id.waybill)
        aftersale._restep(aftersale.ids)
        self.assertEqual(aftersale.step, "intercept")
        waybill = order.parcel_id.waybill
        self.scan(waybill)
        self.assertEqual((self.parcel(waybill).source, aftersale.step), ("intercept", "inspect"))
        self.scan(waybill, TEA, "R-GOOD", "R-CONFIRM")
        self.assertEqual(aftersale.step, "tell")

    def test_a_return_into_another_warehouse(self):
        [order] = self.ship(self.snapshot(self.line("TEA")))
        self.aftersale(order, "YT10000001")
        answer = self.scan("R-WH-QTE")
        self.assertEqual(answer["warehouse"]["code"], "QTE")
        self.scan("YT10000001", TEA, "R-GOOD", "R-CONFIRM", station=answer["station"])
        self.assertEqual(self.parcel("YT10000001").warehouse_id, self.warehouse_2)

    def test_undo_takes_the_last_count_back(self):
        [order] = self.ship(self.snapshot(self.line("TEA", 2)))
        self.aftersale(order, "YT10000001")
        answer = self.scan("YT10000001", TEA, "R-GOOD", "R-UNDO")
        self.assertEqual(self.counts("YT10000001"), (2, 0, 0, 0, 0))
        self.assertEqual(self.scan("R-UNDO", station=answer["station"])["state"], "stop")
        answer = self.scan("R-MISSING", "R-UNDO", station=answer["station"])
        self.assertEqual(self.counts("YT10000001"), (2, 0, 0, 0, 0))
        answer = self.scan("R-WRONG", "R-UNDO", station=answer["station"])
        self.assertEqual(len(self.parcel("YT10000001").line_ids), 1)

    def test_codes_without_a_parcel(self):
        for code in ("R-GOOD", "R-CONFIRM", TEA, "", "💥", None):
            self.assertIn(self.scan(code)["state"], ("stop", "unknown"), code)
        self.assertFalse(self.Return.search_count([("company_id", "=", self.company.id)]))

    def test_the_sheet_of_codes(self):
        html = self.env["ir.actions.report"]._render_qweb_html(
            "channel_returns.report_codes", self.warehouse_1.ids
        )[0]
        for code in ("R-GOOD", "R-MISSING", "R-WH-QTS"):
            self.assertIn(code, html.decode())
