from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.channel_order.core.snapshot import AfterSaleStatus

from .common import FulfilmentCommon


@tagged("post_install", "-at_install")
class TestScan(FulfilmentCommon):
    """The scan station: one answer a scan."""

    def test_parcel_then_waybill(self):
        [order] = self.make_orders(1)
        parcel = self.build().parcel_ids
        answer = self.Parcel.scan(f" {parcel.name.lower()}\r", {})
        self.assertEqual((answer["state"], answer["next"]), ("ok", "waybill"))
        self.env.invalidate_all()
        self.assertEqual((parcel.state, order.stage), ("packed", "packed"))
        self.assertEqual(parcel.packed_by, self.users["warehouse"])
        refused = self.Parcel.scan("YT12345678", answer["station"])
        self.assertEqual((refused["state"], refused["next"]), ("stop", "waybill"))
        noted = self.Parcel.scan("sf00000001", refused["station"])
        self.assertEqual((noted["state"], noted["next"]), ("ok", "parcel"))
        self.env.invalidate_all()
        self.assertEqual(parcel.waybill, "SF00000001")

    def test_weight(self):
        self.make_orders(1)
        parcel = self.build().parcel_ids
        answer = self.Parcel.scan(parcel.name, {})
        answer = self.Parcel.scan("1.25kg", answer["station"])
        self.assertEqual((answer["state"], answer["next"]), ("ok", "waybill"))
        self.env.invalidate_all()
        self.assertEqual(parcel.weight, 1.25)
        self.assertEqual(self.Parcel.scan("1.25kg", {})["state"], "unknown")

    def test_unknown_codes(self):
        for code in ("", "W999999-0001", "SF00000001", None, "💥\x00"):
            self.assertEqual(self.Parcel.scan(code, {})["state"], "unknown", code)

    def test_second_person_is_told_who_packed(self):
        self.make_orders(1)
        parcel = self.build().parcel_ids
        self.pack(parcel)
        other = self._create_user("qudao_packer2", "group_warehouse")
        answer = self.env["channel.parcel"].with_user(other).scan(parcel.name, {})
        self.assertEqual(answer["state"], "already")
        self.assertIn(self.users["warehouse"].name, answer["message"])

    def test_a_waybill_stands_on_one_parcel_only(self):
        self.make_orders(2)
        first, second = self.build().parcel_ids
        self.pack(first)
        answer = self.Parcel.scan(second.name, {})
        again = self.Parcel.scan(first.waybill, answer["station"])
        self.assertEqual(again["state"], "stop")
        self.assertIn(first.name, again["message"])

    def test_numbers_from_the_pool_have_no_gaps(self):
        self.carrier.write({"channel_waybill_source": "pool", "channel_waybill_pattern": False})
        pools = self.env["channel.waybill.pool"].create(
            [
                {
                    "carrier_id": self.carrier.id,
                    "company_id": self.company.id,
                    "prefix": "SF",
                    "width": 12,
                    "next_number": 999_999_999_998,
                    "last_number": 999_999_999_999,
                },
                {
                    "carrier_id": self.carrier.id,
                    "company_id": self.company.id,
                    "prefix": "SX",
                    "width": 8,
                    "next_number": 7,
                    "last_number": 7,
                },
            ]
        )
        self.make_orders(4)
        parcels = self.build().parcel_ids
        for parcel in parcels[:3]:
            self.assertEqual(self.pack(parcel)["state"], "ok")
        self.assertEqual(
            parcels[:3].mapped("waybill"), ["SF999999999998", "SF999999999999", "SX00000007"]
        )
        self.assertEqual(pools.mapped("left"), [0, 0])
        with self.assertRaisesRegex(UserError, "0 waybill numbers left"), self.cr.savepoint():
            self.Parcel.scan(parcels[3].name, {})
        self.env.invalidate_all()
        self.assertEqual(parcels[3].state, "waiting")

    def test_many_numbers_at_once_or_none(self):
        self.env["channel.waybill.pool"].create(
            {"carrier_id": self.carrier.id, "company_id": self.company.id, "prefix": "",
             "width": 6, "next_number": 1, "last_number": 3}
        )  # fmt: skip
        with self.assertRaises(UserError), self.cr.savepoint():
            self.carrier._next_waybills(4, self.company)
        self.assertEqual(
            self.carrier._next_waybills(3, self.company), ["000001", "000002", "000003"]
        )

    def test_undo_last_packing(self):
        [order] = self.make_orders(1)
        parcel = self.build().parcel_ids
        self.pack(parcel)
        answer = self.Parcel.undo({"last_id": parcel.id})
        self.env.invalidate_all()
        self.assertEqual(answer["state"], "left")
        self.assertEqual((parcel.state, order.stage), ("waiting", "picked"))
        self.assertFalse(parcel.packed_by)
        self.assertEqual(self.Parcel.undo({"last_id": parcel.id})["state"], "unknown")
        # the waybill stays on the parcel: it is packed again without a new one
        self.assertEqual(self.pack(parcel)["next"], "parcel")

    def test_open_refund_stops_and_a_refused_one_goes_on(self):
        [order] = self.make_orders(1)
        parcel = self.build().parcel_ids
        self.refund(order, status=AfterSaleStatus.APPLIED, ref="A1")
        answer = self.Parcel.scan(parcel.name, {})
        self.assertEqual(answer["state"], "stop")
        self.assertEqual(self.Parcel.scan(parcel.name, answer["station"])["state"], "stop")
        self.env.invalidate_all()
        self.assertEqual((parcel.state, order.stage), ("waiting", "waved"))
        self.refund(order, status=AfterSaleStatus.REFUSED, ref="A1")
        self.assertEqual(self.pack(parcel)["state"], "ok")
        self.assertEqual(order.stage, "packed")

    def test_merged_parcel_the_other_orders_still_ship(self):
        stopped, wanted = self.ingest(
            self.snapshot(self.line("TEA"), receiver="li"),
            self.snapshot(self.line("CUP"), receiver="li"),
        )
        parcel = self.build().parcel_ids
        self.refund(stopped, status=AfterSaleStatus.APPLIED, ref="A1")
        answer = self.Parcel.scan(parcel.name, {})
        self.assertEqual(answer["state"], "stop")
        self.assertEqual([unit["sku"] for unit in answer["take_out"]], ["T-TEA"])
        self.assertEqual(self.Parcel.scan(parcel.name, answer["station"])["state"], "ok")
        self.env.invalidate_all()
        self.assertEqual((parcel.state, wanted.stage), ("packed", "packed"))
        own = stopped.parcel_id
        self.assertNotEqual(own, parcel)
        self.assertEqual(stopped.stage, "waved")
        self.assertEqual(self.Parcel.scan(own.name, {})["state"], "stop")
        self.refund(stopped, status=AfterSaleStatus.CLOSED, ref="A1")
        self.assertEqual(self.pack(own)["state"], "ok")

    def test_merged_parcel_stopped_after_packing(self):
        stopped, wanted = self.ingest(
            self.snapshot(self.line("TEA"), receiver="li"),
            self.snapshot(self.line("CUP"), receiver="li"),
        )
        parcel = self.build().parcel_ids
        self.pack(parcel)
        self.refund(stopped, status=AfterSaleStatus.APPLIED, ref="A1")
        answer = self.Parcel.scan(parcel.name, {})
        self.assertEqual(answer["state"], "stop")
        self.assertEqual(self.Parcel.scan(parcel.name, answer["station"])["state"], "ok")
        self.env.invalidate_all()
        self.assertEqual((parcel.state, wanted.stage), ("packed", "packed"))
        self.assertEqual((stopped.stage, stopped.parcel_id.state), ("picked", "waiting"))

    def test_a_new_receiver_stops_the_parcel_once(self):
        [order] = self.make_orders(1)
        parcel = self.build().parcel_ids
        self.pack(parcel)
        self.env.cr.execute(
            "UPDATE channel_order SET merge_key = 'elsewhere' WHERE id = %s", [order.id]
        )
        self.env.invalidate_all()
        answer = self.Parcel.scan(parcel.name, {})
        self.assertEqual(answer["state"], "stop")
        self.assertIn("receiver", answer["message"])
        answer = self.Parcel.scan(parcel.name, answer["station"])
        # the old waybill was for the old receiver
        self.assertEqual((answer["state"], answer["next"]), ("ok", "waybill"))
        self.env.invalidate_all()
        self.assertEqual((parcel.merge_key, parcel.waybill), ("elsewhere", False))

    def test_parcel_of_another_company_is_unknown(self):
        self.make_orders(1)
        parcel = self.build().parcel_ids
        stranger = self._create_user("qudao_stranger", "group_warehouse")
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        env = (
            self.env["channel.parcel"]
            .with_user(stranger)
            .with_context(allowed_company_ids=company.ids)
        )
        self.assertEqual(env.scan(parcel.name, {})["state"], "unknown")
